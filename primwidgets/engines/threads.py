"""The default engine: threads of this process, with nothing to set up."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets._runtime import instances
from primwidgets._threads import Workers
from primwidgets.engines.base import Engine, FunctionCall, FutureJob, inside, strip_internal_frames
from primwidgets.engines.position_queue import QUEUE_LIMIT, PositionQueue

THREADS: Final = min(32, (os.cpu_count() or 1) + 4)
#: Calls that may wait for other calls at the same time; each of them is replaced by an extra thread.
_NESTED_LIMIT: Final = 256
#: Number of queued calls that are notified at once when they move up; the others show it at their next read.
_NEXT_IN_LINE: Final = 8


class LocalJob(FutureJob[Any]):
    """A call on a thread of this process. It stops at its next ``track`` or ``report``, or runs to its end."""

    engine: ClassVar[str] = "Local threads"

    def __init__(self, task: FunctionCall, engine: LocalEngine) -> None:
        super().__init__(task)
        self.context.release_slot = engine.extra_slot
        self.task: FunctionCall | None = task
        self.number: int | None = None
        self._engine = engine
        self.follow(Future())

    @override
    @property
    def queue_position(self) -> int | None:
        return None if self.number is None else self._engine.position(self.number)

    @override
    def cancel(self) -> bool:
        """Remove a queued call; ask a running one to stop."""
        if self.future.cancel():
            self._engine.forget(self)
            self.task = None
            return True
        self.context.cancelled = True
        return not self.future.done()


class LocalEngine(Engine):
    """Runs calls on a bounded number of daemon threads, first come, first served.

    A call that waits for another call gives its slot away meanwhile, so that nested calls cannot deadlock.

    Args:
        threads: maximum number of calls that run at the same time.
        queue_limit: maximum number of queued calls.
    """

    def __init__(self, threads: int = THREADS, queue_limit: int = QUEUE_LIMIT) -> None:
        self._workers = Workers(limit=threads, hung_limit=_NESTED_LIMIT)
        self._threads = threads
        self._queue_limit = queue_limit
        self.reset_after_fork()
        _engines.add(self)

    def reset_after_fork(self) -> None:
        """Start with an empty queue: in a forked child the calls belong to the parent."""
        self._queue: PositionQueue[LocalJob] = PositionQueue(self._threads, self._queue_limit)

    @override
    def start(self, task: FunctionCall) -> LocalJob:
        job = LocalJob(task, self)
        job.number = self._queue.add(job)
        self._workers.submit(self._run_next)
        return job

    def position(self, number: int) -> int | None:
        """Queue position of a call, from 1; ``None`` if it is not queued, or if a thread is free for it."""
        return self._queue.position(number)

    def forget(self, job: LocalJob) -> None:
        """Remove a cancelled call from the queue."""
        if job.number is not None:
            self._queue.take(job.number)

    @contextlib.contextmanager
    def extra_slot(self) -> Iterator[None]:
        """Add a thread while the caller waits in here."""
        self._workers.replace_worker()
        self._queue.add_slots(1)
        try:
            yield
        finally:
            self._queue.add_slots(-1)
            self._workers.worker_returned()

    def _run_next(self) -> None:
        job = self._queue.pop_first()
        if job is None:
            return
        if not job.future.set_running_or_notify_cancel():
            self._queue.release()
            return
        job.context.begin()
        for notified in [job, *self._queue.first(_NEXT_IN_LINE)]:
            notified.notify_listeners()
        settle = _carried_out(job)
        self._queue.release()  # before the outcome is set: a call submitted from a callback then finds a free thread
        settle()


_engines: Final = instances(in_child=LocalEngine.reset_after_fork)


def _carried_out(job: LocalJob) -> Callable[[], None]:
    """Call the function; returns the function that sets the outcome."""
    task, job.task = job.task, None  # a finished job must not keep the arguments alive
    try:
        with inside(job.context):
            result = task() if task is not None else None
    except BaseException as error:  # noqa: BLE001  (it is raised where the result is asked for)
        return partial(job.future.set_exception, strip_internal_frames(error))
    return partial(job.future.set_result, result)
