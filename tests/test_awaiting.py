"""Tests of ``loop_waiting.py``."""

from __future__ import annotations

import asyncio
import concurrent.futures
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from primwidgets import JobTimeoutError, WidgetJob
from primwidgets._monitor import helper_threads
from primwidgets._monitor.event_loops import LoopRunner
from primwidgets._monitor.monitor import Monitor
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets.snapshot import JobSnapshot, JobState
from primwidgets.testing import FakeAdapter, FakeJob
from tests.callers import FarJob, Start, a_while
from tests.monitored import PATIENCE

# await


async def test_await_gives_the_result_of_a_job(start: Start) -> None:
    job, value = start(), object()
    asyncio.get_running_loop().call_later(0.01, job.job.finish, value)

    assert await job is value
    assert await job is value


async def test_await_gives_the_result_of_a_future() -> None:
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        assert await WidgetJob(pool.submit(sum, (1, 2))) == 3


async def test_await_raises_the_providers_own_exception(start: Start) -> None:
    job, error = start(), ValueError("no such qubit")
    asyncio.get_running_loop().call_later(0.01, job.job.fail, error)

    with pytest.raises(ValueError, match="no such qubit") as caught:
        await job
    assert caught.value is error


async def test_awaiting_a_cancelled_job_does_not_look_like_the_cancel_of_who_awaits(start: Start) -> None:
    job = start()
    asyncio.get_running_loop().call_later(0.01, job.job.cancel)

    with pytest.raises(concurrent.futures.CancelledError):
        await job


async def test_who_stops_awaiting_does_not_cancel_the_job(start: Start) -> None:
    job = start()

    async def hear() -> Any:
        return await job

    hearing = asyncio.create_task(hear())
    await asyncio.sleep(0)
    hearing.cancel()
    await asyncio.wait([hearing])
    assert hearing.cancelled()
    job.job.finish(5)

    assert (job.job.cancels, await job) == (0, 5)


