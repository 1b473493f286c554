"""Keeps what is known of jobs up to date: push where the provider has it, else poll; one monitor per kernel.

One daemon thread schedules, bounded pools of workers call the providers. Where threads do not exist the same code runs
on the event loop (``event_loops.LoopRunner``).
"""

from __future__ import annotations

import functools
import math
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final
from weakref import ref

from primwidgets import _border as border
from primwidgets._clock import SYSTEM_CLOCK, Clock
from primwidgets._forwarding import forwards
from primwidgets._monitor.batch_reads import read_together, take_answer
from primwidgets._monitor.call_queues import CallQueues, Queue
from primwidgets._monitor.hang_watch import HangWatch
from primwidgets._monitor.heartbeats import Heartbeats
from primwidgets._monitor.provider_calls import (
    ProviderCall,
    ask_to_cancel,
    ask_to_cancel_unattended,
    draw,
    read_snapshot,
)
from primwidgets._monitor.provider_queue import AT_ONCE, Entry
from primwidgets._monitor.read_gap import ReadGap
from primwidgets._monitor.sweep import Sweep
from primwidgets._monitor.timers import Timers
from primwidgets._monitor.tracked_job import Holder, TrackedJob, tracked_jobs
from primwidgets._monitor.transitions import request_cancel
from primwidgets._threads import Runner, Work
from primwidgets.adapters.base import CancelReport

#: The least seconds between two reads of one job, so that a card changes about ten times a second at most.
READ_GAP_SECONDS: Final = 0.1
#: Seconds between two reads of a job whose provider pushes, in case a push was lost.
HEARTBEAT_SECONDS: Final = 30.0
#: The most reads per second over all jobs of one provider that do not report changes.
LOOKS_PER_SECOND: Final = 1_000
#: A worker makes further calls that are due for this many seconds, and then ends.
_WORKER_SECONDS: Final = 0.05
#: The message on the card after the user has interrupted a cancel.
_INTERRUPTED: Final = "The request was interrupted; it is unknown whether the provider got it."


