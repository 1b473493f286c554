"""The pollers of Azure's libraries."""

from __future__ import annotations

from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters._common.outcomes import is_no_outcome
from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState


class PollerAdapter(ReportedAdapter[Any]):
    """A long-running operation, which a thread of Azure's library polls: what it knows is read, without a request."""

    provider = "Azure"
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.1, ceiling=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    cancels = "none"
    cannot_cancel = "Pollers of Azure's libraries cannot cancel operations."

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        word = str(self.job.status())
        if not self.job.done():
            return StatusReport(word, state=JobState.RUNNING)
        error = self._error()
        if error is None:
            return StatusReport(word, state=JobState.CANCELLED if word.startswith("Cancel") else JobState.DONE)
        return StatusReport(word, state=JobState.ERROR, error=error)

    def _error(self) -> Exception | None:
        """What the poller raises in ``wait()`` after the end of the operation."""
        try:
            self.job.wait(0)
        except Exception as error:
            if is_no_outcome(error) and not hasattr(error, "response"):
                raise
            return error
        return None
