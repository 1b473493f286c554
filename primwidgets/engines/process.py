"""Processes on this machine: Cancel really ends the work, and a crash is an error and not the end of the kernel."""

from __future__ import annotations

import atexit
import os
import threading
import time
from contextvars import Context
from typing import Any, ClassVar, Final
from weakref import WeakSet

from primwidgets.engines.base import Task
from primwidgets.engines.line import Message
from primwidgets.engines.line_end import Line
from primwidgets.engines.lined_job import LinedJob
from primwidgets.engines.process_pool import Flight, Pool
from primwidgets.engines.sealed import SealedCall
from primwidgets.engines.turns import QUEUE_LIMIT, Turns
from primwidgets.engines.worker_process import Depth, is_being_imported
from primwidgets.errors import EngineError
from primwidgets.workers import start_daemon

#: How long processes without work are kept.
IDLE_SECONDS: Final = 300.0
#: Processes that start processes that start processes, and so on.
_DEPTH_LIMIT: Final = 4
#: So many of those that wait are told at once that they moved up; the others see it when they are read next.
_NEXT_IN_LINE: Final = 8

_GUARD: Final = (
    'What a script does has to be under `if __name__ == "__main__":`, because every process imports the script first.'
)
_USELESS: Final = f"The processes end before they can work. {_GUARD}"


class ProcessJob(LinedJob):
    """A call in a process on this machine. Cancel asks it to stop, and soon kills the process."""

    engine: ClassVar[str] = "Local processes"
    stops_when: ClassVar[str | None] = "Its process is being stopped."
    line: Line

    def __init__(self, task: Task, engine: ProcessEngine) -> None:
        super().__init__(task)
        self.number: int | None = None
        self.attempts = 0
        self.call: SealedCall | None = self.seal(task)
        self._engine = engine

    @property
    def queue_position(self) -> int | None:
        """See ``FunctionJob.queue_position``."""
        return None if self.number is None else self._engine.place(self.number)

    def cancel(self) -> bool:
        """See ``FunctionJob.cancel``: one that runs has a moment to tidy up, then its process is killed."""
        return self._engine.cancel(self)

    def settle(self, result: Any = None, error: BaseException | None = None) -> None:
        """See ``LinedJob.settle``."""
        self.call = None  # a finished job must not keep the arguments alive
        super().settle(result, error)

    def heard(self, message: Message) -> None:
        """See ``LinedJob.heard``."""
        super().heard(message)
        if not message or self.run.cancelled:  # its process may be gone, or is to be stopped
            self._engine.look()


