"""Waiting for a job: ``result()``, ``await`` and ``wait``. The only file that knows event loops.

A provider's ``result()`` runs on a helper thread, and the caller waits for that thread: so a kernel interrupt is served
at once, a time-out holds where the provider has none, and *Stop waiting* can end the wait while the job goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import Any, Final, Literal
from weakref import WeakMethod

from typing_extensions import override

from primwidgets._clock import SYSTEM_CLOCK
from primwidgets._monitor.interrupts import interrupts_raise
from primwidgets._monitor.monitor import Monitor
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets._monitor.transitions import learn_result
from primwidgets._monitor.waiting_line import wait_visibly
from primwidgets._progress.track import waiting_for_another_job
from primwidgets._runtime import after_fork_in_child
from primwidgets._threads import Action, Pump, Work, start_daemon
from primwidgets.adapters._common.outcomes import told_by_error, told_by_result
from primwidgets.errors import JobTimeoutError, StoppedWaiting
from primwidgets.snapshot import Learnt

OnInterrupt = Literal["keep", "cancel"]

#: Who waits longer than this is shown on the card, which then offers *Stop waiting*.
SHOW_AFTER_SECONDS: Final = 0.2
#: So long ``result()`` waits, once it has the result, for observers that are being told the end of the job.
TELL_SECONDS: Final = 0.5
#: Most ``result()`` calls of providers under way on helper threads; further ones run on the caller's own thread.
_HELPERS = threading.BoundedSemaphore(64)


class Waiting:
    """Everybody who waits for one job.

    Args:
        tracked: the job.
        monitor: hears at once when a result has come.
        received: a method, held weakly; called with each result, on the thread that received it.
    """

    def __init__(self, tracked: TrackedJob, monitor: Monitor, received: Callable[[Any], None]) -> None:
        self._watch = tracked
        self._monitor = monitor
        self._received = WeakMethod(received)
        self._loop: asyncio.AbstractEventLoop | None = tracked.adapter.event_loop
        self._shared: Future[Any] | None = None
        self._waits: set[_Wait] = set()
        self._shown = 0
        self._lock = threading.Lock()

    def result(self, timeout: float | None, on_interrupt: OnInterrupt, kwargs: dict[str, Any]) -> Any:
        """Block until the provider's ``result()`` ends; see ``WidgetJob.result``."""
        if on_interrupt not in ("keep", "cancel"):
            raise ValueError(f'on_interrupt is "keep" or "cancel", not {on_interrupt!r}')
        if timeout is not None and self._watch.adapter.takes_timeout:
            kwargs, timeout = {**kwargs, "timeout": timeout}, None
        try:
            return self._result(timeout, kwargs)
        except KeyboardInterrupt:
            if on_interrupt == "cancel":
                self._monitor.request_cancel(self._watch)
            raise
        finally:
            self._let_card_tell()

    def wait(self, timeout: float | None) -> bool:
        """Block until the job is final or ``timeout`` seconds have passed; whether it is final."""
        wait = _Wait()
        take_back = self._watch.at_end(wait.end)
        try:
            with self._registered(wait), waiting_for_another_job(), interrupts_raise():
                ended = self._block(wait, timeout)
        finally:
            take_back()
        if ended and not self._watch.last_read.is_final:  # the tracking ended, not the job
            raise _stopped()
        return ended

    def awaited(self) -> Generator[Any, None, Any]:
        """What ``await`` does.

        A task of the running loop is awaited as it would be without a card: who is cancelled while awaiting it cancels
        it, and it cannot await itself. Of any other job only the waiting ends.
        """
        if self._loop is not None and self._loop is _running_loop():
            return self._await_here(self._watch.adapter.job)
        return self.outcome().__await__()

    def _await_here(self, task: asyncio.Future[Any]) -> Generator[Any, None, Any]:
        try:
            result = yield from task.__await__()
        finally:
            if task.done():
                self._monitor.refresh(self._watch)  # so that the card tells the end, too
        return self._receive(result)

    async def outcome(self) -> Any:
        """The provider's result, for ``await``. Who stops awaiting does not cancel the job."""
        adapter = self._watch.adapter
        if self._is_here():
            return self._obtain(adapter.result)
        fetch, bell = self._fetch({}), _Bell(asyncio.get_running_loop())
        if fetch is None:
            take_back = self._watch.at_end(bell.ring)
            try:
                await bell.future
            finally:
                take_back()
            return self._obtain(adapter.result)
        fetch.add_done_callback(bell.ring)
        await bell.future
        return fetch.result()

    def stop(self) -> None:
        """Let go of everybody who is blocked in ``result()`` or ``wait``, with ``StoppedWaiting``. Any thread."""
        with self._lock:
            waits = list(self._waits)
        for wait in waits:
            wait.stop()

    def fetch(self) -> None:
        """Have the result received on a helper thread, for who wants to see it; returns at once."""
        self._fetch({})

    def _is_here(self) -> bool:
        """Whether the provider's ``result()`` returns at once."""
        adapter = self._watch.adapter
        ended = self._watch.last_read.is_final or (self._loop is not None and adapter.job.done())
        return ended and adapter.holds_result

    def _result(self, timeout: float | None, kwargs: dict[str, Any]) -> Any:
        if self._is_here():
            return self._obtain(partial(self._watch.adapter.result, **kwargs))
        with waiting_for_another_job(), interrupts_raise():  # on this thread: it is the one that a job may need
            return self._wait_for_result(timeout, kwargs)

    def _wait_for_result(self, timeout: float | None, kwargs: dict[str, Any]) -> Any:
        if self._loop is not None and _must_run_here(self._loop):
            self._run_here(self._loop, timeout)
        elif (fetch := self._fetch(kwargs)) is not None:
            return self._wait_for(fetch, timeout)
        return self._obtain(partial(self._watch.adapter.result, **kwargs))

    def _wait_for(self, fetch: Future[Any], timeout: float | None) -> Any:
        wait = _Wait()
        fetch.add_done_callback(wait.end)
        with self._registered(wait):
            if not self._block(wait, timeout):
                raise _timed_out(timeout)
        return fetch.result()

    def _run_here(self, loop: asyncio.AbstractEventLoop, timeout: float | None) -> None:
        """Wait for a task of the very loop that this thread runs, or would run: the loop has to turn meanwhile."""
        if _running_loop() is not None:
            import nest_asyncio2  # only where a loop has to run inside a running one

            nest_asyncio2.apply(loop, run_close_loop=True)
        task: asyncio.Future[Any] = self._watch.adapter.job
        wait = _LoopWait(loop)
        timers = [loop.call_later(SHOW_AFTER_SECONDS, self._show, wait)]
        if timeout is not None:
            timers.append(loop.call_later(timeout, wait.end))
        task.add_done_callback(wait.end)
        try:
            with self._registered(wait):
                loop.run_until_complete(wait.future)
        finally:
            task.remove_done_callback(wait.end)
            for timer in timers:
                timer.cancel()
            self._monitor.refresh(self._watch)
        wait.check()
        if not task.done():
            raise _timed_out(timeout)

    def _fetch(self, kwargs: dict[str, Any]) -> Future[Any] | None:
        """The provider's ``result(**kwargs)`` as it comes; ``None`` if it cannot be had without blocking this thread.

        Calls without keywords share one call of the provider; with keywords, such as a time-out, each has its own.
        """
        with self._lock:
            if self._shared is not None and not kwargs:
                return self._shared
            fetch: Future[Any] = Future()
            if not self._begin(fetch, kwargs):
                return None
            if not kwargs:
                self._shared = fetch
            return fetch

    def _begin(self, fetch: Future[Any], kwargs: dict[str, Any]) -> bool:
        result = partial(self._watch.adapter.result, **kwargs)
        if self._loop is not None:
            task: asyncio.Future[Any] = self._watch.adapter.job
            self._loop.call_soon_threadsafe(task.add_done_callback, lambda _: self._finish(fetch, result))
            return True
        if not _HELPERS.acquire(blocking=False):
            return False
        try:
            start_daemon("result", lambda: self._help(fetch, result), copy_context())
        except RuntimeError:  # no more threads, or none at all
            _HELPERS.release()
            return False
        return True

    def _help(self, fetch: Future[Any], result: Callable[[], Any]) -> None:
        try:
            self._finish(fetch, result)
        finally:
            _HELPERS.release()

    def _finish(self, fetch: Future[Any], result: Callable[[], Any]) -> None:
        try:
            outcome = self._receive(result())
        except BaseException as error:  # noqa: BLE001  (it is raised where the result is awaited)
            self._finished(fetch)
            self._learn_from_error(error, result)
            fetch.set_exception(error)
        else:
            self._finished(fetch)
            self._learn_from_result(outcome)
            fetch.set_result(outcome)

    def _obtain(self, result: Callable[[], Any]) -> Any:
        """What ``result()`` gives on this thread; the card learns from it what the provider has not told."""
        try:
            outcome = result()
        except BaseException as error:
            self._learn_from_error(error, result)
            raise
        self._learn_from_result(outcome)
        return self._receive(outcome)

    def _learn_from_result(self, outcome: Any) -> None:
        if self._watch.adapter.result_tells_end:
            self._learn(told_by_result(outcome))

    def _learn_from_error(self, error: BaseException, result: Callable[[], Any]) -> None:
        """Learn from what ``result()`` raised, unless it may speak of the keywords that the caller passed."""
        keywords = result.keywords if isinstance(result, partial) else {}
        if not keywords.keys() - {"timeout"}:
            self._learn(told_by_error(error, local_cancel=self._watch.adapter.cancels_locally))

    def _learn(self, told: Learnt | None) -> None:
        if told is None:
            return
        if self._watch.is_stale and told.state is not None:  # there is nobody to ask
            told = replace(told, firm=True)
        self._watch.change(partial(learn_result, told=told, now=SYSTEM_CLOCK.now()))

    def _finished(self, fetch: Future[Any]) -> None:
        """Have the job read before the result is handed over, so that the card tells the end too."""
        with self._lock:
            if self._shared is fetch:
                self._shared = None
        self._monitor.refresh(self._watch)

    def _let_card_tell(self) -> None:
        """Wait a moment for the traits to tell the end of the job, if another thread is just setting them."""
        if self._watch.last_read.is_final:
            told = threading.Event()
            take_back = self._watch.at_end(told.set)
            told.wait(TELL_SECONDS)
            take_back()

    def _receive(self, outcome: Any) -> Any:
        received = self._received()
        if received is not None:
            received(outcome)
        return outcome

    def _block(self, wait: _Wait, timeout: float | None) -> bool:
        """Whether ``wait`` ended within ``timeout`` seconds."""
        brief = SHOW_AFTER_SECONDS if timeout is None else min(timeout, SHOW_AFTER_SECONDS)
        ended = wait.event.wait(brief)
        if not ended and timeout != brief:
            self._show(wait)
            ended = wait_visibly(
                wait.event, None if timeout is None else timeout - brief, lambda: self._watch.last_read
            )
        wait.check()
        return ended

    def _show(self, wait: _Wait) -> None:
        wait.shown = True
        self._count(+1)

    def _count(self, change: int) -> None:
        with self._lock:
            self._shown += change
            waiting = self._shown > 0
        self._watch.change(lambda known: known.evolve(waiting=waiting))

    @contextlib.contextmanager
    def _registered(self, wait: _Wait) -> Iterator[None]:
        with self._lock:
            self._waits.add(wait)
        try:
            yield
        finally:
            with self._lock:
                self._waits.discard(wait)
            if wait.shown:
                self._count(-1)


