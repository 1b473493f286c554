"""Jobs of Quantinuum Nexus."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import CancelReport, Pace, report_cancel
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState


class NexusAdapter(ReportedAdapter[Any]):
    """A reference to a job of Nexus. ``result()`` is ``qnexus.jobs.results``: references to the single results."""

    provider = "Quantinuum Nexus"
    pace = Pace(first=1.0, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    #: Nexus ends a job so; what the user cancels is CANCELLED.
    states: ClassVar[Mapping[str, JobState]] = {"TERMINATED": JobState.ERROR}
    fetch_waits = False
    raises = True

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self._reference = job  # Nexus tells kinds of jobs apart by their classes

    @property
    def _nexus(self) -> Any:
        return import_module("qnexus.client.jobs")

    @override
    def job_id(self) -> str:
        return str(self.job.id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request."""
        told = self._nexus.status(self._reference)
        word = str(told.status.value)
        return StatusReport(
            word,
            queue_position=told.queue_position,
            message=told.message or None,
            error=told.error_detail or told.message or _ENDED_BY_NEXUS.get(word),
            created_at=told.submitted_time,
            queued_at=told.queued_time,
            started_at=told.running_time,
            finished_at=told.completed_time or told.error_time or told.cancelled_time,
            details={"cost": told.cost, "name": getattr(self.job.annotations, "name", None)},
        )

    @override
    def fetch_result(self, **kwargs: Any) -> Any:
        return self._nexus.results(self._reference, **kwargs)

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        return report_cancel(self._nexus.cancel, self._reference, *args, **kwargs)

    @override
    def locate(self) -> Mapping[str, str] | None:
        return {"provider": "qnexus", "job_id": self.job_id()}


_ENDED_BY_NEXUS = {"TERMINATED": "Nexus has terminated the job.", "DEPLETED": "The account has run out of credits."}
