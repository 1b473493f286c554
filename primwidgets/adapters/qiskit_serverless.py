"""Jobs of Qiskit Serverless, in which functions run near the machines."""

from __future__ import annotations

import contextlib
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobError, JobSnapshot


class ServerlessAdapter(ReportedAdapter[Any]):
    """A job of a function. Its own ``result()`` looks every 30 seconds; here it is asked once the job has ended."""

    provider = "Qiskit Serverless"
    pace = Pace(first=1.0, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    fetch_waits = False

    @override
    def job_id(self) -> str:
        return str(self.job.job_id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request; when it meets a failure, once, those for its reason."""
        status = self.job.status()
        told = getattr(self.job, "raw_data", None) or {}
        return StatusReport(
            status,
            error=(last.error or self._error()) if status == "ERROR" else None,
            created_at=told.get("created"),
            details={"fleet": told.get("fleet_id")},
        )

    @override
    def fetch_result(self, **kwargs: Any) -> Any:
        return self.job.result(**{**kwargs, "wait": False})

    def _error(self) -> JobError | None:
        with contextlib.suppress(Exception):  # the failure is known; its reason is an extra
            if message := self.job.error_message():
                return JobError("QiskitServerlessException", str(message))
        return None
