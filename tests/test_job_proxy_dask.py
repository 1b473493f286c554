"""Dask takes a wrapped future wherever it takes a bare one, in every shape, and sends no card to its processes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import dask
import distributed
import pytest
from dask.delayed import delayed
from distributed import Client, as_completed, wait

from primwidgets import WidgetJob
from primwidgets.adapters import adapter_for
from tests.dask_cluster import dask_client
from tests.monitored import PATIENCE


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with dask_client() as client:
        yield client


def double(x: Any) -> Any:
    return 2 * x


USES: list[tuple[Callable[[Client, Any], Any], Any]] = [
    (lambda client, job: client.gather(job), 42),
    (lambda client, job: client.gather([job]), [42]),
    (lambda client, job: client.gather({"a": (job, [job])}), {"a": (42, [42])}),
    (lambda client, job: client.submit(double, job).result(), 84),
    (lambda client, job: client.submit(sum, [job, job]).result(), 84),
    (lambda client, job: client.gather(client.map(double, [job])), [84]),
    (lambda client, job: client.compute(delayed(double)(job)).result(), 84),
    (lambda client, job: client.compute(delayed(sum)([job, 1])).result(), 43),
    (lambda client, job: delayed(double)(job).compute(), 84),
    (lambda client, job: client.gather(client.scatter([1])), [1]),
    (lambda client, job: [future.result() for future in as_completed([job])], [42]),
    (lambda client, job: [future.result() for future in wait([job]).done], [42]),
    (lambda client, job: type(pickle.loads(pickle.dumps(job))), distributed.Future),
]


def cancelled_at_its_end(job: Any) -> Any:
    wait(job)
    return job.cancel(reason="no longer needed"), job.cancelled(), job.status


BESIDE_BARE: list[Callable[[Any], Any]] = [
    cancelled_at_its_end,
    lambda job: job.result(timeout="2 minutes"),
    lambda job: job.result(2 * PATIENCE),
    lambda job: (wait(job).done == {job}, job.type, job.exception(), job.traceback()),
    lambda job: next(iter(as_completed([job]))) is job,
    lambda job: dask.base.tokenize(job) == dask.base.tokenize(distributed.Future(job.key)),
    lambda job: (job == distributed.Future(job.key), distributed.Future(job.key) == job, job != 3),
    lambda job: distributed.futures_of([job]) == [job],
    lambda job: (job.release(), job.status)[1],
    lambda job: [type(copy.copy(job)).__name__ == type(copy.deepcopy(job)).__name__],
]


@pytest.mark.parametrize("index", range(len(BESIDE_BARE)))
def test_a_wrapped_future_does_what_a_bare_one_does(client: Client, index: int) -> None:
    use = BESIDE_BARE[index]
    bare, wrapped = (client.submit(double, 21, pure=False) for _ in range(2))

    assert use(WidgetJob(wrapped)) == use(bare)


def test_a_future_that_has_ended_is_not_cancelled_by_its_card(client: Client) -> None:
    future = client.submit(double, 21, pure=False)
    wait(future)
    report = adapter_for(future).cancel_from_card()

    assert (report.accepted, report.detail) == (False, "The job has ended.")
    assert future.result() == 42


@pytest.mark.parametrize(("use", "expected"), USES)
def test_a_wrapped_future_is_used_as_a_bare_one(
    client: Client, use: Callable[[Client, Any], Any], expected: Any
) -> None:
    future = client.submit(double, 21, pure=False)
    assert use(client, WidgetJob(future)) == expected


def test_it_is_equal_from_both_sides_and_has_the_attributes_of_a_future(client: Client) -> None:
    future = client.submit(double, 21, pure=False)
    job: Any = WidgetJob(future)
    job.result()

    assert future == job
    assert job == future
    assert {future: 1}[job] == 1
    assert isinstance(job, distributed.Future)
    assert isinstance(job, WidgetJob)
    assert [job.key, job.type] == [future.key, int]
    assert str(job.status) == "finished"
    assert job.snapshot.state == "DONE"


def test_the_first_of_two_is_waited_for(client: Client) -> None:
    held = distributed.Event("held")
    quick = WidgetJob(client.submit(double, 21, pure=False))
    slow = WidgetJob(client.submit(held.wait, pure=False))
    done, not_done = wait([quick, slow], timeout=PATIENCE, return_when="FIRST_COMPLETED")
    held.set()

    assert (done, not_done) == ({quick}, {slow})


def test_nothing_of_a_wrapped_future_reaches_the_workers(client: Client) -> None:
    jobs = [WidgetJob(client.submit(double, number, pure=False)) for number in range(3)]
    assert client.gather(client.map(kind_of, jobs)) == ["int"] * 3
    assert client.gather([client.submit(kind_of, [jobs[0]])]) == ["list"]


def kind_of(value: Any) -> str:
    return type(value).__name__
