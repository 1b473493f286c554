"""Asynchronous providers: their coroutines are awaited by the caller, or for the card by their own event loop."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

import pytest
from distributed import Client, LocalCluster

from primwidgets import WidgetJob, submit
from primwidgets._jupyter.protocol import Verb, command_message
from primwidgets.adapters import adapter_for, awaited_jobs
from primwidgets.snapshot import JobSnapshot
from tests.callers import Caller, HeardJob
from tests.monitored import PATIENCE


class AsyncJob:
    """A job with coroutine methods, which belong to the loop that runs where the job was made."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.ended = asyncio.Event()
        self.word = "RUNNING"

    def job_id(self) -> str:
        return "async-1"

    async def status(self) -> str:
        assert asyncio.get_running_loop() is self.loop
        return self.word

    async def result(self, scale: int = 1) -> int:
        await self.ended.wait()
        if self.word == "CANCELLED":
            raise ValueError("it was cancelled")
        return 7 * scale

    async def cancel(self) -> str:
        assert asyncio.get_running_loop() is self.loop
        self.end("CANCELLED")
        return "as you wish"

    def end(self, word: str = "DONE") -> None:
        self.word = word
        self.ended.set()


class AsyncPrimitiveJob(AsyncJob):
    """One with the whole interface."""

    async def done(self) -> bool:
        return self.word == "DONE"

    async def running(self) -> bool:
        return self.word == "RUNNING"

    async def cancelled(self) -> bool:
        return self.word == "CANCELLED"

    async def in_final_state(self) -> bool:
        return self.word != "RUNNING"


class AsyncResultOnly(AsyncJob):
    """One whose state is an attribute."""

    @property
    def status(self) -> str:  # type: ignore[override]
        return self.word


class AsyncCancelOnly(AsyncJob):
    """One that answers at once, but for its cancel."""

    def status(self) -> str:  # type: ignore[override]
        return self.word


KINDS = [AsyncJob, AsyncPrimitiveJob, AsyncResultOnly, AsyncCancelOnly]


async def until(job: HeardJob, state: str) -> None:
    await asyncio.to_thread(job.heard.await_one, lambda now: now.state == state)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_card_shows_what_the_coroutines_tell(kind: Callable[[], AsyncJob]) -> None:
    job = HeardJob(bare := kind())
    await until(job, "RUNNING")
    bare.end()
    await until(job, "DONE")


@pytest.mark.parametrize("kind", KINDS)
async def test_the_result_can_be_awaited_as_without_a_card(kind: Callable[[], AsyncJob]) -> None:
    job = HeardJob(bare := kind())
    asyncio.get_running_loop().call_later(0.01, bare.end)

    assert await job.result(scale=2) == 14
    assert await job.result(3) == 21
    assert await job == 7


@pytest.mark.parametrize("kind", KINDS)
async def test_a_cancel_of_the_reader_is_awaited_by_the_loop_of_the_job(kind: Callable[[], AsyncJob]) -> None:
    job = HeardJob(kind())
    job._handle_custom_msg(command_message(Verb.CANCEL, job.snapshot.uid), None)
    await until(job, "CANCELLED")

    with pytest.raises(ValueError, match="it was cancelled"):
        await job


@pytest.mark.parametrize("kind", KINDS)
async def test_a_cancel_of_the_user_is_awaited_by_the_user(kind: Callable[[], AsyncJob]) -> None:
    job = HeardJob(kind())

    assert await job.cancel() == "as you wish"
    await until(job, "CANCELLED")


async def test_what_the_methods_return_is_the_providers_coroutine() -> None:
    job: Any = WidgetJob(AsyncPrimitiveJob())

    assert await job.status() == "RUNNING"
    assert (await job.done(), await job.running(), await job.cancelled()) == (False, True, False)


async def test_a_wait_that_would_block_the_loop_says_what_to_write() -> None:
    job: WidgetJob[Any, Any] = WidgetJob(AsyncJob())

    with pytest.raises(RuntimeError, match="Use `await job`"):
        job.wait()


