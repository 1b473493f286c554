"""Celery's results, with a redis-server and a worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import celery
import celery.exceptions
import celery.result
import pytest

from primwidgets import CancelState, JobState, WidgetJob
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.contract.states import ALL_BUT_INITIALIZING
from tests.providers.queues.conftest import start_worker
from tests.providers.work import PATIENCE, Gate


@pytest.fixture(scope="module")
def app(redis_url: str) -> Iterator[Any]:
    from tests.providers.queues import celery_app

    celery_app.app.conf.update(broker_url=redis_url, result_backend=redis_url)
    arguments = ("-A", "tests.providers.queues.celery_app", "worker", "--concurrency=2", "--loglevel=ERROR")
    worker = start_worker("celery", *arguments, PRIMWIDGETS_REDIS=redis_url)
    yield celery_app
    worker.terminate()
    worker.wait(PATIENCE)


class TestCelery(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL_BUT_INITIALIZING

    @pytest.fixture(autouse=True)
    def _gate(self, app: Any, tmp_path: Path) -> Iterator[None]:
        self.app = app
        self.gate = Gate(tmp_path)
        self.held: list[Any] = []
        yield
        self.gate.open()
        for job in self.held:
            job.get(timeout=PATIENCE)

    def make_job(self, state: JobState) -> Any:
        if state is JobState.ERROR:
            job = self.app.fail.delay()
            with pytest.raises(ValueError, match="no such qubit"):
                job.get(timeout=PATIENCE)
            return self.app.app.AsyncResult(job.id)
        if state is JobState.QUEUED:
            return self.app.pass_gate.apply_async((str(self.gate.path),), queue="nobody")
        if state is JobState.CANCELLED:
            job = self.app.pass_gate.apply_async((str(self.gate.path),), countdown=1)
            job.revoke()
            with pytest.raises(celery.exceptions.TaskRevokedError):
                job.get(timeout=PATIENCE)
            return self.app.app.AsyncResult(job.id)
        job = self.app.pass_gate.delay(str(self.gate.path))
        self.gate.wait_for_beginning()
        if state is JobState.DONE:
            self.finish(job)
        else:
            self.held.append(job)
        return job

    def finish(self, job: Any) -> None:
        self.gate.open()
        if job.state == "PENDING":  # no worker takes from that queue: it is carried out here
            job.backend.store_result(job.id, 42, "SUCCESS")
        assert job.get(timeout=PATIENCE) == 42

    def test_results_and_errors_are_celerys_own(self) -> None:
        assert WidgetJob(self.make_job(JobState.DONE)).result() == 42
        with pytest.raises(ValueError, match="no such qubit"):
            WidgetJob(self.make_job(JobState.ERROR)).result()

    def test_a_state_of_its_own_tells_the_progress(self) -> None:
        job = self.app.report_and_pass.delay(str(self.gate.path))
        self.held.append(job)
        self.gate.wait_for_beginning()
        read = adapter_for(job).read(JobSnapshot(uid="u"))
        assert (read.state, read.status_text) == (JobState.RUNNING, "PROGRESS")
        assert (read.progress, read.progress_text, read.message) == (0.25, "1 of 4", "epoch 1")

    def test_a_task_that_waits_is_revoked(self) -> None:
        job = WidgetJob(self.app.pass_gate.apply_async((str(self.gate.path),), countdown=2))
        job.cancel()
        assert job._waiting.wait(PATIENCE)
        assert (job.snapshot.state, job.snapshot.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)

    def test_a_read_is_one_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        job = self.make_job(JobState.RUNNING)
        asked: list[str] = []
        get = job.backend.get

        def counted(key: str) -> Any:
            asked.append(key)
            return get(key)

        monkeypatch.setattr(job.backend, "get", counted)
        adapter_for(job).read(JobSnapshot(uid="u"))
        assert len(asked) == 1


def test_a_group_of_tasks_arrives_as_a_group() -> None:
    app = celery.Celery(broker="memory://", backend="cache+memory://", set_as_current=False)
    tasks = celery.result.GroupResult("g", [celery.result.AsyncResult(str(number), app=app) for number in range(3)])
    group: WidgetJob[Any, Any] = WidgetJob(tasks)

    assert [member.job_id() for member in group] == ["0", "1", "2"]
    group.close()
