"""Snowpark's asynchronous queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState


class SnowparkAdapter(ReportedAdapter[Any]):
    """A query that was started with ``block=False``. Only ``result()`` reports the reason of a failure."""

    provider = "Snowflake"
    pace = Pace(first=0.5, ceiling=10.0, requests_per_second=5.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    states: ClassVar[Mapping[str, JobState]] = {
        "FAILED_WITH_ERROR": JobState.ERROR,
        "FAILED_WITH_INCIDENT": JobState.ERROR,
        "DISCONNECTED": JobState.ERROR,
        "RESUMING_WAREHOUSE": JobState.QUEUED,
        "QUEUED_REPARING_WAREHOUSE": JobState.QUEUED,  # as Snowflake spells it
        "RESTARTED": JobState.QUEUED,
    }
    fetch_timeout = None

    @override
    def job_id(self) -> str:
        return str(self.job.query_id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request."""
        return StatusReport(self.job.status())