async def test_await_where_no_thread_can_be_started(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    job = start(FarJob())
    monkeypatch.setattr(helper_threads, "_free", threading.BoundedSemaphore(1))
    assert helper_threads._free.acquire(blocking=False)
    asyncio.get_running_loop().call_later(0.01, job.job.finish, 8)

    assert await job == 8


def test_a_loop_that_was_closed_while_the_result_came_is_left_alone(start: Start) -> None:
    job = start()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(job, 0.01)

    asyncio.run(give_up())
    job.job.finish(1)

    assert job.result() == 1


# asyncio tasks


async def test_a_task_of_the_same_loop_can_be_awaited() -> None:
    job = WidgetJob(asyncio.create_task(a_while()))

    assert await job == 9
    assert job.state == "DONE"


async def test_who_is_cancelled_while_awaiting_a_task_of_the_same_loop_cancels_it_as_without_a_card() -> None:
    task = asyncio.create_task(asyncio.Event().wait())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(WidgetJob(task), 0.01)

    assert task.cancelled()


async def test_a_task_that_awaits_its_own_card_raises_an_error() -> None:
    made: asyncio.Future[WidgetJob[Any, Any]] = asyncio.get_running_loop().create_future()

    async def awaits_itself() -> None:
        await (await made)

    task = asyncio.create_task(awaits_itself())
    made.set_result(WidgetJob(task))
    with pytest.raises(RuntimeError, match="cannot await on itself"):
        await asyncio.wait_for(task, PATIENCE)


# Other loops.


def test_a_task_of_a_loop_that_does_not_run_is_run_here() -> None:
    loop, end = asyncio.new_event_loop(), asyncio.Event()
    try:
        job: WidgetJob[Any, Any] = WidgetJob(loop.create_task(end.wait()))
        with pytest.raises(JobTimeoutError):
            job.result(timeout=0.001)
        end.set()
        assert job.result() is True
    finally:
        loop.close()


def test_an_interrupt_while_a_loop_is_run_here_leaves_the_task_alone() -> None:
    loop = asyncio.new_event_loop()
    running = threading.Event()

    async def until_set(end: asyncio.Event) -> int:
        loop.call_soon(running.set)  # after this step, so that the interrupt meets the loop and not the task
        await end.wait()
        return 9

    def interrupt() -> None:
        assert running.wait(PATIENCE)
        signal.pthread_kill(main, signal.SIGINT)

    end, main = asyncio.Event(), threading.get_ident()
    interrupter = threading.Thread(target=interrupt)
    try:
        job: WidgetJob[Any, Any] = WidgetJob(loop.create_task(until_set(end)))
        interrupter.start()
        with pytest.raises(KeyboardInterrupt):
            job.result(timeout=PATIENCE)
        interrupter.join()
        end.set()
        assert job.result(timeout=PATIENCE) == 9
    finally:
        loop.close()


def test_a_task_that_ended_gives_its_result_although_its_loop_is_closed() -> None:
    async def main() -> WidgetJob[Any, Any]:
        job: WidgetJob[Any, Any] = WidgetJob(asyncio.create_task(a_while()))
        await asyncio.wait([job.job])
        return job

    assert asyncio.run(main()).result() == 9


@pytest.fixture
def foreign_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs on another thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(PATIENCE)
    loop.close()


def task_on(
    loop: asyncio.AbstractEventLoop, seconds: float = 0.02, error: Exception | None = None
) -> asyncio.Task[Any]:
    async def work() -> Any:
        await asyncio.sleep(seconds)
        if error is not None:
            raise error
        return 9

    async def start() -> asyncio.Task[Any]:
        return asyncio.get_running_loop().create_task(work())

    return asyncio.run_coroutine_threadsafe(start(), loop).result(PATIENCE)


def test_a_task_of_a_loop_on_another_thread_gives_its_result(foreign_loop: asyncio.AbstractEventLoop) -> None:
    job: WidgetJob[Any, Any] = WidgetJob(task_on(foreign_loop))

    assert job.result() == 9
    assert job.state == "DONE"


def test_a_task_of_a_loop_on_another_thread_raises_its_own_exception(foreign_loop: asyncio.AbstractEventLoop) -> None:
    error = ValueError("no such qubit")

    with pytest.raises(ValueError, match="no such qubit") as caught:
        WidgetJob(task_on(foreign_loop, error=error)).result()
    assert caught.value is error


def test_waiting_for_a_loop_on_another_thread_can_time_out_and_cancel(foreign_loop: asyncio.AbstractEventLoop) -> None:
    job: WidgetJob[Any, Any] = WidgetJob(task_on(foreign_loop, seconds=PATIENCE))
    with pytest.raises(JobTimeoutError):
        job.result(timeout=0.01)
    job.cancel()

    with pytest.raises(asyncio.CancelledError):
        job.result()
    assert job.wait(PATIENCE)
    assert job.state == "CANCELLED"


async def test_a_task_of_another_loop_can_be_awaited(foreign_loop: asyncio.AbstractEventLoop) -> None:
    assert await WidgetJob(task_on(foreign_loop)) == 9


# Where threads do not exist.


async def test_the_monitor_runs_on_an_event_loop_where_threads_do_not_exist() -> None:
    job, ended, threads = FakeJob(push=False), asyncio.Event(), set[int]()
    seen: list[JobState] = []
    next_step = {JobState.QUEUED: lambda: job.move_to(JobState.RUNNING), JobState.RUNNING: job.finish}

    def changed(snapshot: JobSnapshot) -> None:
        threads.add(threading.get_ident())
        seen.append(snapshot.state)
        asyncio.get_running_loop().call_soon(next_step.get(snapshot.state, ended.set))

    monitor = Monitor(LoopRunner())
    tracked = TrackedJob(FakeAdapter(job), JobSnapshot(uid="u1"), changed)
    monitor.watch(tracked)
    await asyncio.wait_for(ended.wait(), PATIENCE)

    assert seen == [JobState.QUEUED, JobState.RUNNING, JobState.DONE]
    assert threads == {threading.get_ident()}


async def test_a_cancel_is_carried_out_on_the_event_loop_where_threads_do_not_exist() -> None:
    job, ended = FakeJob(), asyncio.Event()
    job.move_to(JobState.RUNNING)
    monitor = Monitor(LoopRunner())
    tracked = TrackedJob(FakeAdapter(job), JobSnapshot(uid="u1"), lambda now: ended.set() if now.is_final else None)
    monitor.request_cancel(tracked)
    assert job.cancels == 0
    await asyncio.wait_for(ended.wait(), PATIENCE)

    assert tracked.snapshot.cancel_state == "CONFIRMED"
