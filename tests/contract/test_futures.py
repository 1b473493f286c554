"""Real futures of a thread pool and real tasks of an event loop keep the contract of adapters."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, ClassVar

from primwidgets.snapshot import JobState
from primwidgets.testing import LiveAdapterContract
from tests.contract.states import ALL_BUT_INITIALIZING
from tests.monitored import PATIENCE


class TestThreadPoolFutures(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL_BUT_INITIALIZING

    def setup_method(self) -> None:
        self.pool = ThreadPoolExecutor(1)
        self.release = threading.Event()

    def teardown_method(self) -> None:
        self.release.set()
        self.pool.shutdown()

    def make_job(self, state: JobState) -> Future[Any]:
        if state in (JobState.DONE, JobState.ERROR):
            future = self.pool.submit(_succeed if state is JobState.DONE else _fail)
            wait([future])
            return future
        started = threading.Event()
        running = self.pool.submit(self._block, started)
        assert started.wait(PATIENCE)
        if state is JobState.RUNNING:
            return running
        queued = self.pool.submit(_succeed)
        if state is JobState.CANCELLED:
            queued.cancel()
        return queued

    def finish(self, job: Future[Any]) -> None:
        self.release.set()
        wait([job])

    def _block(self, started: threading.Event) -> None:
        started.set()
        self.release.wait()


class _OnALoop(LiveAdapterContract):
    """The loop runs on a thread of its own, as the adapter's worker threads see it."""

    def setup_method(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.release: asyncio.Future[None] = self.on_loop(_make(self.loop.create_future))

    def teardown_method(self) -> None:
        self.finish(None)
        self.on_loop(_make(lambda: None))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def on_loop(self, awaitable: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(awaitable, self.loop).result(PATIENCE)

    def finish(self, job: Any) -> None:
        self.loop.call_soon_threadsafe(_stop_idle_workers, self.release)
        if job is not None:
            self.on_loop(_ended(job))


class TestAsyncioTasks(_OnALoop):
    states: ClassVar[tuple[JobState, ...]] = (JobState.RUNNING, JobState.DONE, JobState.ERROR, JobState.CANCELLED)

    def make_job(self, state: JobState) -> asyncio.Task[Any]:
        works: dict[JobState, Callable[[], Awaitable[Any]]] = {
            JobState.RUNNING: self._block,
            JobState.DONE: _succeed_later,
            JobState.ERROR: _fail_later,
            JobState.CANCELLED: self._block,
        }
        task = self.on_loop(_make(lambda: asyncio.ensure_future(works[state]())))
        if state is JobState.CANCELLED:
            self.loop.call_soon_threadsafe(task.cancel)
        if state.is_final:
            self.on_loop(_ended(task))
        assert isinstance(task, asyncio.Task)
        return task

    async def _block(self) -> None:
        await asyncio.shield(self.release)


class TestAsyncioFutures(_OnALoop):
    states: ClassVar[tuple[JobState, ...]] = (JobState.QUEUED, JobState.DONE, JobState.ERROR, JobState.CANCELLED)

    def make_job(self, state: JobState) -> asyncio.Future[Any]:
        if state is JobState.QUEUED:
            return self.release
        future: asyncio.Future[Any] = self.on_loop(_make(self.loop.create_future))
        settle: dict[JobState, Callable[[], object]] = {
            JobState.DONE: lambda: future.set_result({"0": 1}),
            JobState.ERROR: lambda: future.set_exception(ValueError("no such qubit")),
            JobState.CANCELLED: future.cancel,
        }
        self.on_loop(_make(settle[state]))
        return future


def _succeed() -> dict[str, int]:
    return {"00": 3, "11": 5}


def _fail() -> None:
    raise ValueError("no such qubit")


async def _succeed_later() -> dict[str, int]:
    return _succeed()


async def _fail_later() -> None:
    _fail()


def _stop_idle_workers(release: asyncio.Future[None]) -> None:
    if not release.done():
        release.set_result(None)


async def _make(what: Callable[[], Any]) -> Any:
    return what()


async def _ended(job: asyncio.Future[Any]) -> None:
    await asyncio.wait([job])
