"""Parsl's app futures."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets.adapters._common.times import epoch
from primwidgets.adapters.concurrent_futures import FutureAdapter
from primwidgets.snapshot import JobSnapshot, JobState

#: Before its executor has the task. ``launched`` is the last word of some executors until the end.
_WAITING: Final = ("unsched", "pending", "joining", "fail_retryable")


class AppFutureAdapter(FutureAdapter):
    """The future of an app: it never says that it runs, and cannot be cancelled."""

    provider = "Parsl"
    _can_be_cancelled = False
    #: The start is not pushed, so a task that waits is looked at.
    pushed: ClassVar[frozenset[JobState]] = frozenset({JobState.RUNNING})

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = "Parsl"
        self._can_be_cancelled = self._can_be_stopped = self.cancels_locally = False

    @override
    def job_id(self) -> str:
        """Parsl's number, which is unique within one of its kernels, and this process's name for the future."""
        return f"{self.job.tid}-{super().job_id()}"

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        read = super().read(last)
        word = str(self.job.task_status())
        state = read.state
        if not state.is_final:
            state = JobState.QUEUED if word in _WAITING else JobState.RUNNING
        task = self.job.task_record
        began = task.get("try_time_launched") if state is JobState.RUNNING else None
        ended = task.get("time_returned") if state.is_final else None
        return read.evolve(
            state=state,
            status_text=word,
            backend=task.get("executor") or read.backend,
            created_at=epoch(task.get("time_invoked")) or read.created_at,
            started_at=epoch(began) or read.started_at,
            finished_at=epoch(ended) or read.finished_at,
        )
