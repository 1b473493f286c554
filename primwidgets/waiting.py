"""Waiting for a job: ``result()``, ``await`` and ``wait``. The only file that knows event loops.

A provider's ``result()`` runs on a helper thread, and the caller waits for that thread: so a kernel interrupt is served
at once, a time-out holds where the provider has none, and *Stop waiting* can end the wait while the job goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any, Final, Literal

from primwidgets.errors import JobTimeoutError, StoppedWaiting
from primwidgets.monitor import Monitor
from primwidgets.watch import Watch
from primwidgets.workers import Pump, Task, start_daemon

OnInterrupt = Literal["keep", "cancel"]

#: Who waits longer than this is shown on the card, which then offers *Stop waiting*.
SHOW_AFTER_SECONDS: Final = 0.2
#: Most ``result()`` calls of providers under way on helper threads; further ones run on the caller's own thread.
_HELPERS: Final = threading.BoundedSemaphore(64)


class Waiting:
    """Everybody who waits for one job.

    Args:
        watch: the job.
        monitor: hears at once when a result has come.
        received: called with each result, on the thread that received it.
    """

    def __init__(self, watch: Watch, monitor: Monitor, received: Callable[[Any], None]) -> None:
        self._watch = watch
        self._monitor = monitor
        self._received = received
        self._fetches: dict[Hashable, Future[Any]] = {}
        self._waits: set[_Wait] = set()
        self._shown = 0
        self._lock = threading.Lock()

    def result(self, timeout: float | None, on_interrupt: OnInterrupt, kwargs: dict[str, Any]) -> Any:
        """Block until the provider's ``result()`` ends; see ``WidgetJob.result``."""
        if on_interrupt not in ("keep", "cancel"):
            raise ValueError(f'on_interrupt is "keep" or "cancel", not {on_interrupt!r}')
        adapter = self._watch.adapter
        own_timeout = adapter.takes_timeout
        if timeout is not None and own_timeout:
            kwargs = {**kwargs, "timeout": timeout}
        if self._watch.known.is_final and adapter.holds_result:
            return self._receive(adapter.result(**kwargs))
        try:
            return self._wait_for(kwargs, None if own_timeout else timeout)
        except KeyboardInterrupt:
            if on_interrupt == "cancel":
                self._monitor.request_cancel(self._watch)
            raise

    def wait(self, timeout: float | None) -> bool:
        """Block until the job is final or ``timeout`` seconds have passed; whether it is final."""
        wait = _Wait()
        take_back = self._watch.at_end(wait.end)
        try:
            with self._registered(wait):
                self._block(wait, timeout)
        finally:
            take_back()
        return self._watch.known.is_final

    async def outcome(self) -> Any:
        """The provider's result, for ``await``. Who stops awaiting does not cancel the job."""
        loop: asyncio.AbstractEventLoop | None = getattr(self._watch.adapter, "loop", None)
        if loop is asyncio.get_running_loop():
            try:
                return self._receive(await asyncio.shield(self._watch.adapter.job))
            finally:
                self._monitor.refresh(self._watch)
        fetch = self._fetch({})
        if fetch is None:
            return self._watch.adapter.result()
        return await asyncio.shield(asyncio.wrap_future(fetch))

    def stop(self) -> None:
        """Let go of everybody who is blocked in ``result()`` or ``wait``, with ``StoppedWaiting``. Any thread."""
        with self._lock:
            waits = list(self._waits)
        for wait in waits:
            wait.stop()

    def fetch(self) -> None:
        """Have the result received on a helper thread, for who wants to see it; returns at once."""
        self._fetch({})

    def _wait_for(self, kwargs: dict[str, Any], timeout: float | None) -> Any:
        loop: asyncio.AbstractEventLoop | None = getattr(self._watch.adapter, "loop", None)
        if loop is not None and _must_run_here(loop):
            return self._receive(self._run_here(loop, timeout))
        fetch = self._fetch(kwargs)
        if fetch is None:
            return self._receive(self._watch.adapter.result(**kwargs))
        wait = _Wait()
        fetch.add_done_callback(wait.end_with)
        with self._registered(wait):
            if not self._block(wait, timeout):
                raise _timed_out(timeout)
        return fetch.result()

    def _run_here(self, loop: asyncio.AbstractEventLoop, timeout: float | None) -> Any:
        """Wait for a task of the very loop that this thread runs, or would run: the loop has to turn meanwhile."""
        if _running_loop() is not None:
            import nest_asyncio2  # only where a loop has to run inside a running one

            nest_asyncio2.apply(loop)
        task = self._watch.adapter.job
        wait = _LoopWait(loop)
        with self._registered(wait):
            show = loop.call_later(SHOW_AFTER_SECONDS, self._show, wait)
            try:
                either = asyncio.wait({task, wait.future}, timeout=timeout, return_when="FIRST_COMPLETED")
                loop.run_until_complete(either)
            finally:
                show.cancel()
                self._monitor.refresh(self._watch)
        wait.check()
        if not task.done():
            raise _timed_out(timeout)
        return task.result()

    def _fetch(self, kwargs: dict[str, Any]) -> Future[Any] | None:
        """The provider's ``result(**kwargs)`` on a helper thread; ``None`` if there are too many already."""
        key = _key(kwargs)
        with self._lock:
            running = self._fetches.get(key)
            if running is not None:
                return running
            if not _HELPERS.acquire(blocking=False):
                return None
            fetch: Future[Any] = Future()
            self._fetches[key] = fetch

        def run() -> None:
            try:
                outcome = self._receive(self._watch.adapter.result(**kwargs))
            except BaseException as error:  # noqa: BLE001  (it is raised where the result is awaited)
                self._finish(key, partial(fetch.set_exception, error))
            else:
                self._finish(key, partial(fetch.set_result, outcome))

        start_daemon("result", run)
        return fetch

    def _finish(self, key: Hashable, settle: Callable[[], None]) -> None:
        with self._lock:
            del self._fetches[key]
        _HELPERS.release()
        self._monitor.refresh(self._watch)
        settle()

    def _receive(self, outcome: Any) -> Any:
        self._received(outcome)
        return outcome

    def _block(self, wait: _Wait, timeout: float | None) -> bool:
        """Whether ``wait`` ended within ``timeout`` seconds."""
        brief = SHOW_AFTER_SECONDS if timeout is None else min(timeout, SHOW_AFTER_SECONDS)
        ended = wait.event.wait(brief)
        if not ended and timeout != brief:
            self._show(wait)
            ended = wait.event.wait(None if timeout is None else timeout - brief)
        wait.check()
        return ended

    def _show(self, wait: _Wait) -> None:
        wait.shown = True
        self._count(+1)

    def _count(self, change: int) -> None:
        with self._lock:
            self._shown += change
            waiting = self._shown > 0
        self._watch.change(lambda known: replace(known, waiting=waiting))

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

    def end(self) -> None:
        self.event.set()

    def end_with(self, _: Future[Any]) -> None:
        self.end()

    def stop(self) -> None:
        self.stopped = True
        self.end()

    def check(self) -> None:
        if self.stopped:
            raise StoppedWaiting("Somebody stopped the waiting. The job goes on; result() can be called again.")


