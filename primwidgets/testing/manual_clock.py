"""A clock that a test moves by hand."""

from __future__ import annotations

import threading


class ManualClock:
    """A ``Clock`` that stands still until it is advanced. Safe to use from any thread.

    Waiting threads are woken by ``advance``, never by real time. A wait counts from the time that the thread saw
    last, so an ``advance`` between its look at the clock and its wait is not slept over.

    Args:
        start: epoch seconds to start with.
    """

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self._now = start
        self._start = start
        self._seen = threading.local()
        self._sleepers: list[threading.Condition] = []
        self._changed = threading.Condition()

    def now(self) -> float:
        """Epoch seconds."""
        self._seen.time = self._now
        return self._now

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self.now() - self._start

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass and wake everybody whose wait is over."""
        with self._changed:
            self._now += seconds
            sleepers = list(self._sleepers)
        for sleeper in sleepers:
            with sleeper:
                sleeper.notify_all()

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """May also return early, as every wait on a condition may."""
        until = None if seconds is None else getattr(self._seen, "time", self._now) + seconds
        self._note(condition, asleep=True)
        try:
            if until is None or self._now < until:
                condition.wait()
        finally:
            self._note(condition, asleep=False)
            self._seen.time = self._now

    def await_sleepers(self, count: int = 1, timeout: float = 10.0) -> bool:
        """Block until ``count`` threads wait on this clock; whether they do within ``timeout`` real seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._sleepers) >= count, timeout)

    def _note(self, condition: threading.Condition, *, asleep: bool) -> None:
        with self._changed:
            if asleep:
                self._sleepers.append(condition)
            else:
                self._sleepers.remove(condition)
            self._changed.notify_all()
