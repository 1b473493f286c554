"""Azure Quantum's jobs, and those of its Qiskit provider."""

from __future__ import annotations

from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import CancelReport, Pace, report_cancel
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobError, JobSnapshot


class AzureJobAdapter(ReportedAdapter[Any]):
    """A job of a workspace. ``result()`` is ``get_results()``."""

    provider = "Azure Quantum"
    pace = Pace(first=0.5, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    fetch = "get_results"
    fetch_timeout = "timeout_secs"

    @property
    def _azure_job(self) -> Any:
        return self.job

    @override
    def job_id(self) -> str:
        return str(self._azure_job.id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request: ``details`` never changes without it."""
        self._azure_job.refresh()
        details = self._azure_job.details
        status = str(getattr(details.status, "value", details.status))
        told = details.error_data
        cost = details.cost_estimate
        return StatusReport(
            status,
            error=None if told is None else JobError(str(told.code or "JobError"), str(told.message or told.code)),
            backend=details.target,
            created_at=details.creation_time,
            started_at=details.begin_execution_time,
            finished_at=details.end_execution_time,
            details={
                "name": details.name,
                "provider": details.provider_id,
                "cost": None if cost is None else f"{cost.estimated_total} {cost.currency_code}",
            },
        )

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        return report_cancel(self._azure_job.workspace.cancel_job, self._azure_job)


class AzureQiskitAdapter(AzureJobAdapter):
    """A job of Azure's Qiskit provider, which holds the job of the workspace."""

    fetch = "result"
    fetch_timeout = "timeout"

    @property
    @override
    def _azure_job(self) -> Any:
        return self.job._azure_job
