"""Superstaq's jobs for Qiskit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot


class SuperstaqAdapter(ReportedAdapter[Any]):
    """A job of Superstaq: one or more circuits, whose records come with the one request that ``status()`` makes.

    ``result()`` of a job that failed is a result that calls itself no success.
    """

    provider = "Superstaq"
    pace = Pace(first=1.0, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    result_tells_end = False

    @override
    def job_id(self) -> str:
        return str(self.job.job_id())

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        status = self.job.status()
        records = list(self.job._job_info.values())
        ended = sum(record.get("status") in self.job.TERMINAL_STATES for record in records)
        failed: Mapping[str, Any] = next((record for record in records if record.get("status") == "Failed"), {})
        first = records[0] if records else {}
        return StatusReport(
            status,
            progress=(ended, len(records)) if len(records) > 1 else None,
            progress_text=f"{ended} of {len(records)} circuits" if len(records) > 1 else None,
            error=failed.get("status_message") or failed.get("error"),
            backend=first.get("target"),
            details={"shots": first.get("shots")},
        )
