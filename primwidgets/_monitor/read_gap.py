"""How far apart two reads of a job are whose provider reports many changes."""

from __future__ import annotations

from typing import Final

#: Reads of all jobs together in a second, at which they begin to be read less often.
READS_PER_SECOND: Final = 1_500
#: The longest gap: together with the hub's tick it is less than the second within which the cards have to be true.
LONGEST_SECONDS: Final = 0.5
#: The reads are counted over this many seconds.
_WINDOW_SECONDS: Final = 0.5


class ReadGap:
    """Grows with the number of jobs that change all the time, so that all of them together cost a bounded time.

    A job that has not changed for longer than the gap is read at once when it changes. Any thread.

    Args:
        shortest: the gap while few jobs change, in seconds.

    Attributes:
        seconds: the gap now.
    """

    def __init__(self, shortest: float) -> None:
        self.seconds = shortest
        self._shortest = shortest
        self._since = 0.0
        self._reads = 0

    def note_read(self, now: float) -> None:
        """Count a read after a reported change, ``now`` in monotonic seconds. Threads that meet may lose a count."""
        self._reads += 1
        elapsed = now - self._since
        if elapsed < _WINDOW_SECONDS:
            return
        changing = self._reads / elapsed * self.seconds  # each of them was read once in a gap
        self._since, self._reads = now, 0
        self.seconds = min(max(self._shortest, changing / READS_PER_SECOND), LONGEST_SECONDS)
