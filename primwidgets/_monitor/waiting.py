"""Waiting for a job: ``result()``, ``await`` and ``wait``.

A provider's ``result()`` runs on the thread of the caller, as without a card: some providers are bound to a thread, and
their warnings and context variables are the caller's. A provider that tells the end of a job is waited for here, and
asked for the result then. Where ``result()`` has no time-out of its own and the caller wants one, and for ``await``,
the provider's call runs on a helper thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import partial
from inspect import isawaitable
from typing import Any, Final, Literal
from weakref import WeakMethod, ref

from primwidgets._clock import SYSTEM_CLOCK
from primwidgets._forwarding import forwards
from primwidgets._monitor.blocked_caller import BlockedCaller, stopped_waiting
from primwidgets._monitor.event_loops import Bell, LoopCaller, run_until, running_loop
from primwidgets._monitor.helper_threads import Fetch, keep_context, on_helper_thread
from primwidgets._monitor.interrupts import interrupts_raise
from primwidgets._monitor.monitor import Monitor
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets._monitor.transitions import merge_result
from primwidgets._monitor.waiting_line import draw_beside, wait_visibly
from primwidgets._progress.track import waiting_for_another_job
from primwidgets.adapters._common.outcomes import report_of_error, report_of_result
from primwidgets.errors import JobTimeoutError
from primwidgets.snapshot import ResultReport

OnInterrupt = Literal["keep", "cancel"]

#: After this many seconds the card shows that a caller is blocked, and offers *Stop waiting*.
SHOW_AFTER_SECONDS: Final = 0.2
#: How long ``result()`` waits, once it has the result, for observers that are being called with the end of the job.
TELL_SECONDS: Final = 0.5

#: How long after a stop a caller that is still in the provider's call is stopped once more.
STOP_AGAIN_SECONDS: Final = 0.3


class Waiting:
    """Everybody who waits for one job.

    Args:
        tracked: the job.
        monitor: hears at once when a result has come.
        received: a method, held weakly; called with each result, on the thread that received it.
    """

    def __init__(self, tracked: TrackedJob, monitor: Monitor, received: Callable[[Any], None]) -> None:
        self._watch = tracked
        self._adapter = tracked.adapter
        self._monitor = monitor
        self._received = WeakMethod(received)
        self._loop: asyncio.AbstractEventLoop | None = tracked.adapter.event_loop
        self._shared: Fetch | None = None
        self._callers: set[BlockedCaller] = set()
        self._shown = 0
        self._end = _EndOfJob()
        self._lock = threading.Lock()

    @forwards
    def result(self, timeout: float | None, on_interrupt: OnInterrupt, kwargs: dict[str, Any]) -> Any:
        """Block until the provider's ``result()`` ends; see ``WidgetJob.result``."""
        __tracebackhide__ = True
        if on_interrupt not in ("keep", "cancel"):
            raise ValueError(f'on_interrupt is "keep" or "cancel", not {on_interrupt!r}')
        try:
            if self._is_here():
                return self._obtain(self._call({**kwargs, **self._their_timeout(timeout)}))
            if self._adapter.must_be_awaited:  # the provider's answer is what the caller awaits
                return self._obtain(self._call(kwargs if timeout is None else {**kwargs, "timeout": timeout}))
            self._check_caller()
            with waiting_for_another_job(), interrupts_raise():
                return self._wait_for_result(timeout, kwargs)
        except KeyboardInterrupt:
            if on_interrupt == "cancel":
                self._monitor.request_cancel(self._watch)
            raise
        finally:
            self._let_card_tell()

    @forwards
    def result_of(self, call: partial[Any]) -> Any:
        """Block in a ``call`` of the provider that is passed on as it is."""
        __tracebackhide__ = True
        try:
            with waiting_for_another_job(), interrupts_raise():
                return self._call_here(call)
        finally:
            self._let_card_tell()

    @forwards
    def wait_in(self, call: partial[Any]) -> Any:
        """Block in a ``call`` of the provider that is not its ``result``; nothing is learned from what it returns."""
        __tracebackhide__ = True
        caller = BlockedCaller()
        self._monitor.later(SHOW_AFTER_SECONDS, partial(_show_if_blocked, ref(self), ref(caller)))
        with waiting_for_another_job(), interrupts_raise(), self._registered(caller):
            return caller.call(call)

    def wait(self, timeout: float | None) -> bool:
        """Block until the job is final or ``timeout`` seconds have passed; whether it is final.

        Raises:
            RuntimeError: the job needs the event loop that would be blocked.
        """
        if self._adapter.must_be_awaited:
            raise RuntimeError("This would block the event loop that the job needs. Write `await job`.")
        self._check_caller()
        if self._loop is not None and _must_run_here(self._loop):
            return self._run_here(self._loop, timeout)
        caller = BlockedCaller()
        take_back = self._watch.at_end(caller.end)
        try:
            with self._registered(caller), waiting_for_another_job(), interrupts_raise():
                ended = self._block(caller, timeout)
        finally:
            take_back()
        if ended and not self._watch.last_read.is_final:  # the tracking ended, not the job
            raise stopped_waiting()
        return ended

    def awaited(self) -> Generator[Any, None, Any]:
        """What ``await`` does.

        A job of the running loop is awaited as it would be without a card: who is cancelled while awaiting it cancels
        it, and it cannot await itself. Of any other job only the waiting ends.
        """
        job = self._adapter.job
        if self._loop is None:
            self._check_caller()
        if self._loop is not None and self._loop is running_loop():
            return self._await_here(job.__await__())
        if self._adapter.must_be_awaited:
            return self._await_here((job if hasattr(type(job), "__await__") else job.result()).__await__())
        return self.outcome().__await__()

    def _await_here(self, awaiting: Generator[Any, None, Any]) -> Generator[Any, None, Any]:
        try:
            result = yield from awaiting
        finally:
            if self._loop is None or self._adapter.job.done():
                self._monitor.refresh(self._watch)  # so that the card tells the end, too
        return self._receive(result)

    async def outcome(self) -> Any:
        """The provider's result, for ``await``. Who stops awaiting does not cancel the job."""
        __tracebackhide__ = True
        if self._is_here():
            return self._obtain(self._call({}))
        fetch, bell = self._fetch({}), Bell(asyncio.get_running_loop())
        if fetch is None:
            take_back = self._watch.at_end(bell.ring)
            try:
                await bell.future
            finally:
                take_back()
            return self._obtain(self._call({}))
        fetch.add_done_callback(bell.ring)
        await bell.future
        keep_context(fetch)
        return fetch.result()

    def stop(self) -> None:
        """Let go of everybody who is blocked in ``result()`` or ``wait``, with ``StoppedWaiting``. Any thread."""
        with self._lock:
            callers = list(self._callers)
        for caller in callers:
            caller.stop()
            self._monitor.later(STOP_AGAIN_SECONDS, partial(_stop_again, self._monitor, ref(caller)))

    def fetch(self) -> None:
        """Have the result received on a helper thread, for who wants to see it; returns at once."""
        self._fetch({})

    def _check_caller(self) -> None:
        """Raise if a job waits for itself."""
        if self._adapter.is_caller:
            raise RuntimeError("A job cannot wait for itself.")

    def _is_here(self) -> bool:
        """Whether the provider's ``result()`` returns at once."""
        ended = self._watch.last_read.is_final or (self._loop is not None and self._adapter.job.done())
        return ended and self._adapter.holds_result

    def _their_timeout(self, timeout: float | None) -> dict[str, Any]:
        """``timeout`` as a keyword of the provider's ``result()``, if that takes it."""
        return {} if timeout is None or not self._adapter.takes_timeout else {"timeout": timeout}

    # Blocking.

    @forwards
    def _wait_for_result(self, timeout: float | None, kwargs: dict[str, Any]) -> Any:
        __tracebackhide__ = True
        if self._loop is not None and _must_run_here(self._loop):
            if not self._run_here(self._loop, timeout):
                raise _timed_out(timeout)
            return self._obtain(self._call(kwargs))
        theirs = self._their_timeout(timeout)
        # A keyword of the provider's may be unknown to it, or mean that it is not to block.
        if self._loop is None and not kwargs and self._end.is_reported_by(self._adapter):
            left = self._wait_for_end(timeout)
            if left is not None and left <= 0 and not theirs:
                raise _timed_out(timeout)
            return self._call_here(self._call({"timeout": left} if theirs else {}))
        ours = timeout is not None and not theirs
        if (ours or self._loop is not None) and (fetch := self._fetch(kwargs)) is not None:
            return self._wait_for(fetch, timeout)
        return self._call_here(self._call(kwargs | theirs))

    def _wait_for_end(self, timeout: float | None) -> float | None:
        """Wait until the provider tells the end; the seconds that are left of ``timeout`` then."""
        if self._end.happened:
            return timeout
        began, caller = time.monotonic(), BlockedCaller()
        with self._registered(caller), self._end.released(caller):
            ended = self._block(caller, timeout)
        if timeout is None:
            return None
        return max(0.0, timeout - (time.monotonic() - began)) if ended else 0.0

    @forwards
    def _call_here(self, call: partial[Any]) -> Any:
        """Call the provider's ``result`` on this thread; other threads can have the waiting stopped."""
        __tracebackhide__ = True
        caller = BlockedCaller()
        self._monitor.later(SHOW_AFTER_SECONDS, partial(_show_if_blocked, ref(self), ref(caller)))
        with self._registered(caller):
            return self._obtain(call, caller)

    def _wait_for(self, fetch: Fetch, timeout: float | None) -> Any:
        __tracebackhide__ = True
        caller = BlockedCaller()
        fetch.add_done_callback(caller.end)
        with self._registered(caller):
            if not self._block(caller, timeout):
                raise _timed_out(timeout)
        keep_context(fetch)
        return fetch.result()

    def _run_here(self, loop: asyncio.AbstractEventLoop, timeout: float | None) -> bool:
        """Wait for a task of the very loop that this thread runs, or would run: the loop has to turn meanwhile.

        Returns:
            whether the task ended.
        """
        task: asyncio.Future[Any] = self._adapter.job
        caller = LoopCaller(loop)
        timers = [loop.call_later(SHOW_AFTER_SECONDS, self._show, caller)]
        if timeout is not None:
            timers.append(loop.call_later(timeout, caller.end))
        task.add_done_callback(caller.end)
        try:
            with self._registered(caller):
                run_until(loop, caller.future)
        finally:
            task.remove_done_callback(caller.end)
            for timer in timers:
                timer.cancel()
            self._monitor.refresh(self._watch)
        caller.check()
        return task.done()

    def _block(self, caller: BlockedCaller, timeout: float | None) -> bool:
        """Whether ``caller`` was released within ``timeout`` seconds."""
        brief = SHOW_AFTER_SECONDS if timeout is None else min(timeout, SHOW_AFTER_SECONDS)
        ended = caller.event.wait(brief)
        if not ended and timeout != brief:
            self._show(caller)
            ended = wait_visibly(
                caller.event, None if timeout is None else timeout - brief, lambda: self._watch.last_read
            )
        caller.check()
        return ended

    def _let_card_tell(self) -> None:
        """Wait a moment for the traits to tell the end of the job, if another thread is just setting them."""
        if self._watch.last_read.is_final:
            told = threading.Event()
            take_back = self._watch.at_end(told.set)
            told.wait(TELL_SECONDS)
            take_back()

    # The provider's call.

    def _call(self, kwargs: dict[str, Any]) -> partial[Any]:
        return partial(self._adapter.result, **kwargs)

    @forwards
    def _obtain(self, call: partial[Any], caller: BlockedCaller | None = None) -> Any:
        """What the provider's ``result`` gives on this thread; the card learns from it how the job ended."""
        __tracebackhide__ = True
        try:
            outcome = call() if caller is None else caller.call(call)
        except BaseException as error:
            if caller is not None and isinstance(error, Exception):
                self._monitor.refresh(self._watch)
            self._learn_from_error(error, call)
            raise
        if caller is not None:
            self._monitor.refresh(self._watch)
        self._learn_from_result(outcome)
        return self._receive(outcome)

    def _fetch(self, kwargs: dict[str, Any]) -> Fetch | None:
        """The provider's ``result(**kwargs)`` as it comes; ``None`` if it cannot be had without blocking this thread.

        Calls without keywords share one call of the provider; with keywords each has its own.
        """
        with self._lock:
            if self._shared is not None and not kwargs:
                return self._shared
            fetch = Fetch()
            if not self._begin(fetch, kwargs):
                return None
            if not kwargs:
                self._shared = fetch
            return fetch

    def _begin(self, fetch: Fetch, kwargs: dict[str, Any]) -> bool:
        if self._loop is None:
            return on_helper_thread(lambda: self._finish(fetch, kwargs), fetch.context)
        task: asyncio.Future[Any] = self._adapter.job
        self._loop.call_soon_threadsafe(task.add_done_callback, lambda _: self._finish(fetch, kwargs))
        return True

    def _finish(self, fetch: Fetch, kwargs: dict[str, Any]) -> None:
        __tracebackhide__ = True
        try:
            outcome = self._receive((call := self._call(kwargs))())
        except BaseException as error:  # noqa: BLE001  (it is raised where the result is awaited)
            self._finished(fetch)
            self._learn_from_error(error, call)
            fetch.set_exception(error)
        else:
            self._finished(fetch)
            self._learn_from_result(outcome)
            fetch.set_result(outcome)

    def _finished(self, fetch: Fetch) -> None:
        """Have the job read before the result is handed over, so that the card tells the end too."""
        with self._lock:
            if self._shared is fetch:
                self._shared = None
        self._monitor.refresh(self._watch)

    def _learn_from_result(self, outcome: Any) -> None:
        if self._adapter.result_tells_end:
            self._merge_result(report_of_result(outcome))

    def _learn_from_error(self, error: BaseException, call: partial[Any]) -> None:
        """Learn from what ``result()`` raised, unless it may speak of the arguments that the caller passed."""
        if not call.args and not call.keywords.keys() - {"timeout"}:
            self._merge_result(report_of_error(error, local_cancel=self._adapter.cancels_locally))

    def _merge_result(self, told: ResultReport | None) -> None:
        if told is None:
            return
        if self._watch.is_stale and told.state is not None:  # there is nobody to ask
            told = replace(told, firm=True)
        self._watch.change(partial(merge_result, report=told, now=SYSTEM_CLOCK.now()))

    def _receive(self, outcome: Any) -> Any:
        if isawaitable(outcome):  # the result is still to come
            return outcome
        received = self._received()
        if received is not None:
            received(outcome)
        return outcome

    # Who is blocked.

    def _show(self, caller: BlockedCaller) -> bool:
        """Have the card tell that ``caller`` is blocked; whether it still is."""
        with self._lock:
            if caller not in self._callers:
                return False
            caller.shown = True
            self._shown += 1
        self._tell_blocked()
        return True

    def _tell_blocked(self) -> None:
        self._watch.change(lambda known: known.evolve(waiting=self._shown > 0))

    @contextlib.contextmanager
    def _registered(self, caller: BlockedCaller) -> Iterator[None]:
        with self._lock:
            self._callers.add(caller)
        try:
            yield
        finally:
            with self._lock:
                self._callers.discard(caller)
                if caller.shown:
                    self._shown -= 1
            caller.leave()
            if caller.shown:
                self._tell_blocked()

    def show_blocked(self, caller: BlockedCaller) -> None:
        """Show on the card, or in a script on the terminal, that ``caller`` is blocked in a provider's call."""
        if self._show(caller):
            caller.at_leave(draw_beside(caller.event, lambda: self._watch.last_read))


