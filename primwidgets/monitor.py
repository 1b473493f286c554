"""Keeps what is known of jobs up to date: push where the provider has it, else poll; one monitor per kernel.

One daemon thread schedules, a bounded pool calls the providers. Where threads do not exist the same code runs on the
event loop (``waiting.LoopRunner``).
"""

from __future__ import annotations

import functools
import heapq
import itertools
import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakSet, ref

from primwidgets.adapters.base import Adapter, CancelReport
from primwidgets.clock import SYSTEM_CLOCK, Clock
from primwidgets.lane import AT_ONCE, Lane, Ticket
from primwidgets.snapshot import CancelState, JobSnapshot
from primwidgets.transitions import refuse_cancel, request_cancel, settle
from primwidgets.watched_job import Holder, Watch
from primwidgets.workers import Runner

_LOG: Final = logging.getLogger(__name__)
#: Two reads of one job are at least this far apart, so that a card changes about ten times a second at most.
READ_GAP_SECONDS: Final = 0.1
#: A job whose provider pushes is read this often all the same, in case a push was lost.
HEARTBEAT_SECONDS: Final = 30.0
#: A call that takes longer makes the card stale, and no longer keeps the provider's other jobs waiting.
HANG_SECONDS: Final = 10.0
_BACK_OFF: Final = 1.25


@dataclass(eq=False, slots=True)
class _Call:
    """A call to a provider under way."""

    watch: Watch
    lane: Lane[Holder]
    since: float
    cancels: bool
    question: int
    written_off: bool = False


