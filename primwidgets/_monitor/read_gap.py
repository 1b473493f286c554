"""The time between two reads of a job whose provider reports many changes."""

from __future__ import annotations

import math
from typing import Final

#: Reads of all jobs together in a second, at which they begin to be read less often.
READS_PER_SECOND: Final = 1_500
#: A job that changes all the time is read after at most this many seconds: together with the hub's tick that is less
#: than the second within which the cards have to be true.
LONGEST_SECONDS: Final = 0.5
#: Jobs that wait for a gap longer than the shortest are read together, once in this many seconds: waking a worker for
#: each of them costs more than the reads.
TICK_SECONDS: Final = 0.05
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

    def next_read(self, read_at: float, now: float) -> float:
        """When a job that was read at ``read_at`` may be read again; ``now`` at the earliest. Monotonic seconds."""
        due = read_at + self.seconds
        if due <= now:
            return now
        return due if self.seconds <= self._shortest else math.ceil(due / TICK_SECONDS) * TICK_SECONDS

    def note_read(self, now: float) -> None:
        """Count a read after a reported change, ``now`` in monotonic seconds. Threads that meet may lose a count."""
        self._reads += 1
        elapsed = now - self._since
        if elapsed < _WINDOW_SECONDS:
            return
        changing = self._reads / elapsed * self.seconds  # each of them was read once in a gap
        self._since, self._reads = now, 0
        self.seconds = min(max(self._shortest, changing / READS_PER_SECOND), LONGEST_SECONDS - TICK_SECONDS)
