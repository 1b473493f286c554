"""Celery's ``AsyncResult``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, TypeGuard

from typing_extensions import override

from primwidgets.adapters._common.describe import describe, describe_error
from primwidgets.adapters.base import CancelReport, Pace, report_cancel
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobError, JobSnapshot, JobState

#: What tasks call how much is done, and how much there is, in the ``meta`` of their own states.
_DONE: Final = ("current", "done", "completed", "i", "n_done")
_TOTAL: Final = ("total", "n", "of", "max")
_FINAL: Final = ("SUCCESS", "FAILURE", "REVOKED")


class CeleryAdapter(ReportedAdapter[Any]):
    """The result of a task.

    Celery calls PENDING whatever no worker has reported: a task that waits, one that was revoked and is not noticed
    yet, one that runs while ``task_track_started`` is off, and an id that is unknown.
    """

    provider = "Celery"
    pace = Pace(first=0.25, ceiling=5.0, requests_per_second=10.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    cancels = "queued"
    cannot_cancel = "A running task can only be stopped by ending its worker's process: job.revoke(terminate=True)."
    fetch = "get"

    @override
    def job_id(self) -> str:
        return str(self.job.id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request, none once the result object has met the end."""
        task = self.job.backend.get_task_meta(self.job.id)  # what ``state``, ``info`` and the rest ask for, each
        state, info = str(task["status"]), task.get("result")
        custom = isinstance(info, Mapping) and state not in _FINAL
        return StatusReport(
            state,
            # Whatever is none of Celery's own words is a task's own, which it says while it runs.
            state=None if state in _WORDS else JobState.RUNNING,
            progress=_progress(info) if custom else None,
            message=info.get("message") or info.get("status") if custom else None,
            error=_error(info, task.get("traceback")) if state == "FAILURE" else None,
            finished_at=task.get("date_done") if state in _FINAL else None,
            backend=task.get("worker"),
            details={"task": task.get("name"), "retries": task.get("retries")},
        )

    @override
    def locate(self) -> Mapping[str, str]:
        return {"provider": "celery", "job_id": self.job_id()}

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """Revoke it: a worker that comes to the task drops it. One that no worker takes stays PENDING."""
        return report_cancel(self.job.revoke, *args, **kwargs)


_WORDS: Final = frozenset((*_FINAL, "PENDING", "RECEIVED", "STARTED", "RETRY", "REJECTED", "IGNORED"))


def _progress(info: Mapping[Any, Any]) -> float | tuple[float, float] | None:
    done = next((info[name] for name in _DONE if _is_number(info.get(name))), None)
    total = next((info[name] for name in _TOTAL if _is_number(info.get(name))), None)
    if done is not None and total:
        return done, total
    fraction = info.get("progress")
    return float(fraction) if _is_number(fraction) and 0 <= fraction <= 1 else None


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _error(raised: Any, trace: Any) -> JobError:
    told = describe_error(raised) if isinstance(raised, BaseException) else JobError("JobError", describe(raised))
    return JobError(told.type, told.message or told.type, str(trace) if trace else told.traceback)
