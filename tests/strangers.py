"""Jobs and a world for tests of providers and observers that hang, exit, or raise what nobody expects."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from primwidgets import JobState, WidgetJob, widget_job
from primwidgets._jupyter import commanded_job, displayed_job
from primwidgets._jupyter.hub import Hub
from primwidgets._jupyter.protocol import Verb, command_message
from primwidgets._monitor.monitor import Monitor
from primwidgets._threads import ThreadRunner, Workers
from primwidgets.primitive_job import BasePrimitiveJob


class Plain(BasePrimitiveJob[Any, str]):
    """A job of which the monitor knows the interface alone."""

    def __init__(self, job_id: str = "plain") -> None:
        super().__init__(job_id)
        self.state = JobState.RUNNING
        self.cancels = 0
        self.reads = 0
        self.asked = threading.Event()

    def status(self) -> str:
        self.reads += 1
        return self.state.value

    def result(self) -> Any:
        return None

    def done(self) -> bool:
        return self.state is JobState.DONE

    def running(self) -> bool:
        return self.state is JobState.RUNNING

    def cancelled(self) -> bool:
        return self.state is JobState.CANCELLED

    def in_final_state(self) -> bool:
        return self.state.is_final

    def cancel(self) -> Any:
        self.cancels += 1
        self.state = JobState.CANCELLED
        self.asked.set()


class World:
    """A monitor and a hub of the test's own.

    Attributes:
        hub_jobs: the state of each job as the frontends know it, by uid.
    """

    def __init__(self) -> None:
        self.monitor = Monitor(ThreadRunner(Workers(idle_seconds=0.05)))
        self.hub_jobs: dict[str, dict[str, Any]] = {}
        self.hub = Hub(self.monitor, self._receive)
        self.hub.receive(command_message(Verb.SYNC))

    def press(self, job: WidgetJob[Any, Any]) -> None:
        """Do what the card's Cancel does."""
        self.hub.receive(command_message(Verb.CANCEL, job.snapshot.uid))

    def hub_fields_of(self, job: WidgetJob[Any, Any]) -> dict[str, Any]:
        """What the frontends know of ``job``."""
        return self.hub_jobs.get(job.snapshot.uid, {})

    def state_of(self, job: WidgetJob[Any, Any]) -> Any:
        """The state of ``job`` as the frontends know it."""
        return self.hub_fields_of(job).get("state")

    def _receive(self, message: Mapping[str, Any]) -> None:
        if message["whole"]:
            self.hub_jobs.clear()
        for fields in message["jobs"]:
            self.hub_jobs.setdefault(fields["uid"], {}).update(fields)
        for uid in message["removed"]:
            del self.hub_jobs[uid]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    for module in (commanded_job, displayed_job, widget_job):
        monkeypatch.setattr(module, "monitor", lambda: world.monitor)
    for module in (displayed_job, widget_job):
        monkeypatch.setattr(module, "hub", lambda: world.hub)
    return world


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Set at the end of the test, for those who hang until then."""
    over = threading.Event()
    yield over
    over.set()


def provider_that_hangs(over: threading.Event) -> type[Plain]:
    """A class of jobs whose every call hangs until the test is ``over``."""

    class Hanging(Plain):
        def status(self) -> str:
            over.wait()
            return super().status()

        def cancel(self) -> None:
            over.wait()

    return Hanging
