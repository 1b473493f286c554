"""Waiting for a job: ``result()``, ``await`` and ``wait``.

A provider's ``result()`` runs on the thread of the caller, as without a card: some providers are bound to a thread, and
their warnings and context variables are the caller's. Where a provider reports the end of a job, the caller waits for
that report here, and asks for the result then. Where ``result()`` has no time-out of its own and the caller wants one,
and for ``await``, the provider's call runs on a helper thread (``result_fetches``). A task of the caller's own event
loop, and ``await``, are in ``loop_waiting``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, Final, Literal

from primwidgets._forwarding import forwards
from primwidgets._monitor.blocked_caller import BlockedCaller, stopped_waiting
from primwidgets._monitor.blocked_callers import BlockedCallers
from primwidgets._monitor.end_event import EndEvent
from primwidgets._monitor.helper_threads import Fetch, keep_context
from primwidgets._monitor.interrupts import interrupts_raise
from primwidgets._monitor.loop_waiting import LoopWaiting
from primwidgets._monitor.monitor import Monitor
from primwidgets._monitor.result_calls import ResultCalls
from primwidgets._monitor.result_fetches import ResultFetches
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets._progress.track import waiting_for_another_job
from primwidgets.errors import JobTimeoutError

OnInterrupt = Literal["keep", "cancel"]

#: Seconds that ``result()`` waits, once it has the result, for observers that are being called with the end of the job.
OBSERVER_SECONDS: Final = 0.5
#: Seconds after a time-out in which the provider's ``result()``, which may know it, can raise its own error.
OWN_TIME_OUT_SECONDS: Final = 0.1


class Waiting:
    """Waits for one job.

    Args:
        tracked: the job.
        monitor: reads the job at once when a result has come.
        received: a method, held weakly; called with each result, on the thread that received it.
    """

    def __init__(self, tracked: TrackedJob, monitor: Monitor, received: Callable[[Any], None]) -> None:
        self._tracked = tracked
        self._adapter = tracked.adapter
        self._monitor = monitor
        self._has_loop = tracked.adapter.event_loop is not None
        self._callers = BlockedCallers(tracked, monitor)
        self._calls = ResultCalls(tracked, monitor, received)
        self._fetches = ResultFetches(tracked.adapter, self._calls)
        self._on_loop = LoopWaiting(tracked, monitor, self._callers, self._calls, self._fetches)
        self._end = EndEvent()

    @forwards
    def result(self, timeout: float | None, on_interrupt: OnInterrupt, kwargs: dict[str, Any]) -> Any:
        """Block until the provider's ``result()`` ends; see ``WidgetJob.result``."""
        __tracebackhide__ = True
        if on_interrupt not in ("keep", "cancel"):
            raise ValueError(f'on_interrupt must be "keep" or "cancel", not {on_interrupt!r}')
        try:
            if self._calls.returns_at_once:
                return self._calls.make(self._calls.prepare({**kwargs, **self._timeout_keyword(timeout)}))
            if self._adapter.must_be_awaited:  # the provider's answer is what the caller awaits
                keywords = kwargs if timeout is None else {**kwargs, "timeout": timeout}
                return self._calls.make(self._calls.prepare(keywords))
            self._check_caller()
            with waiting_for_another_job(), interrupts_raise():
                return self._wait_for_result(timeout, kwargs)
        except KeyboardInterrupt:
            if on_interrupt == "cancel":
                self._monitor.request_cancel(self._tracked)
            raise
        finally:
            self._let_card_show_end()

    @forwards
    def result_of(self, call: partial[Any]) -> Any:
        """Block in a ``call`` of the provider's ``result()`` that is passed on as it is."""
        __tracebackhide__ = True
        try:
            with waiting_for_another_job(), interrupts_raise():
                return self._call_here(call)
        finally:
            self._let_card_show_end()

    @forwards
    def wait_in(self, call: partial[Any]) -> Any:
        """Block in a ``call`` of the provider's ``wait()``: what it returns does not change the card, a read does."""
        __tracebackhide__ = True
        if self._adapter.must_be_awaited:  # the provider's answer is what the caller awaits
            return call()
        try:
            with waiting_for_another_job(), interrupts_raise(), self._callers.registered_in_call() as caller:
                return caller.call(call)
        finally:
            self._monitor.refresh(self._tracked)
            self._let_card_show_end()

    def wait(self, timeout: float | None) -> bool:
        """Block until the job is final or ``timeout`` seconds have passed; whether it is final.

        Raises:
            RuntimeError: the job needs the event loop that would be blocked.
        """
        if self._adapter.must_be_awaited:
            raise RuntimeError("This would block the event loop that the job needs. Use `await job`.")
        self._check_caller()
        if self._on_loop.must_run_here:
            return self._on_loop.run_until_end(timeout)
        caller = BlockedCaller()
        take_back = self._tracked.at_end(caller.end)
        try:
            with self._callers.registered(caller), waiting_for_another_job(), interrupts_raise():
                ended = self._callers.block(caller, timeout)
        finally:
            take_back()
        if ended and not self._tracked.last_read.is_final:  # the tracking ended, not the job
            raise stopped_waiting()
        return ended

    def awaited(self) -> Generator[Any, None, Any]:
        """What ``await`` does.

        A job of the running loop is awaited as it would be without a card: cancelling the awaiting task cancels the
        job, and the job cannot await itself. With any other job only the waiting ends.
        """
        if not self._has_loop:
            self._check_caller()
        return self._on_loop.awaited()

    def stop(self) -> None:
        """Have everybody who is blocked in ``result()`` or ``wait`` raise ``StoppedWaiting``. Any thread."""
        self._callers.stop()

    def fetch(self) -> None:
        """Have the result received on a helper thread, to show it on the card; returns at once."""
        self._fetches.begin({})

    def _check_caller(self) -> None:
        """Raise if a job waits for itself."""
        if self._adapter.is_caller:
            raise RuntimeError("A job cannot wait for itself.")

    def _timeout_keyword(self, timeout: float | None) -> dict[str, Any]:
        """``timeout`` as a keyword of the provider's ``result()``, if that takes it."""
        return {} if timeout is None or not self._adapter.takes_timeout else {"timeout": timeout}

    @forwards
    def _wait_for_result(self, timeout: float | None, kwargs: dict[str, Any]) -> Any:
        __tracebackhide__ = True
        if self._on_loop.must_run_here:
            if not self._on_loop.run_until_end(timeout):
                raise _timed_out(timeout)
            return self._calls.make(self._calls.prepare(kwargs))
        theirs = self._timeout_keyword(timeout)
        # A keyword of the provider's may be unknown to it, or mean that it is not to block.
        if not self._has_loop and not kwargs and self._end.is_reported_by(self._adapter):
            left = self._wait_for_end(timeout)
            if left is not None and left <= 0 and not theirs:
                raise _timed_out(timeout)
            return self._call_here(self._calls.prepare({"timeout": left} if theirs else {}))
        ours = timeout is not None and not theirs
        if (ours or self._has_loop) and (fetch := self._fetches.begin(kwargs)) is not None:
            return self._wait_for(fetch, timeout, OWN_TIME_OUT_SECONDS if "timeout" in kwargs else 0.0)
        return self._call_here(self._calls.prepare(kwargs | theirs))

    def _wait_for_end(self, timeout: float | None) -> float | None:
        """Block until the provider reports the end, or a read finds it; the seconds that are left of ``timeout`` then.

        A provider does not report an end that it brings about itself, such as Dask when a client is closed.
        """
        if self._end.is_set or self._tracked.last_read.is_final:
            return timeout
        began, caller = time.monotonic(), BlockedCaller()
        take_back = self._tracked.at_end(partial(self._release_if_final, caller))
        try:
            with self._callers.registered(caller), self._end.releases(caller):
                ended = self._callers.block(caller, timeout)
        finally:
            take_back()
        if timeout is None:
            return None
        return max(0.0, timeout - (time.monotonic() - began)) if ended else 0.0

    def _release_if_final(self, caller: BlockedCaller) -> None:
        if self._tracked.last_read.is_final:  # else the tracking has ended, and not the job
            caller.end()

    @forwards
    def _call_here(self, call: partial[Any]) -> Any:
        """Call the provider's ``result`` on this thread; other threads can have the waiting stopped."""
        __tracebackhide__ = True
        with self._callers.registered_in_call() as caller:
            return self._calls.make(call, caller)

    def _wait_for(self, fetch: Fetch, timeout: float | None, grace: float) -> Any:
        __tracebackhide__ = True
        limit = None if timeout is None else timeout + grace
        caller = BlockedCaller()
        fetch.add_done_callback(caller.end)
        with self._callers.registered(caller):
            if not self._callers.block(caller, limit):
                raise _timed_out(timeout)
        keep_context(fetch)
        return fetch.result()

    def _let_card_show_end(self) -> None:
        """Wait a moment until the traits show the end of the job, if another thread is just setting them."""
        if self._tracked.last_read.is_final:
            delivered = threading.Event()
            take_back = self._tracked.at_end(delivered.set)
            delivered.wait(OBSERVER_SECONDS)
            take_back()


def _timed_out(timeout: float | None) -> JobTimeoutError:
    return JobTimeoutError(f"No result within {timeout} s. The job continues; result() can be called again.")
