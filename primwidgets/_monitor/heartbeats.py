"""Finds the jobs that were not read for a long time although their providers report changes. No threads, no clock."""

from __future__ import annotations

import heapq
import itertools
import math
from typing import Final
from weakref import ref

from primwidgets._monitor.tracked_job import TrackedJob

#: A job is read up to this many seconds early, so that those that were read at about the same time are read together.
GRAIN_SECONDS: Final = 1.0
#: Entries of jobs that have left are removed when there are more than this many, and more than half of all.
_SPARE_ENTRIES: Final = 64

_Entry = tuple[float, int, ref[TrackedJob]]


class Heartbeats:
    """Has one entry for each job whose provider reports changes, so that a change costs nothing here.

    The monitor holds its lock while it calls a method.

    Args:
        seconds: a job that was not read for this long has to be read.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._heap: list[_Entry] = []
        self._most = _SPARE_ENTRIES
        self._order = itertools.count()

    def join(self, tracked: TrackedJob, now: float) -> bool:
        """Look after ``tracked`` until it is closed, or leaves, or ``pop_due`` returns it; whether that is new.

        Args:
            tracked: the job, held weakly.
            now: monotonic seconds.
        """
        if tracked.heartbeat is not None:
            return False
        self._add(tracked, now + self._seconds)
        return True

    def next_due(self) -> float:
        """When ``pop_due`` has something to do, in monotonic seconds; infinite if there is no job."""
        while self._heap and _job_of(self._heap[0]) is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else math.inf

    def pop_due(self, now: float) -> list[TrackedJob]:
        """The jobs that have to be read. They have left then, and may join again."""
        unread = []
        while self.next_due() <= now:
            tracked = _job_of(heapq.heappop(self._heap))
            if tracked is None:
                continue
            due = tracked.read_at + self._seconds
            if due > now + GRAIN_SECONDS:
                self._add(tracked, due)
            else:
                tracked.heartbeat = None
                unread.append(tracked)
        return unread

    def _add(self, tracked: TrackedJob, due: float) -> None:
        if len(self._heap) > self._most:
            self._heap = [entry for entry in self._heap if _job_of(entry) is not None]
            heapq.heapify(self._heap)
            self._most = 2 * len(self._heap) + _SPARE_ENTRIES
        tracked.heartbeat = number = next(self._order)
        heapq.heappush(self._heap, (due, number, ref(tracked)))


def _job_of(entry: _Entry) -> TrackedJob | None:
    """The job that an entry stands for; ``None`` if it has left."""
    _, number, reference = entry
    tracked = reference()
    return None if tracked is None or tracked.closed or tracked.heartbeat != number else tracked
