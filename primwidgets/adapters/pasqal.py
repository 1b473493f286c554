"""Pasqal's batches and jobs, and the remote results of Pulser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState

_ENDED = ("DONE", "ERROR", "CANCELED", "TIMED_OUT")


class _PasqalCloudAdapter(ReportedAdapter[Any]):
    """What a batch and a job of the cloud have in common."""

    provider = "Pasqal"
    pace = Pace(first=1.0, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    fetch_waits = False
    raises = True


class PasqalBatchAdapter(_PasqalCloudAdapter):
    """A batch: jobs that run one after the other. ``result()`` gives the counts of each of its jobs, in their order."""

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request."""
        self.job.refresh()
        counts = self.job.jobs_count_per_status or {}
        ended = sum(counts.get(word, 0) for word in _ENDED)
        return StatusReport(
            self.job.status,
            progress=(ended, self.job.jobs_count) if self.job.jobs_count else None,
            progress_text=f"{ended} of {self.job.jobs_count} jobs" if self.job.jobs_count else None,
            message=None if self.job.device_status is None else f"device {self.job.device_status}",
            error="The batch timed out." if self.job.status == "TIMED_OUT" else None,
            backend=self.job.device_type,
            created_at=self.job.created_at,
            started_at=self.job.start_datetime,
            finished_at=self.job.end_datetime,
        )

    @override
    def fetch_result(self, **kwargs: Any) -> Any:
        return [job.result for job in self.job.ordered_jobs]

    @override
    def locate(self) -> Mapping[str, str] | None:
        return {"provider": "pasqal", "batch_id": self.job_id()}


class PasqalJobAdapter(_PasqalCloudAdapter):
    """A job of a batch. Its object never changes, so its record is requested; ``result()`` gives its counts."""

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request."""
        record = self.job._client.get_job(self.job.id)
        return StatusReport(
            record["status"],
            error="\n".join(map(str, record.get("errors") or ())) or None,
            created_at=record.get("created_at"),
            started_at=record.get("start_timestamp"),
            finished_at=record.get("end_timestamp"),
            details={"batch": self.job.batch_id, "runs": self.job.runs},
        )

    @override
    def fetch_result(self, **kwargs: Any) -> Any:
        return self.job.result


class RemoteResultsAdapter(ReportedAdapter[Any]):
    """Results of Pulser that are still to come, of any provider's connection; ``result()`` is ``results``."""

    provider = "Pulser"
    pace = Pace(first=1.0, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    states: ClassVar[Mapping[str, JobState]] = {"PAUSED": JobState.QUEUED}
    fetch_waits = False
    raises = True
    cancels = "none"
    cannot_cancel = "Pulser's remote results cannot be cancelled; the batch of the provider's own package can."

    @override
    def job_id(self) -> str:
        return str(self.job.batch_id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request."""
        return StatusReport(self.job.get_batch_status())

    @override
    def fetch_result(self, **kwargs: Any) -> Any:
        return self.job.results