class ProcessEngine:
    """Runs calls on a bounded number of processes, first come, first served. They are started when first needed.

    One thread, the keeper, hands calls to the pool, ends what was cancelled, and lets go of a pool that is idle.

    Args:
        workers: most processes; by default one for each processor that this process may use.
        queue_limit: most calls that wait.
        idle_seconds: how long processes without work are kept.

    Raises:
        EngineError: Pebble or cloudpickle is not installed.
    """

    def __init__(
        self, workers: int | None = None, queue_limit: int = QUEUE_LIMIT, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        Pool.require()
        self.workers = workers or max(1, _processors() >> Depth.here)  # nested pools must not multiply
        self._idle_seconds = idle_seconds
        self._turns: Turns[ProcessJob] = Turns(0, queue_limit)
        self._pool: Pool | None = None
        self._old_pools: list[Pool] = []
        self._changed = threading.Condition()
        self._news = False
        self._kept = False
        _engines.add(self)

    def start(self, task: Task) -> ProcessJob:
        """See ``Engine.start``."""
        if is_being_imported():
            raise EngineError(f"A process that is just being started cannot start others. {_GUARD}")
        if Depth.here >= _DEPTH_LIMIT:
            raise EngineError(f"Processes that start processes that start processes end at {_DEPTH_LIMIT}.")
        job = ProcessJob(task, self)
        try:
            job.number = self._turns.add(job)
        except EngineError:
            job.hang_up()
            raise
        self.look()
        return job

    def place(self, number: int) -> int | None:
        """The place in the queue of a call, from 1; ``None`` if it does not wait."""
        return self._turns.place(number)

    def cancel(self, job: ProcessJob) -> bool:
        """See ``ProcessJob.cancel``."""
        if job.number is not None and self._turns.take(job.number) is not None:
            job.hang_up()
            job.call = None
            return job.give_up()
        if job.future.done():
            return False
        if job.withdraw():  # it was on its way to a process
            return True
        job.run.cancelled = True
        job.line.cancel()
        self.look()
        return True

    def look(self) -> None:
        """Have the keeper look what is to be done."""
        with self._changed:
            self._news = True
            self._changed.notify()
            if not self._kept:
                start_daemon("processes", self._keep, Context())
                self._kept = True  # afterwards: the system may have refused a thread

    def close(self) -> None:
        """Kill all processes; what runs then ends as an error. A later call starts new ones."""
        with self._changed:
            pools, self._pool, self._old_pools = [self._pool, *self._old_pools], None, []
        for pool in pools:
            if pool is not None:
                for flight in pool.flights:
                    pool.end(flight, error=EngineError("The processes were stopped."))
                pool.stop()

    def _keep(self) -> None:
        idle_since = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._news, self._patience())
                self._news = False
            self._hand_over()
            self._tend_pools()
            if self._busy or self._turns:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since >= self._idle_seconds and self._leave():
                return

    def _leave(self) -> bool:
        with self._changed:
            if self._news:
                return False
            self._kept = False
        self.close()
        return True

    @property
    def _pools(self) -> list[Pool]:
        return [*([self._pool] if self._pool else []), *self._old_pools]

    @property
    def _busy(self) -> int:
        return sum(len(pool.flights) for pool in self._pools)

    def _patience(self) -> float:
        return min([self._idle_seconds, *(pool.patience() for pool in self._pools)])

    def _hand_over(self) -> None:
        handed = False
        while self._busy < self.workers and (job := self._turns.take_first()) is not None:
            self._fly(job)
            handed = True
        if handed:
            for job in self._turns.first(_NEXT_IN_LINE):
                job.tell_listeners()

    def _fly(self, job: ProcessJob) -> None:
        """Give a call to the pool; if the pool is broken, to a new one. What has not begun may be tried again."""
        error: Exception | None = None
        while job.attempts < 2:
            job.attempts += 1
            if self._pool is None:
                self._pool = Pool(self.workers, self.look)
            try:
                self._pool.schedule(job)
            except (RuntimeError, OSError) as refused:
                error = refused
                self._retire()
            else:
                return
        job.hang_up()
        job.settle(error=EngineError(_USELESS if error is None else f"No process can be started: {error}"))

    def _retire(self) -> None:
        """Give nothing more to the pool."""
        with self._changed:
            if self._pool is not None:
                self._old_pools.append(self._pool)
            self._pool = None

    def _tend_pools(self) -> None:
        for pool in self._pools:
            for flight in pool.flights:
                pool.tend(flight, time.monotonic())
            if pool.is_broken:
                if pool is self._pool:
                    self._retire()
                for flight in pool.flights:
                    self._rescue(pool, flight)
        if self._pool is not None and self._pool.is_suspect:
            self._retire()
        for pool in [pool for pool in self._old_pools if not pool.flights]:
            self._old_pools.remove(pool)
            pool.stop()

    def _rescue(self, pool: Pool, flight: Flight) -> None:
        """Settle what a broken pool has; what has not begun is given to a new one, unless that would break as well."""
        job = flight.job
        if job.run.started_at is not None or job.run.cancelled:
            pool.end(flight, error=EngineError("The pool of processes broke down while the function ran."))
        elif not pool.has_worked:
            pool.end(flight, error=EngineError(_USELESS))
        elif pool.forget(flight):
            self._fly(job)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_engines: Final[WeakSet[ProcessEngine]] = WeakSet()


def _close_all() -> None:
    for engine in list(_engines):
        engine.close()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_engines.clear)  # the processes are the parent's
