"""Has many lives of jobs happen at the same time."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from tests.live_clusters import Providers
from tests.lived import Lived
from tests.lives import PROMISE_SECONDS, Life, World, pause
from tests.watchdog import Watchdog

#: Seconds after its last step for which a job may go on: calls wait for a free process.
_PATIENCE_SECONDS: Final = 90.0
_LOOK_SECONDS: Final = 0.2
#: Between two comparisons while nothing happens.
_CHECK_SECONDS: Final = 0.4


class Conductor:
    """Has many lives happen at the same time, on one thread.

    Args:
        world: where they happen.
        providers: what the jobs run on.
        watchdog: tells how late the machine is.
        at_once: most lives at the same time.
    """

    def __init__(self, world: World, providers: Providers, watchdog: Watchdog, at_once: int) -> None:
        self._world = world
        self._providers = providers
        self._watchdog = watchdog
        self._at_once = at_once
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._lives: dict[int, Life] = {}
        self._running = 0

    def life_of(self, job: object) -> Life | None:
        """The life of a job that is under way."""
        return self._lives.get(id(job))

    def run(self, lives: list[Life]) -> list[Lived]:
        """Let them all happen; those with something wrong."""
        self._providers.prepare(lives)
        lived: list[Lived] = []
        waiting = iter(lives)
        with ThreadPoolExecutor(24) as pool:
            while True:
                while self._running < self._at_once and (life := next(waiting, None)) is not None:
                    lived.append(self._begin(life, pool))
                if not self._due:
                    return [one for one in lived if one.wrong]
                self._next()

    def _begin(self, life: Life, pool: ThreadPoolExecutor) -> Lived:
        self._running += 1
        one, at = Lived(self._providers.play(life), self._world), time.monotonic()
        self._lives[id(one.played.job)] = life
        pool.submit(one.wrap)
        if life.press is not None:
            self._plan(at + life.press, one.press)
            self._plan(at + life.press + PROMISE_SECONDS + 0.05, lambda: self._check(one))
        for number, gap in enumerate(life.gaps):
            at += gap
            self._plan(at, lambda number=number: one.step(number))  # type: ignore[misc]
            self._plan(at + PROMISE_SECONDS, lambda: self._check(one))
        for number in range(1, int((at - time.monotonic()) / _CHECK_SECONDS) + 1):
            self._plan(at - number * _CHECK_SECONDS, lambda: self._check(one))
        self._plan(max(at, time.monotonic() + (life.press or 0.0)), lambda: self._await_end(one, time.monotonic()))
        return one

    def _await_end(self, one: Lived, since: float) -> None:
        if one.widget is not None and one.has_ended:
            self._plan(time.monotonic() + PROMISE_SECONDS + 0.3, lambda: self._end(one))
        elif time.monotonic() - since > _PATIENCE_SECONDS or one.wrong:
            self._end(one)
        else:
            self._check(one)
            self._plan(time.monotonic() + _LOOK_SECONDS, lambda: self._await_end(one, since))

    def _end(self, one: Lived) -> None:
        one.end(self._watchdog.lag())
        self._lives.pop(id(one.played.job))
        self._running -= 1

    def _check(self, one: Lived) -> None:
        one.check(self._watchdog.lag())

    def _plan(self, at: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (at, next(self._order), action))

    def _next(self) -> None:
        at, _, action = heapq.heappop(self._due)
        pause(max(0.0, at - time.monotonic()))
        action()
