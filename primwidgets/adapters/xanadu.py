"""Jobs of the Xanadu Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState


class XanaduAdapter(ReportedAdapter[Any]):
    """A job of ``xcc``, whose properties are kept until they are cleared; ``result()`` is its ``result``."""

    provider = "Xanadu Cloud"
    pace = Pace(first=1.0, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    states: ClassVar[Mapping[str, JobState]] = {"open": JobState.INITIALIZING}
    fetch_waits = False
    raises = True

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request; none for a job that is known to have ended, whose result stays in its cache."""
        if not last.is_final:
            self.job.clear()
        told = self.job.metadata or {}
        return StatusReport(
            self.job.status,
            error=told.get("error-detail") or told.get("error-code"),
            backend=self.job.target,
            created_at=self.job.created_at,
            started_at=self.job.started_at,
            finished_at=self.job.finished_at,
            details={"name": self.job.name, "running time": self.job.running_time},
        )

    @override
    def fetch_result(self, **kwargs: Any) -> Any:
        return self.job.result

    @override
    def locate(self) -> Mapping[str, str] | None:
        return {"provider": "xcc", "job_id": self.job_id()}
