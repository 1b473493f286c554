"""Callers that block, and jobs that a test can wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, ClassVar

from primwidgets import WidgetJob, register_adapter
from primwidgets.adapters.base import Pace
from primwidgets.snapshot import JobSnapshot, JobState
from primwidgets.testing import FakeAdapter, FakeJob
from tests.monitored import PATIENCE, Heard


class FarJob(FakeJob):
    """A job whose result is far away: each look at it is a download.

    Attributes:
        downloads: the keywords of each.
    """

    def __init__(self) -> None:
        super().__init__()
        self.downloads: list[dict[str, Any]] = []

    def result(self, **keywords: Any) -> Any:
        self.downloads.append(keywords)
        return super().result()


class FarJobAdapter(FakeAdapter):
    provider = "Far away"
    blocking: ClassVar[bool] = True
    holds_result: bool = False
    pace = Pace(first=0.01, ceiling=0.05)


register_adapter(FarJob, FarJobAdapter)


class HeardJob(WidgetJob[Any, Any]):
    """A ``WidgetJob`` that a test can wait for."""

    def __init__(self, job: Any, **traits: Any) -> None:
        self.heard = Heard()
        super().__init__(job, **traits)
        self.heard(self.snapshot)  # what was known from the start is no change

    def snapshot_changed(self, snapshot: JobSnapshot) -> None:
        self.heard(snapshot)

    def await_waiting(self) -> None:
        """Block until the card tells that somebody waits."""
        self.heard.await_one(lambda now: now.waiting)


def heard_of(handle: WidgetJob[Any, Any]) -> Heard:
    """What is known of the job, and all that becomes known from now on."""
    listener = Heard()
    handle._follow(listener.__call__)
    listener(handle.snapshot)  # a job that was started may have told everything by now
    return listener


class Caller:
    """A thread that calls something, and what came of it."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._outcome: Future[Any] = Future()
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def is_blocked(self) -> bool:
        return not self._outcome.done()

    def outcome(self) -> Any:
        """What the call returned; raises what it raised."""
        return self._outcome.result(PATIENCE)

    def _run(self) -> None:
        try:
            self._outcome.set_result(self._call())
        except BaseException as error:  # noqa: BLE001  (``outcome`` raises it)
            self._outcome.set_exception(error)


Start = Callable[..., HeardJob]


@contextmanager
def running_jobs() -> Iterator[Start]:
    """Wraps jobs that run; what still runs at the end is ended, so that no thread waits for it."""
    jobs: list[HeardJob] = []

    def start(job: FakeJob | None = None) -> HeardJob:
        job = job or FakeJob()
        job.move_to(JobState.RUNNING)
        jobs.append(HeardJob(job))
        return jobs[-1]

    yield start
    for job in jobs:
        job.job.finish()
        job.close()


async def a_while(value: Any = 9, seconds: float = 0.02) -> Any:
    await asyncio.sleep(seconds)
    return value
