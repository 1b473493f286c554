"""Tests of ``loop_waiting.py``."""

from __future__ import annotations

import asyncio
import concurrent.futures
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from primwidgets import JobTimeoutError, WidgetJob
from primwidgets._monitor import event_loops, helper_threads
from primwidgets._monitor.event_loops import LoopRunner
from primwidgets._monitor.monitor import Monitor
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets.snapshot import JobSnapshot, JobState
from primwidgets.testing import FakeAdapter, FakeJob
from tests.callers import FarJob, Start
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


async def a_while(value: Any = 9, seconds: float = 0.02) -> Any:
    await asyncio.sleep(seconds)
    return value


async def test_a_task_of_the_same_loop_can_be_awaited() -> None:
    job = WidgetJob(asyncio.create_task(a_while()))

    assert await job == 9
    assert job.state == "DONE"


async def test_who_is_cancelled_while_awaiting_a_task_of_the_same_loop_cancels_it_as_without_a_card() -> None:
    task = asyncio.create_task(asyncio.Event().wait())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(WidgetJob(task), 0.01)

    assert task.cancelled()


async def test_a_task_that_awaits_its_own_card_is_told_that_it_cannot() -> None:
    made: asyncio.Future[WidgetJob[Any, Any]] = asyncio.get_running_loop().create_future()

    async def awaits_itself() -> None:
        await (await made)

    task = asyncio.create_task(awaits_itself())
    made.set_result(WidgetJob(task))
    with pytest.raises(RuntimeError, match="cannot await on itself"):
        await asyncio.wait_for(task, PATIENCE)


# A synchronous call inside a running loop might leave it in disorder, so each happens in a process of its own.

SCRIPT = """
import asyncio, sys
from concurrent.futures import ThreadPoolExecutor
from primwidgets import JobTimeoutError, StoppedWaiting, WidgetJob

async def a_while(value=9, seconds=0.02):
    await asyncio.sleep(seconds)
    return value

async def main():
{body}

asyncio.run(main())
"""


def in_a_running_loop(body: str) -> list[str]:
    """Run ``body`` in a coroutine of a fresh process; returns the words that it prints."""
    script = SCRIPT.format(body=textwrap.indent(textwrap.dedent(body), "    "))
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout.split()


def test_a_task_of_the_running_loop_gives_its_result_to_a_synchronous_call() -> None:
    words = in_a_running_loop("""
        other = asyncio.create_task(a_while(seconds=0.01))
        job = WidgetJob(asyncio.create_task(a_while()))
        print(job.result(), job.state, other.done())
    """)

    assert words == ["9", "DONE", "True"]


def test_a_synchronous_call_in_the_running_loop_can_time_out_and_be_stopped() -> None:
    words = in_a_running_loop("""
        job = WidgetJob(asyncio.create_task(a_while(seconds=60)))
        for timeout in (0.01, None):
            if timeout is None:
                asyncio.get_running_loop().call_soon(job.stop_waiting)  # its turn comes while result() waits
            try:
                job.result(timeout)
            except (JobTimeoutError, StoppedWaiting) as error:
                print(type(error).__name__)
        job.cancel()
        try:
            job.result()
        except asyncio.CancelledError as error:
            print(type(error).__name__)
    """)

    assert words == ["JobTimeoutError", "StoppedWaiting", "CancelledError"]


def test_the_card_tells_that_a_synchronous_call_in_the_running_loop_waits() -> None:
    words = in_a_running_loop("""
        class Job(WidgetJob):
            def snapshot_changed(self, snapshot):
                if snapshot.waiting:
                    loop.call_soon_threadsafe(told.set)

        loop, told = asyncio.get_running_loop(), asyncio.Event()
        job = Job(asyncio.create_task(told.wait()))
        print(job.result(), job.snapshot.waiting)
    """)

    assert words == ["True", "False"]


def test_asyncio_is_not_patched_when_a_loop_has_to_run_inside_itself() -> None:
    words = in_a_running_loop("""
        before = asyncio.Task, asyncio.run, asyncio.get_event_loop, type(asyncio.get_running_loop())._run_once
        WidgetJob(asyncio.create_task(asyncio.sleep(0))).result()
        after = asyncio.Task, asyncio.run, asyncio.get_event_loop, type(asyncio.get_running_loop())._run_once
        print(before == after, any("nest_asyncio" in name for name in sys.modules))
    """)

    assert words == ["True", "False"]


def test_the_turn_that_goes_on_misses_none_of_the_callbacks_that_ran_meanwhile() -> None:
    words = in_a_running_loop("""
        loop, calls = asyncio.get_running_loop(), []
        job = WidgetJob(asyncio.create_task(a_while()))
        def call_synchronously():
            calls.append(job.result())
        loop.call_soon(call_synchronously)
        for number in range(5):
            loop.call_soon(calls.append, number)
        await asyncio.sleep(0.1)
        print(sorted(calls), asyncio.current_task().get_name())
    """)

    assert words == ["[0,", "1,", "2,", "3,", "4,", "9]", "Task-1"]


def test_wait_in_the_running_loop_lets_the_task_go_on() -> None:
    words = in_a_running_loop("""
        job = WidgetJob(asyncio.create_task(a_while()))
        print(job.wait(0.001), job.wait(), job.state)
    """)

    assert words == ["False", "True", "DONE"]


async def test_a_loop_that_the_user_has_patched_is_used_as_it_is() -> None:
    loop, asked = asyncio.get_running_loop(), list[Any]()
    job: WidgetJob[Any, Any] = WidgetJob(asyncio.create_task(a_while()))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loop, "_nest_patched", True, raising=False)
        patched.setattr(loop, "run_until_complete", asked.append)
        assert job.wait() is False

    assert len(asked) == 1
    assert await job == 9


async def test_a_loop_that_cannot_run_inside_itself_says_what_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_loops, "_STEP", "_no_such_step")  # as with uvloop
    job: WidgetJob[Any, Any] = WidgetJob(asyncio.create_task(a_while()))

    for blocked in (job.result, job.wait):
        with pytest.raises(RuntimeError, match="Write `await job`"):
            blocked()
    assert await job == 9


# Other loops.


def test_a_task_of_a_loop_that_nobody_runs_is_run_here() -> None:
    loop = asyncio.new_event_loop()
    try:
        job: WidgetJob[Any, Any] = WidgetJob(loop.create_task(a_while()))
        with pytest.raises(JobTimeoutError):
            job.result(timeout=0.001)
        assert job.result() == 9
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
