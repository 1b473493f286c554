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
#: A card that a frontend may draw by nothing else than its own messages does not wait longer than this.
LONGEST_WAIT_SECONDS: Final = 0.5
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

    Attributes:
        rate: it may be changed at any time.
    """

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at = now

    def take(self, now: float) -> bool:
        """Whether an event is allowed now, which is counted then."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def wait(self) -> float:
        """Seconds from the last ``take`` until an event is allowed."""
        return max(0.0, (1.0 - self._tokens) / self.rate)


class CardMessages:
    """The messages of all displayed cards of a process. Any thread.

    A change of a state goes before changes of progress. Among equals the card that has waited longest is the next, and
    all that changed meanwhile goes in one message. Cards that are drawn by the messages of the hub share a small number
    of messages; all others are sent within half a second, as the number of messages grows with that of the cards.

    Args:
        later: calls a function on a worker after a number of seconds.
        clock: where the time comes from.
    """

    def __init__(self, later: Callable[[float, Callable[[], None]], None], clock: Clock) -> None:
        self._later = later
        self._clock = clock
        now = clock.monotonic()
        self._states = _Kind(TokenBucket(STATES_PER_SECOND, STATES_BURST, now), LONGEST_WAIT_SECONDS)
        self._prompt = _Kind(TokenBucket(PROGRESS_PER_SECOND, PROGRESS_BURST, now), LONGEST_WAIT_SECONDS)
        self._progress = _Kind(TokenBucket(PROGRESS_PER_SECOND, PROGRESS_BURST, now))
        self._kinds = self._states, self._prompt, self._progress
        self._planned = False
        self._lock = threading.Lock()

    def offer(self, card: SentCard, *, urgent: bool, drawn_by_hub: bool = False) -> None:
        """Have ``card`` sent, at once where that is allowed.

        Args:
            card: the card.
            urgent: whether it has a new state.
            drawn_by_hub: whether all views of it that are known are drawn by the messages of the hub.
        """
        with self._lock:
            kind = self._states if urgent else self._progress if drawn_by_hub else self._prompt
            if id(card) in self._states.waiting or not kind.allows(self._clock.monotonic()):
                kind.waiting.setdefault(id(card), ref(card))
                self._plan()
                return
            self._forget(id(card))
        card.send_changes()

    def _forget(self, key: int) -> None:
        for kind in self._kinds:
            kind.waiting.pop(key, None)

    def _plan(self) -> None:
        if not self._planned and (kinds := [kind for kind in self._kinds if kind.waiting]):
            self._planned = True
            self._later(min(kind.wait() for kind in kinds), self._send_waiting)

    def _send_waiting(self) -> None:
        while (card := self._next()) is not None:
            card.send_changes()

    def _next(self) -> Any:
        """The card that is to be sent now; ``None`` if none is, and then the next call is planned."""
        with self._lock:
            now = self._clock.monotonic()
            for kind in self._kinds:
                while kind.waiting and kind.take(now):
                    key = next(iter(kind.waiting))
                    card = kind.waiting[key]()
                    self._forget(key)
                    if card is not None:
                        return card
            self._planned = False
            self._plan()
            return None


class _Kind:
    """The cards that wait to be sent for one reason, by the ids of the objects.

    Args:
        bucket: how many may be sent.
        longest: the longest time that a card may wait, in seconds; the rate of the bucket rises as far as need be.
    """

    def __init__(self, bucket: TokenBucket, longest: float | None = None) -> None:
        self.waiting: dict[int, ref[Any]] = {}
        self._bucket = bucket
        self._rate = bucket.rate
        self._longest = longest

    def allows(self, now: float) -> bool:
        """Whether a card may be sent without waiting. Those that wait already are first."""
        return not self.waiting and self.take(now)

    def take(self, now: float) -> bool:
        """Whether a message may be sent now, which is counted then."""
        self._adapt()
        return self._bucket.take(now)

    def wait(self) -> float:
        """Seconds until the next message may be sent."""
        self._adapt()
        return self._bucket.wait()

    def _adapt(self) -> None:
        if not self.waiting:
            self._bucket.rate = self._rate
        elif self._longest is not None:  # never lower while cards wait: then the last of them would wait longer
            self._bucket.rate = max(self._bucket.rate, len(self.waiting) / self._longest)