class Monitor:
    """Reads jobs, cancels them, and tells each watch's listener.

    All methods may be called on any thread and, but for ``cancel``, return at once: providers are called on workers.

    Args:
        runner: where the work happens.
        clock: where the time comes from.
    """

    def __init__(self, runner: Runner, clock: Clock = SYSTEM_CLOCK) -> None:
        self._runner = runner
        self._clock = clock
        self._lanes: dict[str, Lane[Holder]] = {}
        self._unwanted: deque[tuple[Lane[Holder], Ticket[Holder]]] = deque()
        self._calls: set[_Call] = set()
        self._watches: WeakSet[Watch] = WeakSet()
        self._errands: list[tuple[float, int, Callable[[], None]]] = []
        self._inbox: deque[Callable[[], None]] = deque()
        self._order = itertools.count()
        self._next_pump = math.inf
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
        if watch.adapter.blocking:
            self._schedule(watch, self._clock.monotonic())
            return
        watch.last_read = self._clock.monotonic()
        self._subscribe(watch)
        if watch.unsubscribe is not None:
            self._read(watch)  # what changed between the first read and the subscription was pushed to nobody
        if watch.ticket is None:
            self._plan_next(watch)

    def unwatch(self, watch: Watch) -> None:
        """End ``watch`` and release whoever waits for its job. May come from ``__del__``, so it takes no lock.

        A cancel that was requested is carried out all the same.
        """
        watch.close()
        if (ticket := watch.ticket) is not None and ticket.item is not None and not watch.cancel_pending:
            self._unwanted.append((self._lanes[watch.adapter.provider], ticket))
            self._runner.wake()

    def changed(self, watch: Watch) -> None:
        """Note that the provider reports a change, and have the job read soon."""
        watch.news = True
        if not watch.calls and not watch.closed:
            self._schedule(watch, max(self._clock.monotonic(), watch.last_read + READ_GAP_SECONDS))

    def refresh(self, watch: Watch) -> None:
        """Read the job after something that changed it: at once if reading takes no time, else soon and on a worker."""
        if watch.adapter.blocking:
            self.changed(watch)
        else:
            self._read(watch)

    def request_cancel(self, watch: Watch) -> None:
        """Have a worker ask the provider to cancel, ahead of all reads. While a request is open this does nothing."""
        with self._lock:
            if watch.known.cancel_state is CancelState.REQUESTED or watch.closed:
                return
            watch.note(request_cancel)
            watch.cancel_pending = True
        self._schedule(watch, AT_ONCE)

    def cancel(self, watch: Watch, *args: Any, **kwargs: Any) -> CancelReport:
        """Ask the provider to cancel, on the caller's thread; blocks as the provider's ``cancel`` does."""
        watch.change(request_cancel)
        report = _ask_to_cancel(watch, *args, **kwargs)
        self.refresh(watch)
        return report

    def picture(self, watch: Watch, result: Callable[[], Any]) -> None:
        """Have a worker draw the result on the card.

        Args:
            watch: the job.
            result: gives the result, which is on this machine already; called on the worker.
        """
        if watch.known.result_preview is None and not watch.closed:
            self.run(functools.partial(_draw, watch, result))

    def run(self, task: Callable[[], None]) -> None:
        """Run ``task`` on a worker."""
        self._runner.submit(task)

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
                lane, ticket = self._unwanted.popleft()
                lane.take_back(ticket)
            errands = list(self._due_errands(now))
            lanes = list(self._lanes.values())
        for errand in errands:
            self._runner.submit(errand)
        for lane in lanes:
            while (call := self._next_call(lane, now)) is not None:
                self._runner.submit(functools.partial(self._carry_out, call))
        return self._rest(now)

    def _due_errands(self, now: float) -> Iterator[Callable[[], None]]:
        while self._inbox:
            yield self._inbox.popleft()
        while self._errands and self._errands[0][0] <= now:
            yield heapq.heappop(self._errands)[2]

    def _schedule(self, watch: Watch, due: float) -> None:
        with self._lock:
            self._watches.add(watch)
            lane = self._lane(watch)
            ticket = watch.ticket
            if ticket is not None and ticket.item is not None:
                if ticket.due <= due:
                    return
                lane.take_back(ticket)
            watch.ticket = lane.push((lambda: watch) if due == AT_ONCE else ref(watch), due)
            if due >= self._next_pump:
                return
        self._runner.start(self.pump)

    def _lane(self, watch: Watch) -> Lane[Holder]:
        adapter = watch.adapter
        if adapter.provider not in self._lanes:
            self._lanes[adapter.provider] = Lane(adapter.pace.requests_per_second)
        return self._lanes[adapter.provider]

    def _next_call(self, lane: Lane[Holder], now: float) -> _Call | None:
        with self._lock:
            while (holder := lane.pop(now)) is not None:
                watch = holder()
                if watch is not None and (watch.cancel_pending or not (watch.calls or watch.closed)):
                    call = _Call(watch, lane, now, cancels=watch.cancel_pending, question=watch.asked + 1)
                    watch.cancel_pending = False
                    watch.calls += 1
                    self._calls.add(call)
                    return call
                lane.calls -= 1
        return None

    def _rest(self, now: float) -> float | None:
        with self._lock:
            times = [at for lane in self._lanes.values() if (at := lane.next_due()) is not None]
            times += [call.since + HANG_SECONDS for call in self._calls if not call.written_off]
            times += [due for due, _, _ in self._errands[:1]]
            if not times and not self._calls:
                return None
            self._next_pump = min(times, default=now + HEARTBEAT_SECONDS)
            return max(0.0, self._next_pump - now)

    def _write_off_hanging(self, now: float) -> None:
        with self._lock:
            hanging = [call for call in self._calls if now - call.since >= HANG_SECONDS and not call.written_off]
            for call in hanging:
                call.written_off = True
                call.watch.calls -= 1
                call.lane.calls -= 1
                call.lane.hung += 1
                self._runner.replace_worker()
        for call in hanging:
            self._tell_unanswered(call.watch, call.question)
        for lane in {call.lane for call in hanging if call.lane.is_stuck}:
            for watch in self._waiting_in(lane):
                self._tell_unanswered(watch, watch.asked + 1)

    def _tell_unanswered(self, watch: Watch, question: int) -> None:
        reason = f"{watch.adapter.provider} does not answer."
        self.run(functools.partial(watch.unanswered, question, reason, self._clock.now()))

    def _waiting_in(self, lane: Lane[Holder]) -> list[Watch]:
        with self._lock:
            return [watch for watch in self._watches if self._lane(watch) is lane and not watch.known.is_final]

    def _carry_out(self, call: _Call) -> None:
        watch = call.watch
        try:
            self._subscribe(watch)
            if call.cancels:
                self._cancel_for_reader(watch)
            if not watch.closed:
                self._read(watch)
        finally:
            self._end(call)

    def _cancel_for_reader(self, watch: Watch) -> None:
        watch.deliver()
        if not watch.known.is_final:
            _ask_to_cancel(watch)

    def _end(self, call: _Call) -> None:
        watch = call.watch
        with self._lock:
            self._calls.discard(call)
            if call.written_off:
                call.lane.hung -= 1
                self._runner.worker_returned()
            else:
                watch.calls -= 1
                call.lane.calls -= 1
            idle = not watch.calls  # looked at here, so that of two calls that end together only one plans
        if idle and not watch.closed:
            self._plan_next(watch)
        self._runner.wake()

    def _plan_next(self, watch: Watch) -> None:
        known = watch.known
        if watch.news:
            delay: float | None = READ_GAP_SECONDS
        elif known.is_final:
            delay = next(watch.rechecks, None)
        elif watch.unsubscribe is not None and known.state in watch.adapter.pushed and not watch.is_stale:
            delay = HEARTBEAT_SECONDS
        else:
            delay = watch.interval
        if delay is not None:
            self._schedule(watch, watch.last_read + delay)
            return
        watch.end_subscription()
        with self._lock:
            self._watches.discard(watch)

    def _subscribe(self, watch: Watch) -> None:
        with self._lock:
            if watch.subscribed or watch.closed:
                return
            watch.subscribed = True
        reference = ref(watch)  # the provider must not keep a dropped job alive

        def changed() -> None:
            watch = reference()
            if watch is not None:
                self.changed(watch)

        try:
            watch.unsubscribe = watch.adapter.subscribe(changed)
        except Exception:  # noqa: BLE001  (whatever a provider raises, its job can still be polled)
            _LOG.warning("Job %s is polled, since it cannot be subscribed to", watch.known.job_id, exc_info=True)
        if watch.closed:  # meanwhile
            watch.end_subscription()

    def _read(self, watch: Watch) -> None:
        with watch.turn():
            watch.news = False
            watch.last_read = self._clock.monotonic()
            refusal, watch.refusal = watch.refusal, None
            question, before = watch.ask(), watch.known
            read = _read_or_error(watch.adapter, before)
        now = self._clock.now()
        if isinstance(read, Exception):
            watch.unanswered(question, f"{type(read).__name__}: {read}", now)
        else:
            watch.answered(question, functools.partial(settle, read=read, now=now), now)
        if refusal is not None:
            watch.change(functools.partial(refuse_cancel, reason=refusal))
        pace = watch.adapter.pace
        watch.interval = pace.first if _moved(before, watch.known) else min(watch.interval * _BACK_OFF, pace.ceiling)


