"""IQM's jobs for Qiskit."""

from __future__ import annotations

from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot


class IqmAdapter(ReportedAdapter[Any]):
    """A job of IQM's server. Place in the queue, progress, times, messages and errors come with the one request.

    The job's public methods tell the state alone; the rest is in the tracker that makes their request.
    """

    provider = "IQM"
    pace = Pace(first=0.5, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()

    @override
    def job_id(self) -> str:
        return str(self.job.job_id())

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        status = self.job.status()
        data = self.job._job_tracker.job_data
        ahead = data.queue_position
        steps = dict(getattr(data.execution, "progress", None) or {})
        label, step = next(((label, step) for label, step in steps.items() if step.max_value), (None, None))
        times = {str(event.status): event.timestamp for event in data.timeline or ()}
        return StatusReport(
            status,
            queue_position=None if ahead is None else f"{ahead} ahead",
            progress=None if step is None else (step.value, step.max_value),
            progress_text=None if step is None else f"{step.value:g} of {step.max_value:g} {label}",
            message=_last(data.messages),
            error=_last(data.errors),
            created_at=times.get("created") or times.get("received"),
            started_at=times.get("execution_started") or times.get("processing"),
            finished_at=times.get("completed") or times.get("failed"),
        )


def _last(entries: Any) -> str | None:
    entry = next(reversed(list(entries or ())), None)
    return None if entry is None else str(getattr(entry, "message", entry))
