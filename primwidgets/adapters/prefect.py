"""Prefect's futures of task runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState


class PrefectFutureAdapter(ReportedAdapter[Any]):
    """A future of a task run. Prefect's ``type`` is a state, and its ``name`` any text, such as ``Late``."""

    provider = "Prefect"
    pace = Pace(first=0.25, ceiling=5.0, requests_per_second=5.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    cancels = "none"
    cannot_cancel = "A future of Prefect cannot be cancelled; a worker that runs the flow can be asked to."
    #: It is polled as well, as the start of a run is not pushed.
    pushed: ClassVar[frozenset[JobState]] = frozenset({JobState.INITIALIZING})

    @override
    def job_id(self) -> str:
        return str(self.job.task_run_id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        state = self.job.state
        kind = str(getattr(state.type, "name", state.type))
        return StatusReport(
            str(state.name),
            state=_STATES.get(kind),
            cancelling=kind == "CANCELLING",
            message=None if kind in ("FAILED", "CRASHED") else state.message or None,
            error=state.message if kind in ("FAILED", "CRASHED") else None,
            finished_at=state.timestamp if kind in _FINAL else None,
        )

    @override
    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        listeners = [changed]  # a callback cannot be taken back, so it gets a list that can be emptied
        self.job.add_done_callback(lambda _: [listener() for listener in tuple(listeners)])
        return listeners.clear


_STATES = {
    "SCHEDULED": JobState.QUEUED,
    "PENDING": JobState.INITIALIZING,
    "RUNNING": JobState.RUNNING,
    "PAUSED": JobState.QUEUED,
    "COMPLETED": JobState.DONE,
    "FAILED": JobState.ERROR,
    "CRASHED": JobState.ERROR,
    "CANCELLED": JobState.CANCELLED,
}
_FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
