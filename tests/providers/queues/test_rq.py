"""Jobs of RQ, with a redis-server and a worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import redis
import rq
from rq.command import send_stop_job_command

from primwidgets import CancelState, JobFailed, JobState, WidgetJob
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.contract.states import ALL_BUT_INITIALIZING
from tests.providers import work
from tests.providers.queues.conftest import start_worker
from tests.providers.work import PATIENCE, Gate


@pytest.fixture(scope="module")
def queues(redis_url: str) -> Iterator[tuple[Any, Any]]:
    """A queue with a worker, and one without."""
    connection: Any = redis.Redis.from_url(redis_url)
    worker = start_worker("rq.cli", "worker", "--url", redis_url, "--quiet", "busy")
    yield rq.Queue("busy", connection=connection), rq.Queue("nobody", connection=connection)
    worker.terminate()
    worker.wait(PATIENCE)
    connection.close()


class TestRq(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL_BUT_INITIALIZING

    @pytest.fixture(autouse=True)
    def _gate(self, queues: tuple[Any, Any], tmp_path: Path) -> Iterator[None]:
        self.busy, self.nobody = queues
        self.nobody.empty()
        self.gate = Gate(tmp_path)
        self.held: list[Any] = []
        yield
        self.gate.open()
        for job in self.held:
            wait_until_over(job)

    def make_job(self, state: JobState) -> Any:
        path = str(self.gate.path)
        if state is JobState.QUEUED:
            return self.nobody.enqueue(work.pass_gate, path)
        if state is JobState.ERROR:
            return wait_until_over(self.busy.enqueue(work.fail))
        job = self.busy.enqueue(work.pass_gate, path)
        self.gate.wait_for_beginning()
        if state is JobState.CANCELLED:
            send_stop_job_command(job.connection, job.id)
            return wait_until_over(job)
        if state is JobState.DONE:
            self.finish(job)
        else:
            self.held.append(job)
        return job

    def finish(self, job: Any) -> None:
        self.gate.open()
        if job.get_status() == "queued":
            self.nobody.remove(job)
            self.busy.enqueue_job(job)
        wait_until_over(job)

    def test_a_queued_job_shows_its_place_in_the_queue(self) -> None:
        self.make_job(JobState.QUEUED)
        assert adapter_for(self.make_job(JobState.QUEUED)).read(JobSnapshot(uid="u")).queue_position == "1 ahead"

    def test_results_are_rqs_own_and_a_failure_raises_its_reason(self) -> None:
        assert WidgetJob(self.make_job(JobState.DONE)).result() == 42
        failed = WidgetJob(self.make_job(JobState.ERROR))
        with pytest.raises(JobFailed, match="no such qubit"):
            failed.result()
        assert failed.snapshot.error is not None
        assert failed.snapshot.error.type == "ValueError"
        assert "Traceback" in (failed.snapshot.error.traceback or "")

    @pytest.mark.parametrize("begun", [JobState.QUEUED, JobState.RUNNING])
    def test_cancel_is_confirmed_by_rq(self, begun: JobState) -> None:
        made = self.make_job(begun)
        self.held.clear()
        job = WidgetJob(made)
        job.cancel()
        assert job.wait(PATIENCE)
        assert (job.snapshot.state, job.snapshot.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)

    def test_a_job_that_was_deleted_is_gone(self) -> None:
        made = self.make_job(JobState.QUEUED)
        job = WidgetJob(made)
        made.delete()
        assert job.wait(PATIENCE)
        assert job.snapshot.error is not None
        assert job.snapshot.error.type == "JobGone"

    def test_a_read_leaves_the_jobs_own_attributes_alone(self) -> None:
        made = self.make_job(JobState.DONE)
        before = vars(made).copy()
        adapter_for(made).read(JobSnapshot(uid="u"))
        assert vars(made) == before


def wait_until_over(job: Any) -> Any:
    import time

    end = time.monotonic() + PATIENCE
    while job.get_status() in ("queued", "started"):
        assert time.monotonic() < end
        time.sleep(0.02)
    return job
