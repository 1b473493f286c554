"""Pasqal, Pulser, Perceval, Superstaq, Xanadu and Qiskit Serverless: their own job classes on scripted clients."""

from __future__ import annotations

import io
import time
from types import SimpleNamespace
from typing import Any, ClassVar
from unittest.mock import Mock

import numpy as np
import pytest
import xcc
from pasqal_cloud.batch import Batch
from pasqal_cloud.job import Job as PasqalJob
from perceval import RemoteJob
from pulser.backend.remote import BatchStatus, RemoteResults
from qiskit_serverless.core.job import Job as ServerlessJob
from qiskit_superstaq.superstaq_job import SuperstaqJob

from primwidgets import CancelState, JobFailed, JobState, WidgetJob
from primwidgets.adapters import adapter_for
from primwidgets.adapters.attaching import attach_job
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.providers.script import ALL, Answers

BLANK = JobSnapshot(uid="u")
TIME = "2026-11-25T12:00:00.000000+00:00"


def asked_by_a_read(job: Any, answers: Answers[Any]) -> int:
    """How many requests one read of a live job makes."""
    adapter = adapter_for(job)
    answers.asked = 0
    adapter.read(BLANK)
    return answers.asked


class TestPasqalBatches(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL[1:]
    words: ClassVar[dict[JobState, Any]] = dict(
        zip(ALL[1:], ("PENDING", "RUNNING", "DONE", "ERROR", "CANCELED"), strict=True)
    )

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers(self.record(self.words[state]))
        self.client = SimpleNamespace(
            get_batch=self.answers,
            cancel_batch=lambda _: self.answers(),
            get_batch_jobs=lambda batch_id: [job_record("DONE")],
            get_job_results=lambda _: {"counter": {"01": 5}},
        )
        return Batch(**self.record("PENDING"), _client=self.client)

    def record(self, word: str) -> dict[str, Any]:
        return {
            "open": False,
            "complete": True,
            "created_at": TIME,
            "updated_at": TIME,
            "device_type": "FRESNEL",
            "project_id": "p",
            "id": "b-1",
            "user_id": "u",
            "status": word,
            "jobs_count": 2,
            "jobs_count_per_status": {"DONE": 1, "RUNNING": 1},
        }

    def finish(self, job: Any) -> None:
        self.answers.answer = self.record("DONE")

    def test_a_read_is_one_request_and_tells_how_many_jobs_have_ended(self) -> None:
        job = self.make_job(JobState.RUNNING)
        assert asked_by_a_read(job, self.answers) == 1
        read = adapter_for(job).read(BLANK)
        assert (read.progress, read.progress_text, read.backend) == (0.5, "1 of 2 jobs", "FRESNEL")

    def test_result_waits_and_gives_the_counts_of_each_job(self) -> None:
        assert WidgetJob(self.make_job(JobState.DONE)).result() == [{"01": 5}]
        with pytest.raises(JobFailed):
            WidgetJob(self.make_job(JobState.ERROR)).result()

    def test_a_batch_is_found_again(self) -> None:
        job = self.make_job(JobState.DONE)
        sdk = SimpleNamespace(get_batch=lambda id: {"b-1": job}[id])
        assert attach_job(adapter_for(job).locate() or {}, sdk=sdk) is job


def job_record(word: str) -> dict[str, Any]:
    failed = {"errors": ["no such qubit"]} if word == "ERROR" else {}
    told = {"runs": 100, "batch_id": "b-1", "id": "j-1", "project_id": "p", "status": word}
    return {**told, **failed, "created_at": TIME, "updated_at": TIME}


class TestPasqalJobs(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL[1:]
    words: ClassVar[dict[JobState, Any]] = TestPasqalBatches.words

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers(job_record(self.words[state]))
        client = SimpleNamespace(
            get_job=self.answers, cancel_job=self.answers, get_job_results=lambda _: {"counter": {"01": 5}}
        )
        return PasqalJob(**job_record("PENDING"), _client=client)

    def finish(self, job: Any) -> None:
        self.answers.answer = job_record("DONE")

    def test_a_read_is_one_request(self) -> None:
        assert asked_by_a_read(self.make_job(JobState.RUNNING), self.answers) == 1

    def test_the_reason_of_a_failure_is_shown(self) -> None:
        error = self._read(JobState.ERROR).error
        assert error is not None
        assert error.message == "no such qubit"


class TestPulser(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL[1:]
    words: ClassVar[dict[JobState, Any]] = dict(
        zip(
            ALL[1:],
            (BatchStatus.PENDING, BatchStatus.RUNNING, BatchStatus.DONE, BatchStatus.ERROR, BatchStatus.CANCELED),
            strict=True,
        )
    )

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers(self.words[state])
        connection = SimpleNamespace(
            _get_batch_status=self.answers, _fetch_result=lambda *_: [7], _get_job_ids=lambda _: ["j-1"]
        )
        return RemoteResults("b-1", connection)

    def finish(self, job: Any) -> None:
        self.answers.answer = BatchStatus.DONE

    def test_a_read_is_one_request_and_fetches_nothing(self) -> None:
        job = self.make_job(JobState.RUNNING)
        assert asked_by_a_read(job, self.answers) == 1
        assert "_results_seq" not in vars(job)

    def test_result_is_the_results(self) -> None:
        assert WidgetJob(self.make_job(JobState.DONE)).result() == (7,)


class TestPerceval(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL[1:]
    words: ClassVar[dict[JobState, Any]] = dict(
        zip(ALL[1:], ("waiting", "running", "completed", "error", "canceled"), strict=True)
    )

    @pytest.fixture(autouse=True)
    def _no_delay(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            RemoteJob, "STATUS_REFRESH_DELAY", -1
        )  # or the second read within a second asks for nothing

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers(self.record(self.words[state]))
        handler = SimpleNamespace(
            get_job_status=self.answers,
            cancel_job=lambda _: None,
            get_job_results=lambda _: {"results": '{"results": 5}'},
        )
        job = RemoteJob(None, handler, "scan")
        job._id = "q-1"
        return job

    def record(self, word: str) -> dict[str, Any]:
        told = {"status": word, "progress": 0.25, "progress_message": "sampling", "status_message": "no such mode"}
        return {**told, "creation_datetime": 1764072000.0, "start_time": 1764072010.0, "duration": 5}

    def finish(self, job: Any) -> None:
        self.answers.answer = self.record("completed")

    def test_a_read_is_one_request_and_tells_progress_and_message(self) -> None:
        job = self.make_job(JobState.RUNNING)
        assert asked_by_a_read(job, self.answers) == 1
        read = adapter_for(job).read(BLANK)
        assert (read.progress, read.message, read.started_at) == (0.25, "sampling", 1764072010.0)

    def test_a_job_that_is_being_cancelled_is_not_over(self) -> None:
        adapter = adapter_for(self.make_job(JobState.RUNNING))
        adapter.cancel()
        self.answers.answer = self.record("cancel_requested")
        read = adapter.read(BLANK.evolve(state=JobState.RUNNING))
        assert (read.state, read.cancel_state) == (JobState.RUNNING, CancelState.REQUESTED)

    def test_the_reason_of_a_failure_is_shown(self) -> None:
        error = self._read(JobState.ERROR).error
        assert error is not None
        assert error.message == "no such mode"


class TestSuperstaq(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL
    words: ClassVar[dict[JobState, Any]] = dict(
        zip(ALL, ("Submitted", "Queued", "Running", "Done", "Failed", "Cancelled"), strict=True)
    )

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers(self.records(self.words[state]))
        client = SimpleNamespace(fetch_jobs=self.answers, cancel_jobs=lambda ids, **_: ids, max_retry_seconds=60)
        backend = Mock(_provider=SimpleNamespace(_client=client))
        job = SuperstaqJob(backend, "a,b")
        job.result = Mock(return_value=None)
        return job

    def records(self, word: str) -> dict[str, Any]:
        failed = {"status_message": "no such qubit"} if word == "Failed" else {}
        first = "Done" if word in ("Running", "Failed", "Cancelled") else word
        return {
            "a": {"status": first, "target": "ss_unconstrained_simulator", "shots": 10},
            "b": {"status": word, "target": "ss_unconstrained_simulator", "shots": 10, **failed},
        }

    def finish(self, job: Any) -> None:
        self.answers.answer = self.records("Done")

    def test_a_read_is_one_request_and_counts_circuits(self) -> None:
        job = self.make_job(JobState.RUNNING)
        assert asked_by_a_read(job, self.answers) == 1
        assert adapter_for(job).read(BLANK).progress_text == "1 of 2 circuits"


class TestXanadu(LiveAdapterContract):
    record: dict[str, Any]
    states: ClassVar[tuple[JobState, ...]] = ALL
    words: ClassVar[dict[JobState, Any]] = dict(
        zip(ALL, ("open", "queued", "running", "complete", "failed", "cancelled"), strict=True)
    )

    def make_job(self, state: JobState) -> Any:
        result = io.BytesIO()
        np.savez(result, output=np.zeros((1, 4), dtype=int))
        content = [result.getvalue()]
        self.answers = Answers(SimpleNamespace(json=lambda: self.record, iter_content=lambda chunk_size: content))
        self.record = self.record_of(self.words[state])
        return xcc.Job("x-1", SimpleNamespace(request=self.answers))

    def record_of(self, word: str) -> dict[str, Any]:
        meta = {"error-code": "E1", "error-detail": "no such mode"} if word == "failed" else {}
        times = {"created_at": TIME, "started_at": None, "finished_at": None, "running_time": None}
        return {"id": "x-1", "name": "scan", "status": word, "target": "X8", "language": "b", "meta": meta, **times}

    def finish(self, job: Any) -> None:
        self.record = self.record_of("complete")

    def test_a_read_is_one_request(self) -> None:
        assert asked_by_a_read(self.make_job(JobState.RUNNING), self.answers) == 1

    def test_the_reason_of_a_failure_is_shown(self) -> None:
        error = self._read(JobState.ERROR).error
        assert error is not None
        assert error.message == "no such mode"

    def test_a_job_is_found_again(self) -> None:
        job = self.make_job(JobState.DONE)
        found = attach_job(adapter_for(job).locate() or {}, connection=job._connection)
        assert adapter_for(found).read(BLANK).state is JobState.DONE


class TestServerless(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL
    words: ClassVar[dict[JobState, Any]] = dict(
        zip(ALL, ("PENDING", "QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "STOPPED"), strict=True)
    )

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers({"status": self.words[state]})
        service = SimpleNamespace(
            get_job_data=self.answers,
            stop=lambda job_id, service=None: "Job has been stopped.",
            events=lambda job_id, **_: [],
            result=lambda job_id: '"no such qubit"' if self.answers.answer["status"] == "FAILED" else '{"a": 1}',
        )
        return ServerlessJob("s-1", service)

    def finish(self, job: Any) -> None:
        self.answers.answer = {"status": "SUCCEEDED"}

    def test_a_read_is_one_request_and_tells_what_a_running_job_does(self) -> None:
        job = self.make_job(JobState.RUNNING)
        self.answers.answer["sub_status"] = "WAITING_QPU"
        assert asked_by_a_read(job, self.answers) == 1
        read = adapter_for(job).read(BLANK)
        assert (read.state, read.status_text) == (JobState.RUNNING, "RUNNING: WAITING_FOR_QPU")

    def test_a_job_that_is_being_stopped_is_not_over(self) -> None:
        job = self.make_job(JobState.RUNNING)
        self.answers.answer = {"status": "STOPPING"}
        read = adapter_for(job).read(BLANK.evolve(state=JobState.RUNNING))
        assert (read.state, read.cancel_state) == (JobState.RUNNING, CancelState.REQUESTED)

    def test_the_reason_of_a_failure_is_shown_and_requested_once(self) -> None:
        adapter = adapter_for(self.make_job(JobState.ERROR))
        read = adapter.read(BLANK)
        assert read.error is not None
        assert read.error.message == "no such qubit"
        self.answers.asked = 0
        adapter.read(read)
        assert self.answers.asked == 1

    def test_result_is_there_as_soon_as_the_job_has_ended(self) -> None:
        job = WidgetJob(self.make_job(JobState.RUNNING))
        self.finish(None)
        begun = time.monotonic()
        assert job.result() == {"a": 1}
        assert time.monotonic() - begun < 30  # the job's own method looks every 30 seconds