class Monitor:
    """Reads jobs, cancels them, and calls the listener of each tracked job.

    All methods may be called on any thread and, but for ``cancel``, return at once: providers are called on workers.
    Commands, reads, pictures, our own work and the user's observers have workers of their own (see ``Work``), and each
    provider has a part of them, so a call that hangs keeps nobody else waiting.

    Args:
        runner: where the work happens.
        clock: where the time comes from.
    """

    def __init__(self, runner: Runner, clock: Clock = SYSTEM_CLOCK) -> None:
        self._runner = runner
        self._clock = clock
        self._queues = CallQueues()
        self._withdrawn: deque[Entry[Holder]] = deque()
        self._timers = Timers()
        self._sweep = Sweep()
        self._heartbeats = Heartbeats(HEARTBEAT_SECONDS)
        self._gap = ReadGap(READ_GAP_SECONDS)
        self._next_pump = math.inf
        self._lock = threading.RLock()
        self._run = self.run  # made once: each tracked job refers to it
        self._hangs = HangWatch(self._queues, self._lock, self._run, clock)

    @property
    def tracked_jobs(self) -> list[TrackedJob]:
        """The jobs that are kept up to date."""
        return tracked_jobs(self)

    def watch(self, tracked: TrackedJob) -> None:
        """Keep ``tracked`` up to date until its job is final, ``unwatch``, or the last reference to it is gone.

        A job that can be read without blocking was read just before; a worker makes the first read of any other.
        """
        now = self._clock.monotonic()
        tracked.use(self._run, now)
        if tracked.adapter.blocking:
            self._schedule(tracked, now)
            return
        if not tracked.is_subscribed:
            self.subscribe(tracked)
            if tracked.pushes and not self._looks_as_known(tracked):
                self._read(tracked)  # a change between the first read and the subscription was not pushed
        if not tracked.is_planned and tracked.heartbeat is None:
            self._plan_next(tracked)

    def unwatch(self, tracked: TrackedJob) -> None:
        """End the tracking and release the waiters for the job. May come from ``__del__``, so it takes no lock.

        A cancel that was requested is carried out all the same.
        """
        tracked.close()
        if (entry := tracked.planned_entry()) is not None:
            self._withdrawn.append(entry)
        if entry is not None or tracked.heartbeat is not None:
            self._runner.wake()

    def changed(self, tracked: TrackedJob) -> None:
        """Note that the provider reports a change, and have the job read soon."""
        tracked.note_news()
        if tracked.is_watched and not tracked.is_busy and not tracked.closed:
            due = self._gap.next_read(tracked.read_at, self._clock.monotonic())
            if not tracked.is_planned_by(due):
                self._schedule(tracked, due)

    def refresh(self, tracked: TrackedJob) -> None:
        """Read the job after something that changed it: at once if reading takes no time, else soon and on a worker."""
        if tracked.adapter.blocking:
            self.changed(tracked)
            return
        try:
            self._read(tracked)
        except BaseException:  # the user's interrupt
            self.changed(tracked)
            raise
        if not (tracked.is_busy or tracked.closed or tracked.last_read.is_final):
            self._plan_next(tracked)  # after this read the next one may be due sooner than planned

    def request_cancel(self, tracked: TrackedJob) -> None:
        """Have a worker ask the provider to cancel, ahead of all reads. While a request is open this does nothing."""
        with self._lock:
            if not tracked.request_cancel():
                return
            tracked.monitor = self
            self._queues.queue_for(tracked, Work.COMMAND).push(lambda: tracked, AT_ONCE)
        self.run(tracked.deliver)
        self._runner.start(self.pump)

    @forwards
    def cancel(self, tracked: TrackedJob, *args: Any, **kwargs: Any) -> CancelReport:
        """Ask the provider to cancel, on the caller's thread; blocks as the provider's ``cancel`` does.

        Raises:
            KeyboardInterrupt: the user interrupted that. It is unknown then whether the provider got the request.
        """
        try:
            tracked.change(request_cancel)
            report = ask_to_cancel(tracked, tracked.adapter.cancel, *args, **kwargs)
            self.refresh(tracked)
        except BaseException:
            tracked.refused(_INTERRUPTED)
            self.changed(tracked)
            raise
        return report

    def picture(self, tracked: TrackedJob, result: Callable[[], Any]) -> None:
        """Have a worker draw the result on the card.

        Args:
            tracked: the job.
            result: returns the result, which is on this machine already; called on the worker.
        """
        with self._lock:
            if not tracked.offer_result(result):
                return
            self._queues.queue_for(tracked, Work.PICTURE).push(lambda: tracked, AT_ONCE)
        self._runner.start(self.pump)

    def run(self, task: Callable[[], None], work: Work = Work.OWN) -> None:
        """Run ``task`` on a worker."""
        self._runner.submit(task, work)

    def later(self, seconds: float, task: Callable[[], None]) -> None:
        """Run ``task`` on a worker after this many ``seconds``."""
        with self._lock:
            self._timers.add(self._clock.monotonic() + seconds, task)
        self._runner.start(self.pump)

    def soon(self, task: Callable[[], None]) -> None:
        """Run ``task`` on a worker if any job is watched. May come from ``__del__``: no lock, no new thread."""
        self._timers.add_soon(task)
        self._runner.wake()

    def pump(self) -> float | None:
        """Start what is due; for the runner.

        Returns:
            seconds until the next call is needed, ``None`` when there is nothing left to do.
        """
        now = self._clock.monotonic()
        self._next_pump = math.inf  # whoever plans something meanwhile has this called again
        self._hangs.write_off(now)
        with self._lock:
            while self._withdrawn:
                self._withdrawn.popleft().take_back()
            tasks = list(self._timers.pop_due(now))
            queues = list(self._queues)
            unread = self._heartbeats.pop_due(now)
        for tracked in unread:
            self._schedule(tracked, now)
        for task in tasks:
            self._runner.submit(task, Work.OWN)
        if self._sweep.begin(now):
            self._runner.submit(self._sweep_once, Work.SWEEP)
        for work, queue in queues:
            while (call := self._call_to_start(work, queue, now)) is not None:
                self._runner.submit(functools.partial(self._carry_out, call), work)
        self._hangs.mark_overdue_stale(now)
        return self._rest(now)

    def _sweep_once(self) -> None:
        now = self._clock.monotonic()
        for tracked in self._sweep.find_changed(now):  # these change seldom, so no gap between their reads is needed
            tracked.note_news()
            if tracked.is_watched and not tracked.is_busy and not tracked.closed:
                self._schedule(tracked, now)
        self._runner.wake()

    def _schedule(self, tracked: TrackedJob, due: float, *, polls: bool = False) -> None:
        with self._lock:
            tracked.monitor = self
            queue = self._queues.queue_for(tracked, Work.READ)
            if not tracked.plan(due, lambda: queue.push(ref(tracked), due, polls=polls)):
                return
            if due >= self._next_pump:
                return
        self._runner.start(self.pump)

    def _looks_as_known(self, tracked: TrackedJob) -> bool:
        """Whether the job is still as it was just read. Usual when a job is wrapped, so this has to be quick."""
        known = tracked.last_read
        looked = border.call(tracked.adapter.read, known)
        return isinstance(looked, border.Returned) and looked.value == known

    def _call_to_start(self, work: Work, queue: Queue, now: float) -> ProviderCall | None:
        """The next call for which a worker has to be started."""
        with self._lock:
            start = queue.next_start()
            return None if start is None or start > now else self._queues.begin_next(work, queue, now)

    def _next_call(self, work: Work, queue: Queue, now: float) -> ProviderCall | None:
        with self._lock:
            return self._queues.begin_next(work, queue, now)

    def _rest(self, now: float) -> float | None:
        with self._lock:
            times = self._hangs.next_times(now) + self._timers.next_times()
            times += [due for due in (self._sweep.due, self._heartbeats.next_due()) if due < math.inf]
            if not times and not self._queues.calls_under_way and self._sweep.is_idle:
                self._queues.forget_idle(now)
                return None
            self._next_pump = min(times, default=now + HEARTBEAT_SECONDS)
            return max(0.0, self._next_pump - now)

    def _carry_out(self, call: ProviderCall) -> None:
        """Make a call, and then those that are due in the same queue: waking the scheduler for each costs more."""
        until = self._clock.monotonic() + _WORKER_SECONDS
        following: ProviderCall | None = call
        while following is not None:
            with self._lock:
                along = self._queues.begin_along(following, self._clock.monotonic())
            try:
                if along:
                    self._read_together([following, *along])
                else:
                    self._call_provider(following)
            finally:
                for ended in (following, *along):
                    self._end(ended)
            now = self._clock.monotonic()
            following = self._next_call(call.work, call.queue, now) if now < until else None
        self._runner.wake()

    def _call_provider(self, call: ProviderCall) -> None:
        tracked = call.tracked
        if call.work is Work.PICTURE:
            draw(tracked)
            return
        if call.work is Work.COMMAND:
            self._cancel_for_frontend(tracked)  # before any other call that may hang
        else:
            self.subscribe(tracked)
        if not tracked.closed:
            self._read(tracked)

    def _read_together(self, calls: list[ProviderCall]) -> None:
        jobs = [call.tracked for call in calls if not call.tracked.closed]
        for tracked in jobs:
            self.subscribe(tracked)
        if len(jobs) > 1:
            read_together(jobs, self._clock)
        elif jobs:
            self._read(jobs[0])

    def _cancel_for_frontend(self, tracked: TrackedJob) -> None:
        tracked.deliver()
        if not tracked.last_read.is_final:
            ask_to_cancel_unattended(tracked)

    def _end(self, call: ProviderCall) -> None:
        tracked = call.tracked
        with self._lock:
            self._queues.end(call)
            idle = not tracked.is_busy  # looked at here, so that of two calls that end together only one plans
        if call.reads and idle and not tracked.closed:
            self._plan_next(tracked)

    def _plan_next(self, tracked: TrackedJob) -> None:
        known = tracked.last_read
        if tracked.has_news:
            self._schedule(tracked, self._gap.next_read(tracked.read_at, self._clock.monotonic()))
            return
        if known.is_final:
            delay = tracked.next_recheck()
        elif not tracked.is_stale and self._joins_sweep(tracked):
            return
        elif tracked.pushes and known.state in tracked.adapter.pushed and not tracked.is_stale:
            self._join_heartbeats(tracked)
            return
        else:
            self._plan_look(tracked)
            return
        if delay is not None:
            self._schedule(tracked, tracked.read_at + delay)
            return
        tracked.end_subscription()
        tracked.monitor = tracked.heartbeat = None

    def _joins_sweep(self, tracked: TrackedJob) -> bool:
        if not self._sweep.join(tracked, self._clock.monotonic()):
            return False
        tracked.monitor = self
        if self._sweep.due < self._next_pump:
            self._runner.start(self.pump)
        return True

    def _join_heartbeats(self, tracked: TrackedJob) -> None:
        with self._lock:
            if not self._heartbeats.join(tracked, self._clock.monotonic()):
                return
            tracked.monitor = self
            if self._heartbeats.next_due() >= self._next_pump:
                return
        self._runner.start(self.pump)

    def _plan_look(self, tracked: TrackedJob) -> None:
        """Plan a read of a job that does not report changes. With thousands of those each is read less often."""
        with self._lock:
            crowd = self._queues.queue_for(tracked, Work.READ).polls / LOOKS_PER_SECOND
        self._schedule(tracked, tracked.read_at + max(tracked.interval, crowd), polls=True)

    def subscribe(self, tracked: TrackedJob) -> None:
        """Have the provider report changes. Before the first read: then no change between the two is lost."""
        if not tracked.is_subscribed:  # the provider must not keep a dropped job alive
            tracked.subscribe(functools.partial(self._report_change, ref(tracked)))

    def _report_change(self, reference: ref[TrackedJob]) -> None:
        tracked = reference()
        if tracked is not None:
            self.changed(tracked)

    def _read(self, tracked: TrackedJob) -> None:
        with tracked.turn():
            started = self._clock.monotonic()
            if tracked.has_news:  # reads at the pace of an adapter do not follow the gap
                self._gap.note_read(started)
            question, before = tracked.begin_read(started)
            read = border.call(read_snapshot, tracked.adapter, before)
        tracked.is_read_alone = False
        take_answer(tracked, question, before, read, self._clock.now())
