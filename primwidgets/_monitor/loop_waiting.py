"""Waiting with an event loop: ``await job``, and ``result()`` on the thread whose loop the job needs."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

from primwidgets._monitor.blocked_callers import SHOW_AFTER_SECONDS, BlockedCallers
from primwidgets._monitor.event_loops import Bell, LoopCaller, run_until, running_loop
from primwidgets._monitor.helper_threads import keep_context
from primwidgets._monitor.monitor import Monitor
from primwidgets._monitor.result_calls import ResultCalls
from primwidgets._monitor.result_fetches import ResultFetches
from primwidgets._monitor.tracked_job import TrackedJob


class LoopWaiting:
    """Waits for one job on an event loop.

    Args:
        tracked: the job.
        monitor: reads the job when it has ended.
        callers: those that are blocked.
        calls: make the provider's call.
        fetches: have the result received elsewhere.
    """

    def __init__(
        self,
        tracked: TrackedJob,
        monitor: Monitor,
        callers: BlockedCallers,
        calls: ResultCalls,
        fetches: ResultFetches,
    ) -> None:
        self._tracked = tracked
        self._adapter = tracked.adapter
        self._loop: asyncio.AbstractEventLoop | None = tracked.adapter.event_loop
        self._monitor = monitor
        self._callers = callers
        self._calls = calls
        self._fetches = fetches

    @property
    def must_run_here(self) -> bool:
        """Whether the job is a task of a loop that no thread but this one can run meanwhile."""
        loop = self._loop
        return loop is not None and (loop is running_loop() or not (loop.is_running() or loop.is_closed()))

    @property
    def is_inside(self) -> bool:
        """Whether the job is a task of the loop that runs on this thread."""
        return self._loop is not None and self._loop is running_loop()

    def run_until_end(self, timeout: float | None) -> bool:
        """Run the job's loop on this thread until the job ends, at most ``timeout`` seconds; whether it ended.

        Raises:
            StoppedWaiting: the waiting was stopped.
            RuntimeError: the loop cannot be run here.
        """
        loop: Any = self._loop
        task: asyncio.Future[Any] = self._adapter.job
        caller = LoopCaller(loop)
        timers = [loop.call_later(SHOW_AFTER_SECONDS, self._callers.show, caller)]
        if timeout is not None:
            timers.append(loop.call_later(timeout, caller.end))
        task.add_done_callback(caller.end)
        try:
            with self._callers.registered(caller):
                run_until(loop, caller.future)
        finally:
            task.remove_done_callback(caller.end)
            for timer in timers:
                timer.cancel()
            self._monitor.refresh(self._tracked)
        caller.check()
        return task.done()

    def awaited(self) -> Generator[Any, None, Any]:
        """What ``await job`` does."""
        job = self._adapter.job
        if self.is_inside:
            return self._pass_on(job.__await__())
        if self._adapter.must_be_awaited:
            return self._pass_on((job if hasattr(type(job), "__await__") else job.result()).__await__())
        if self._loop is None and self._adapter.is_awaited_itself:
            return self._pass_on(job.__await__())
        return self._fetched().__await__()

    def _pass_on(self, awaiting: Generator[Any, None, Any]) -> Generator[Any, None, Any]:
        """Await the job itself, as it would be awaited without a card."""
        try:
            result = yield from awaiting
        finally:
            if self._loop is None or self._adapter.job.done():
                self._monitor.refresh(self._tracked)  # so that the card shows the end, too
        return self._calls.deliver(result)

    async def _fetched(self) -> Any:
        """The result, received elsewhere. Whoever stops awaiting does not cancel the job."""
        __tracebackhide__ = True
        if self._calls.returns_at_once:
            return self._calls.make(self._calls.prepare({}))
        fetch, bell = self._fetches.begin({}), Bell(asyncio.get_running_loop())
        if fetch is None:
            take_back = self._tracked.at_end(bell.ring)
            try:
                await bell.future
            finally:
                take_back()
            return self._calls.make(self._calls.prepare({}))
        fetch.add_done_callback(bell.ring)
        await bell.future
        keep_context(fetch)
        return fetch.result()
