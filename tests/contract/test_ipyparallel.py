"""Real calls on the engines of an ipyparallel cluster keep the contract of adapters, whoever started them."""

from __future__ import annotations

from concurrent.futures import wait
from typing import Any, ClassVar

import pytest

from primwidgets.engines import FunctionCall, engine_for
from primwidgets.snapshot import JobState
from primwidgets.testing import LiveAdapterContract
from tests.contract.states import ALL_BUT_INITIALIZING
from tests.ipyparallel_cluster import Gate, await_begun, await_state
from tests.monitored import PATIENCE
from tests.on_engines import pass_gate


class _OnOneEngine(LiveAdapterContract):
    """All on one engine, so that the second call has to wait for the first."""

    states: ClassVar[tuple[JobState, ...]] = ALL_BUT_INITIALIZING

    @pytest.fixture(autouse=True)
    def prepare(self, cluster: Any, pipe_gate: Gate) -> None:
        self.view = cluster[cluster.ids[0]]
        self.gate = pipe_gate

    def start(self, function: Any, *arguments: Any) -> Any:
        raise NotImplementedError

    def await_running(self, job: Any) -> None:
        raise NotImplementedError

    def await_end(self, job: Any) -> None:
        raise NotImplementedError

    def withdraw(self, job: Any) -> None:
        raise NotImplementedError

    def make_job(self, state: JobState) -> Any:
        if state in (JobState.DONE, JobState.ERROR):
            job = self.start(divmod, 7, 2 if state is JobState.DONE else 0)
            self.await_end(job)
            return job
        running = self.start(pass_gate, self.gate.path)
        self.await_running(running)
        if state is JobState.RUNNING:
            return running
        queued = self.start(pass_gate, self.gate.path)
        if state is JobState.CANCELLED:
            self.withdraw(queued)
        return queued

    def finish(self, job: Any) -> None:
        self.gate.open()
        self.await_end(job)


class TestAsyncResults(_OnOneEngine):
    def start(self, function: Any, *arguments: Any) -> Any:
        return self.view.apply_async(function, *arguments)

    def await_running(self, job: Any) -> None:
        await_begun(job)

    def await_end(self, job: Any) -> None:
        assert job.wait(PATIENCE)
        assert job.wait_for_output(PATIENCE)

    def withdraw(self, job: Any) -> None:
        job.abort()
        self.finish(job)


class TestCallsOfTheEngine(_OnOneEngine):
    def start(self, function: Any, *arguments: Any) -> Any:
        return engine_for(self.view).start(FunctionCall(function, arguments, {}, "task"))

    def await_running(self, job: Any) -> None:
        await_state(job, JobState.RUNNING)

    def await_end(self, job: Any) -> None:
        wait([job.future], PATIENCE)

    def withdraw(self, job: Any) -> None:
        job.cancel()
        await_state(job, JobState.CANCELLED)
