"""``threading.Thread``."""

from __future__ import annotations

from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState


class ThreadAdapter(ReportedAdapter[Any]):
    """A thread. It keeps neither a result nor an exception, so one that has ended is DONE, whatever it raised."""

    provider = "threading"
    remote = False
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.05, ceiling=0.5)
    rechecks: ClassVar[tuple[float, ...]] = ()
    holds_result = True
    result_tells_end = False
    cancels = "none"
    cannot_cancel = "A thread cannot be stopped from outside; primwidgets.submit(function) makes a job that can."
    fetch = None

    @override
    def job_id(self) -> str:
        return str(self.job.name)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        if self.job.ident is None:
            return StatusReport("not started", state=JobState.INITIALIZING)
        alive = self.job.is_alive()
        return StatusReport("alive" if alive else "ended", state=JobState.RUNNING if alive else JobState.DONE)
