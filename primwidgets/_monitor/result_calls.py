"""Calls of a provider's ``result()``: what they return or raise also updates the card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from inspect import isawaitable
from typing import Any
from weakref import WeakMethod

from primwidgets import _border as border
from primwidgets._clock import SYSTEM_CLOCK
from primwidgets._forwarding import forwards
from primwidgets._monitor.blocked_caller import BlockedCaller
from primwidgets._monitor.monitor import Monitor
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets._monitor.transitions import merge_result
from primwidgets.adapters._common.outcomes import report_of_error, report_of_result
from primwidgets.snapshot import ResultReport


class ResultCalls:
    """Calls the ``result()`` of one job. All methods may be called on any thread.

    Args:
        tracked: the job.
        monitor: reads the job after a call.
        received: a method, held weakly; called with each result, on the thread that received it.
    """

    def __init__(self, tracked: TrackedJob, monitor: Monitor, received: Callable[[Any], None]) -> None:
        self._tracked = tracked
        self._adapter = tracked.adapter
        self._monitor = monitor
        self._received = WeakMethod(received)

    @property
    def returns_at_once(self) -> bool:
        """Whether the result is on this machine, so that ``result()`` does not block."""
        adapter, loop = self._adapter, self._adapter.event_loop
        ended = self._tracked.last_read.is_final or (loop is not None and (adapter.job.done() or loop.is_closed()))
        return ended and adapter.holds_result

    def prepare(self, kwargs: dict[str, Any]) -> partial[Any]:
        """The call with these keywords."""
        return partial(self._adapter.result, **kwargs)

    @forwards
    def make(self, call: partial[Any], caller: BlockedCaller | None = None) -> Any:
        """Make ``call`` on this thread.

        Args:
            call: returns the result.
            caller: whoever is blocked in the call; ``None`` for a call that returns at once.
        """
        __tracebackhide__ = True
        try:
            outcome = call() if caller is None else caller.call(call)
        except BaseException as error:
            if caller is not None and isinstance(error, Exception):
                self._monitor.refresh(self._tracked)
            self._note_error(error, call)
            raise
        if caller is not None:
            self._monitor.refresh(self._tracked)
        self._note_result(outcome)
        return self.deliver(outcome)

    def make_for(self, kwargs: dict[str, Any], returned: Callable[[], None]) -> Any:
        """Make the call on this thread for callers on other threads.

        Args:
            kwargs: for the provider's ``result()``.
            returned: called when the call has returned or raised, before the card is updated.
        """
        __tracebackhide__ = True
        try:
            outcome = self.deliver((call := self.prepare(kwargs))())
        except BaseException as error:
            self._read_after(returned)
            self._note_error(error, call)
            raise
        self._read_after(returned)
        self._note_result(outcome)
        return outcome

    def deliver(self, outcome: Any) -> Any:
        """Hand a result to the card, which may draw it; returns it. An awaitable is not the result yet."""
        awaited = border.call(isawaitable, outcome)  # which asks for the class of a result, a stranger's code
        if isinstance(awaited, border.Raised) or awaited.value:
            return outcome
        received = self._received()
        if received is not None:
            received(outcome)
        return outcome

    def _read_after(self, returned: Callable[[], None]) -> None:
        """Have the job read before the result is handed over, so that the card shows the end by then."""
        returned()
        self._monitor.refresh(self._tracked)

    def _note_result(self, outcome: Any) -> None:
        if self._adapter.result_tells_end:
            self._merge(border.call(report_of_result, outcome))

    def _note_error(self, error: BaseException, call: partial[Any]) -> None:
        """Take over what an error says of the job, unless it may be about the arguments that the caller passed."""
        if not call.args and not call.keywords.keys() - {"timeout"}:
            self._merge(border.call(report_of_error, error, local_cancel=self._adapter.cancels_locally))

    def _merge(self, told: border.Returned[ResultReport | None] | border.Raised) -> None:
        if isinstance(told, border.Raised) or (report := told.value) is None:
            return
        if self._tracked.is_stale and report.state is not None:  # the provider cannot be asked for confirmation
            report = replace(report, firm=True)
        self._tracked.change(partial(merge_result, report=report, now=SYSTEM_CLOCK.now()))
