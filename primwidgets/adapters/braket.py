"""Amazon Braket's quantum tasks and hybrid jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters._common.describe import describe
from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import WORD_LIMIT, JobSnapshot

_CONSOLE = "https://{region}.console.aws.amazon.com/braket/home?region={region}#/{kind}s/{arn}"


class BraketTaskAdapter(ReportedAdapter[Any]):
    """A quantum task. Its ``result()`` returns ``None`` if it failed or was cancelled, which tells nothing here."""

    provider = "Amazon Braket"
    pace = Pace(first=1.0, ceiling=10.0, requests_per_second=5.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    fetch_timeout: ClassVar[str | None] = None
    result_tells_end = False
    _kind: ClassVar[str] = "task"

    @override
    def job_id(self) -> str:
        return str(self.job.id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request; ``state()`` and ``queue_position()`` would make one each."""
        task = self.job.metadata()
        queue = task.get("queueInfo") or {}
        return StatusReport(
            task["status"],
            queue_position=queue.get("position"),
            message=queue.get("message"),
            error=task.get("failureReason"),
            backend=str(task.get("deviceArn", "")).rpartition("/")[2] or None,
            created_at=task.get("createdAt"),
            started_at=task.get("startedAt"),
            finished_at=task.get("endedAt"),
            details={
                "queue": queue.get("queue") or queue.get("queuePriority"),
                "shots": task.get("shots"),
                "billable ms": task.get("billableDuration"),
                "page": self._page(),
            },
        )

    @override
    def locate(self) -> Mapping[str, str] | None:
        arn = self.job_id()
        return {"provider": "braket", "kind": self._kind, "arn": arn} if len(arn) <= WORD_LIMIT else None

    def _page(self) -> str | None:
        parts = self.job_id().split(":")
        return _CONSOLE.format(region=parts[3], kind=self._kind, arn=self.job_id()) if len(parts) > 3 else None


class BraketJobAdapter(BraketTaskAdapter):
    """A hybrid job. Its ``result()`` writes files into the working directory, so no picture is drawn of it."""

    fetch_timeout = "poll_timeout_seconds"
    result_tells_end = True
    _kind: ClassVar[str] = "job"

    @override
    def job_id(self) -> str:
        return str(self.job.arn)

    @override
    def look(self, last: JobSnapshot) -> JobSnapshot:
        return super().look(last).evolve(can_preview=False)


class LocalTaskAdapter(ReportedAdapter[Any]):
    """A task or job of Braket's local simulator, which was over before it was handed out."""

    provider = "Amazon Braket local"
    remote = False
    blocking: ClassVar[bool] = False
    pace = Pace(first=1.0, ceiling=10.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    holds_result = True
    fetch_timeout = None
    cancels = "none"

    @override
    def job_id(self) -> str:
        return describe(getattr(self.job, "arn", None) or self.job.id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        return StatusReport(self.job.state())


class QiskitTaskAdapter(ReportedAdapter[Any]):
    """A job of ``qiskit-braket-provider``: one or more quantum tasks, of which the last one to end ends the job.

    Its own ``status()`` calls a task cancelled that is only being cancelled, does not know CREATED, and calls a job
    done of which a task failed.
    """

    provider = "Amazon Braket"
    pace = Pace(first=1.0, ceiling=10.0, requests_per_second=5.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    fetch_timeout = None

    @override
    def job_id(self) -> str:
        return describe(self.job.job_id())

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Makes one request for each task."""
        tasks = getattr(self.job, "_tasks", None) or [self.job._task]
        states = [str(task.state()) for task in tasks]
        word = next((word for word in _DECISIVE if word in states), states[0])
        failed = states.index("FAILED") if word == "FAILED" else None
        cached = {} if failed is None else getattr(tasks[failed], "_metadata", None) or {}
        ended = sum(state in ("COMPLETED", "FAILED", "CANCELLED") for state in states)
        return StatusReport(
            word,
            progress=(ended, len(states)) if len(states) > 1 else None,
            error=cached.get("failureReason"),
        )


#: Of several tasks the first of these words is that of the job: while one goes on the job does.
_DECISIVE = ("RUNNING", "QUEUED", "CREATED", "CANCELLING", "FAILED", "CANCELLED", "COMPLETED")
