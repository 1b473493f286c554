"""Finds out at little cost which of many jobs have changed, where providers do not report it. No threads, no clock."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Final
from weakref import ref

from primwidgets import _border as border
from primwidgets._monitor.tracked_job import TrackedJob

#: Seconds from a new job to the next sweep. Each sweep that finds nothing multiplies the time to the next one.
FIRST_SECONDS: Final = 0.05
BACK_OFF: Final = 1.25
#: The longest time between two sweeps, unless there are more jobs than one sweep a second can compare at little cost.
CEILING_SECONDS: Final = 0.5
#: Most marks compared in a second, less than half a microsecond each. 10,000 jobs are compared every 0.7 s.
MARKS_PER_SECOND: Final = 15_000


class Sweep:
    """Compares the ``Adapter.change_mark`` of many jobs in one go, instead of reading each of them at its own time.

    Attributes:
        due: when the next sweep is due, in monotonic seconds; infinite while there is no job, or a sweep is under way.
    """

    def __init__(self) -> None:
        self.due = math.inf
        self._jobs: list[ref[TrackedJob]] = []
        self._interval = FIRST_SECONDS
        self._under_way = False
        self._lock = threading.Lock()

    @property
    def is_idle(self) -> bool:
        """Whether no sweep is due and none is under way."""
        return self.due == math.inf and not self._under_way

    def join(self, tracked: TrackedJob, now: float) -> bool:
        """Have ``tracked`` compared from now on, until it is final or closed.

        Returns:
            whether that is possible: its adapter has marks, and its provider reports at least the end of the job.
        """
        if tracked.in_sweep:
            return True
        if tracked.change_mark is None or tracked.adapter.blocking or not tracked.pushes:
            return False
        with self._lock:
            tracked.in_sweep = True
            self._jobs.append(ref(tracked))
            self._interval = FIRST_SECONDS
            if not self._under_way:
                self.due = min(self.due, now + self._pause())
        return True

    def begin(self, now: float) -> bool:
        """Whether a sweep is due; it is under way then, until ``find_changed``."""
        if now < self.due:
            return False
        with self._lock:
            self._under_way, self.due = True, math.inf
        return True

    def find_changed(self, now: float) -> list[TrackedJob]:
        """Compare all marks, and plan the next sweep.

        Args:
            now: monotonic seconds.

        Returns:
            the jobs whose marks differ from those seen last; they have to be read.
        """
        with self._lock:
            jobs, self._jobs = self._jobs, []
        changed: list[TrackedJob] = []
        try:
            jobs = list(_live(jobs, changed))
        finally:
            self._end(jobs, now, found=bool(changed))
        return changed

    def _end(self, jobs: list[ref[TrackedJob]], now: float, *, found: bool) -> None:
        with self._lock:
            self._jobs = jobs + self._jobs
            self._under_way = False
            self._interval = FIRST_SECONDS if found else min(self._interval * BACK_OFF, CEILING_SECONDS)
            self.due = now + self._pause() if self._jobs else math.inf

    def _pause(self) -> float:
        return max(self._interval, len(self._jobs) / MARKS_PER_SECOND)


def _live(jobs: list[ref[TrackedJob]], changed: list[TrackedJob]) -> Iterator[ref[TrackedJob]]:
    """Those of ``jobs`` that stay in the sweep. Jobs that have to be read are added to ``changed``.

    One loop without calls of our own, since it runs over thousands of jobs.
    """
    for reference in jobs:
        tracked = reference()
        if tracked is None or tracked.closed:
            continue
        try:
            mark = tracked.adapter.change_mark()
        except BaseException as error:
            if border.is_users_interrupt(error):
                raise
            tracked.in_sweep, tracked.change_mark = False, None  # from now on it is read at the pace of its adapter
            changed.append(tracked)
            continue
        if mark == tracked.change_mark:
            yield reference
            continue
        tracked.change_mark = mark
        if tracked.last_read.is_final:
            tracked.in_sweep = False
            continue
        changed.append(tracked)
        yield reference
