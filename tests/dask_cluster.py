"""A small Dask cluster of two real processes, and a function for it that a test can steer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dask
import pytest
from distributed import Client, Event, LocalCluster

from primwidgets import JobSnapshot, track
from tests.callers import HeardJob
from tests.monitored import PATIENCE

_numbers = itertools.count()


@contextmanager
def dask_client() -> Iterator[Client]:
    """A client of a cluster of its own, whose two workers have one thread each. A task may be killed once."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs="CRITICAL") as cluster,
        Client(cluster) as client,
    ):
        yield client


def await_one(job: HeardJob, wanted: Callable[[JobSnapshot], bool]) -> None:
    """Block until the card of ``job`` is as ``wanted``, which it may be already since it was made."""
    if not wanted(job.snapshot):
        job.heard.await_one(wanted)


class Gate:
    """What keeps ``pass_gate`` busy in a worker until the test lets it go.

    Attributes:
        name: what ``pass_gate`` is called with.
    """

    def __init__(self, client: Client) -> None:
        self.name = f"gate-{next(_numbers)}"
        self._inside = Event(f"{self.name}-inside", client)
        self._open = Event(self.name, client)

    def await_call(self) -> None:
        """Block until a call is under way."""
        assert self._inside.wait(PATIENCE)

    def await_another_call(self) -> None:
        """Block until a call begins from now on."""
        self._inside.clear()
        self.await_call()

    def let_go(self) -> None:
        """Let every call return, also those that begin later."""
        self._open.set()


@pytest.fixture
def gate(client: Client) -> Iterator[Gate]:
    """A gate on the cluster of the test's fixture ``client``, open at the end of the test."""
    gate = Gate(client)
    yield gate
    gate.let_go()


def pass_gate(name: str, *, cooperative: bool = True) -> str:
    """Work until the gate is opened; it can be cancelled meanwhile if it is ``cooperative``."""
    opened, inside = Event(name), Event(f"{name}-inside")
    for _ in track(itertools.count()) if cooperative else itertools.count():
        inside.set()
        if opened.wait(0.05):
            return "passed"
    raise AssertionError
