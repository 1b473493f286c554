"""``asyncio`` tasks and futures. They belong to the thread of their loop, and only looking is allowed from others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets._forwarding import forwards
from primwidgets.adapters._common.describe import describe_error
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters.base import Adapter, CancelReport, Pace, report_cancel
from primwidgets.snapshot import CancelState, JobError, JobSnapshot, JobState

_Tell = Callable[[object], None]


class AsyncioFutureAdapter(Adapter[asyncio.Future[Any]]):
    """An ``asyncio.Future``: a value that will come; whether anything works on it is unknown."""

    provider = "asyncio"
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.05, ceiling=0.5)
    pushed: ClassVar[frozenset[JobState]] = frozenset({JobState.QUEUED, JobState.RUNNING})
    holds_result: bool = True
    _unfinished: ClassVar[tuple[JobState, str]] = (JobState.QUEUED, "pending")

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that the job belongs to."""
        return self.job.get_loop()

    @override
    @property
    def event_loop(self) -> asyncio.AbstractEventLoop:
        return self.loop

    @override
    def job_id(self) -> str:
        """A name made from the address: futures have no id, and while the adapter holds this one it is unique."""
        return f"future-{id(self.job):x}"

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        state, word = self._look()
        if not state.is_final and self.loop.is_closed():
            return last.evolve(
                state=JobState.ERROR, status_text="loop closed", error=_LOOP_CLOSED, can_cancel=False, can_preview=False
            )
        return last.evolve(
            state=state,
            status_text=word,
            cancel_state=CancelState.REQUESTED if word == "cancelling" else last.cancel_state,
            being_cancelled=word == "cancelling",
            error=last.error or _reason(self.job) if state is JobState.ERROR else None,
            can_cancel=not state.is_final,
            can_preview=state is JobState.DONE,
        )

    @override
    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        """``changed`` is called on the thread of the loop."""

        def tell(_job: object) -> None:
            changed()

        if not self._call_soon(self.job.add_done_callback, tell):
            return None

        def end() -> None:
            self._call_soon(self.job.remove_done_callback, tell)

        return end

    @override
    @forwards
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """From a foreign thread the request takes effect when the loop gets to it.

        While the loop does not run, it takes effect at once, as the job's own method does.
        """
        if _running_loop() is self.loop or not (self.loop.is_running() or self.loop.is_closed()):
            return report_cancel(self.job.cancel, *args, **kwargs)
        if self.job.done():
            return CancelReport(accepted=False, value=False)
        return report_cancel(self._cancel_soon, *args, **kwargs)

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result)

    def _look(self) -> tuple[JobState, str]:
        if not self.job.done():
            return self._unfinished
        if self.job.cancelled():
            return JobState.CANCELLED, "cancelled"
        return JobState.DONE if _exception(self.job) is None else JobState.ERROR, "done"

    def _cancel_soon(self, *args: Any, **kwargs: Any) -> bool:
        self.loop.call_soon_threadsafe(partial(self.job.cancel, *args, **kwargs))
        return True

    def _call_soon(self, function: Callable[[_Tell], object], tell: _Tell) -> bool:
        """Whether the loop could be asked to call ``function(tell)``: a closed one cannot, and finishes no job."""
        try:
            self.loop.call_soon_threadsafe(function, tell)
        except RuntimeError:
            return False
        return True


class TaskAdapter(AsyncioFutureAdapter):
    """An ``asyncio.Task``. A cancel is a request, which the coroutine may refuse."""

    _unfinished: ClassVar[tuple[JobState, str]] = (JobState.RUNNING, "running")

    @override
    def job_id(self) -> str:
        """The name of the task; unique unless the user gave the name twice."""
        task: Any = self.job
        return str(task.get_name())

    @override
    @property
    def is_caller(self) -> bool:
        return _running_loop() is self.loop and asyncio.current_task() is self.job

    @override
    def _look(self) -> tuple[JobState, str]:
        state, word = super()._look()
        task: Any = self.job
        return state, "cancelling" if not state.is_final and task.cancelling() else word


#: A closed loop cannot be opened again.
_LOOP_CLOSED: Final = JobError("LoopClosed", "Its event loop is closed, so it never goes on, and result() has nothing.")


def _exception(job: asyncio.Future[Any]) -> BaseException | None:
    """What a finished job raised. ``exception()`` would mark it as retrieved for asyncio.

    Then "exception was never retrieved" would not be logged for an unhandled error.
    """
    error = getattr(job, "_exception", None)
    return error if isinstance(error, BaseException) else None


def _reason(job: asyncio.Future[Any]) -> JobError | None:
    error = _exception(job)
    return None if error is None else describe_error(error)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
