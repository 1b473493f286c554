"""Perceval's jobs and executions: of Quandela's cloud, and of simulators in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters._common.handles import id_of
from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState


class PercevalAdapter(ReportedAdapter[Any]):
    """A job. Its ``status`` asks the cloud at most once a second; ``result()`` is ``get_results()``."""

    provider = "Perceval"
    pace = Pace(first=1.1, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    states: ClassVar[Mapping[str, JobState]] = {"SUSPENDED": JobState.QUEUED}
    fetch = "get_results"
    fetch_waits = False
    raises = True

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        computer = getattr(job, "computer", None)
        self.remote = hasattr(job, "was_sent") if computer is None else "Remote" in type(computer).__name__
        if not self.remote:
            self.pace = Pace(first=0.1, ceiling=2.0)

    @override
    def job_id(self) -> str:
        return id_of(self.job)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        told = self.job.status
        word = told.status.name
        ended = told.completed and told.start_timestamp and told.duration
        return StatusReport(
            word,
            state=JobState.INITIALIZING if word == "WAITING" and not getattr(self.job, "was_sent", True) else None,
            progress=told.progress if word == "RUNNING" else None,
            message=getattr(told, "message", None) if word == "RUNNING" else None,
            error=told.stop_message,
            created_at=told.creation_timestamp or None,
            started_at=None if word == "WAITING" else told.start_timestamp or None,
            finished_at=told.start_timestamp + told.duration if ended else None,
        )
