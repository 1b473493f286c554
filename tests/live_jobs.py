"""Jobs of this process that live as a test says: scripted ones, futures, tasks, and Qiskit's."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, ClassVar, cast

from qiskit.primitives.primitive_job import PrimitiveJob
from qiskit_aer.jobs.aerjob import AerJob

from primwidgets import register_adapter, track
from primwidgets.adapters.base import Pace
from primwidgets.engines.base import Engine, FunctionCall
from primwidgets.engines.executor.engine import ExecutorEngine
from primwidgets.engines.threads import LocalEngine
from primwidgets.snapshot import JobSnapshot, JobState
from primwidgets.testing import FakeAdapter, FakeJob
from tests.live_states import CircuitJob, ForeignFuture, OwnJob, StatePlayed
from tests.lives import Life, Played, Truth, pause


class LiveJob(FakeJob):
    """A scripted job that remembers its states."""

    def __init__(self, life: Life) -> None:
        super().__init__(push="poll" not in life.kind)
        self.life = life
        self.history: list[tuple[float, Truth]] = [(time.monotonic(), (JobState.QUEUED, None))]
        self._one = threading.RLock()
        if life.answer == "refuses":
            self.refuse_cancel("no")
        elif life.answer == "ignores":
            self.ignore_cancel()

    def move_to(self, state: JobState, *, progress: float | None = None, **fields: Any) -> None:
        with self._one:
            if not self.in_final_state():
                self.history.append((time.monotonic(), (state, progress)))
                super().move_to(state, progress=progress, **fields)


class SlowJob(LiveJob):
    """One of a provider that is far away."""


class NearAdapter(FakeAdapter):
    provider = "Near"
    pace = Pace(first=0.05, ceiling=0.4)

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.budget_key = job.life, id(job)  # each has a provider of its own

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        pause(self.job.life.subscribe)  # type: ignore[attr-defined]
        return super().subscribe(changed)


class SlowAdapter(NearAdapter):
    provider = "Slow"
    blocking: ClassVar[bool] = True

    def read(self, last: JobSnapshot) -> JobSnapshot:
        seconds = self.job.life.read  # type: ignore[attr-defined]
        pause(seconds / 2)
        read = super().read(last)
        pause(seconds / 2)
        return read


register_adapter(LiveJob, NearAdapter)
register_adapter(SlowJob, SlowAdapter)


class Scripted(Played):
    """A job that is moved by hand."""

    def __init__(self, life: Life) -> None:
        super().__init__(life, (SlowJob if "slow" in life.kind else LiveJob)(life))

    def step(self, number: int) -> None:
        if not self.is_last(number):
            self.job.move_to(JobState.RUNNING, progress=number / 10)
        elif self.life.fails:
            self.job.fail(ValueError("no such qubit"))
        else:
            self.job.finish()

    def truth(self) -> Truth:
        truth: Truth = self.job.history[-1][1]
        return truth

    def history(self) -> list[tuple[float, Truth]]:
        return cast("list[tuple[float, Truth]]", self.job.history)


class LiveFuture(Future[Any]):
    """A future whose executor takes note of a cancel."""

    def cancel(self) -> bool:
        return super().cancel() and not self.set_running_or_notify_cancel()


class FuturePlayed(Played):
    """A ``concurrent.futures.Future`` that is moved by hand."""

    def __init__(self, life: Life) -> None:
        super().__init__(life, LiveFuture())

    def step(self, number: int) -> None:
        with contextlib.suppress(InvalidStateError, RuntimeError):
            if number == 0:
                self.job.set_running_or_notify_cancel()
            elif self.is_last(number) and self.life.fails:
                self.job.set_exception(ValueError("no such qubit"))
            elif self.is_last(number):
                self.job.set_result(1)

    def truth(self) -> Truth:
        return state_of(self.job), None


class Gated(Played):
    """A function on a thread of this process, which takes a step whenever a gate lets it.

    Args:
        life: what happens to it.
        begin: makes the job of a function without arguments.
    """

    def __init__(self, life: Life, begin: Callable[[Callable[[], Any]], Any]) -> None:
        self.gate = threading.Semaphore(0)
        super().__init__(life, begin(self._work))

    def step(self, number: int) -> None:
        self.gate.release()

    def truth(self) -> Truth:
        future = getattr(self.job, "_future", self.job)
        state = state_of(future)
        failed = state is JobState.DONE and getattr(future.result(), "success", True) is False
        return JobState.ERROR if failed else state, None

    def close(self) -> None:
        self.gate.release(self.life.steps)

    def _work(self) -> Any:
        for _ in range(self.life.steps):
            self.gate.acquire()
        if self.life.fails and self.life.answer == "ignores" and self.life.kind == "aer":
            return SimpleNamespace(success=False, status="no such gate")
        if self.life.fails:
            raise ValueError("no such qubit")
        return 1


class Call(Gated):
    """The same as a function that was submitted, with a progress and a cancel."""

    def truth(self) -> Truth:
        return self.job.state(), self.job.context.progress().fraction

    def _work(self) -> None:
        self.gate.acquire()
        for _ in track(range(self.life.steps - 1)):
            self.gate.acquire()
        if self.life.fails:
            raise ValueError("no such qubit")


class QueuedCall(Call):
    """A call that waits for another one on the only thread, until its first step."""

    def __init__(self, life: Life) -> None:
        self._first = threading.Semaphore(0)
        engine = LocalEngine(threads=1)
        engine.start(FunctionCall(self._first.acquire))
        super().__init__(life, lambda work: engine.start(FunctionCall(work)))

    def step(self, number: int) -> None:
        self._first.release()
        super().step(number)

    def close(self) -> None:
        self._first.release()
        super().close()


class TaskPlayed(Played):
    """A task, or a future, of an event loop on a thread of its own."""

    def __init__(self, life: Life, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._gate = asyncio.Semaphore(0)
        made = asyncio.run_coroutine_threadsafe(self._make(life), loop)
        super().__init__(life, made.result())

    def step(self, number: int) -> None:
        if isinstance(self.job, asyncio.Task):
            self._loop.call_soon_threadsafe(self._gate.release)
        elif self.is_last(number):
            self._loop.call_soon_threadsafe(self._settle)

    def truth(self) -> Truth:
        if not self.job.done():
            return JobState.RUNNING if isinstance(self.job, asyncio.Task) else JobState.QUEUED, None
        if self.job.cancelled():
            return JobState.CANCELLED, None
        return JobState.DONE if self.job.exception() is None else JobState.ERROR, None

    async def _make(self, life: Life) -> Any:
        return asyncio.create_task(self._work(life)) if life.kind == "task" else self._loop.create_future()

    async def _work(self, life: Life) -> int:
        for _ in range(life.steps):
            while True:
                try:
                    await self._gate.acquire()
                    break
                except asyncio.CancelledError:
                    if life.answer == "accepts":
                        raise
        if life.fails:
            raise ValueError("no such qubit")
        return 1

    def _settle(self) -> None:
        if self.job.done():
            return
        if self.life.fails:
            self.job.set_exception(ValueError("no such qubit"))
        else:
            self.job.set_result(1)


def state_of(future: Future[Any]) -> JobState:
    """The state that a real future is in."""
    if future.running():
        return JobState.RUNNING
    if not future.done():
        return JobState.QUEUED
    if future.cancelled():
        return JobState.CANCELLED
    return JobState.DONE if future.exception() is None else JobState.ERROR


class LocalProviders:
    """What the jobs of this process run on."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(400)
        self.engine = LocalEngine(threads=400)
        self.pool_engine: Engine = ExecutorEngine(self.threads)
        self.loop = asyncio.new_event_loop()
        self._turner = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._turner.start()

    def play(self, life: Life) -> Played | None:
        """A new job of that life; ``None`` if its kind is none of this process."""
        match life.kind:
            case "push" | "poll" | "slow push" | "slow poll":
                return Scripted(life)
            case "future":
                return Gated(life, self.threads.submit) if life.answer == "ignores" else FuturePlayed(life)
            case "submit":
                return Call(life, lambda work: self.engine.start(FunctionCall(work)))
            case "queued call":
                return QueuedCall(life)
            case "executor of threads":
                return Call(life, lambda work: self.pool_engine.start(FunctionCall(work)))
            case "primitive":
                return Gated(life, _submitted_primitive_job)
            case "aer":
                return Gated(life, self._submitted_aer_job)
            case "task" | "asyncio future":
                return TaskPlayed(life, self.loop)
            case "foreign future":
                return StatePlayed(life, ForeignFuture(life))
            case "circuit job":
                return StatePlayed(life, CircuitJob(life))
            case "own job":
                return StatePlayed(life, OwnJob(life))
        return None

    def close(self) -> None:
        """End the threads."""
        self.threads.shutdown(wait=False)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._turner.join()
        self.loop.close()

    def _submitted_aer_job(self, work: Callable[[], Any]) -> AerJob:
        job = AerJob(None, f"aer-{id(work)}", lambda *_: work(), executor=self.threads)
        job.submit()
        return job


def _submitted_primitive_job(work: Callable[[], Any]) -> PrimitiveJob:
    job = PrimitiveJob(work)
    job._submit()
    return job
