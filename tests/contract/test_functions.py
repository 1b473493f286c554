"""Calls of functions keep the contract of adapters."""

from __future__ import annotations

import threading
from concurrent.futures import wait
from typing import Any, ClassVar

from primwidgets.engines import FunctionCall
from primwidgets.engines.threads import LocalEngine, LocalJob
from primwidgets.snapshot import JobState
from primwidgets.testing import LiveAdapterContract
from tests.contract.states import ALL_BUT_INITIALIZING
from tests.monitored import PATIENCE


class TestCallsOnLocalThreads(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL_BUT_INITIALIZING

    def setup_method(self) -> None:
        self.engine = LocalEngine(threads=1)
        self.release = threading.Event()

    def teardown_method(self) -> None:
        self.release.set()

    def make_job(self, state: JobState) -> LocalJob:
        if state in (JobState.DONE, JobState.ERROR):
            job = self._start(_succeed if state is JobState.DONE else _fail)
            wait([job.future])
            return job
        started = threading.Event()
        running = self._start(self._block, started)
        assert started.wait(PATIENCE)
        if state is JobState.RUNNING:
            return running
        queued = self._start(_succeed)
        if state is JobState.CANCELLED:
            queued.cancel()
        return queued

    def finish(self, job: LocalJob) -> None:
        self.release.set()
        wait([job.future])

    def _start(self, function: Any, *arguments: Any) -> LocalJob:
        return self.engine.start(FunctionCall(function, arguments, {}, "task"))

    def _block(self, started: threading.Event) -> None:
        started.set()
        self.release.wait()


def _succeed() -> int:
    return 42


def _fail() -> None:
    raise ValueError("no luck")
