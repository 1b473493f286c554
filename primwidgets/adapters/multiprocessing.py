"""``multiprocessing``: results of a pool, and processes."""

from __future__ import annotations

from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters._common.local_processes import Ending, outcome_of, word_of
from primwidgets.adapters.base import CancelReport, Pace, report_cancel
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobError, JobSnapshot, JobState

_POOL_ENDED = JobError("PoolTerminated", "The pool was terminated; result() of its unfinished calls never returns.")


class PoolResultAdapter(ReportedAdapter[Any]):
    """What ``apply_async``, ``map_async`` and ``starmap_async`` return. Whether a call waits or runs is not known."""

    provider = "multiprocessing"
    remote = False
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.05, ceiling=0.5)
    rechecks: ClassVar[tuple[float, ...]] = ()
    holds_result = True
    cancels = "none"
    cannot_cancel = "A pool cannot cancel single calls: pool.terminate() ends all of them."
    fetch = "get"

    @override
    def job_id(self) -> str:
        return f"pool-call-{self.job._job}"

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        if not self.job.ready():
            if getattr(getattr(self.job, "_pool", None), "_state", None) == "TERMINATE":
                return StatusReport("pool terminated", state=JobState.ERROR, error=_POOL_ENDED)
            return StatusReport("not ready", state=JobState.RUNNING, progress=self._progress())
        if self.job.successful():
            return StatusReport("ready", state=JobState.DONE)
        return StatusReport("ready", state=JobState.ERROR, error=self._error())

    def _progress(self) -> tuple[float, float] | None:
        """The chunks of a map that are done, and all of them."""
        left, size = getattr(self.job, "_number_left", None), getattr(self.job, "_chunksize", 0)
        if left is None or not size:
            return None
        chunks = -(-len(self.job._value) // size)
        return chunks - left, chunks

    def _error(self) -> BaseException | None:
        try:
            self.job.get(0)
        except Exception as error:  # noqa: BLE001  (it is what the call raised)
            return error
        return None


class ProcessAdapter(ReportedAdapter[Any]):
    """A process. ``result()`` waits for its end and gives the exit code."""

    provider = "multiprocessing"
    remote = False
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.05, ceiling=0.5)
    rechecks: ClassVar[tuple[float, ...]] = ()
    holds_result = True
    result_tells_end = False
    fetch = None
    cannot_cancel = "The process has not been started."

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self._ending = Ending(job, self._has_ended_within)

    @override
    def job_id(self) -> str:
        return str(self.job.name)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        try:
            exit_code = self.job.exitcode
        except ValueError:  # its object was closed, which only those of ended processes can be
            return StatusReport("gone")
        if self.job.pid is None:
            return StatusReport("not started", state=JobState.INITIALIZING, can_cancel=False)
        state, error = (JobState.RUNNING, None) if exit_code is None else outcome_of(exit_code, self._ending.asked)
        return StatusReport(word_of(exit_code), state=state, error=error, details={"pid": str(self.job.pid)})

    @override
    def fetch_result(self, **kwargs: Any) -> Any:
        return self.job.exitcode

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """Ask the process to end (SIGTERM); one that is still there five seconds later is killed."""
        return report_cancel(self._ending.begin)

    def _has_ended_within(self, seconds: float) -> bool:
        self.job.join(seconds)
        return self.job.exitcode is not None