class _Wait:
    """One caller who is blocked."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.stopped = False
        self.shown = False

    def end(self, _: object = None) -> None:
        self.event.set()

    def stop(self) -> None:
        self.stopped = True
        self.end()

    def check(self) -> None:
        if self.stopped:
            raise _stopped()


class _LoopWait(_Wait):
    """One caller who waits by running an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._bell = _Bell(loop)
        self.future = self._bell.future

    @override
    def end(self, _: object = None) -> None:
        self._bell.ring()


class _Bell:
    """A future of an event loop that any thread can end, also one that does not know that the loop was closed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.future: asyncio.Future[None] = loop.create_future()

    def ring(self, _: object = None) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class LoopRunner:
    """The monitor's work on an event loop, where threads do not exist (Pyodide). A provider that blocks, blocks all."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_event_loop()
        self._timer: asyncio.Handle | None = None
        self._pump: Pump | None = None

    def start(self, pump: Pump) -> None:
        self._pump = pump
        self.wake()

    def wake(self) -> None:
        self._plan(0.0)

    def submit(self, task: Action, work: Work = Work.OWN) -> None:
        """Who blocks this thread until observers were told must not wait for a later turn."""
        if work is Work.OBSERVER:
            task()
        else:
            self._loop.call_soon(task)

    def _plan(self, delay: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(delay, self._turn)

    def _turn(self) -> None:
        self._timer = None
        if self._pump is not None and (delay := self._pump()) is not None and self._timer is None:
            self._plan(delay)


def _must_run_here(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether nobody but this thread can run ``loop`` meanwhile."""
    return loop is _running_loop() or not loop.is_running()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    with contextlib.suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None


def _timed_out(timeout: float | None) -> JobTimeoutError:
    return JobTimeoutError(f"No result within {timeout} s. The job goes on; result() can be called again.")


def _stopped() -> StoppedWaiting:
    return StoppedWaiting("Somebody stopped the waiting. The job goes on; result() can be called again.")


def _reset_after_fork() -> None:
    """In a forked child: the helper threads are the parent's."""
    global _HELPERS
    _HELPERS = threading.BoundedSemaphore(64)


after_fork_in_child(_reset_after_fork)
