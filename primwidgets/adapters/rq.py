"""Jobs of RQ (Redis Queue)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets.adapters.base import CancelReport, Pace, report_cancel
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobError, JobSnapshot, JobState

_QUEUED: Final = ("queued",)
_FINAL: Final = ("finished", "failed", "stopped", "canceled")


class RqAdapter(ReportedAdapter[Any]):
    """A job of RQ. Its record is read, not the job's own attributes, which stay as they were.

    ``result()`` is ``return_value()``, and raises ``JobFailed`` of a job that failed.
    """

    provider = "RQ"
    pace = Pace(first=0.25, ceiling=5.0, requests_per_second=20.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    fetch = "return_value"
    fetch_waits = False
    raises: ClassVar[bool] = True
    states: ClassVar[Mapping[str, JobState]] = {
        "created": JobState.INITIALIZING,
        "deferred": JobState.INITIALIZING,
        "scheduled": JobState.INITIALIZING,
    }

    @override
    def job_id(self) -> str:
        return str(self.job.id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request; one more for the place in the queue while it waits, or for the reason when it failed."""
        record = {_text(name): value for name, value in self.job.connection.hgetall(self.job.key).items()}
        if not record:
            raise LookupError("job not found")
        status = _text(record.get("status", b""))
        return StatusReport(
            status,
            queue_position=self._position() if status in _QUEUED else None,
            error=last.error or self._reason() if status == "failed" else None,
            backend=_text(record["worker_name"]) if record.get("worker_name") else _text(record.get("origin", b"")),
            created_at=_time(record, "created_at"),
            queued_at=_time(record, "enqueued_at"),
            started_at=_time(record, "started_at"),
            finished_at=_time(record, "ended_at"),
        )

    @override
    def fetch_result(self, **kwargs: Any) -> Any:
        return self.job.return_value(refresh=True)

    @override
    def locate(self) -> Mapping[str, str]:
        return {"provider": "rq", "job_id": self.job_id()}

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """Take it out of the queue; have its worker stop it if it runs.

        RQ's own ``cancel()`` of a job that runs, or is over, changes nothing but the word for its state.
        """
        status = _text(self.job.connection.hget(self.job.key, "status") or b"")
        if status == "started":
            stop = import_module("rq.command").send_stop_job_command
            return report_cancel(stop, self.job.connection, self.job.id)
        if status in _FINAL:
            return CancelReport(accepted=False, detail=f"The job is {status}.")
        return report_cancel(self.job.cancel, *args, **kwargs)

    def _position(self) -> str | None:
        ahead = self.job.get_position()
        return None if ahead is None else f"{ahead} ahead"

    def _reason(self) -> JobError | None:
        trace = getattr(self.job.latest_result(), "exc_string", None)
        if not trace:
            return None
        kind, _, message = trace.strip().rpartition("\n")[2].partition(": ")
        return JobError(kind.rpartition(".")[2] or "JobError", message or kind, trace)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _time(record: Mapping[str, Any], name: str) -> str | None:
    return _text(record[name]) if record.get(name) else None
