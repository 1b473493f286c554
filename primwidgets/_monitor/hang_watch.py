"""Finds calls to providers that do not return, and the jobs that wait behind them; their cards become stale."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final

from primwidgets._clock import Clock
from primwidgets._monitor.call_queues import CallQueues
from primwidgets._monitor.provider_calls import without_preview
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets._threads import Work

#: A call that takes longer counts as hanging: the card becomes stale, and the provider's other jobs no longer wait for
#: it. Where calls hang, jobs that wait longer than this for their own call become stale, too.
HANG_SECONDS: Final = 10.0
#: Seconds between two searches for jobs that have waited too long because calls to their provider hang.
_OVERDUE_SECONDS: Final = 1.0


class HangWatch:
    """Looks after the calls under way; the monitor's scheduler calls its methods.

    Args:
        queues: the calls to all providers.
        lock: held while ``queues`` is used.
        run: runs a task on a worker.
        clock: where the time comes from.
    """

    def __init__(
        self,
        queues: CallQueues,
        lock: AbstractContextManager[Any],
        run: Callable[[Callable[[], None]], None],
        clock: Clock,
    ) -> None:
        self._queues = queues
        self._lock = lock
        self._run = run
        self._clock = clock
        self._overdue_at = -math.inf

    def write_off(self, now: float) -> None:
        """Count calls that take too long as hanging, and mark their jobs as stale.

        Args:
            now: monotonic seconds.
        """
        with self._lock:
            hanging = self._queues.write_off(now, HANG_SECONDS)
        for call in hanging:
            if call.work is Work.PICTURE:
                self._run(functools.partial(call.tracked.change, without_preview))
            else:
                self._mark_stale(call.tracked, call.question)

    def mark_overdue_stale(self, now: float) -> None:
        """Mark the jobs as stale that have waited too long because other calls to their provider hang.

        Args:
            now: monotonic seconds.
        """
        if now < self._overdue_at:
            return
        self._overdue_at = now + _OVERDUE_SECONDS
        with self._lock:
            holders = self._queues.overdue_reads(now - HANG_SECONDS)
        for holder in holders:
            tracked = holder()
            if tracked is not None and not (tracked.closed or tracked.last_read.is_final or tracked.is_stale):
                self._mark_stale(tracked, tracked.next_question)

    def next_times(self, now: float) -> list[float]:
        """When something is due for the calls, in monotonic seconds. The monitor holds its lock."""
        times = self._queues.next_times(HANG_SECONDS)
        return [*times, now + _OVERDUE_SECONDS] if self._queues.have_jobs_behind_hanging_calls() else times

    def _mark_stale(self, tracked: TrackedJob, question: int) -> None:
        reason = f"{tracked.adapter.provider} does not answer."
        self._run(functools.partial(tracked.unanswered, question, reason, self._clock.now()))
