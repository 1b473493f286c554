"""Prefect's futures, read from Prefect's own server on this machine."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import Mock

import pytest
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.futures import PrefectDistributedFuture, PrefectFlowRunFuture
from prefect.states import Cancelled, Cancelling, Completed, Failed, Pending, Running, Scheduled
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.testing.utilities import prefect_test_harness

from primwidgets import CancelState, JobState, WidgetJob
from primwidgets.adapters import adapter_for
from primwidgets.adapters.attaching import attach_job
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import AdapterContract, LiveAdapterContract
from tests.providers import work
from tests.providers.script import ALL
from tests.providers.work import PATIENCE, Gate

BLANK = JobSnapshot(uid="u")
STATES = dict(
    zip(
        ALL,
        (Pending(), Scheduled(), Running(), Completed(), Failed(message="no such qubit"), Cancelled()),
        strict=True,
    )
)


@pytest.fixture(scope="module", autouse=True)
def _server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@flow  # type: ignore[untyped-decorator,unused-ignore]
def scan() -> int:
    return 42


class TestFlowRuns(AdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL

    def make_job(self, state: JobState) -> Any:
        with get_client(sync_client=True) as client:
            run = client.create_flow_run(scan, state=Pending())
            self.set(run.id, STATES[state])
        job = PrefectFlowRunFuture(run.id)
        job.result = Mock(return_value=42)  # nothing has run
        return job

    def set(self, run_id: uuid.UUID, state: Any) -> None:
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(run_id, state, force=True)

    def test_the_reason_of_a_failure_is_shown(self) -> None:
        error = self._read(JobState.ERROR).error
        assert error is not None
        assert error.message == "no such qubit"

    def test_a_run_that_is_being_cancelled_is_not_over(self) -> None:
        job = self.make_job(JobState.RUNNING)
        self.set(job.flow_run_id, Cancelling())
        read = adapter_for(job).read(BLANK.evolve(state=JobState.RUNNING))
        assert (read.state, read.cancel_state) == (JobState.RUNNING, CancelState.REQUESTED)

    def test_a_cancel_asks_the_server_and_is_confirmed_by_it(self) -> None:
        job = WidgetJob(self.make_job(JobState.RUNNING))
        job.cancel()
        assert PrefectFlowRunFuture(job.flow_run_id).state.name == "Cancelling"
        self.set(job.flow_run_id, Cancelled())
        assert job._waiting.wait(PATIENCE)
        assert (job.snapshot.state, job.snapshot.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)

    def test_a_run_is_found_again_by_its_locator(self) -> None:
        job = self.make_job(JobState.DONE)
        locator = adapter_for(job).locate()
        assert locator is not None
        assert adapter_for(attach_job(locator)).read(BLANK).state is JobState.DONE


class TestTaskRuns(AdapterContract):
    """Runs of which the server alone knows."""

    states: ClassVar[tuple[JobState, ...]] = ALL

    def make_job(self, state: JobState) -> Any:
        with get_client(sync_client=True) as client:
            run = client.create_task_run(task(lambda: 1, name="t"), flow_run_id=None, dynamic_key=str(uuid.uuid4()))
            client.set_task_run_state(run.id, STATES[state], force=True)
        job = PrefectDistributedFuture(run.id)
        job.result = Mock(return_value=42)  # nothing has run
        return job


class TestFutures(LiveAdapterContract):
    """Tasks that run in threads of this process."""

    states: ClassVar[tuple[JobState, ...]] = (JobState.RUNNING, JobState.DONE, JobState.ERROR)

    @pytest.fixture(autouse=True)
    def _gate(self, tmp_path: Path) -> Iterator[None]:
        self.gate = Gate(tmp_path)
        with ThreadPoolTaskRunner() as self.runner:
            yield
            self.gate.open()

    def make_job(self, state: JobState) -> Any:
        if state is JobState.ERROR:
            job = self.runner.submit(task(work.fail), parameters={})
            job.wait()
            return job
        job = self.runner.submit(task(work.pass_gate), parameters={"gate": str(self.gate.path), "value": 42})
        self.gate.wait_for_beginning()
        while not job.state.is_running():  # the server hears of it by an event
            time.sleep(0.05)
        if state is JobState.DONE:
            self.finish(job)
        return job

    def finish(self, job: Any) -> None:
        self.gate.open()
        job.wait()

    def test_results_and_errors_are_prefects_own(self) -> None:
        assert WidgetJob(self.make_job(JobState.DONE)).result() == 42
        with pytest.raises(ValueError, match="no such qubit"):
            WidgetJob(self.make_job(JobState.ERROR)).result()
        kept = WidgetJob(self.make_job(JobState.ERROR)).result(raise_on_failure=False)
        assert isinstance(kept, ValueError)
