"""Daemon threads: one that schedules, a few that call providers.

``concurrent.futures`` is not used here because the interpreter waits for its threads at exit, and a provider that
never answers would keep the kernel from ending.
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
#: How soon the scheduling is tried again after it failed.
_RETRY_SECONDS: Final = 5.0

Action = Callable[[], None]
Pump = Callable[[], float | None]


class Work(Enum):
    """Kinds of work. Each has threads of its own, so that none can be kept waiting by another.

    The value is the largest number of threads. The first three call providers, and calls that hang are among them; see
    ``provider_queue.FairShare`` for how providers share them.
    """

    COMMAND = "commands", 128
    READ = "reads", 128
    PICTURE = "pictures", 32
    OWN = "our own work", 4
    OBSERVER = "the user's observers", 16

    __hash__ = object.__hash__  # there is one object of each; hashing names costs more

    @property
    def limit(self) -> int:
        """Most threads at the same time."""
        return self.value[1]


class Runner(Protocol):
    """Where the monitor's work happens: on threads, or on an event loop where threads do not exist."""

    def start(self, pump: Pump) -> None:
        """Call ``pump`` now, after each ``wake`` and after the seconds it returns; stop when it returns ``None``."""

    def wake(self) -> None:
        """Call ``pump`` soon. Safe on any thread, in a signal handler and in ``__del__``."""

    def submit(self, task: Action, work: Work = Work.OWN) -> None:
        """Run ``task`` on a worker for that kind of ``work``; never blocks."""


class Workers:
    """A bounded pool of daemon threads that end when they are idle.

    Args:
        limit: most threads that work at the same time.
        hung_limit: most threads that may hang in providers beside them.
        idle_seconds: how long a thread waits for work before it ends.
        context: makes what a thread runs in; by default nothing of what happened to run when it was started.
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
        self.begin_anew()
        _workers.add(self)

    def begin_anew(self) -> None:
        """Have no threads and no tasks; in a forked child, where they are the parent's."""
        self._hung = 0
        self._threads = 0
        self._waiting = 0
        self._tasks: deque[Action] = deque()
        self._changed = threading.Condition()

    def with_limit(self, limit: int) -> Workers:
        """Another pool of the same kind, for ``limit`` threads."""
        return Workers(limit, 0, self._idle_seconds, self._context)

    def submit(self, task: Action) -> None:
        """Run ``task`` on some worker. The caller keeps the number of waiting tasks bounded."""
        with self._changed:
            self._tasks.append(task)
            self._changed.notify()
            self._grow()

    def replace_worker(self) -> None:
        """Make up for a worker that hangs."""
        with self._changed:
            self._hung += 1
            self._grow()

    def worker_returned(self) -> None:
        """Note that a worker that was made up for came back."""
        with self._changed:
            self._hung -= 1

    def _grow(self) -> None:
        """Start a worker if a task has to wait for one and there may be one more. The lock is held."""
        most = self._limit + min(self._hung, self._hung_limit)
        if len(self._tasks) > self._waiting and self._threads < most:
            start_daemon("worker", self._work, self._context())
            self._threads += 1  # afterwards: the system may have refused a thread

    def _work(self) -> None:
        while (task := self._next()) is not None:
            try:
                task()
            except BaseException:  # noqa: BLE001  (a worker outlives whatever is raised, SystemExit and CancelledError too)
                _LOG.exception("A task of the job monitor failed")
            del task  # a waiting worker must not keep a job alive

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
    """One scheduling thread, and workers for each kind of work.

    The scheduling thread ends when there is nothing to watch.

    Args:
        workers: the model for the workers, which says how long they wait for work and in what context they run.
    """

    def __init__(self, workers: Workers | None = None) -> None:
        model = workers or Workers()
        self._workers = {work: model.with_limit(work.limit) for work in Work}
        self.begin_anew()
        _runners.add(self)

    def begin_anew(self) -> None:
        """Have no thread; in a forked child, where it is the parent's."""
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
            self._alive = True  # afterwards: the system may have refused a thread

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


_workers: Final = instances(in_child=Workers.begin_anew)
_runners: Final = instances(in_child=ThreadRunner.begin_anew)


def _guarded(pump: Pump) -> float | None:
    try:
        return pump()
    except Exception:  # noqa: BLE001  (the jobs of a kernel must not stop moving because of one defect)
        _LOG.exception("The job monitor failed and goes on")
        return _RETRY_SECONDS


def start_daemon(role: str, target: Callable[[], None], context: Context) -> None:
    """Start a daemon thread that runs ``target`` in ``context``."""
    threading.Thread(target=lambda: context.run(target), name=f"primwidgets-{role}", daemon=True).start()
