from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from typing import Any

import pytest
from distributed import Client, Event, get_client

from primwidgets import CallTimedOut, EngineError, JobCancelled, report, submit, track
from primwidgets._progress.track import current_context
from primwidgets.engines.base import FunctionCall
from primwidgets.engines.dask.engine import DaskEngine
from primwidgets.snapshot import CancelState, JobState
from tests.dask_calls import end_of, fill, running, start
from tests.dask_cluster import Gate, await_one, dask_client, gate, pass_gate
from tests.monitored import PATIENCE, wait_until

__all__ = ["gate"]  # a fixture


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with dask_client() as client:
        yield client


def tasks_in_workers(client: Client) -> set[str]:
    return {key for keys in client.run(_tasks).values() for key in keys}


def _tasks(dask_worker: Any) -> list[str]:
    return [str(key) for key in dask_worker.state.tasks]


def test_a_function_runs_on_a_worker_and_its_result_comes_back(client: Client) -> None:
    job = start(client, os.getpid)
    assert end_of(job).state is JobState.DONE
    assert job.result(PATIENCE) in client.run(os.getpid).values()
    assert job.snapshot.backend == job.job.context.place
    assert (job.snapshot.provider, job.job.holds_result) == ("Dask", False)


def work_in_steps() -> None:
    for _ in track(range(4)):
        print("step")
    report(0.5, "half of the rest")
    Event("steps-inside").set()
    Event("steps").wait(PATIENCE)


def test_what_a_function_prints_and_reports_comes_from_the_worker(client: Client) -> None:
    job = start(client, work_in_steps)
    await_one(job, lambda now: (now.message, now.log) == ("half of the rest", "step\n" * 4))
    assert (job.snapshot.state, job.snapshot.progress) == (JobState.RUNNING, 0.5)
    Event("steps", client).set()
    assert end_of(job).state is JobState.DONE


def test_a_call_is_queued_until_a_worker_says_that_it_has_begun(client: Client, gate: Gate) -> None:
    busy = fill(client, gate)
    queued = start(client, pass_gate, gate.name)
    assert queued.snapshot.state is JobState.QUEUED
    gate.let_go()
    assert [end_of(job).state for job in [*busy, queued]] == [JobState.DONE] * 3
    assert queued.result(PATIENCE) == "passed"


def test_a_queued_call_that_is_cancelled_is_forgotten_by_the_scheduler(client: Client, gate: Gate) -> None:
    fill(client, gate)
    job = start(client, pass_gate, gate.name)
    job.cancel()
    assert job.snapshot.cancel_state is CancelState.REQUESTED  # until the scheduler has confirmed it
    snapshot = end_of(job)
    assert (snapshot.state, snapshot.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)
    assert snapshot.started_at is None
    assert job.future.key not in client.run_on_scheduler(_known_tasks)
    with pytest.raises(CancelledError):
        job.result(PATIENCE)


def _known_tasks(dask_scheduler: Any) -> list[str]:
    return list(dask_scheduler.tasks)


def spin() -> None:
    Event("spinning").set()
    try:
        for _ in track(iter(int, 1)):
            sum(range(10_000))
    finally:
        Event("stopped").set()


def test_cancel_stops_the_work_itself(client: Client) -> None:
    job = start(client, spin)
    assert Event("spinning", client).wait(PATIENCE)
    await_one(job, lambda now: now.state is JobState.RUNNING)
    address = job.job.worker
    job.cancel()
    snapshot = end_of(job)
    assert (snapshot.state, snapshot.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)
    with pytest.raises(JobCancelled):
        job.result(PATIENCE)
    assert Event("stopped", client).wait(PATIENCE)
    client.submit(os.getpid, workers=[address], pure=False).result(PATIENCE)  # the slot is free
    assert job.future.key not in client.run_on_scheduler(_known_tasks)
    assert job.future.key not in tasks_in_workers(client)


def test_until_a_function_notices_a_cancel_the_card_says_when_it_will(client: Client, gate: Gate) -> None:
    job = running(client, gate, cooperative=False)
    job.cancel()
    await_one(job, lambda now: now.cancel_detail is not None)
    snapshot = job.snapshot
    assert (snapshot.state, snapshot.cancel_state) == (JobState.RUNNING, CancelState.REQUESTED)
    assert snapshot.cancel_detail == "It stops at its next track() or report(); without one, it runs to its end."
    gate.let_go()
    snapshot = end_of(job)
    assert (snapshot.state, snapshot.cancel_state) == (JobState.DONE, CancelState.TOO_LATE)
    assert job.result(PATIENCE) == "passed"


def test_who_cancels_the_task_by_other_means_stops_the_function_too(client: Client, gate: Gate) -> None:
    job = running(client, gate)
    client.cancel([job.future])
    assert end_of(job).state is JobState.CANCELLED
    with pytest.raises(JobCancelled):
        job.result(PATIENCE)


