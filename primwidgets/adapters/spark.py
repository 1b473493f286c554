"""Spark's streaming queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import CancelReport, Pace, report_cancel
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobError, JobSnapshot, JobState


class StreamingQueryAdapter(ReportedAdapter[Any]):
    """A streaming query, which runs until it is stopped or has read all; ``result()`` waits for that.

    Spark does not tell a query that was stopped from one that came to its end; one that was stopped here is CANCELLED.
    """

    provider = "Spark"
    remote = False
    pace = Pace(first=0.5, ceiling=5.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    result_tells_end = False
    _was_stopped = False

    @override
    def job_id(self) -> str:
        return str(self.job.runId)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Asks the driver, which is on this machine unless Spark Connect is used."""
        if self.job.isActive:
            progress: Mapping[str, Any] = self.job.lastProgress or {}
            return StatusReport(
                "active",
                state=JobState.RUNNING,
                message=self.job.status.get("message"),
                details={
                    "name": self.job.name,
                    "batch": progress.get("batchId"),
                    "rows per second": progress.get("processedRowsPerSecond"),
                },
            )
        raised = self.job.exception()
        if raised is not None:
            told = JobError(type(raised).__name__, str(raised).partition("\n")[0])
            return StatusReport("failed", state=JobState.ERROR, error=told)
        return StatusReport("terminated", state=JobState.CANCELLED if self._was_stopped else JobState.DONE)

    @property
    @override
    def takes_timeout(self) -> bool:
        return False

    @override
    def result(self, timeout: float | None = None, **kwargs: Any) -> Any:
        return self.job.awaitTermination(**kwargs)

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """Stop the query; ``stop()`` returns when it has stopped."""
        active = self.job.isActive
        report = report_cancel(self.job.stop, *args, **kwargs)
        self._was_stopped = self._was_stopped or (active and report.error is None)
        return report
