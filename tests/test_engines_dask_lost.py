"""Calls on a Dask cluster that loses its workers or its scheduler."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from distributed import Client

from primwidgets import EngineError
from primwidgets.snapshot import CancelState, JobState
from tests.callers import HeardJob
from tests.dask_calls import end_of, running, start
from tests.dask_cluster import Gate, await_one, dask_client, gate, pass_gate
from tests.monitored import PATIENCE

__all__ = ["gate"]  # a fixture


@pytest.fixture
def client() -> Iterator[Client]:
    """A cluster for each test: on a busy machine Dask does not always bring lost workers back."""
    with dask_client() as client:
        yield client


def test_a_call_on_a_cluster_that_is_restarted_is_no_cancel(client: Client, gate: Gate) -> None:
    jobs = [running(client, gate), start(client, pass_gate, gate.name)]
    client.restart()
    for job in jobs:
        last = end_of(job)
        assert (last.state, last.cancel_state) == (JobState.ERROR, CancelState.NONE)
        assert last.error is not None
        assert "The Dask cluster was restarted" in last.error.message
        with pytest.raises(EngineError, match="was restarted"):
            job.result()


def kill(client: Client, job: HeardJob) -> None:
    address = job.job.worker
    os.kill(client.run(os.getpid, workers=[address])[address], signal.SIGKILL)


def test_a_call_whose_worker_is_killed_runs_on_another_one(client: Client, gate: Gate) -> None:
    job = running(client, gate)
    first = job.job.worker
    kill(client, job)
    await_one(job, lambda now: now.message == "Its worker was lost while it ran.")
    gate.await_another_call()
    await_one(job, lambda now: now.state is JobState.RUNNING and job.job.worker not in (None, first))
    assert job.snapshot.error is None
    gate.let_go()
    assert end_of(job).state is JobState.DONE


def test_a_call_that_was_to_stop_in_a_lost_worker_is_cancelled_where_it_begins_again(
    client: Client, gate: Gate
) -> None:
    job = running(client, gate, cooperative=False)
    job.cancel()
    kill(client, job)
    gate.await_another_call()
    await_one(job, lambda now: now.state is JobState.RUNNING and job.future.cancelled())
    gate.let_go()
    assert end_of(job).state is JobState.CANCELLED


def die() -> None:
    os._exit(1)


def test_a_call_that_kills_each_worker_is_an_error_that_says_so(client: Client) -> None:
    job = start(client, die)
    assert job.wait(PATIENCE)
    error = job.snapshot.error
    assert error is not None
    assert error.type == "KilledWorker"
    assert "all those workers died while running it" in error.message


def test_a_lost_scheduler_is_shown() -> None:
    with dask_client() as client:
        job = start(client, pass_gate, "never")
        cluster: Any = client.cluster
        cluster.close()
        error = end_of(job).error
    assert error is not None
    assert error.type in ("EngineError", "KilledWorker")  # whichever the dying cluster says first