def test_a_task_that_dask_has_given_up_runs_on_as_long_as_its_function_does(client: Client, gate: Gate) -> None:
    job = running(client, gate, cooperative=False)
    client.cancel([job.future])
    await_one(job, lambda now: now.cancel_detail is not None)
    assert job.snapshot.state is JobState.RUNNING
    gate.let_go()
    assert end_of(job).state is JobState.CANCELLED


def test_a_call_that_began_just_before_it_was_cancelled_runs_until_its_worker_denies_it(
    client: Client, gate: Gate
) -> None:
    fill(client, gate)
    job = DaskEngine(client).start(FunctionCall(pass_gate, (gate.name,), {}, "gate"))
    changed = threading.Event()
    job.add_listener(changed.set)
    job.cancel()
    worker, looked = next(iter(client.nthreads())), threading.Event()
    client.loop.add_callback(looked.wait, PATIENCE)  # type: ignore[union-attr]  # so that the worker is not asked yet
    job.handle_message({"started": 1.0, "place": "a worker", "worker": worker})
    assert job.running()
    looked.set()
    while not job.cancelled():
        assert changed.wait(PATIENCE)
        changed.clear()


def fail() -> None:
    report(0.5, "as far as it gets")
    raise ValueError("no such qubit")


def test_a_function_that_raises_is_an_error_with_its_own_traceback(client: Client) -> None:
    job = start(client, fail)
    snapshot = end_of(job)
    assert snapshot.state is JobState.ERROR
    assert snapshot.error is not None
    assert (snapshot.error.type, snapshot.error.message) == ("ValueError", "no such qubit")
    assert snapshot.error.traceback is not None
    assert "in fail" in snapshot.error.traceback
    assert "remote.py" not in snapshot.error.traceback
    assert snapshot.message == "as far as it gets"
    with pytest.raises(ValueError, match="no such qubit"):
        job.result(PATIENCE)


def make_lock() -> Any:
    return threading.Lock()


def test_a_result_that_cannot_be_pickled_is_refused_when_it_is_asked_for(client: Client) -> None:
    job = start(client, make_lock)
    assert end_of(job).state is JobState.DONE
    with pytest.raises(TypeError, match="Could not serialize object of type lock"):
        job.result(PATIENCE)


def test_a_large_result_stays_in_the_cluster_until_it_is_asked_for(client: Client) -> None:
    job = start(client, bytes, 100_000_000)
    assert end_of(job).state is JobState.DONE
    assert client.submit(len, job.future).result(PATIENCE) == 100_000_000
    assert len(job.result(PATIENCE)) == 100_000_000


def test_a_function_that_cannot_be_pickled_is_explained(client: Client) -> None:
    lock = threading.Lock()
    with pytest.raises(EngineError, match="cannot be sent to another process"):
        DaskEngine(client).start(FunctionCall(lambda: lock))


def tree(depth: int) -> int:
    if not depth:
        return 1
    jobs = [submit(tree, depth - 1, engine=get_client()) for _ in range(2)]
    return sum(job.result() for job in jobs)


def test_calls_that_wait_for_other_calls_leave_them_their_thread(client: Client) -> None:
    assert start(client, tree, 3).result(PATIENCE) == 8


def run_of_a_plain_task() -> object:
    return current_context()


def test_a_plain_task_of_dask_belongs_to_no_job(client: Client) -> None:
    start(client, tree, 2).result(PATIENCE)
    futures = [client.submit(run_of_a_plain_task, pure=False, workers=[worker]) for worker in client.nthreads()]
    assert client.gather(futures) == [None, None]


def test_a_thousand_small_calls(client: Client) -> None:
    jobs = [submit(abs, -number, engine=client) for number in range(1_000)]
    assert all(job.wait(6 * PATIENCE) for job in jobs)
    assert sum(client.gather([job.job.future for job in jobs])) == sum(range(1_000))


def test_dask_is_left_alone_once_the_last_job_has_ended(client: Client, gate: Gate) -> None:
    job = running(client, gate)
    inbox = DaskEngine(client)._inbox
    assert client.run_on_scheduler(_subscribers, topic=inbox.topic)
    gate.let_go()
    assert end_of(job).state is JobState.DONE
    wait_until(lambda: not client.run_on_scheduler(_subscribers, topic=inbox.topic))
    assert not inbox._jobs
    wait_until(lambda: not any(client.run(_calls_under_way).values()))


def _subscribers(topic: str, dask_scheduler: Any) -> list[str]:
    return list(dask_scheduler._broker._topics[topic].subscribers)


def _calls_under_way() -> int:
    from primwidgets.engines.dask.worker import _contexts

    return len(_contexts)


