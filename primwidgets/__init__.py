"""Interactive job widgets for Jupyter: wrap any provider's job, watch it live, cancel it while a cell blocks."""

from primwidgets.adapters import register_adapter
from primwidgets.errors import (
    AdapterRegistrationError,
    EngineError,
    JobCancelled,
    JobTimeoutError,
    NotAJobError,
    PrimwidgetsError,
    StoppedWaiting,
)
from primwidgets.primitive_job import BasePrimitiveJob
from primwidgets.progress import report, track
from primwidgets.snapshot import CancelState, JobError, JobSnapshot, JobState
from primwidgets.submit import job, submit
from primwidgets.widget_job import WidgetJob

__all__ = [
    "AdapterRegistrationError",
    "BasePrimitiveJob",
    "CancelState",
    "EngineError",
    "JobCancelled",
    "JobError",
    "JobSnapshot",
    "JobState",
    "JobTimeoutError",
    "NotAJobError",
    "PrimwidgetsError",
    "StoppedWaiting",
    "WidgetJob",
    "job",
    "register_adapter",
    "report",
    "submit",
    "track",
]


def __getattr__(name: str) -> str:
    if name == "__version__":
        from importlib.metadata import version  # not at import: looking it up reads files

        return version("primwidgets")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
