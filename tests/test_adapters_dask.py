"""What is special about Dask's futures and collections."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dask import bag
from distributed import Client, Future, wait
from distributed.client import FutureCancelledError

from primwidgets import NotAJobError, WidgetJob
from primwidgets._jupyter.protocol import Verb, command_message
from primwidgets.adapters import adapter_for
from primwidgets.adapters.dask import CollectionJob, DaskFutureAdapter
from primwidgets.snapshot import CancelState, JobSnapshot, JobState
from tests.callers import HeardJob
from tests.dask_cluster import Gate, await_one, dask_client, gate, pass_gate
from tests.monitored import PATIENCE

__all__ = ["gate"]  # a fixture

BLANK = JobSnapshot(uid="u1")


@pytest.fixture(scope="module", autouse=True)
def client() -> Iterator[Client]:
    with dask_client() as client:
        yield client


def numbers(parts: int) -> Any:
    return bag.from_sequence(range(parts), npartitions=parts)


def known_tasks(dask_scheduler: Any) -> list[Any]:
    return list(dask_scheduler.tasks)


def divide(number: int) -> float:
    return 1 / number


def test_a_widget_stands_for_the_future(client: Client) -> None:
    future = client.submit(divide, 4, pure=False)
    job = WidgetJob(future)
    assert isinstance(job, Future)
    assert (job.job_id(), job.key, job.snapshot.provider) == (future.key, future.key, "Dask")
    assert job.result(timeout=PATIENCE) == 0.25
    assert job.wait(PATIENCE)
    assert job.state == "DONE"


async def test_a_future_is_awaited(client: Client) -> None:
    assert await WidgetJob(client.submit(divide, 4, pure=False)) == 0.25


def test_why_a_future_failed_is_known_without_asking_the_cluster(client: Client) -> None:
    future = client.submit(divide, 0, pure=False)
    wait([future], PATIENCE)
    error = adapter_for(future).read(BLANK).error
    assert error is not None
    assert (error.type, error.message) == ("ZeroDivisionError", "division by zero")
    assert error.traceback is not None
    assert "in divide" in error.traceback


def test_a_failed_future_that_is_retried_is_queued_again_and_then_done(client: Client, tmp_path: Path) -> None:
    def fail_once(mark: Path) -> int:
        if not mark.exists():
            mark.touch()
            raise ValueError("the first time")
        return 5

    future = client.submit(fail_once, tmp_path / "mark", pure=False)
    adapter = adapter_for(future)
    assert adapter.rechecks
    with pytest.raises(ValueError, match="the first time"):
        future.result(PATIENCE)
    failed = adapter.read(JobSnapshot(uid="u"))
    future.retry()
    again = adapter.read(failed)
    assert future.result(PATIENCE) == 5
    done = adapter.read(again)
    assert (failed.state, done.state, done.error) == (JobState.ERROR, JobState.DONE, None)
    assert again.state in (JobState.QUEUED, JobState.DONE)


def test_a_cancelled_future_says_what_dask_can_and_cannot_do(client: Client, gate: Gate) -> None:
    job = HeardJob(client.submit(pass_gate, gate.name, pure=False))
    gate.await_call()
    job.cancel()
    assert job.wait(PATIENCE)
    snapshot = job.snapshot
    assert (snapshot.state, snapshot.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)
    assert snapshot.cancel_detail is not None
    assert "continue to their end" in snapshot.cancel_detail
    with pytest.raises(FutureCancelledError):
        job.result()


def test_a_cancel_that_comes_too_late_leaves_the_result(client: Client) -> None:
    job = HeardJob(client.submit(divide, 4, pure=False))
    assert job.wait(PATIENCE)
    job._handle_custom_msg(command_message(Verb.CANCEL, job.snapshot.uid), None)
    job.heard.await_one(lambda now: now.cancel_state == "TOO_LATE")
    assert job.result(timeout=PATIENCE) == 0.25


def test_who_unsubscribed_is_not_kept_by_the_future(client: Client, gate: Gate) -> None:
    future = client.submit(pass_gate, gate.name, pure=False)
    told: list[str] = []
    adapter = adapter_for(future)
    unsubscribe = adapter.subscribe(lambda: told.append("changed"))
    assert unsubscribe is not None
    unsubscribe()
    gate.let_go()
    wait([future], PATIENCE)
    assert told == []


def test_a_closed_client_is_no_cancel(client: Client, gate: Gate) -> None:
    with Client(client.scheduler_info()["address"], set_as_default=False) as other:
        future = other.submit(pass_gate, gate.name, pure=False)
        collection = other.persist(numbers(2).map(divide))
    for job in (future, collection):
        read = adapter_for(job).read(BLANK)
        assert read.state is JobState.ERROR
        assert read.error is not None
        assert read.error.message == "The Dask client was closed: the call and its result are gone."


@pytest.mark.parametrize("reason", ["lost dependencies", "already forgotten", "scheduler-connection-lost"])
def test_what_dask_calls_cancelled_without_a_cancel_has_failed(client: Client, gate: Gate, reason: str) -> None:
    future = client.submit(pass_gate, gate.name, pure=False)
    state: Any = future._state
    state.cancel(reason=reason, msg="re-run your work")  # as the scheduler's message does
    read = adapter_for(future).read(BLANK)
    assert read.state is JobState.ERROR
    assert read.error is not None
    assert read.error.message.endswith("Dask says: re-run your work")
    assert read.cancel_detail is None


def test_the_reason_that_was_given_for_a_cancel_is_on_the_card(client: Client, gate: Gate) -> None:
    future = client.submit(pass_gate, gate.name, pure=False)
    gate.await_call()
    future.cancel(reason="too expensive", msg="ask Ann")
    read = adapter_for(future).read(BLANK)
    assert (read.state, read.error) == (JobState.CANCELLED, None)
    assert read.message == "Reason of the cancel: too expensive. Dask says: ask Ann"


def test_what_was_done_before_its_client_was_closed_stays_so(client: Client) -> None:
    with Client(client.scheduler_info()["address"], set_as_default=False) as other:
        future = other.submit(divide, 4, pure=False)
        collection = other.persist(numbers(2))
        wait([future, *CollectionJob(collection).futures], PATIENCE)
        adapters = [adapter_for(future), adapter_for(collection)]
        read = [adapter.read(BLANK) for adapter in adapters]
    assert [snapshot.state for snapshot in read] == [JobState.DONE] * 2
    assert [adapter.read(last) for adapter, last in zip(adapters, read, strict=True)] == read


def test_an_unknown_word_keeps_the_state() -> None:
    class Odd:
        key, client, status = "k", None, "resting"

    odd: Any = Odd()
    read = DaskFutureAdapter(odd).read(BLANK.evolve(state=JobState.RUNNING))
    assert (read.state, read.status_text) == (JobState.RUNNING, "resting")


def test_a_collection_is_one_job_with_the_progress_of_its_parts(client: Client, gate: Gate) -> None:
    name = gate.name
    work = numbers(40).map(lambda number: pass_gate(name) if number == 39 else number * number).persist()
    job = HeardJob(work)
    await_one(job, lambda now: (now.progress or 0) >= 0.9)  # Dask may keep a part or two behind the one that waits
    snapshot = job.snapshot
    assert snapshot.progress is not None
    assert (snapshot.state, snapshot.can_cancel) == (JobState.RUNNING, True)
    assert snapshot.progress_text == f"{round(40 * snapshot.progress)} of 40 parts"
    gate.let_go()
    assert job.result(timeout=PATIENCE) == [number * number for number in range(39)] + ["passed"]
    assert job.wait(PATIENCE)
    assert (job.state, job.snapshot.progress) == ("DONE", 1.0)


def test_cancel_takes_all_parts_off_the_cluster(client: Client, gate: Gate) -> None:
    name = gate.name
    job = HeardJob(numbers(40).map(lambda _: pass_gate(name)).persist())
    gate.await_call()
    keys = {future.key for future in job.futures}
    assert keys <= set(client.run_on_scheduler(known_tasks))
    job.cancel()
    assert job.wait(PATIENCE)
    assert (job.state, job.cancel_state) == ("CANCELLED", "CONFIRMED")
    assert not keys & set(client.run_on_scheduler(known_tasks))
    assert job.cancelled()


def test_one_part_that_fails_is_the_failure_of_all(client: Client, gate: Gate) -> None:
    name = gate.name
    job = HeardJob(numbers(3).map(lambda number: pass_gate(name) if number == 2 else 1 / number).persist())
    assert job.wait(PATIENCE)
    error = job.snapshot.error
    assert error is not None
    assert (job.state, error.type) == ("ERROR", "ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        job.result(timeout=PATIENCE)


def test_a_collection_that_is_not_being_computed_is_explained() -> None:
    with pytest.raises(NotAJobError, match=r"WidgetJob\(x\.persist\(\)\)"):
        adapter_for(numbers(2))


def test_a_collection_can_be_wrapped_again(client: Client) -> None:
    job = CollectionJob(numbers(2).persist())
    again = WidgetJob(WidgetJob(job))
    assert again.job is job
    assert again.wait(PATIENCE)
    assert (job.done(), job.running(), job.cancelled(), job.in_final_state()) == (True, False, False, True)


# From here on workers are lost: these tests come last.


def test_a_restarted_cluster_is_no_cancel_and_says_what_became_of_the_call(client: Client, gate: Gate) -> None:
    future = client.submit(pass_gate, gate.name, pure=False)
    name = gate.name
    jobs = [HeardJob(future), HeardJob(numbers(2).map(lambda _: pass_gate(name)).persist())]
    gate.await_call()
    client.restart()
    for job in jobs:
        assert job.wait(PATIENCE)
        snapshot = job.snapshot
        assert (snapshot.state, snapshot.cancel_state) == (JobState.ERROR, CancelState.NONE)
        assert snapshot.error is not None
        assert "was restarted: its workers were ended" in snapshot.error.message
        assert "Scheduler has restarted. Please re-run your work." in snapshot.error.message  # what Dask says
        assert "continue to their end" not in str(snapshot)
    with pytest.raises(FutureCancelledError):
        jobs[0].result()
    assert jobs[0].state == "ERROR"


def test_a_worker_that_is_killed_is_the_reason_of_the_failure() -> None:
    with dask_client() as client:
        job = HeardJob(client.submit(os._exit, 3, pure=False))
        assert job.wait(PATIENCE)
    error = job.snapshot.error
    assert error is not None
    assert (job.state, error.type) == ("ERROR", "KilledWorker")
    assert "worker" in error.message


def test_a_queued_future_that_is_dropped_is_released_as_without_a_card(client: Client, gate: Gate) -> None:
    blocked = [client.submit(pass_gate, gate.name, pure=False) for _ in range(8)]
    queued: WidgetJob[Any, Any] = WidgetJob(client.submit(abs, -1, key="dropped", pure=False, priority=-10))
    assert "dropped" in client.futures
    del queued
    gc.collect()
    until = time.monotonic() + PATIENCE
    while "dropped" in client.futures and time.monotonic() < until:
        client.sync(asyncio.sleep, 0)

    assert "dropped" not in client.futures
    del blocked
