"""The adapters: one file per provider, found by the name of a job's class."""

from primwidgets.adapters.base import Adapter, CancelReport, Pace
from primwidgets.adapters.registry import ENTRY_POINT_GROUP, adapter_for, register_adapter
from primwidgets.primitive_job import add_counterpart

__all__ = ["ENTRY_POINT_GROUP", "Adapter", "CancelReport", "Pace", "adapter_for", "register_adapter"]

_BUILT_IN = {
    "_asyncio:Future": "asyncio:AsyncioFutureAdapter",
    "_asyncio:Task": "asyncio:TaskAdapter",
    "asyncio.futures:Future": "asyncio:AsyncioFutureAdapter",
    "asyncio.tasks:Task": "asyncio:TaskAdapter",
    "concurrent.futures._base:Future": "concurrent_futures:FutureAdapter",
    "distributed.client:Future": "dask:DaskFutureAdapter",
    "ipyparallel.client.asyncresult:AsyncHubResult": "ipyparallel:HubResultAdapter",
    "ipyparallel.client.asyncresult:AsyncResult": "ipyparallel:AsyncResultAdapter",
    "primwidgets.adapters.dask:CollectionJob": "dask:CollectionAdapter",
    "primwidgets.primitive_job:BasePrimitiveJob": "base_primitive_job:BasePrimitiveJobAdapter",
    "qiskit.primitives.base.base_primitive_job:BasePrimitiveJob": "base_primitive_job:BasePrimitiveJobAdapter",
    "qiskit.primitives.primitive_job:PrimitiveJob": "qiskit_primitives:PrimitiveJobAdapter",
    "qiskit.providers.basic_provider.basic_provider_job:BasicProviderJob": "qiskit_jobs:LocalJobAdapter",
    "qiskit.providers.job:JobV1": "qiskit_jobs:JobV1Adapter",
    "qiskit_aer.jobs.aerjob:AerJob": "qiskit_jobs:LocalJobAdapter",
    # The last two are of older versions, which derive all their jobs from one class.
    "qiskit_ibm_runtime.runtime_job_v2:RuntimeJobV2": "qiskit_ibm_runtime:RuntimeJobAdapter",
    "qiskit_ibm_runtime.runtime_job:RuntimeJob": "qiskit_ibm_runtime:RuntimeJobAdapter",
    "qiskit_ibm_runtime.base_runtime_job:BaseRuntimeJob": "qiskit_ibm_runtime:RuntimeJobAdapter",
}

for _job, _adapter in _BUILT_IN.items():
    register_adapter(_job, f"{__name__}.{_adapter}")
for _job in ("builtins:list", "builtins:tuple", "builtins:set", "builtins:frozenset", "builtins:dict"):
    register_adapter(_job, "primwidgets.groups.adapter:GroupAdapter")
register_adapter("primwidgets.groups.group:Group", "primwidgets.groups.adapter:GroupAdapter")
register_adapter("primwidgets.engines.base:FunctionJob", "primwidgets.engines.adapter:FunctionJobAdapter")
register_adapter("primwidgets.simulated.job:SimulatedJob", "primwidgets.simulated.adapter:SimulatedAdapter")
register_adapter("primwidgets.testing.fake_job:FakeJob", "primwidgets.testing.fake_job:FakeAdapter")

add_counterpart("qiskit.primitives.base.base_primitive_job", "BasePrimitiveJob")