class _EndOfJob:
    """The end of a job as its provider tells it, and who waits for that."""

    def __init__(self) -> None:
        self.happened = False
        self._asked = False
        self._told = False
        self._callers: list[BlockedCaller] = []

    def is_reported_by(self, adapter: Any) -> bool:
        """Whether the provider tells it; asked once, on the first wait."""
        if not self._asked:
            self._asked = True
            self._told = adapter.when_ended(partial(_happened, ref(self)))
        return self._told

    def tell(self) -> None:
        """Release everybody. Any thread."""
        self.happened = True
        for caller in tuple(self._callers):
            caller.end()

    @contextlib.contextmanager
    def released(self, caller: BlockedCaller) -> Iterator[None]:
        """Have ``caller`` released at the end, in here."""
        self._callers.append(caller)
        if self.happened:  # meanwhile
            caller.end()
        try:
            yield
        finally:
            self._callers.remove(caller)


def _happened(end: ref[_EndOfJob]) -> None:
    if (alive := end()) is not None:
        alive.tell()


def _show_if_blocked(waiting: ref[Waiting], caller: ref[BlockedCaller]) -> None:
    """Called by a worker some time after the call began; usually that is over."""
    if (blocked := caller()) is not None and (alive := waiting()) is not None:
        alive.show_blocked(blocked)


def _stop_again(monitor: Monitor, caller: ref[BlockedCaller]) -> None:
    """Python misses a signal that comes just as a thread begins to wait, so another one is sent."""
    if (blocked := caller()) is not None and blocked.calls:
        blocked.stop()
        monitor.later(STOP_AGAIN_SECONDS, partial(_stop_again, monitor, caller))


def _must_run_here(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether nobody but this thread can run ``loop`` meanwhile."""
    return loop is running_loop() or not loop.is_running()


def _timed_out(timeout: float | None) -> JobTimeoutError:
    return JobTimeoutError(f"No result within {timeout} s. The job goes on; result() can be called again.")
