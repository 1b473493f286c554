"""Calls of functions in other processes keep the contract of adapters."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ClassVar

from primwidgets.engines import Engine, FunctionCall
from primwidgets.engines._remote.job import ConnectedJob
from primwidgets.engines.executor.engine import ExecutorEngine
from primwidgets.engines.process import ProcessEngine
from primwidgets.snapshot import JobState
from primwidgets.testing import LiveAdapterContract
from tests.contract.states import ALL_BUT_INITIALIZING


class TestCallsInProcesses(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL_BUT_INITIALIZING
    engine: ClassVar[Engine]

    @classmethod
    def setup_class(cls) -> None:
        engine = ProcessEngine(workers=1)
        cls.engine, cls.end = engine, staticmethod(engine.close)  # type: ignore[attr-defined]

    @classmethod
    def teardown_class(cls) -> None:
        cls.end()  # type: ignore[attr-defined]

    def setup_method(self) -> None:
        self.gate = Path(tempfile.mkdtemp()) / "open"
        self.jobs: list[ConnectedJob] = []

    def teardown_method(self) -> None:
        self.gate.touch()
        wait([job.future for job in self.jobs])

    def make_job(self, state: JobState) -> ConnectedJob:
        if state in (JobState.DONE, JobState.ERROR):
            job = self._start(_succeed if state is JobState.DONE else _fail)
            wait([job.future])
            return job
        running = self._start(_block, str(self.gate))
        while not running.running():
            time.sleep(0.005)
        if state is JobState.RUNNING:
            return running
        queued = self._start(_succeed)
        if state is JobState.CANCELLED:
            queued.cancel()
        return queued

    def finish(self, job: ConnectedJob) -> None:
        self.gate.touch()
        wait([job.future])

    def _start(self, function: Any, *arguments: Any) -> ConnectedJob:
        job = self.engine.start(FunctionCall(function, arguments, {}, "task"))
        assert isinstance(job, ConnectedJob)
        self.jobs.append(job)
        return job


class TestCallsOnAProcessPoolExecutor(TestCallsInProcesses):
    @classmethod
    def setup_class(cls) -> None:
        executor = ProcessPoolExecutor(1, get_context("spawn"))
        cls.engine, cls.end = ExecutorEngine(executor), staticmethod(executor.shutdown)  # type: ignore[attr-defined]


def _succeed() -> int:
    return 42


def _fail() -> None:
    raise ValueError("no luck")


def _block(gate: str) -> None:
    while not Path(gate).exists():
        time.sleep(0.005)
