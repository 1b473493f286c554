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

from primwidgets import border
from primwidgets.adapters.base import CancelReport
from primwidgets.clock import SYSTEM_CLOCK, Clock
from primwidgets.lane import (
    AT_ONCE,
    ROOM_FOR_COMMANDS,
    ROOM_FOR_PICTURES,
    ROOM_FOR_READS,
    Lane,
    Pool,
    Room,
    Ticket,
)
from primwidgets.provider_calls import ProviderCall, ask_to_cancel, draw, moved, read_snapshot
from primwidgets.transitions import request_cancel, settle
from primwidgets.watched_job import Holder, Watch
from primwidgets.workers import Runner, Work

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
_ROOMS: Final[dict[Work, Room]] = {
    Work.COMMAND: ROOM_FOR_COMMANDS,
    Work.READ: ROOM_FOR_READS,
    Work.PICTURE: ROOM_FOR_PICTURES,
}

Lanes = dict[Work, Lane[Holder]]


class Monitor:
    """Reads jobs, cancels them, and tells each watch's listener.

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
        self._pools = {work: Pool(work.limit) for work in _ROOMS}
        self._lanes: dict[Hashable, Lanes] = {}
        self._unwanted: deque[Ticket[Holder]] = deque()
        self._calls: set[ProviderCall] = set()
        self._watches: WeakSet[Watch] = WeakSet()
        self._errands: list[tuple[float, int, Callable[[], None]]] = []
        self._inbox: deque[Callable[[], None]] = deque()
        self._order = itertools.count()
        self._next_pump = math.inf
        self._overdue_at = -math.inf
        self._lock = threading.RLock()

    @property
    def watches(self) -> list[Watch]:
        """The jobs that are kept up to date."""
        with self._lock:
            return [watch for watch in self._watches if not watch.closed]

    def watch(self, watch: Watch) -> None:
        """Keep ``watch`` up to date until its job is final, ``unwatch``, or the last reference to it is gone.

        A job that can be read without blocking was read just before; a worker makes the first read of any other.
        """
        now = self._clock.monotonic()
        watch.use(self.run, now)
        if watch.adapter.blocking:
            self._schedule(watch, now)
            return
        self._subscribe(watch)
        if watch.pushes and not self._looks_as_known(watch):
            self._read(watch)  # what changed between the first read and the subscription was pushed to nobody
        if not watch.is_planned:
            self._plan_next(watch)

    def unwatch(self, watch: Watch) -> None:
        """End ``watch`` and release whoever waits for its job. May come from ``__del__``, so it takes no lock.

        A cancel that was requested is carried out all the same.
        """
        watch.close()
        if (ticket := watch.open_ticket()) is not None:
            self._unwanted.append(ticket)
            self._runner.wake()

    def changed(self, watch: Watch) -> None:
        """Note that the provider reports a change, and have the job read soon."""
        watch.note_news()
        if not watch.is_busy and not watch.closed:
            self._schedule(watch, max(self._clock.monotonic(), watch.read_at + READ_GAP_SECONDS))

    def refresh(self, watch: Watch) -> None:
        """Read the job after something that changed it: at once if reading takes no time, else soon and on a worker."""
        if watch.adapter.blocking:
            self.changed(watch)
            return
        try:
            self._read(watch)
        except BaseException:  # the user's interrupt
            self.changed(watch)
            raise
        if not (watch.is_busy or watch.closed or watch.known.is_final):
            self._plan_next(watch)  # what was read may have to be looked at sooner than planned

    def request_cancel(self, watch: Watch) -> None:
        """Have a worker ask the provider to cancel, ahead of all reads. While a request is open this does nothing."""
        with self._lock:
            if not watch.request_cancel():
                return
            self._watches.add(watch)
            self._lane(watch, Work.COMMAND).push(lambda: watch, AT_ONCE)
        self.run(watch.deliver)
        self._runner.start(self.pump)

    def cancel(self, watch: Watch, *args: Any, **kwargs: Any) -> CancelReport:
        """Ask the provider to cancel, on the caller's thread; blocks as the provider's ``cancel`` does.

        Raises:
            KeyboardInterrupt: the user interrupted that. It is unknown then whether the provider got the request.
        """
        try:
            watch.change(request_cancel)
            report = ask_to_cancel(watch, *args, **kwargs)
            self.refresh(watch)
        except BaseException:
            watch.refused(_INTERRUPTED)
            self.changed(watch)
            raise
        return report

    def picture(self, watch: Watch, result: Callable[[], Any]) -> None:
        """Have a worker draw the result on the card.

        Args:
            watch: the job.
            result: gives the result, which is on this machine already; called on the worker.
        """
        with self._lock:
            if not watch.offer_result(result):
                return
            self._lane(watch, Work.PICTURE).push(lambda: watch, AT_ONCE)
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
            lanes = [(work, lane) for lanes in self._lanes.values() for work, lane in lanes.items()]
        for errand in errands:
            self._runner.submit(errand, Work.OWN)
        for work, lane in lanes:
            while (call := self._next_call(work, lane, now)) is not None:
                self._runner.submit(functools.partial(self._carry_out, call), work)
        self._tell_overdue(now)
        return self._rest(now)

    def _due_errands(self, now: float) -> Iterator[Callable[[], None]]:
        while self._inbox:
            yield self._inbox.popleft()
        while self._errands and self._errands[0][0] <= now:
            yield heapq.heappop(self._errands)[2]

    def _schedule(self, watch: Watch, due: float, *, polls: bool = False) -> None:
        with self._lock:
            self._watches.add(watch)
            lane = self._lane(watch, Work.READ)
            if not watch.plan(due, lambda: lane.push(ref(watch), due, polls=polls)):
                return
            if due >= self._next_pump:
                return
        self._runner.start(self.pump)

    def _looks_as_known(self, watch: Watch) -> bool:
        """Whether the job is as it was just read; the usual case when a job is wrapped, so it has to cost little."""
        known = watch.known
        looked = border.call(watch.adapter.read, known)
        return isinstance(looked, border.Returned) and looked.value == known

    def _lane(self, watch: Watch, work: Work) -> Lane[Holder]:
        """The lane for calls of that kind about that job. The lock is held."""
        lanes = self._lanes.get(watch.budget_key)
        if lanes is None:
            lanes = self._lanes[watch.budget_key] = {
                kind: Lane(room, self._pools[kind]) for kind, room in _ROOMS.items()
            }
        lane = lanes[work]
        if work is Work.READ and (budget := watch.adapter.pace.requests_per_second) is not None:
            lane.restrict(budget)
        return lane

    def _next_call(self, work: Work, lane: Lane[Holder], now: float) -> ProviderCall | None:
        with self._lock:
            while (holder := lane.pop(now)) is not None:
                watch = holder()
                if watch is not None and self._take_on(watch, work):
                    call = ProviderCall(watch, work, lane, now, question=watch.next_question)
                    self._calls.add(call)
                    return call
                lane.end()
        return None

    def _take_on(self, watch: Watch, work: Work) -> bool:
        """Whether that call is still wanted. The lock is held."""
        if work is Work.COMMAND:
            return watch.begin_cancel_call()
        if work is Work.READ:
            return watch.begin_read_call()
        return True

    def _rest(self, now: float) -> float | None:
        with self._lock:
            lanes = [lane for lanes in self._lanes.values() for lane in lanes.values()]
            times = [at for lane in lanes if (at := lane.next_due()) is not None]
            times += [call.since + HANG_SECONDS for call in self._calls if not call.written_off]
            times += [due for due, _, _ in self._errands[:1]]
            times += [now + _OVERDUE_SECONDS] if any(lane.hung and len(lane) for lane in lanes) else []
            if not times and not self._calls:
                self._drop_idle_lanes(now)
                return None
            self._next_pump = min(times, default=now + HEARTBEAT_SECONDS)
            return max(0.0, self._next_pump - now)

    def _drop_idle_lanes(self, now: float) -> None:
        """Forget providers that have no jobs, since their keys may hold classes of the user's. The lock is held."""
        for key, lanes in list(self._lanes.items()):
            if all(lane.is_idle(now) for lane in lanes.values()):
                del self._lanes[key]

    def _write_off_hanging(self, now: float) -> None:
        with self._lock:
            hanging = [call for call in self._calls if now - call.since >= HANG_SECONDS and not call.written_off]
            for call in hanging:
                call.written_off = True
                call.lane.write_off()
                if call.work is not Work.PICTURE:
                    call.watch.end_call()
        for call in hanging:
            if call.work is not Work.PICTURE:
                self._tell_unanswered(call.watch, call.question)

    def _tell_overdue(self, now: float) -> None:
        """Make those stale that wait in vain, since other calls to their provider hang."""
        if now < self._overdue_at:
            return
        self._overdue_at = now + _OVERDUE_SECONDS
        with self._lock:
            lanes = [lanes[Work.READ] for lanes in self._lanes.values() if lanes[Work.READ].hung]
            holders = [holder for lane in lanes for holder in lane.overdue(now - HANG_SECONDS)]
        for holder in holders:
            watch = holder()
            if watch is not None and not (watch.closed or watch.known.is_final or watch.is_stale):
                self._tell_unanswered(watch, watch.next_question)

    def _tell_unanswered(self, watch: Watch, question: int) -> None:
        reason = f"{watch.adapter.provider} does not answer."
        self.run(functools.partial(watch.unanswered, question, reason, self._clock.now()))

    def _carry_out(self, call: ProviderCall) -> None:
        watch = call.watch
        try:
            if call.work is Work.PICTURE:
                draw(watch)
                return
            if call.work is Work.COMMAND:
                self._cancel_for_reader(watch)  # before anything else that the provider may let hang
            else:
                self._subscribe(watch)
            if not watch.closed:
                self._read(watch)
        finally:
            self._end(call)

    def _cancel_for_reader(self, watch: Watch) -> None:
        watch.deliver()
        if not watch.known.is_final:
            ask_to_cancel(watch)

    def _end(self, call: ProviderCall) -> None:
        watch = call.watch
        reads = call.work is not Work.PICTURE
        with self._lock:
            self._calls.discard(call)
            call.lane.end(hung=call.written_off)
            if reads and not call.written_off:
                watch.end_call()
            idle = not watch.is_busy  # looked at here, so that of two calls that end together only one plans
        if reads and idle and not watch.closed:
            self._plan_next(watch)
        self._runner.wake()

    def _plan_next(self, watch: Watch) -> None:
        known = watch.known
        if watch.has_news:
            delay: float | None = READ_GAP_SECONDS
        elif known.is_final:
            delay = watch.next_recheck()
        elif watch.pushes and known.state in watch.adapter.pushed and not watch.is_stale:
            delay = HEARTBEAT_SECONDS
        else:
            self._plan_look(watch)
            return
        if delay is not None:
            self._schedule(watch, watch.read_at + delay)
            return
        watch.end_subscription()
        with self._lock:
            self._watches.discard(watch)

    def _plan_look(self, watch: Watch) -> None:
        """Plan a look at a job that tells nothing. Where there are thousands of those, each is looked at less often."""
        with self._lock:
            crowd = self._lane(watch, Work.READ).polls / LOOKS_PER_SECOND
        self._schedule(watch, watch.read_at + max(watch.interval, crowd), polls=True)

    def _subscribe(self, watch: Watch) -> None:
        reference = ref(watch)  # the provider must not keep a dropped job alive

        def changed() -> None:
            watch = reference()
            if watch is not None:
                self.changed(watch)

        watch.subscribe(changed)

    def _read(self, watch: Watch) -> None:
        with watch.turn():
            question, before = watch.begin_read(self._clock.monotonic())
            read = border.call(read_snapshot, watch.adapter, before)
        now = self._clock.now()
        if isinstance(read, border.Raised):
            if not isinstance(read.error, Exception):
                watch.complain("read", "Reading job %s ended with what ends a program", read)
            watch.unanswered(question, read.text, now)
        else:
            watch.answered(question, functools.partial(settle, read=read.value, now=now), now)
        if moved(before, watch.known):
            watch.hurry()
        else:
            watch.slow_down()