def test_a_job_goes_on_without_a_reference_to_it(client: Client, gate: Gate) -> None:
    _ = start(client, pass_gate, gate.name)
    del _
    gate.await_call()
    (job,) = DaskEngine(client)._inbox._jobs.values()
    gate.let_go()
    assert job.result(PATIENCE) == "passed"


def test_the_task_bears_the_name_of_the_function(client: Client) -> None:
    job = DaskEngine(client).start(FunctionCall(abs, (-1,), {}, "abs"))
    assert job.future.key == f"abs-{job.job_id()}"
    assert job.result(PATIENCE) == 1


def test_the_options_of_an_engine_are_those_of_dask(client: Client) -> None:
    for address, pid in client.run(os.getpid).items():
        assert submit(os.getpid, engine=DaskEngine(client, workers=[address])).result(PATIENCE) == pid


@pytest.mark.parametrize(
    "message",
    [
        None,
        "started",
        (0, None),
        (0, {"job": ["x"], "worker": "w"}),
        (0, {"job": "nobody", "worker": "w", "started": 1.0}),
        (0, {"job": "nobody"}),
    ],
    ids=repr,
)
def test_messages_that_are_no_workers_are_ignored(client: Client, message: object) -> None:
    DaskEngine(client)._inbox._handle_message(client, message)


async def test_an_asynchronous_client_is_refused(client: Client) -> None:
    async with Client(client.scheduler_info()["address"], asynchronous=True) as other:
        with pytest.raises(EngineError, match="asynchronous"):
            DaskEngine(other)


def test_a_closed_client_is_shown(client: Client, gate: Gate) -> None:
    with Client(client.scheduler_info()["address"], set_as_default=False) as other:
        job = start(other, pass_gate, gate.name)
        done = start(other, abs, -1)
        gate.await_call()
        assert end_of(done).state is JobState.DONE
    error = end_of(job).error
    assert error is not None
    assert (error.type, error.message) == (
        "EngineError",
        "The Dask client was closed: the call and its result are gone.",
    )
    assert done.job.done()
    for gone in (job, done):
        with pytest.raises(EngineError, match="its result are gone"):
            gone.result(PATIENCE)
    with pytest.raises(EngineError, match="This Dask client is closed"):
        DaskEngine(other).start(FunctionCall(abs, (-1,)))


def fail_in_first_attempt(name: str) -> int:
    """The first attempt leaves a mark on the scheduler."""
    if not Event(name).is_set():
        Event(name).set()
        raise ValueError("no luck")
    return os.getpid()


def test_a_call_that_failed_is_started_again(client: Client) -> None:
    job = submit.options(engine=client, retries=2)(fail_in_first_attempt, "first-attempt")
    assert job.result(PATIENCE) != os.getpid()
    assert job.wait(PATIENCE)
    attempts = job.snapshot.attempts
    assert attempts is not None
    assert (attempts.number, attempts.most, dict(attempts.errors)) == (2, 3, {"1": "ValueError: no luck"})


def test_the_error_of_the_last_attempt_is_that_of_the_job(client: Client) -> None:
    def fail() -> None:
        raise ValueError(current_context().started_at)  # type: ignore[union-attr]

    job = submit.options(engine=client, retries=1)(fail)
    with pytest.raises(ValueError, match=r"\d"):
        job.result(PATIENCE)
    assert job.wait(PATIENCE)
    assert job.snapshot.state is JobState.ERROR
    assert job.snapshot.attempts is not None
    assert job.snapshot.attempts.number == 2


def endless() -> None:
    for _ in track(iter(int, 1)):
        pass


def test_a_call_that_runs_too_long_is_stopped_at_its_next_step(client: Client) -> None:
    job = submit.options(engine=client, timeout=0.3)(endless)
    with pytest.raises(CallTimedOut, match=r"endless ran longer than its timeout of 0\.3 s"):
        job.result(PATIENCE)
    assert job.wait(PATIENCE)
    assert job.snapshot.state is JobState.ERROR


def test_a_late_call_that_cannot_be_stopped_says_so_and_its_result_counts(client: Client, gate: Gate) -> None:
    job = submit.options(engine=client, timeout=0.3)(pass_gate, gate.name, cooperative=False)
    wait_until(lambda: job.snapshot.attempts is not None and job.snapshot.attempts.problem is not None)
    assert job.snapshot.attempts is not None
    assert job.snapshot.attempts.problem == (
        "Its timeout of 0.3 s has passed. It stops at its next track() or report(); without one, it runs to its end."
    )
    gate.let_go()
    assert job.wait(PATIENCE)
    assert (job.snapshot.state, job.result(PATIENCE)) == (JobState.DONE, "passed")
    assert job.snapshot.attempts.problem == "It ended after its timeout of 0.3 s."
