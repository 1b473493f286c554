"""arq on a real redis-server, Ray's Jobs API, executorlib, Globus Compute's future and joblib."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from arq import create_pool
from arq.connections import RedisSettings
from arq.worker import Worker, func
from executorlib import SingleNodeExecutor
from globus_compute_sdk.sdk.asynchronous.compute_future import ComputeFuture

from primwidgets import JobState, WidgetJob, job_from
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import AdapterContract
from tests.providers import work
from tests.providers.recipes import run_recipe
from tests.providers.work import PATIENCE, Gate

BLANK = JobSnapshot(uid="u")


async def double(context: Any, value: int) -> int:
    return 2 * value


async def fail(context: Any) -> None:
    raise ValueError("no such qubit")


class TestArq(AdapterContract):
    """Jobs that wait for a worker, or have been worked off; read as a card is, on a thread beside the event loop."""

    states: ClassVar[tuple[JobState, ...]] = (JobState.QUEUED, JobState.DONE, JobState.ERROR)

    @pytest.fixture(autouse=True)
    def _loop(self, redis_url: str) -> Iterator[None]:
        self.loop = asyncio.new_event_loop()
        thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        thread.start()
        self.pool = self.run(create_pool(RedisSettings.from_dsn(redis_url)))
        yield
        self.run(self.pool.flushdb())
        self.run(self.pool.aclose())
        self.loop.call_soon_threadsafe(self.loop.stop)
        thread.join(PATIENCE)
        self.loop.close()

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE)

    def make_job(self, state: JobState) -> Any:
        job = self.run(
            self.pool.enqueue_job(
                "fail" if state is JobState.ERROR else "double", *([21] if state is not JobState.ERROR else [])
            )
        )
        if state.is_final:
            self.run(self.work_off())
        return job

    async def work_off(self) -> None:
        functions = [func(double, keep_result=60), func(fail, keep_result=60)]
        worker = Worker(functions, redis_pool=self.pool, burst=True, handle_signals=False, poll_delay=0.01)
        await worker.async_run()

    def _adapter(self, state: JobState) -> Any:
        return self._on_the_loop(self.make_job(state))

    def _on_the_loop(self, job: Any) -> Any:
        async def make() -> Any:
            return adapter_for(job)

        return self.run(make())

    def test_a_picture_of_the_result_is_small_plain_json(self) -> None:
        """A number has none."""
        assert self._adapter(JobState.DONE).preview(42) is None

    def test_a_job_that_failed_is_no_success_although_arq_calls_it_complete(self) -> None:
        read = self._read(JobState.ERROR)
        assert read.status_text == "complete"
        assert read.error is not None
        assert (read.error.type, read.error.message) == ("ValueError", "no such qubit")


def test_a_future_of_executorlib_is_read_as_one_of_an_executor(tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    with SingleNodeExecutor(max_cores=1) as executor:
        future = executor.submit(work.pass_gate, str(gate.path))
        job = WidgetJob(future)
        gate.wait_for_beginning()
        assert adapter_for(future).read(BLANK).state is JobState.RUNNING
        gate.open()
        assert job.result(timeout=PATIENCE) == 42


def test_a_future_of_globus_compute_is_cancelled_here_only() -> None:
    future = ComputeFuture("task-1")
    adapter = adapter_for(future)
    assert adapter.job_id() == "task-1"
    assert adapter.cancels_locally
    adapter.cancel()
    read = adapter.read(BLANK)
    assert read.state is not JobState.CANCELLED


def test_a_sweep_of_joblib_is_counted() -> None:
    job = run_recipe("joblib", function=abs)["job"]
    assert job.result(timeout=PATIENCE) == [0, 1, 2, 3]
    assert job.wait(PATIENCE)
    assert job.snapshot.progress == 1.0


@pytest.fixture(scope="module")
def ray_jobs() -> Iterator[Any]:
    os.environ.setdefault("RAY_DASHBOARD_STARTUP_TIMEOUT_S", "180")  # its default is too short for a busy machine
    import ray
    from ray.job_submission import JobSubmissionClient

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = ray.init(num_cpus=1, include_dashboard=True, log_to_driver=False, logging_level="ERROR")
    yield JobSubmissionClient(f"http://{context.dashboard_url}")
    ray.shutdown()


def test_a_job_of_rays_jobs_api_is_followed_to_its_end(ray_jobs: Any) -> None:
    entrypoint = f"{sys.executable} -c 'print(6 * 7)'"
    job = run_recipe("Ray Jobs", client=ray_jobs, entrypoint=entrypoint)["job"]
    assert job.result(timeout=2 * PATIENCE).strip().endswith("42")


def test_a_job_of_rays_jobs_api_that_fails_or_is_stopped_says_so(ray_jobs: Any) -> None:
    names = run_recipe("Ray Jobs", client=ray_jobs, entrypoint=f"{sys.executable} -c 'raise SystemExit(3)'")
    assert names["job"].wait(2 * PATIENCE)
    assert names["job"].snapshot.state is JobState.ERROR
    names = run_recipe("Ray Jobs", client=ray_jobs, entrypoint="sleep 300")
    names["job"].cancel()
    assert names["job"].wait(2 * PATIENCE)
    assert adapter_for(job_from(id=1, read=names["read"])).read(BLANK).state is JobState.CANCELLED
