"""AQT's cloud jobs for Qiskit."""

from __future__ import annotations

from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobError, JobSnapshot


class AqtAdapter(ReportedAdapter[Any]):
    """A job of AQT's cloud. Progress, times and the reason of a failure come with the answer that ``status()`` gets."""

    provider = "AQT"
    pace = Pace(first=1.0, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    cancels = "none"
    cannot_cancel = "AQT's Qiskit provider cannot cancel jobs."

    @override
    def job_id(self) -> str:
        return str(self.job.job_id())

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request; none once the job knows that it has ended."""
        status = self.job.status()
        told, circuits = self.job._latest_state, len(self.job._properties.circuits)
        finished = getattr(told, "finished_count", None)
        times = {str(change.new_status.value): change.timestamp for change in told.timing_data or ()}
        message = getattr(told, "message", None)
        return StatusReport(
            status,
            progress=None if finished is None else (finished, circuits),
            progress_text=None if finished is None else f"{finished} of {circuits} circuits",
            error=JobError("AQTJobFailedError", str(message)) if message else None,
            backend=self.job._properties.backend_name,
            queued_at=times.get("queued"),
            started_at=times.get("ongoing"),
            finished_at=times.get("finished") or times.get("error") or times.get("cancelled"),
        )
