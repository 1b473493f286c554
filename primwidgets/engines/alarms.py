"""Tasks for later: the time limits of calls, and the pauses before they are started again."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from contextvars import Context
from typing import Final

from primwidgets._runtime import once_per_process
from primwidgets._threads import Workers, start_daemon

#: The longest time that a task may wait, in seconds: a year.
LONGEST: Final = 365 * 86_400.0
#: Threads that run tasks. A task may start or stop a call, which blocks on some engines.
_WORKERS: Final = 16
#: Cancelled tasks are removed together, once there are this many of them and they are the larger part.
_DROPPED: Final = 64


class Alarm:
    """A task that waits for its time."""

    __slots__ = ("task",)

    def __init__(self, task: Callable[[], None]) -> None:
        self.task: Callable[[], None] | None = task


class Alarms:
    """Runs tasks at their times: one thread waits, and a bounded number of others run them. All methods: any thread."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Alarm]] = []
        self._order = itertools.count()
        self._cancelled = 0
        self._is_alive = False
        self._workers = Workers(limit=_WORKERS)
        self._changed = threading.Condition()

    def after(self, seconds: float, task: Callable[[], None]) -> Alarm:
        """Run ``task`` on another thread, ``seconds`` from now; at most ``LONGEST``."""
        alarm = Alarm(task)
        with self._changed:
            heapq.heappush(self._waiting, (time.monotonic() + min(seconds, LONGEST), next(self._order), alarm))
            self._changed.notify()
            if not self._is_alive:
                start_daemon("alarms", self._work, Context())
                self._is_alive = True  # afterwards: the system may have refused a thread
        return alarm

    def cancel(self, alarm: Alarm) -> bool:
        """Do not run the task of ``alarm``; whether it was not too late. Nothing keeps the task from then on."""
        with self._changed:
            if alarm.task is None:
                return False
            alarm.task = None
            self._cancelled += 1
            count = len(self._waiting)
            if self._cancelled == count or self._cancelled >= max(_DROPPED, count // 2):
                self._waiting = [entry for entry in self._waiting if entry[2].task is not None]
                heapq.heapify(self._waiting)
                self._cancelled = 0
                self._changed.notify()  # the thread ends when nothing waits
            return True

    def _work(self) -> None:
        while self._wait():
            pass

    def _wait(self) -> bool:
        """Hand over the tasks that are due, and wait for the next one; whether there is one."""
        with self._changed:
            while self._waiting and (self._waiting[0][2].task is None or self._waiting[0][0] <= time.monotonic()):
                alarm = heapq.heappop(self._waiting)[2]
                if alarm.task is None:
                    self._cancelled -= 1
                else:
                    self._workers.submit(alarm.task)
                    alarm.task = None
            if not self._waiting:
                self._is_alive = False
                return False
            self._changed.wait(max(0.0, self._waiting[0][0] - time.monotonic()))
            return True


alarms: Final = once_per_process(Alarms)