async def test_another_thread_can_wait_for_it() -> None:
    job = HeardJob(bare := AsyncJob())
    asyncio.get_running_loop().call_later(0.01, bare.end)

    assert await asyncio.to_thread(job.wait, PATIENCE)


async def test_a_time_out_of_the_caller_ends_the_awaiting_and_not_the_job() -> None:
    job = HeardJob(bare := AsyncJob())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(job, 0.01)
    bare.end()

    assert await job == 7


def test_without_its_loop_the_card_is_stale_and_nothing_hangs() -> None:
    async def make() -> AsyncJob:
        return AsyncJob()

    job = HeardJob(asyncio.run(make()))
    job.heard.await_one(lambda now: now.stale_since is not None)

    with pytest.raises(RuntimeError, match="Use `await job`"):
        job.wait()


@pytest.mark.parametrize("closes", [True, False], ids=["closed", "stopped"])
def test_a_question_that_the_loop_does_not_get_to_any_more_leaves_no_coroutine_behind(
    monkeypatch: pytest.MonkeyPatch, closes: bool
) -> None:
    monkeypatch.setattr(awaited_jobs, "_PATIENCE", 0.1)
    schedule, asked = asyncio.run_coroutine_threadsafe, threading.Event()

    def ask(question: Any, loop: asyncio.AbstractEventLoop) -> Any:
        answer = schedule(question, loop)
        asked.set()
        return answer

    async def block_until_asked() -> Caller:
        adapter = adapter_for(AsyncJob())
        assert adapter.must_be_awaited
        caller = Caller(lambda: adapter.read(JobSnapshot(uid="1")))
        assert asked.wait(PATIENCE)
        return caller

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", ask)
    with asyncio.Runner() as runner:
        caller = runner.run(block_until_asked())
        if not closes:
            with pytest.raises((TimeoutError, CancelledError)):
                caller.outcome()
    with pytest.raises((TimeoutError, CancelledError)):
        caller.outcome()
    del caller
    gc.collect()  # which warns of coroutines that nobody awaited


# A job that waits for itself.


async def test_a_task_that_waits_for_itself_raises_an_error() -> None:
    made: asyncio.Future[WidgetJob[Any, Any]] = asyncio.get_running_loop().create_future()

    async def waits_for_itself() -> None:
        job = await made
        for wait in (job.result, job.wait):
            with pytest.raises(RuntimeError, match="cannot wait for itself"):
                wait()

    task = asyncio.create_task(waits_for_itself())
    made.set_result(WidgetJob(task))
    await asyncio.wait_for(task, PATIENCE)


def test_a_function_that_waits_for_its_own_job_raises_an_error() -> None:
    jobs: list[WidgetJob[Any, Any]] = []
    made = threading.Event()

    def waits_for_itself() -> Any:
        assert made.wait(PATIENCE)
        return jobs[0].result()

    jobs.append(submit(waits_for_itself))
    made.set()
    with pytest.raises(RuntimeError, match="cannot wait for itself"):
        jobs[0].result(timeout=PATIENCE)


# Dask.


async def test_the_future_of_an_asynchronous_client_is_awaited_as_without_a_card() -> None:
    async with (
        LocalCluster(n_workers=1, processes=False, asynchronous=True, dashboard_address=None) as cluster,
        Client(cluster, asynchronous=True) as client,
    ):
        job: WidgetJob[Any, Any] = WidgetJob(client.submit(abs, -2))
        assert await job.result() == 2
        assert await job == 2
        assert await client.gather([job]) == [2]
        with pytest.raises(RuntimeError, match="Use `await job`"):
            job.wait()
        failed: WidgetJob[Any, Any] = WidgetJob(client.submit(int, "x"))
        with pytest.raises(ValueError, match="invalid literal"):
            await failed.result()
        assert isinstance(await failed.exception(), ValueError)
