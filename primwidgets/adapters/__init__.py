"""The adapters: one file per provider, found by the name of a job's class."""

from primwidgets.adapters.base import Adapter, CancelReport, Pace
from primwidgets.adapters.catalogue import CATALOGUE
from primwidgets.adapters.registry import ENTRY_POINT_GROUP, adapter_for, register_adapter
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.primitive_job import add_counterpart

__all__ = [
    "ENTRY_POINT_GROUP",
    "Adapter",
    "CancelReport",
    "Pace",
    "ReportedAdapter",
    "StatusReport",
    "adapter_for",
    "register_adapter",
]

for _listed in CATALOGUE:
    for _job in _listed.classes:
        register_adapter(_job, f"{__name__}.{_listed.adapter}")
for _job in ("builtins:list", "builtins:tuple", "builtins:set", "builtins:frozenset", "builtins:dict"):
    register_adapter(_job, "primwidgets.groups.adapter:GroupAdapter")
#: What Celery's ``group`` gives: a collection of results, which is none itself.
register_adapter("celery.result:ResultSet", "primwidgets.groups.adapter:GroupAdapter")
register_adapter("primwidgets.groups.group:Group", "primwidgets.groups.adapter:GroupAdapter")
register_adapter("primwidgets.engines.base:FunctionJob", "primwidgets.engines.adapter:FunctionJobAdapter")
register_adapter("primwidgets.simulated.job:SimulatedJob", "primwidgets.simulated.adapter:SimulatedAdapter")
register_adapter("primwidgets.testing.fake_job:FakeJob", "primwidgets.testing.fake_job:FakeAdapter")

add_counterpart("qiskit.primitives.base.base_primitive_job", "BasePrimitiveJob")
