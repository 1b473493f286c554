"""Keeps what is known of jobs up to date: push where the provider has it, else poll; one monitor per kernel.

One daemon thread schedules, a bounded pool calls the providers. Where threads do not exist the same code runs on the
event loop (``waiting.LoopRunner``).
"""

from __future__ import annotations

import functools
import heapq
import itertools
import math
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Final
from weakref import WeakSet, ref

from primwidgets import _border as border
from primwidgets._clock import SYSTEM_CLOCK, Clock
from primwidgets._monitor.provider_calls import ProviderCall, ask_to_cancel, draw, moved, read_snapshot
from primwidgets._monitor.provider_queue import (
    AT_ONCE,
    COMMAND_LIMITS,
    READ_LIMITS,
    ROOM_FOR_PICTURES,
    Entry,
    FairShare,
    Limits,
    ProviderQueue,
)
from primwidgets._monitor.tracked_job import Holder, TrackedJob
from primwidgets._monitor.transitions import merge_read, request_cancel
from primwidgets._threads import Runner, Work
from primwidgets.adapters.base import CancelReport

#: Two reads of one job are at least this far apart, so that a card changes about ten times a second at most.
READ_GAP_SECONDS: Final = 0.1
#: A job whose provider pushes is read this often all the same, in case a push was lost.
HEARTBEAT_SECONDS: Final = 30.0
#: A call that takes longer makes the card stale, and no longer keeps the provider's other jobs waiting. Where calls
#: hang, jobs that wait longer for theirs are stale, too.
HANG_SECONDS: Final = 10.0
#: Of the jobs of one provider that tell nothing by themselves, so many are looked at in a second at most.
LOOKS_PER_SECOND: Final = 1_000
#: While calls of a provider hang, its jobs are looked through so often for those that wait too long.
_OVERDUE_SECONDS: Final = 1.0
#: What a card says after that.
_INTERRUPTED: Final = "The request was interrupted; it is unknown whether the provider got it."
#: The calls to providers, and how many one provider may have under way.
_ROOMS: Final[dict[Work, Limits]] = {
    Work.COMMAND: COMMAND_LIMITS,
    Work.READ: READ_LIMITS,
    Work.PICTURE: ROOM_FOR_PICTURES,
}

Lanes = dict[Work, ProviderQueue[Holder]]


