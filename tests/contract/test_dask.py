"""Real Dask futures, collections and calls of functions on a cluster keep the contract of adapters."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from dask import bag
from distributed import Client, Future, wait

from primwidgets.adapters.dask import CollectionJob
from primwidgets.engines import FunctionCall
from primwidgets.engines.dask.engine import DaskEngine, DaskJob
from primwidgets.snapshot import JobState
from primwidgets.testing import LiveAdapterContract
from tests.dask_cluster import Gate, dask_client, pass_gate
from tests.monitored import PATIENCE


@pytest.fixture(scope="module", autouse=True)
def client() -> Iterator[Client]:
    with dask_client() as client:
        yield client


class _OnACluster(LiveAdapterContract):
    @pytest.fixture(autouse=True)
    def on_cluster(self, client: Client) -> Iterator[None]:
        self.client = client
        self.gate = Gate(client)
        yield
        self.gate.let_go()


class TestDaskFutures(_OnACluster):
    states: ClassVar[tuple[JobState, ...]] = (JobState.QUEUED, JobState.DONE, JobState.ERROR, JobState.CANCELLED)

    def make_job(self, state: JobState) -> Future[Any]:
        if state in (JobState.DONE, JobState.ERROR):
            future = self.client.submit(work, "now" if state is JobState.DONE else "fail", pure=False)
            wait([future], PATIENCE)
            return future
        future = self.client.submit(work, self.gate.name, pure=False)
        if state is JobState.CANCELLED:
            future.cancel()
        return future

    def finish(self, job: Future[Any]) -> None:
        self.gate.let_go()


class TestDaskCollections(_OnACluster):
    states: ClassVar[tuple[JobState, ...]] = (
        JobState.QUEUED,
        JobState.RUNNING,
        JobState.DONE,
        JobState.ERROR,
        JobState.CANCELLED,
    )

    def make_job(self, state: JobState) -> CollectionJob:
        first = {JobState.RUNNING: "now", JobState.DONE: "now", JobState.ERROR: "fail"}.get(state, self.gate.name)
        parts = [first, "now" if state.is_final else self.gate.name]
        job = CollectionJob(bag.from_sequence(parts, npartitions=2).map(work).persist())
        if first != self.gate.name:
            wait(job.futures[0], PATIENCE)
        if state in (JobState.DONE, JobState.ERROR):
            wait(job.futures, PATIENCE)  # of one that failed the other part, too: its end would be news
        if state is JobState.CANCELLED:
            job.cancel()
        return job

    def finish(self, job: CollectionJob) -> None:
        self.gate.let_go()
        wait(job.futures, PATIENCE)


class TestFunctionsOnACluster(_OnACluster):
    states: ClassVar[tuple[JobState, ...]] = (JobState.RUNNING, JobState.DONE, JobState.ERROR, JobState.CANCELLED)

    def make_job(self, state: JobState) -> DaskJob:
        work_on = {JobState.DONE: "now", JobState.ERROR: "fail"}.get(state, self.gate.name)
        job = DaskEngine(self.client).start(FunctionCall(work, (work_on,), {}, "work"))
        changed = threading.Event()
        job.add_listener(changed.set)
        if state is JobState.CANCELLED:
            job.cancel()
        while job.state() is not state:
            assert changed.wait(PATIENCE)
            changed.clear()
        return job

    def finish(self, job: DaskJob) -> None:
        self.gate.let_go()


def work(on: str) -> dict[str, int]:
    if on == "fail":
        raise ValueError("no such qubit")
    if on != "now":
        pass_gate(on)
    return {"00": 3, "11": 5}