def _read_or_error(adapter: Adapter[Any], before: JobSnapshot) -> JobSnapshot | Exception:
    try:
        return adapter.read(before)
    except Exception as error:  # noqa: BLE001  (whatever a provider raises means that it could not be asked)
        return error


def _ask_to_cancel(watch: Watch, *args: Any, **kwargs: Any) -> CancelReport:
    with watch.turn():
        try:
            report = watch.adapter.cancel(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  (an adapter should report it; the reader must hear of it anyway)
            report = CancelReport(accepted=False, detail=f"{type(error).__name__}: {error}", error=error)
    if report.accepted is False:
        watch.refusal = report.detail or "The provider refused."
    watch.interval = watch.adapter.pace.first
    return report


def _moved(before: JobSnapshot, after: JobSnapshot) -> bool:
    """Whether the job itself went on, so that the next news may be near."""
    return any(getattr(before, name) != getattr(after, name) for name in _MOVES)


_MOVES: Final = ("state", "status_text", "progress", "queue_position", "cancel_state")


def _draw(watch: Watch, result: Callable[[], Any]) -> None:
    try:
        preview = watch.adapter.preview(result())
    except Exception:  # noqa: BLE001  (the picture is an extra: a result that cannot be drawn is still a result)
        _LOG.debug("No picture of the result of job %s", watch.known.job_id, exc_info=True)
        preview = None
    watch.change(lambda known: known.evolve(result_preview=preview, can_preview=preview is not None))