class Monitor:
    """Reads jobs, cancels them, and tells each tracked job's listener.

    All methods may be called on any thread and, but for ``cancel``, return at once: providers are called on workers.
    Commands, reads, pictures, our own work and the user's observers have workers of their own (see ``Work``), and each
    provider has a part of them, so what hangs keeps nobody else waiting.

    Args:
        runner: where the work happens.
        clock: where the time comes from.
    """

    def __init__(self, runner: Runner, clock: Clock = SYSTEM_CLOCK) -> None:
        self._runner = runner
        self._clock = clock
        self._pools = {work: FairShare(work.limit) for work in _ROOMS}
        self._queues: dict[Hashable, Lanes] = {}
        self._unwanted: deque[Entry[Holder]] = deque()
        self._calls: set[ProviderCall] = set()
        self._tracked: WeakSet[TrackedJob] = WeakSet()
        self._errands: list[tuple[float, int, Callable[[], None]]] = []
        self._inbox: deque[Callable[[], None]] = deque()
        self._order = itertools.count()
        self._next_pump = math.inf
        self._overdue_at = -math.inf
        self._lock = threading.RLock()

    @property
    def tracked_jobs(self) -> list[TrackedJob]:
        """The jobs that are kept up to date."""
        with self._lock:
            return [tracked for tracked in self._tracked if not tracked.closed]

    def watch(self, tracked: TrackedJob) -> None:
        """Keep ``tracked`` up to date until its job is final, ``unwatch``, or the last reference to it is gone.

        A job that can be read without blocking was read just before; a worker makes the first read of any other.
        """
        now = self._clock.monotonic()
        tracked.use(self.run, now)
        if tracked.adapter.blocking:
            self._schedule(tracked, now)
            return
        if not tracked.is_subscribed:
            self.subscribe(tracked)
            if tracked.pushes and not self._looks_as_known(tracked):
                self._read(tracked)  # what changed between the first read and the subscription was pushed to nobody
        if not tracked.is_planned:
            self._plan_next(tracked)

    def unwatch(self, tracked: TrackedJob) -> None:
        """End ``tracked`` and release whoever waits for its job. May come from ``__del__``, so it takes no lock.

        A cancel that was requested is carried out all the same.
        """
        tracked.close()
        if (entry := tracked.open_ticket()) is not None:
            self._unwanted.append(entry)
            self._runner.wake()

    def changed(self, tracked: TrackedJob) -> None:
        """Note that the provider reports a change, and have the job read soon."""
        tracked.note_news()
        if tracked.is_watched and not tracked.is_busy and not tracked.closed:
            self._schedule(tracked, max(self._clock.monotonic(), tracked.read_at + READ_GAP_SECONDS))

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
            self._plan_next(tracked)  # what was read may have to be looked at sooner than planned

    def request_cancel(self, tracked: TrackedJob) -> None:
        """Have a worker ask the provider to cancel, ahead of all reads. While a request is open this does nothing."""
        with self._lock:
            if not tracked.request_cancel():
                return
            self._tracked.add(tracked)
            self._queue_of(tracked, Work.COMMAND).push(lambda: tracked, AT_ONCE)
        self.run(tracked.deliver)
        self._runner.start(self.pump)

    def cancel(self, tracked: TrackedJob, *args: Any, **kwargs: Any) -> CancelReport:
        """Ask the provider to cancel, on the caller's thread; blocks as the provider's ``cancel`` does.

        Raises:
            KeyboardInterrupt: the user interrupted that. It is unknown then whether the provider got the request.
        """
        try:
            tracked.change(request_cancel)
            report = ask_to_cancel(tracked, *args, **kwargs)
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
            result: gives the result, which is on this machine already; called on the worker.
        """
        with self._lock:
            if not tracked.offer_result(result):
                return
            self._queue_of(tracked, Work.PICTURE).push(lambda: tracked, AT_ONCE)
        self._runner.start(self.pump)

    def run(self, task: Callable[[], None], work: Work = Work.OWN) -> None:
        """Run ``task`` on a worker."""
        self._runner.submit(task, work)

    def later(self, seconds: float, task: Callable[[], None]) -> None:
        """Run ``task`` on a worker after so many ``seconds``."""
        with self._lock:
            heapq.heappush(self._errands, (self._clock.monotonic() + seconds, next(self._order), task))
        self._runner.start(self.pump)

    def soon(self, task: Callable[[], None]) -> None:
        """Run ``task`` on a worker if anything is watched. May come from ``__del__``: no lock, no new thread."""
        self._inbox.append(task)
        self._runner.wake()

    def pump(self) -> float | None:
        """Start what is due; for the runner.

        Returns:
            seconds until the next call is needed, ``None`` when there is nothing left to do.
        """
        now = self._clock.monotonic()
        self._next_pump = math.inf  # who plans something meanwhile has this called again
        self._write_off_hanging(now)
        with self._lock:
            while self._unwanted:
                self._unwanted.popleft().take_back()
            errands = list(self._due_errands(now))
            queues = [(work, queue) for queues in self._queues.values() for work, queue in queues.items()]
        for errand in errands:
            self._runner.submit(errand, Work.OWN)
        for work, queue in queues:
            while (call := self._next_call(work, queue, now)) is not None:
                self._runner.submit(functools.partial(self._carry_out, call), work)
        self._tell_overdue(now)
        return self._rest(now)

    def _due_errands(self, now: float) -> Iterator[Callable[[], None]]:
        while self._inbox:
            yield self._inbox.popleft()
        while self._errands and self._errands[0][0] <= now:
            yield heapq.heappop(self._errands)[2]

    def _schedule(self, tracked: TrackedJob, due: float, *, polls: bool = False) -> None:
        with self._lock:
            self._tracked.add(tracked)
            queue = self._queue_of(tracked, Work.READ)
            if not tracked.plan(due, lambda: queue.push(ref(tracked), due, polls=polls)):
                return
            if due >= self._next_pump:
                return
        self._runner.start(self.pump)

    def _looks_as_known(self, tracked: TrackedJob) -> bool:
        """Whether the job is as it was just read; the usual case when a job is wrapped, so it has to cost little."""
        known = tracked.last_read
        looked = border.call(tracked.adapter.read, known)
        return isinstance(looked, border.Returned) and looked.value == known

    def _queue_of(self, tracked: TrackedJob, work: Work) -> ProviderQueue[Holder]:
        """The queue for calls of that kind about that job. The lock is held."""
        queues = self._queues.get(tracked.budget_key)
        if queues is None:
            queues = self._queues[tracked.budget_key] = {
                kind: ProviderQueue(room, self._pools[kind]) for kind, room in _ROOMS.items()
            }
        queue = queues[work]
        if work is Work.READ and (budget := tracked.adapter.pace.requests_per_second) is not None:
            queue.restrict(budget)
        return queue

    def _next_call(self, work: Work, queue: ProviderQueue[Holder], now: float) -> ProviderCall | None:
        with self._lock:
            while (holder := queue.pop(now)) is not None:
                tracked = holder()
                if tracked is not None and self._take_on(tracked, work):
                    call = ProviderCall(tracked, work, queue, now, question=tracked.next_question)
                    self._calls.add(call)
                    return call
                queue.end()
        return None

    def _take_on(self, tracked: TrackedJob, work: Work) -> bool:
        """Whether that call is still wanted. The lock is held."""
        if work is Work.COMMAND:
            return tracked.begin_cancel_call()
        if work is Work.READ:
            return tracked.begin_read_call()
        return True

    def _rest(self, now: float) -> float | None:
        with self._lock:
            queues = [queue for queues in self._queues.values() for queue in queues.values()]
            times = [at for queue in queues if (at := queue.next_due()) is not None]
            times += [call.since + HANG_SECONDS for call in self._calls if not call.written_off]
            times += [due for due, _, _ in self._errands[:1]]
            times += [now + _OVERDUE_SECONDS] if any(queue.hung and len(queue) for queue in queues) else []
            if not times and not self._calls:
                self._drop_idle_lanes(now)
                return None
            self._next_pump = min(times, default=now + HEARTBEAT_SECONDS)
            return max(0.0, self._next_pump - now)

    def _drop_idle_lanes(self, now: float) -> None:
        """Forget providers that have no jobs, since their keys may hold classes of the user's. The lock is held."""
        for key, queues in list(self._queues.items()):
            if all(queue.is_idle(now) for queue in queues.values()):
                del self._queues[key]

    def _write_off_hanging(self, now: float) -> None:
        with self._lock:
            hanging = [call for call in self._calls if now - call.since >= HANG_SECONDS and not call.written_off]
            for call in hanging:
                call.written_off = True
                call.queue.write_off()
                if call.work is not Work.PICTURE:
                    call.tracked.end_call()
        for call in hanging:
            if call.work is not Work.PICTURE:
                self._tell_unanswered(call.tracked, call.question)

    def _tell_overdue(self, now: float) -> None:
        """Make those stale that wait in vain, since other calls to their provider hang."""
        if now < self._overdue_at:
            return
        self._overdue_at = now + _OVERDUE_SECONDS
        with self._lock:
            queues = [queues[Work.READ] for queues in self._queues.values() if queues[Work.READ].hung]
            holders = [holder for queue in queues for holder in queue.overdue(now - HANG_SECONDS)]
        for holder in holders:
            tracked = holder()
            if tracked is not None and not (tracked.closed or tracked.last_read.is_final or tracked.is_stale):
                self._tell_unanswered(tracked, tracked.next_question)

    def _tell_unanswered(self, tracked: TrackedJob, question: int) -> None:
        reason = f"{tracked.adapter.provider} does not answer."
        self.run(functools.partial(tracked.unanswered, question, reason, self._clock.now()))

    def _carry_out(self, call: ProviderCall) -> None:
        tracked = call.tracked
        try:
            if call.work is Work.PICTURE:
                draw(tracked)
                return
            if call.work is Work.COMMAND:
                self._cancel_for_reader(tracked)  # before anything else that the provider may let hang
            else:
                self.subscribe(tracked)
            if not tracked.closed:
                self._read(tracked)
        finally:
            self._end(call)

    def _cancel_for_reader(self, tracked: TrackedJob) -> None:
        tracked.deliver()
        if not tracked.last_read.is_final:
            ask_to_cancel(tracked)

    def _end(self, call: ProviderCall) -> None:
        tracked = call.tracked
        reads = call.work is not Work.PICTURE
        with self._lock:
            self._calls.discard(call)
            call.queue.end(hung=call.written_off)
            if reads and not call.written_off:
                tracked.end_call()
            idle = not tracked.is_busy  # looked at here, so that of two calls that end together only one plans
        if reads and idle and not tracked.closed:
            self._plan_next(tracked)
        self._runner.wake()

    def _plan_next(self, tracked: TrackedJob) -> None:
        known = tracked.last_read
        if tracked.has_news:
            delay: float | None = READ_GAP_SECONDS
        elif known.is_final:
            delay = tracked.next_recheck()
        elif tracked.pushes and known.state in tracked.adapter.pushed and not tracked.is_stale:
            delay = HEARTBEAT_SECONDS
        else:
            self._plan_look(tracked)
            return
        if delay is not None:
            self._schedule(tracked, tracked.read_at + delay)
            return
        tracked.end_subscription()
        with self._lock:
            self._tracked.discard(tracked)

    def _plan_look(self, tracked: TrackedJob) -> None:
        """Plan a look at a job that tells nothing. Where there are thousands of those, each is looked at less often."""
        with self._lock:
            crowd = self._queue_of(tracked, Work.READ).polls / LOOKS_PER_SECOND
        self._schedule(tracked, tracked.read_at + max(tracked.interval, crowd), polls=True)

    def subscribe(self, tracked: TrackedJob) -> None:
        """Have the provider push its news. Before the first look: then no change between the two is lost."""
        reference = ref(tracked)  # the provider must not keep a dropped job alive

        def changed() -> None:
            tracked = reference()
            if tracked is not None:
                self.changed(tracked)

        tracked.subscribe(changed)

    def _read(self, tracked: TrackedJob) -> None:
        with tracked.turn():
            question, before = tracked.begin_read(self._clock.monotonic())
            read = border.call(read_snapshot, tracked.adapter, before)
        now = self._clock.now()
        if isinstance(read, border.Raised):
            if not isinstance(read.error, Exception):
                tracked.complain("read", "Reading job %s ended with what ends a program", read)
            tracked.unanswered(question, read.text, now)
        else:
            tracked.answered(question, functools.partial(merge_read, read=read.value, now=now), now)
        if moved(before, tracked.last_read):
            tracked.hurry()
        else:
            tracked.slow_down()
