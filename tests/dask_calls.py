"""Calls on a small Dask cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from distributed import Client

from primwidgets import WidgetJob, submit
from primwidgets.snapshot import JobSnapshot, JobState
from tests.callers import HeardJob
from tests.dask_cluster import Gate, await_one, pass_gate
from tests.monitored import PATIENCE


def start(client: Client, function: Callable[..., Any], *arguments: Any, **keywords: Any) -> HeardJob:
    return HeardJob(submit(function, *arguments, engine=client, **keywords).job)


def running(client: Client, gate: Gate, **keywords: Any) -> HeardJob:
    job = start(client, pass_gate, gate.name, **keywords)
    gate.await_call()
    await_one(job, lambda now: now.state is JobState.RUNNING)
    return job


def fill(client: Client, gate: Gate) -> list[HeardJob]:
    """Calls that keep both workers busy."""
    return [running(client, gate), running(client, gate)]


def end_of(job: WidgetJob[Any, Any]) -> JobSnapshot:
    assert job.wait(PATIENCE)
    return job.snapshot
