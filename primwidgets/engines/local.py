"""The default engine: threads of this process, with nothing to set up."""

from __future__ import annotations

import contextlib
import os
import threading
from bisect import bisect_left
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, ClassVar, Final

from primwidgets.engines.base import FutureJob, Task, with_its_own_frames
from primwidgets.errors import EngineError
from primwidgets.printing import prints_to_log
from primwidgets.progress import Run, running
from primwidgets.tqdm_bars import bars_move_cards
from primwidgets.workers import Workers

THREADS: Final = min(32, (os.cpu_count() or 1) + 4)
#: Calls that may wait for a thread.
QUEUE_LIMIT: Final = 100_000
#: Calls that may wait for other calls, each with a thread that is made up for.
_NESTED_LIMIT: Final = 256
#: So many of those that wait are told at once that they moved up; the others see it when they are read next.
_NEXT_IN_LINE: Final = 8


class LocalJob(FutureJob[Any]):
    """A call on a thread of this process. It stops at its next ``track`` or ``report``, or runs to its end."""

    engine: ClassVar[str] = "Local threads"

    def __init__(self, task: Task, engine: LocalEngine, number: int) -> None:
        super().__init__(task, _LocalRun(engine))
        self.task: Task | None = task
        self.number = number
        self._engine = engine
        self.follow(Future())

    @property
    def queue_position(self) -> int | None:
        """See ``FunctionJob.queue_position``."""
        return self._engine.position(self.number)

    def cancel(self) -> bool:
        """See ``FunctionJob.cancel``: one that runs is asked to stop."""
        if self.future.cancel():
            self._engine.forget(self.number)
            self.task = None
            return True
        self.run.cancelled = True
        return not self.future.done()


class LocalEngine:
    """Runs calls on a bounded number of daemon threads, first come, first served.

    A call that waits for another one gives its turn away meanwhile, so that nested calls cannot block each other.

    Args:
        threads: most calls at the same time.
        queue_limit: most calls that wait.
    """

    def __init__(self, threads: int = THREADS, queue_limit: int = QUEUE_LIMIT) -> None:
        self._workers = Workers(limit=threads, hung_limit=_NESTED_LIMIT)
        self._queue_limit = queue_limit
        self._waiting: dict[int, LocalJob] = {}
        self._order: list[int] = []  # the numbers of those that wait, which only grow: positions are found by bisection
        self._latest = 0
        self._lock = threading.Lock()

    def start(self, task: Task) -> LocalJob:
        """See ``Engine.start``."""
        with self._lock:
            if len(self._waiting) >= self._queue_limit:
                raise EngineError(
                    f"{self._queue_limit:,} calls wait already. Wait for some of them, or let each do more."
                )
            self._latest += 1
            job = LocalJob(task, self, self._latest)
            self._waiting[job.number] = job
            self._order.append(job.number)
        self._workers.submit(self._run_next)
        return job

    def position(self, number: int) -> int | None:
        """The place in the queue of a call, from 1; ``None`` if it does not wait."""
        with self._lock:
            return bisect_left(self._order, number) + 1 if number in self._waiting else None

    def forget(self, number: int) -> None:
        """Note that a call that waited was cancelled."""
        with self._lock:
            self._take(number)

    @contextlib.contextmanager
    def one_more(self) -> Iterator[None]:
        """Have one thread more, for one that waits in here."""
        self._workers.replace_worker()
        try:
            yield
        finally:
            self._workers.worker_returned()

    def _take(self, number: int) -> LocalJob | None:
        job = self._waiting.pop(number, None)
        if job is not None:
            del self._order[bisect_left(self._order, number)]
        return job

    def _run_next(self) -> None:
        with self._lock:
            job = self._take(self._order[0]) if self._order else None
            next_in_line = [self._waiting[number] for number in self._order[:_NEXT_IN_LINE]]
        if job is not None and job.future.set_running_or_notify_cancel():
            job.run.begin()
            for waiting in [job, *next_in_line]:
                waiting.tell_listeners()
            _carry_out(job)


def _carry_out(job: LocalJob) -> None:
    task, job.task = job.task, None  # a finished job must not keep the arguments alive
    if task is None:
        return
    bars_move_cards()
    try:
        with running(job.run), prints_to_log():
            result = task()
    except BaseException as error:  # noqa: BLE001  (it is raised where the result is asked for)
        job.future.set_exception(with_its_own_frames(error))
    else:
        job.future.set_result(result)


class _LocalRun(Run):
    def __init__(self, engine: LocalEngine) -> None:
        super().__init__()
        self._engine = engine

    def waiting(self) -> contextlib.AbstractContextManager[None]:
        return self._engine.one_more()
