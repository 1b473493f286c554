"""Interactive job widgets for Jupyter: wrap any provider's job, watch it live, cancel it while a cell blocks.

Only what a worker needs is imported at once; the rest, with ipywidgets, when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from primwidgets._progress.reporting import report
from primwidgets._progress.track import track
from primwidgets.errors import (
    AdapterRegistrationError,
    CallTimedOut,
    EngineError,
    JobCancelled,
    JobFailed,
    JobTimeoutError,
    LedgerError,
    NotAJobError,
    PrimwidgetsError,
    StoppedWaiting,
    WorkerDied,
)
from primwidgets.submit import job, submit  # at once: a module of the same name would hide a function that comes later

if TYPE_CHECKING:
    from primwidgets._settings import settings
    from primwidgets.adapters import register_adapter
    from primwidgets.adapters.job_from import job_from
    from primwidgets.groups.job_group import JobGroup
    from primwidgets.groups.submit_map import submit_map
    from primwidgets.job_board import JobBoard
    from primwidgets.job_history import history
    from primwidgets.job_list import jobs
    from primwidgets.primitive_job import BasePrimitiveJob
    from primwidgets.primitives import ParallelEstimator as ParallelEstimator
    from primwidgets.primitives import ParallelSampler as ParallelSampler
    from primwidgets.primitives import watch as watch
    from primwidgets.snapshot import CancelState, JobError, JobSnapshot, JobState
    from primwidgets.widget_job import WidgetJob

# Without what needs Qiskit: `import *` has to work where that is not installed.
__all__ = [
    "AdapterRegistrationError",
    "BasePrimitiveJob",
    "CallTimedOut",
    "CancelState",
    "EngineError",
    "JobBoard",
    "JobCancelled",
    "JobError",
    "JobFailed",
    "JobGroup",
    "JobSnapshot",
    "JobState",
    "JobTimeoutError",
    "LedgerError",
    "NotAJobError",
    "PrimwidgetsError",
    "StoppedWaiting",
    "WidgetJob",
    "WorkerDied",
    "history",
    "job",
    "job_from",
    "jobs",
    "register_adapter",
    "report",
    "settings",
    "submit",
    "submit_map",
    "track",
]

_LATER: Final = {
    "BasePrimitiveJob": "primitive_job",
    "CancelState": "snapshot",
    "JobBoard": "job_board",
    "JobError": "snapshot",
    "JobGroup": "groups.job_group",
    "JobSnapshot": "snapshot",
    "JobState": "snapshot",
    "ParallelEstimator": "primitives",
    "ParallelSampler": "primitives",
    "WidgetJob": "widget_job",
    "history": "job_history",
    "job_from": "adapters.job_from",
    "jobs": "job_list",
    "register_adapter": "adapters",
    "settings": "_settings",
    "submit_map": "groups.submit_map",
    "watch": "primitives",
}


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Where Jupyter's server finds its extension; called by the server, and by ``jupyter server extension list``."""
    return [{"module": f"{__name__}._server", "name": __name__}]


def load_ipython_extension(shell: Any) -> None:
    """Have IPython know ``%%job`` and ``%jobs``; called by ``%load_ext primwidgets``."""
    from primwidgets.magics import register

    register(shell)


def __getattr__(name: str) -> Any:
    if name in _LATER:
        value = globals()[name] = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
        return value
    if name == "__version__":
        from importlib.metadata import version  # not at import: looking it up reads files

        return version("primwidgets")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_LATER})
