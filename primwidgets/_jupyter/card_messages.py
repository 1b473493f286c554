"""When a displayed card is sent to its views: at once, or when all cards together have sent few enough messages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final, Protocol
from weakref import ref

from primwidgets._clock import Clock

#: Messages about progress in a second, of all cards together, and how many may be sent at once after a quiet time. A
#: server cuts off a page that gets more than a thousand, and each of them costs the kernel and the page time.
PROGRESS_PER_SECOND: Final = 12.0
PROGRESS_BURST: Final = 30
#: The same for messages about a state, of which a job has a few in its life.
STATES_PER_SECOND: Final = 100.0
STATES_BURST: Final = 200


class SentCard(Protocol):
    """A card that has something to send."""

    def send_changes(self) -> None:
        """Send what has changed since the last message, in one message."""


class TokenBucket:
    """Allows ``rate`` events per second on average, and ``burst`` of them at once. Not locked.

    Args:
        rate: events per second.
        burst: most events at once.
        now: monotonic seconds.
    """

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at = now

    def take(self, now: float) -> bool:
        """Whether an event is allowed now, which is counted then."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def wait(self) -> float:
        """Seconds from the last ``take`` until an event is allowed."""
        return max(0.0, (1.0 - self._tokens) / self._rate)


class CardMessages:
    """The messages of all displayed cards of a process. Any thread.

    A change of a state goes before changes of progress. Among equals the card that has waited longest is the next, and
    all that changed meanwhile goes in one message, so what a view shows is never older than the number of cards that
    change, divided by the rate.

    Args:
        later: calls a function on a worker after so many seconds.
        clock: where the time comes from.
    """

    def __init__(self, later: Callable[[float, Callable[[], None]], None], clock: Clock) -> None:
        self._later = later
        self._clock = clock
        now = clock.monotonic()
        self._states = _Kind(TokenBucket(STATES_PER_SECOND, STATES_BURST, now))
        self._progress = _Kind(TokenBucket(PROGRESS_PER_SECOND, PROGRESS_BURST, now))
        self._planned = False
        self._lock = threading.Lock()

    def offer(self, card: SentCard, *, urgent: bool) -> None:
        """Have ``card`` sent; ``urgent`` if it has a new state. At once where that is allowed."""
        with self._lock:
            kind = self._states if urgent else self._progress
            if id(card) in self._states.waiting or not kind.allows(self._clock.monotonic()):
                kind.waiting.setdefault(id(card), ref(card))
                self._plan()
                return
            self._progress.waiting.pop(id(card), None)
        card.send_changes()

    def _plan(self) -> None:
        if not self._planned and (kinds := [kind for kind in (self._states, self._progress) if kind.waiting]):
            self._planned = True
            self._later(min(kind.bucket.wait() for kind in kinds), self._send_waiting)

    def _send_waiting(self) -> None:
        while (card := self._next()) is not None:
            card.send_changes()

    def _next(self) -> Any:
        """The card that is to be sent now; ``None`` if none is, and then the next call is planned."""
        with self._lock:
            now = self._clock.monotonic()
            for kind in (self._states, self._progress):
                while kind.waiting and kind.bucket.take(now):
                    key = next(iter(kind.waiting))
                    card = kind.waiting.pop(key)()
                    self._progress.waiting.pop(key, None)
                    if card is not None:
                        return card
            self._planned = False
            self._plan()
            return None


class _Kind:
    """The cards that wait to be sent for one reason, by the ids of the objects."""

    def __init__(self, bucket: TokenBucket) -> None:
        self.bucket = bucket
        self.waiting: dict[int, ref[Any]] = {}

    def allows(self, now: float) -> bool:
        """Whether a card may be sent without waiting. Those that wait already are first."""
        return not self.waiting and self.bucket.take(now)
