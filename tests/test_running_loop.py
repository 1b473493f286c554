"""Synchronous calls inside a running event loop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from typing import Any

import pytest

from primwidgets import WidgetJob
from primwidgets._monitor import event_loops
from tests.callers import a_while

# A synchronous call inside a running loop might leave it in disorder, so most happen in a process of their own.
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
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=240, check=False)
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
        while len(calls) < 6:
            await asyncio.sleep(0)
        print(sorted(calls), asyncio.current_task().get_name())
    """)

    assert words == ["[0,", "1,", "2,", "3,", "4,", "9]", "Task-1"]


def test_wait_in_the_running_loop_lets_the_task_go_on() -> None:
    words = in_a_running_loop("""
        end = asyncio.Event()
        job = WidgetJob(asyncio.create_task(end.wait()))
        print(job.wait(0.001))
        end.set()
        print(job.wait(), job.state)
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
        with pytest.raises(RuntimeError, match="Use `await job`"):
            blocked()
    assert await job == 9
