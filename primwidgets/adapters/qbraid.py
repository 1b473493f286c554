"""qBraid's jobs, whatever machine they run on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState


class QbraidAdapter(ReportedAdapter[Any]):
    """A job of qBraid. HOLD is an end: the results are withheld."""

    provider = "qBraid"
    pace = Pace(first=1.0, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    states: ClassVar[Mapping[str, JobState]] = {"HOLD": JobState.ERROR}

    @override
    def job_id(self) -> str:
        return str(self.job.id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request; ``queue_position()`` would also download the program."""
        status = self.job.status()
        word = str(getattr(status, "name", status))
        known = getattr(self.job, "_cache_metadata", None) or {}
        times = known.get("timeStamps") or {}
        if not isinstance(times, Mapping):
            times = vars(times)
        return StatusReport(
            word,
            queue_position=known.get("queuePosition"),
            error="The results are withheld (HOLD)." if word == "HOLD" else known.get("statusText"),
            created_at=times.get("createdAt"),
            finished_at=times.get("endedAt"),
            details={"cost": known.get("cost"), "device": known.get("qbraidDeviceId")},
        )
