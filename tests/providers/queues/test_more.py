"""arq on a real redis-server, Ray's Jobs API, executorlib, Globus Compute's future and joblib."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import ray
from arq import create_pool
from arq.connections import RedisSettings
from arq.worker import Worker, func
from executorlib import SingleNodeExecutor
from globus_compute_sdk.sdk.asynchronous.compute_future import ComputeFuture
from ray.job_submission import JobSubmissionClient

from primwidgets import JobState, WidgetJob, job_from
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import AdapterContract
from tests.providers import work
from tests.providers.http_stub import Stub, http_stub
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


class RayHead:
    """The HTTP server of a Ray cluster's head, as far as the client of the Jobs API asks it."""

    def __init__(self, stub: Stub) -> None:
        self.word = "PENDING"
        self.stopped = False
        stub.answer = self._answer

    def _answer(self, method: str, path: str, headers: Any, body: bytes) -> tuple[int, Any]:
        if path.endswith("/version"):
            return 200, {"version": "5", "ray_version": ray.__version__, "ray_commit": "x", "session_name": "s"}
        if path.endswith("/logs"):
            return 200, {"logs": "42"}
        if path.endswith("/stop"):
            self.stopped = True
            return 200, {"stopped": True}
        if method == "POST":
            return 200, {"job_id": "raysubmit_1", "submission_id": "raysubmit_1"}
        told = {
            "type": "SUBMISSION",
            "submission_id": "raysubmit_1",
            "status": self.word,
            "entrypoint": "python scan.py",
        }
        return 200, {**told, "message": "no such qubit", "start_time": 1764072000000}


def test_a_job_of_rays_jobs_api_is_an_id() -> None:
    with http_stub() as stub:
        head = RayHead(stub)
        names = run_recipe("Ray Jobs", client=JobSubmissionClient(stub.url), entrypoint="python scan.py")
        for word, state in RAY_WORDS.items():
            head.word = word
            stub.requests.clear()
            read = adapter_for(job_from(id=1, read=names["read"])).read(BLANK)
            assert read.state is state
            assert "GET /api/jobs/raysubmit_1" in stub.requests
        assert names["job"].job_id() == "raysubmit_1"


def test_a_job_of_rays_jobs_api_is_stopped_and_gives_its_log() -> None:
    with http_stub() as stub:
        head = RayHead(stub)
        job = run_recipe("Ray Jobs", client=JobSubmissionClient(stub.url), entrypoint="python scan.py")["job"]
        assert job.cancel() is True
        assert head.stopped
        head.word = "SUCCEEDED"
        assert job.result(timeout=PATIENCE) == "42"


RAY_WORDS = {
    "PENDING": JobState.QUEUED,
    "RUNNING": JobState.RUNNING,
    "SUCCEEDED": JobState.DONE,
    "FAILED": JobState.ERROR,
    "STOPPED": JobState.CANCELLED,
}
