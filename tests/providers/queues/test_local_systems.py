"""submitit, Parsl and Ray on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import parsl
import pytest
import ray
import submitit
from parsl.executors import ThreadPoolExecutor

from primwidgets import CancelState, JobState, NotAJobError, WidgetJob
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.providers import work
from tests.providers.work import PATIENCE, Gate


class TestSubmitit(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (JobState.RUNNING, JobState.DONE, JobState.ERROR, JobState.CANCELLED)

    @pytest.fixture(autouse=True)
    def _gate(self, tmp_path: Path) -> Iterator[None]:
        self.gate = Gate(tmp_path)
        self.executor = submitit.LocalExecutor(tmp_path / "jobs")
        self.executor.update_parameters(timeout_min=1)
        yield
        self.gate.open()

    def make_job(self, state: JobState) -> Any:
        if state is JobState.ERROR:
            job = self.executor.submit(work.fail)
            job.exception()
            return job
        job = self.executor.submit(work.pass_gate, str(self.gate.path))
        self.gate.wait_for_beginning()
        if state is JobState.CANCELLED:
            job.cancel()
            job.wait()
        if state is JobState.DONE:
            self.finish(job)
        return job

    def finish(self, job: Any) -> None:
        self.gate.open()
        job.wait()

    def test_the_reason_of_a_failure_and_what_was_printed_are_on_the_card(self) -> None:
        error = self._read(JobState.ERROR).error
        assert error is not None
        assert (error.type, error.message) == ("ValueError", "no such qubit")
        assert "passed" in (self._read(JobState.DONE).log or "")

    def test_a_cancel_is_confirmed(self) -> None:
        job = WidgetJob(self.make_job(JobState.RUNNING))
        job.cancel()
        assert job.wait(PATIENCE)
        assert (job.snapshot.state, job.snapshot.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)

    def test_a_debugging_job_is_refused_and_does_not_run(self, tmp_path: Path) -> None:
        job = submitit.DebugExecutor(tmp_path / "debug").submit(work.pass_gate, str(self.gate.path))
        with pytest.raises(NotAJobError, match="runs its function"):
            adapter_for(job)
        assert not Path(f"{self.gate.path}.begun").exists()


@pytest.fixture(scope="module")
def _parsl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    threads = ThreadPoolExecutor(max_threads=1)
    folder = str(tmp_path_factory.mktemp("parsl"))
    with parsl.load(parsl.Config(executors=[threads], initialize_logging=False, run_dir=folder)):
        yield


@pytest.mark.usefixtures("_parsl")
class TestParsl(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (JobState.QUEUED, JobState.RUNNING, JobState.DONE, JobState.ERROR)

    @pytest.fixture(autouse=True)
    def _gate(self, _parsl: None, tmp_path: Path) -> Iterator[None]:
        self.gate = Gate(tmp_path)
        self.pass_gate = parsl.python_app(work.pass_gate)
        self.jobs: list[Any] = []
        yield
        self.gate.open()
        for job in self.jobs:
            job.exception(PATIENCE)

    def make_job(self, state: JobState) -> Any:
        job = parsl.python_app(work.fail)() if state is JobState.ERROR else self.pass_gate(str(self.gate.path))
        self.jobs.append(job)
        if state is JobState.QUEUED:
            job = self.pass_gate(str(self.gate.path), value=job)
            self.jobs.append(job)
        if state.is_final:
            self.gate.open()
            job.exception(PATIENCE)
        else:
            self.gate.wait_for_beginning()
        return job

    def finish(self, job: Any) -> None:
        self.gate.open()
        job.result(PATIENCE)


@pytest.fixture(scope="module")
def _ray() -> Iterator[None]:
    environment = {"env_vars": {"PYTHONPATH": str(Path(__file__).parents[3])}}
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR", runtime_env=environment)
    yield
    ray.shutdown()


@pytest.mark.usefixtures("_ray")
class TestRay(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (JobState.RUNNING, JobState.DONE, JobState.ERROR, JobState.CANCELLED)

    @pytest.fixture(autouse=True)
    def _gate(self, _ray: None, tmp_path: Path) -> Iterator[None]:
        self.gate = Gate(tmp_path)
        yield
        self.gate.open()

    def make_job(self, state: JobState) -> Any:
        if state is JobState.ERROR:
            job = ray.remote(work.fail).options(max_retries=0).remote()
            ray.wait([job], timeout=PATIENCE)
            return job
        job = ray.remote(work.pass_gate).remote(str(self.gate.path))
        self.gate.wait_for_beginning()
        if state is JobState.CANCELLED:
            ray.cancel(job)
            ray.wait([job], timeout=PATIENCE)
        if state is JobState.DONE:
            self.finish(job)
        return job

    def finish(self, job: Any) -> None:
        self.gate.open()
        assert ray.get(job, timeout=PATIENCE) == 42

    def test_results_and_errors_are_rays_own(self) -> None:
        with pytest.raises(ray.exceptions.GetTimeoutError):
            WidgetJob(self.make_job(JobState.RUNNING)).result(timeout=0.01)
        assert WidgetJob(self.make_job(JobState.DONE)).result() == 42
        with pytest.raises(ValueError, match="no such qubit"):
            WidgetJob(self.make_job(JobState.ERROR)).result()

    def test_a_large_result_is_not_fetched_by_a_read(self) -> None:
        job = ray.remote(lambda: bytes(5_000_000)).remote()
        ray.wait([job], timeout=PATIENCE, fetch_local=False)
        asked: list[Any] = []
        adapter = adapter_for(job)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ray, "get", lambda *args, **_: asked.append(args))
            assert adapter.read(JobSnapshot(uid="u")).state is JobState.DONE
        assert asked == []

    def test_a_cancel_is_confirmed(self) -> None:
        job = WidgetJob(self.make_job(JobState.RUNNING))
        job.cancel()
        assert job.wait(PATIENCE)
        assert (job.snapshot.state, job.snapshot.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)
