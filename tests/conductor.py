"""Has many lives of jobs happen at the same time."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.lives import PROMISE_SECONDS, Life, Lived, World, pause


class Conductor:
    """Has many lives happen at the same time, on one thread.

    Args:
        world: where they happen.
        at_once: most lives at the same time.
    """

    def __init__(self, world: World, at_once: int = 120) -> None:
        self._world = world
        self._at_once = at_once
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._lags: list[tuple[float, float]] = []
        self._running = 0

    def run(self, lives: list[Life]) -> list[tuple[Life, list[str]]]:
        """Let them all happen; those with something wrong, and what it was."""
        lived: list[Lived] = []
        waiting = iter(lives)
        with ThreadPoolExecutor(24) as pool:
            while True:
                while self._running < self._at_once and (life := next(waiting, None)) is not None:
                    lived.append(self._begin(life, pool))
                if not self._due:
                    return [(one.life, one.wrong) for one in lived if one.wrong]
                self._next()

    def _begin(self, life: Life, pool: ThreadPoolExecutor) -> Lived:
        self._running += 1
        one, at = Lived(life, self._world), time.monotonic()
        pool.submit(one.wrap)
        if life.press is not None:
            self._plan(at + life.press, one.press)
            self._plan(at + life.press + PROMISE_SECONDS + 0.05, lambda: one.check(self._lag()))
        for number, gap in enumerate(life.gaps):
            at += gap
            self._plan(at, lambda number=number: one.step(number))  # type: ignore[misc]
            self._plan(at + PROMISE_SECONDS, lambda: one.check(self._lag()))
        for extra in range(len(life.gaps)):  # a step of a call that is cancelled may need one more
            self._plan(at + 0.01 * extra, one.note)
        self._plan(max(at, time.monotonic() + (life.press or 0.0)) + PROMISE_SECONDS + 0.3, lambda: self._end(one))
        return one

    def _end(self, one: Lived) -> None:
        one.end(self._lag())
        self._running -= 1

    def _plan(self, at: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (at, next(self._order), action))

    def _next(self) -> None:
        at, _, action = heapq.heappop(self._due)
        pause(max(0.0, at - time.monotonic()))
        now = time.monotonic()
        self._lags = [(when, lag) for when, lag in self._lags[-200:] if when > now - 2.5]
        self._lags.append((now, now - at))
        action()

    def _lag(self) -> float:
        """How late this thread was lately: a machine that is too busy even for it breaks no promise of the monitor."""
        return 5 * max((lag for _, lag in self._lags), default=0.0)
