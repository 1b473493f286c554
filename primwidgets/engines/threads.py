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
from primwidgets.engines.base import Engine, FunctionCall, FutureJob, inside, with_its_own_frames
from primwidgets.engines.position_queue import QUEUE_LIMIT, PositionQueue

THREADS: Final = min(32, (os.cpu_count() or 1) + 4)
#: Calls that may wait for other calls, each with a thread that is made up for.
_NESTED_LIMIT: Final = 256
#: So many of those that wait are told at once that they moved up; the others see it when they are read next.
_NEXT_IN_LINE: Final = 8


class LocalJob(FutureJob[Any]):
    """A call on a thread of this process. It stops at its next ``track`` or ``report``, or runs to its end."""

    engine: ClassVar[str] = "Local threads"

    def __init__(self, task: FunctionCall, engine: LocalEngine) -> None:
        super().__init__(task)
        self.context.release_slot = engine.one_more
        self.task: FunctionCall | None = task
        self.number: int | None = None
        self._engine = engine
        self.follow(Future())

    @override
    @property
    def queue_position(self) -> int | None:
        return None if self.number is None else self._engine.place(self.number)

    @override
    def cancel(self) -> bool:
        """One that runs is asked to stop."""
        if self.future.cancel():
            self._engine.forget(self)
            self.task = None
            return True
        self.context.cancelled = True
        return not self.future.done()


class LocalEngine(Engine):
    """Runs calls on a bounded number of daemon threads, first come, first served.

    A call that waits for another one gives its turn away meanwhile, so that nested calls cannot block each other.

    Args:
        threads: most calls at the same time.
        queue_limit: most calls that wait.
    """

    def __init__(self, threads: int = THREADS, queue_limit: int = QUEUE_LIMIT) -> None:
        self._workers = Workers(limit=threads, hung_limit=_NESTED_LIMIT)
        self._threads = threads
        self._queue_limit = queue_limit
        self.begin_anew()
        _engines.add(self)

    def begin_anew(self) -> None:
        """Have no calls; in a forked child, where they are the parent's."""
        self._queue: PositionQueue[LocalJob] = PositionQueue(self._threads, self._queue_limit)

    @override
    def start(self, task: FunctionCall) -> LocalJob:
        job = LocalJob(task, self)
        job.number = self._queue.add(job)
        self._workers.submit(self._run_next)
        return job

    def place(self, number: int) -> int | None:
        """The place in the queue of a call, from 1; ``None`` if it does not wait, or a thread is free for it."""
        return self._queue.place(number)

    def forget(self, job: LocalJob) -> None:
        """Note that a call that waited was cancelled."""
        if job.number is not None:
            self._queue.take(job.number)

    @contextlib.contextmanager
    def one_more(self) -> Iterator[None]:
        """Have one thread more, for one that waits in here."""
        self._workers.replace_worker()
        self._queue.add_slots(1)
        try:
            yield
        finally:
            self._queue.add_slots(-1)
            self._workers.worker_returned()

    def _run_next(self) -> None:
        job = self._queue.take_first()
        if job is None:
            return
        if not job.future.set_running_or_notify_cancel():
            self._queue.release()
            return
        job.context.begin()
        for told in [job, *self._queue.first(_NEXT_IN_LINE)]:
            told.tell_listeners()
        settle = _carried_out(job)
        self._queue.release()  # before the outcome is known: whoever then starts the next call finds a free thread
        settle()


_engines: Final = instances(in_child=LocalEngine.begin_anew)


def _carried_out(job: LocalJob) -> Callable[[], None]:
    """Call the function; what has its outcome known."""
    task, job.task = job.task, None  # a finished job must not keep the arguments alive
    try:
        with inside(job.context):
            result = task() if task is not None else None
    except BaseException as error:  # noqa: BLE001  (it is raised where the result is asked for)
        return partial(job.future.set_exception, with_its_own_frames(error))
    return partial(job.future.set_result, result)
