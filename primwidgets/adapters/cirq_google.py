"""Jobs of Google's quantum engine, and of its local simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobError, JobSnapshot, JobState


class EngineJobAdapter(ReportedAdapter[Any]):
    """A job of the engine. ``result()`` is ``results()``: one result for each parameter set."""

    provider = "Google Quantum"
    pace = Pace(first=0.5, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    states: ClassVar[Mapping[str, JobState]] = {"READY": JobState.QUEUED, "FAILURE": JobState.ERROR}
    fetch = "results"
    fetch_timeout = None

    @override
    def job_id(self) -> str:
        return str(self.job.id())

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request: the times and the failure are of the answer that ``execution_status`` gets."""
        status = self.job.execution_status()
        word = str(getattr(status, "name", status))
        return StatusReport(
            word,
            error=self._failure() if word == "FAILURE" else None,
            created_at=self.job.create_time(),
            finished_at=self.job.update_time() if word in ("SUCCESS", "FAILURE", "CANCELLED") else None,
        )

    @override
    def locate(self) -> Mapping[str, str] | None:
        names = {name: getattr(self.job, name, None) for name in ("project_id", "program_id", "job_id")}
        if not all(isinstance(name, str) for name in names.values()):
            return None
        return {"provider": "cirq_google", **{name: str(told) for name, told in names.items()}}

    def _failure(self) -> JobError | None:
        code, message = self.job.failure() or ("", "")
        return JobError(str(code or "JobError"), str(message or code)) if code or message else None


class LocalEngineJobAdapter(EngineJobAdapter):
    """A job of the local simulator. A synchronous one runs when its results are asked for, and not before.

    Its ``cancel()`` changes the word alone: the simulation goes on and the job ends as a success.
    """

    provider = "Cirq"
    remote = False
    pace = Pace(first=0.1, ceiling=1.0)
    rechecks: ClassVar[tuple[float, ...]] = (0.5, 2.0, 10.0)
    cancels = "none"
    cannot_cancel = "A local simulation cannot be stopped."
