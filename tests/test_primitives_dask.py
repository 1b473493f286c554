"""Sharded primitives on a real Dask cluster."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from distributed import Client
from hypothesis import given
from qiskit.primitives import StatevectorSampler
from qiskit_aer.primitives import SamplerV2

from primwidgets import JobCancelled
from primwidgets.primitives import ParallelSampler
from tests.dask_cluster import dask_client
from tests.monitored import PATIENCE, wait_until
from tests.primitive_calls import assert_same, few, finished, named, sampler_pubs


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with dask_client() as client:
        yield client


@given(pubs=sampler_pubs())
@few
def test_aers_sampler_gives_the_same_on_a_cluster(client: Client, pubs: list[Any]) -> None:
    sampler = SamplerV2(seed=11, default_shots=30)
    assert_same(ParallelSampler(sampler, engine=client, shard=2).run(pubs).result(), sampler.run(pubs).result())


def test_cancel_stops_the_workers_before_their_next_pub_and_keeps_what_is_done(client: Client) -> None:
    job = ParallelSampler(_Slow(), engine=client, shard=50).run(named(200))
    wait_until(lambda: (job.job.context.progress().fraction or 0) > 0.01)
    job.cancel()
    assert job.wait(PATIENCE)
    assert job.state == "CANCELLED"
    with pytest.raises(JobCancelled):
        job.result()
    assert 1 <= sum(finished(job.partial_results())) < 100


def test_a_failure_on_a_cluster_tells_which_pub_it_was(client: Client) -> None:
    job = ParallelSampler(_Slow(fails_at="2"), engine=client, shard=4).run(named(4))
    with pytest.raises(ZeroDivisionError) as caught:
        job.result()
    assert job.failed_pub == 2
    assert "_run_pub" in "".join(traceback.format_exception(caught.value))
    assert finished(job.partial_results()) == [True, True, False, False]


class _Slow(StatevectorSampler):  # type: ignore[misc]
    def __init__(self, fails_at: str = "") -> None:
        super().__init__(default_shots=2)
        self._fails_at = fails_at

    def _run_pub(self, pub: Any) -> Any:
        time.sleep(0.1)
        if pub.circuit.name == self._fails_at:
            _ = 1 // 0
        return super()._run_pub(pub)
