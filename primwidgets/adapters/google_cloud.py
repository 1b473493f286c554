"""Google Cloud: BigQuery's jobs, and long-running operations of any service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobError, JobSnapshot, JobState

#: What gRPC calls CANCELLED.
_CANCELLED_CODE = 1


class BigQueryAdapter(ReportedAdapter[Any]):
    """A query, or a job that loads, copies or extracts. ``result()`` waits; the rows are fetched as they are taken."""

    provider = "BigQuery"
    pace = Pace(first=0.5, ceiling=10.0, requests_per_second=5.0)
    rechecks: ClassVar[tuple[float, ...]] = ()

    @override
    def job_id(self) -> str:
        return str(self.job.job_id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request."""
        self.job.reload()
        told = self.job.error_result or {}
        stopped = told.get("reason") == "stopped"
        state = {True: JobState.CANCELLED, False: JobState.ERROR}[stopped] if told else None
        billed = getattr(self.job, "total_bytes_billed", None)
        return StatusReport(
            self.job.state,
            state=state if self.job.state == "DONE" else None,
            error=JobError(str(told.get("reason", "JobError")), str(told.get("message", ""))) if told else None,
            backend=self.job.location,
            created_at=self.job.created,
            started_at=self.job.started,
            finished_at=self.job.ended,
            details={"kind": self.job.job_type, "bytes billed": billed, "project": self.job.project},
        )

    @override
    def locate(self) -> Mapping[str, str]:
        place = {"location": self.job.location} if self.job.location else {}
        return {"provider": "bigquery", "project": str(self.job.project), "job_id": self.job_id(), **place}


class OperationAdapter(ReportedAdapter[Any]):
    """A long-running operation. No callback is added: that would start a thread that asks for ever."""

    provider = "Google Cloud"
    pace = Pace(first=0.5, ceiling=10.0, requests_per_second=5.0)
    rechecks: ClassVar[tuple[float, ...]] = ()

    @override
    def job_id(self) -> str:
        return str(self.job.operation.name).rpartition("/")[2]

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request, none once the operation is known to be over."""
        done = bool(self.job.done())
        error = self.job.operation.error if done and self.job.operation.HasField("error") else None
        details = {"operation": str(self.job.operation.name)}
        if error is None:
            state = JobState.DONE if done else JobState.RUNNING
            return StatusReport("done" if done else "running", state=state, details=details)
        state = JobState.CANCELLED if error.code == _CANCELLED_CODE else JobState.ERROR
        told = JobError(f"Code {error.code}", str(error.message) or f"Code {error.code}")
        return StatusReport("done", state=state, error=told, details=details)
