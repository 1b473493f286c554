"""Prefect's futures: of task runs, and of flow runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import CancelReport, Pace, report_cancel
from primwidgets.adapters.status_report import Cancels, ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState


class PrefectFutureAdapter(ReportedAdapter[Any]):
    """A future of a task run. Prefect's ``type`` is a state, and its ``name`` any text, such as ``Late``."""

    provider = "Prefect"
    pace = Pace(first=0.25, ceiling=5.0, requests_per_second=5.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    cancels: ClassVar[Cancels] = "none"
    cannot_cancel = "A task run of Prefect cannot be cancelled; its flow run can."
    #: It is polled as well, as the start of a run is not pushed.
    pushed: ClassVar[frozenset[JobState]] = frozenset({JobState.INITIALIZING})
    _kind: ClassVar[str] = "task"

    @override
    def job_id(self) -> str:
        return str(self.job.task_run_id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request; none once the future knows its final state."""
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

    @override
    def locate(self) -> Mapping[str, str] | None:
        return {"provider": "prefect", "kind": self._kind, "run_id": self.job_id()}


class PrefectFlowRunAdapter(PrefectFutureAdapter):
    """A future of a flow run. A run that no worker executes stays CANCELLING for ever after a cancel."""

    cancels: ClassVar[Cancels] = "any"
    #: A callback would open a connection for events and keep it.
    pushed: ClassVar[frozenset[JobState]] = frozenset()
    _kind: ClassVar[str] = "flow"

    @override
    def job_id(self) -> str:
        return str(self.job.flow_run_id)

    @override
    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        return None

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """Set the run's state to CANCELLING, as Prefect's page does; the worker that runs it does the rest."""
        return report_cancel(self._request_cancel)

    def _request_cancel(self) -> None:
        client = import_module("prefect.client.orchestration").get_client(sync_client=True)
        with client:
            client.set_flow_run_state(self.job.flow_run_id, import_module("prefect.states").Cancelling())


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
