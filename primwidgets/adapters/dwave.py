"""D-Wave's futures, and the sample sets that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters._common.handles import id_of
from primwidgets.adapters._common.outcomes import is_cancelled
from primwidgets.adapters.base import CancelReport, Pace
from primwidgets.adapters.polled import NO_CANCEL
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState


class DwaveFutureAdapter(ReportedAdapter[Any]):
    """A problem at D-Wave's solvers. The client's threads poll it: what they know is read, without a request."""

    provider = "D-Wave"
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.1, ceiling=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    fetch_timeout = None

    @property
    def _future(self) -> Any:
        """What the client polls; ``None`` if nothing is left of it."""
        return self.job

    @override
    def job_id(self) -> str:
        return id_of(self._future or self.job)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        future = self._future
        if future is None:
            return StatusReport("resolved", state=JobState.DONE)
        word = getattr(future, "remote_status", None)
        solver = getattr(future, "solver", None)
        state, error = _end_of(future)
        return StatusReport(
            word or ("finished" if state else "submitted"),
            state=state or (JobState.INITIALIZING if word is None else None),
            error=error,
            backend=getattr(solver, "name", None),
            created_at=getattr(future, "time_created", None),
            queued_at=getattr(future, "time_received", None),
            finished_at=getattr(future, "time_solved", None),
            details={"label": getattr(future, "label", None)},
        )

    @override
    def locate(self) -> Mapping[str, str] | None:
        """There is no id before the solver has accepted the problem."""
        known = getattr(self._future, "id", None)
        return {"provider": "dwave", "problem_id": str(known)} if known else None


class SampleSetAdapter(DwaveFutureAdapter):
    """A sample set. One of a solver is pending at first, and to look at it waits; ``result()`` does, and returns it."""

    provider = "dimod"
    fetch_timeout = None
    cannot_cancel = NO_CANCEL

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self._held = _innermost(job)
        self._known_id = id_of(self._held or job)
        if hasattr(self._held, "wait_id"):
            self.provider = "D-Wave"
        else:
            self.remote = False
        if self._held is None or not callable(getattr(self._held, "cancel", None)):
            self.cancels = "none"  # type: ignore[misc]  # as this job has it

    @property
    @override
    def _future(self) -> Any:
        return self._held

    @override
    def job_id(self) -> str:
        return self._known_id

    @property
    @override
    def takes_timeout(self) -> bool:
        return False

    @override
    def result(self, timeout: float | None = None, **kwargs: Any) -> Any:
        self.job.resolve()
        return self.job

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        if self.cancels == "none":
            return super().cancel()
        return CancelReport(value=self._held.cancel())


def _innermost(samples: Any) -> Any:
    """The future that a sample set waits for, which another sample set may hold; ``None`` if it waits for none."""
    held = getattr(samples, "_future", None)
    while hasattr(held, "resolve") and not hasattr(held, "remote_status"):
        held = getattr(held, "_future", None)
    return held


def _end_of(future: Any) -> tuple[JobState | None, BaseException | None]:
    """The final state of a future, and what it raises; ``None`` twice if it has not ended."""
    if not future.done():
        return None, None
    try:
        raised = future.exception()  # D-Wave's raises it, those of executors return it
    except BaseException as error:  # noqa: BLE001  (a cancelled error may be any)
        raised = error
    if raised is None:
        return JobState.DONE, None
    return (JobState.CANCELLED, None) if is_cancelled(raised) else (JobState.ERROR, raised)
