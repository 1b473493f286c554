"""How fast something goes on, and when it will be done if it goes on like that."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

#: The speed is measured over this many of the last changes, which are at least this many seconds apart.
_MARKS: Final = 20
_APART_SECONDS: Final = 0.5
#: After fewer changes, or within less time, a speed would be a guess.
_CHANGES_NEEDED: Final = 3
_SECONDS_NEEDED: Final = 1.0


class Speed:
    """Follows a value that grows, from looks at it. Any thread.

    Args:
        now: the time of its beginning in seconds, of any clock that goes on evenly.
    """

    __slots__ = ("_changes", "_lock", "_marks", "_seen")

    def __init__(self, now: float) -> None:
        self._marks: deque[tuple[float, float]] = deque([(now, 0.0)], maxlen=_MARKS)
        self._seen = 0.0
        self._changes = 0
        self._lock = threading.Lock()

    def look(self, now: float, value: float) -> float | None:
        """Note the value; how much it grows in a second, ``None`` while that would be a guess."""
        with self._lock:
            if value < self._seen:  # it began anew
                self._marks.clear()
                self._marks.append((now, value))
                self._changes = 0
            elif value > self._seen:
                self._changes += 1
                if now - self._marks[-1][0] >= _APART_SECONDS:
                    self._marks.append((now, value))
            self._seen = value
            (since, first), (until, last) = self._marks[0], self._marks[-1]
            if self._changes < _CHANGES_NEEDED or until - since < _SECONDS_NEEDED:
                return None
            return (last - first) / (until - since)

    def seconds_left(self, now: float, value: float, goal: float) -> float | None:
        """Seconds until the value is ``goal``; ``None`` while that would be a guess, or when it seems to stand."""
        speed = self.look(now, value)
        if not speed:
            return None
        with self._lock:
            at, seen = self._marks[-1]
        left = (goal - seen) / speed - (now - at)
        return left if left >= 0 or value >= 0.9 * goal else None


def rate_text(speed: float | None, unit: str | None) -> str | None:
    """A speed for people: ``"41 it/s"``, ``"2.5 s/it"``, ``"1,200 pulses/s"``; ``None`` for none."""
    if not speed or speed <= 0:
        return None
    what = unit or "it"
    return f"{_two_digits(speed)} {what}/s" if speed >= 1 else f"{_two_digits(1 / speed)} s/{what}"


def _two_digits(number: float) -> str:
    """``number`` to two digits: more of them only flicker."""
    rounded = float(f"{number:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:.2g}"