class _LoopWait(_Wait):
    """One caller who waits by running an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self.future: asyncio.Future[None] = loop.create_future()

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self.future.cancel)


class LoopRunner:
    """The monitor's work on an event loop, where threads do not exist (Pyodide). A provider that blocks, blocks all."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_event_loop()
        self._timer: asyncio.Handle | None = None
        self._pump: Pump | None = None

    def start(self, pump: Pump) -> None:
        """See ``Runner.start``."""
        self._pump = pump
        self.wake()

    def wake(self) -> None:
        """See ``Runner.wake``."""
        self._plan(0.0)

    def submit(self, task: Task) -> None:
        """See ``Runner.submit``."""
        self._loop.call_soon(task)

    def replace_worker(self) -> None:
        """See ``Runner.replace_worker``; a loop cannot hang without hanging this too."""

    def worker_returned(self) -> None:
        """See ``Runner.worker_returned``."""

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


def _key(kwargs: dict[str, Any]) -> Hashable:
    """Equal for calls that can share one answer."""
    try:
        key = tuple(sorted(kwargs.items()))
        hash(key)
    except TypeError:
        return object()
    return key


def _timed_out(timeout: float | None) -> JobTimeoutError:
    return JobTimeoutError(f"No result within {timeout} s. The job goes on; result() can be called again.")
