"""Daemon threads: one that schedules, and bounded pools that call providers.

``concurrent.futures`` is not used because the interpreter joins its threads at exit: a provider that never answers
would keep the kernel from ending.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from contextvars import Context
from enum import Enum
from typing import Final, Protocol

from primwidgets._runtime import instances

_LOG: Final = logging.getLogger(__name__)
#: Seconds after which the scheduler continues after a failure.
_RETRY_SECONDS: Final = 5.0

Action = Callable[[], None]
Pump = Callable[[], float | None]


class Work(Enum):
    """Kinds of work. Each kind has threads of its own, so that none can starve another.

    The value is the maximum number of threads. The first three kinds call providers, whose calls may hang; see
    ``provider_queue.FairShare`` for how providers share the threads.
    """

    COMMAND = "commands", 128
    READ = "reads", 128
    PICTURE = "pictures", 32
    OWN = "our own work", 4
    SWEEP = "sweeps", 1
    OBSERVER = "the user's observers", 16

    __hash__ = object.__hash__  # members are singletons; hashing by name costs more

    @property
    def limit(self) -> int:
        """Maximum number of threads."""
        return self.value[1]


class Runner(Protocol):
    """Runs the monitor's work: on threads, or on an event loop where there are no threads."""

    def start(self, pump: Pump) -> None:
        """Call ``pump`` now, after each ``wake`` and after the seconds it returns; stop when it returns ``None``."""

    def wake(self) -> None:
        """Call ``pump`` soon. Safe on any thread, in a signal handler and in ``__del__``."""

    def submit(self, task: Action, work: Work = Work.OWN) -> None:
        """Run ``task`` on a worker for that kind of ``work``; never blocks."""


class Workers:
    """A bounded pool of daemon threads that end when they are idle.

    Args:
        limit: maximum number of working threads.
        hung_limit: maximum number of additional threads that may hang in providers.
        idle_seconds: seconds after which an idle thread ends.
        context: creates the context of a thread; by default an empty one, independent of the code that started it.
    """

    def __init__(
        self,
        limit: int = 16,
        hung_limit: int = 32,
        idle_seconds: float = 5.0,
        context: Callable[[], Context] = Context,
    ) -> None:
        self._context = context
        self._limit = limit
        self._hung_limit = hung_limit
        self._idle_seconds = idle_seconds
        self.reset_after_fork()
        _workers.add(self)

    def reset_after_fork(self) -> None:
        """Drop threads and tasks: in a forked child they belong to the parent."""
        self._hung = 0
        self._threads = 0
        self._waiting = 0
        self._tasks: deque[Action] = deque()
        self._changed = threading.Condition()

    def with_limit(self, limit: int) -> Workers:
        """A pool with the same parameters for ``limit`` threads."""
        return Workers(limit, 0, self._idle_seconds, self._context)

    def submit(self, task: Action) -> None:
        """Run ``task`` on a worker. The caller bounds the number of queued tasks."""
        with self._changed:
            self._tasks.append(task)
            self._changed.notify()
            self._grow()

    def replace_worker(self) -> None:
        """Allow an extra thread for a worker that hangs."""
        with self._changed:
            self._hung += 1
            self._grow()

    def worker_returned(self) -> None:
        """Withdraw the extra thread: the worker that hung has returned."""
        with self._changed:
            self._hung -= 1

    def _grow(self) -> None:
        """Start a worker if a task is waiting and the limit allows it. The lock is held."""
        most = self._limit + min(self._hung, self._hung_limit)
        if len(self._tasks) > self._waiting and self._threads < most:
            start_daemon("worker", self._work, self._context())
            self._threads += 1  # set last, since the system may refuse a thread

    def _work(self) -> None:
        while (task := self._next()) is not None:
            try:
                task()
            except BaseException:  # noqa: BLE001  (a worker survives any exception, including SystemExit and CancelledError)
                _LOG.exception("A task of the job monitor failed")
            del task  # an idle worker must not keep a job alive

    def _next(self) -> Action | None:
        with self._changed:
            self._waiting += 1
            arrived = self._changed.wait_for(lambda: self._tasks, self._idle_seconds)
            self._waiting -= 1
            if arrived:
                return self._tasks.popleft()
            self._threads -= 1
            return None


class ThreadRunner:
    """One scheduling thread, and a pool of workers for each kind of work.

    The scheduling thread ends when there are no jobs.

    Args:
        workers: template for the pools: idle time and context of the threads.
    """

    def __init__(self, workers: Workers | None = None) -> None:
        model = workers or Workers()
        self._workers = {work: model.with_limit(work.limit) for work in Work}
        self.reset_after_fork()
        _runners.add(self)

    def reset_after_fork(self) -> None:
        """Drop the thread: in a forked child it belongs to the parent."""
        self._wakes: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._alive = False

    def submit(self, task: Action, work: Work = Work.OWN) -> None:
        self._workers[work].submit(task)

    def start(self, pump: Pump) -> None:
        self.wake()
        with self._lock:
            if self._alive:
                return
            start_daemon("monitor", lambda: self._loop(pump), Context())
            self._alive = True  # set last, since the system may refuse a thread

    def wake(self) -> None:
        if self._wakes.empty():
            self._wakes.put(None)  # SimpleQueue, because its put() is reentrant

    def _loop(self, pump: Pump) -> None:
        while True:
            self._drain()
            delay = _guarded(pump)
            if delay is None:
                with self._lock:
                    if self._wakes.empty():
                        self._alive = False
                        return
                continue
            try:
                self._wakes.get(timeout=delay)
            except queue.Empty:
                continue

    def _drain(self) -> None:
        while not self._wakes.empty():
            self._wakes.get()


_workers: Final = instances(in_child=Workers.reset_after_fork)
_runners: Final = instances(in_child=ThreadRunner.reset_after_fork)


def _guarded(pump: Pump) -> float | None:
    try:
        return pump()
    except Exception:  # noqa: BLE001  (one defect must not stop the updates of all jobs)
        _LOG.exception("The job monitor failed and continues")
        return _RETRY_SECONDS


def start_daemon(role: str, target: Callable[[], None], context: Context) -> None:
    """Start a daemon thread that runs ``target`` in ``context``."""
    threading.Thread(target=lambda: context.run(target), name=f"primwidgets-{role}", daemon=True).start()
