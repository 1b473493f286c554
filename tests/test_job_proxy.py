"""``StandIn``: in sets, in files, and in the hands of those who expect the job itself."""

from __future__ import annotations

import asyncio
import concurrent.futures
import copy
import pickle
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.primitives import StatevectorSampler
from qiskit.providers.basic_provider import BasicSimulator

from primwidgets import WidgetJob
from tests.monitored import PATIENCE

MEASURED = QuantumCircuit(1)
MEASURED.h(0)
MEASURED.measure_all()


@pytest.fixture
def future() -> Iterator[Future[Any]]:
    """A future that is pending."""
    pending: Future[Any] = Future()
    yield pending
    pending.cancel()


def test_it_equals_the_job_wrapped_or_not(future: Future[Any]) -> None:
    job = WidgetJob(future)

    assert job == future
    assert future == job
    assert job == WidgetJob(future)
    assert job != WidgetJob(Future())
    assert hash(job) == hash(future)
    assert {job, future} == {future}


def test_a_wrapped_job_is_not_wrapped_twice(future: Future[Any]) -> None:
    job = WidgetJob(WidgetJob(future))

    assert job.job is future


def test_it_pickles_where_the_job_pickles() -> None:
    theirs = StatevectorSampler(seed=1).run([MEASURED])
    theirs.result()
    again = pickle.loads(pickle.dumps(WidgetJob(theirs, name="bell")))

    assert type(again) is type(WidgetJob(theirs))
    assert (again.name, again.job_id(), again.state) == ("bell", theirs.job_id(), "DONE")
    assert again.result()[0].data.meas.get_counts() == theirs.result()[0].data.meas.get_counts()


def test_it_does_not_pickle_where_the_job_does_not(future: Future[Any]) -> None:
    with pytest.raises(TypeError) as theirs:
        pickle.dumps(future)
    with pytest.raises(TypeError) as ours:
        pickle.dumps(WidgetJob(future))

    assert str(ours.value) == str(theirs.value)


def test_a_copy_wraps_a_copy_of_the_job() -> None:
    theirs = BasicSimulator().run(MEASURED, shots=8)
    job = WidgetJob(theirs, name="x")
    shallow, deep = copy.copy(job), copy.deepcopy([job])[0]

    for copied in (shallow, deep):
        assert isinstance(copied, WidgetJob)
        assert copied is not job
        assert copied.job is not theirs
        assert (copied.name, copied.job_id(), copied.state) == ("x", theirs.job_id(), "DONE")


# In the hands of others.


def test_a_set_of_futures_can_be_waited_for() -> None:
    with ThreadPoolExecutor(1) as pool:
        jobs = [WidgetJob(pool.submit(pow, 2, number)) for number in range(4)]
        done, pending = concurrent.futures.wait(jobs, timeout=PATIENCE)

    assert (done, pending) == ({*jobs}, set())


def test_futures_can_be_taken_as_they_complete() -> None:
    go: Future[None] = Future()
    with ThreadPoolExecutor(1) as pool:
        jobs = [WidgetJob(pool.submit(go.result)), WidgetJob(pool.submit(pow, 2, 3))]
        completed = concurrent.futures.as_completed(jobs, timeout=PATIENCE)
        go.set_result(None)

        assert [future.result() for future in completed] == [None, 8]


async def test_asyncio_takes_it_for_the_future_or_the_task_that_it_wraps() -> None:
    future: Future[int] = Future()
    task = WidgetJob(asyncio.create_task(asyncio.sleep(0, 2)))
    future.set_result(1)

    assert await asyncio.wrap_future(WidgetJob(future)) == 1
    assert [*await asyncio.gather(task)] == [2]
    assert await asyncio.wait_for(task, PATIENCE) == 2
    assert (await asyncio.wait([task]))[0] == {task}
