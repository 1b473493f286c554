"""Tasks that run on a worker later: at a time, or soon."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterator

Task = Callable[[], None]


class Timers:
    """Tasks by the time at which they are due. No threads, no clock; ``add_soon`` alone needs no lock."""

    def __init__(self) -> None:
        self._timed: list[tuple[float, int, Task]] = []
        self._soon: deque[Task] = deque()
        self._order = itertools.count()

    def add(self, due: float, task: Task) -> None:
        """Have ``task`` run at ``due``, in monotonic seconds."""
        heapq.heappush(self._timed, (due, next(self._order), task))

    def add_soon(self, task: Task) -> None:
        """Have ``task`` run with the next that are due. Any thread, also in ``__del__``."""
        self._soon.append(task)

    def pop_due(self, now: float) -> Iterator[Task]:
        """Remove and yield all that are due."""
        while self._soon:
            yield self._soon.popleft()
        while self._timed and self._timed[0][0] <= now:
            yield heapq.heappop(self._timed)[2]

    def next_times(self) -> list[float]:
        """When the next task is due; empty if none is."""
        return [due for due, _, _ in self._timed[:1]]
