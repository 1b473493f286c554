"""BigQuery, Google's operations and Azure's pollers: their own classes, on clients that answer from a script."""

from __future__ import annotations

import threading
from typing import Any, ClassVar
from unittest.mock import Mock

from azure.core.polling import LROPoller, PollingMethod
from google.api_core import operation
from google.cloud import bigquery
from google.longrunning import operations_pb2
from google.protobuf import empty_pb2

from primwidgets import JobState
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.monitored import PATIENCE
from tests.providers.script import ALL, Answers

BLANK = JobSnapshot(uid="u")


class TestBigQuery(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL[1:]

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers(self.record(state))
        client = Mock(project="p", location="EU")
        client.get_job = lambda *_, **__: bigquery.QueryJob.from_api_repr(self.answers(), client)
        job = bigquery.QueryJob.from_api_repr(self.record(JobState.QUEUED), client)
        job.result = Mock(return_value=[])
        job.cancel = Mock(return_value=True)
        return job

    def record(self, state: JobState) -> dict[str, Any]:
        word = {JobState.QUEUED: "PENDING", JobState.RUNNING: "RUNNING"}.get(state, "DONE")
        reason = {JobState.ERROR: "invalidQuery", JobState.CANCELLED: "stopped"}.get(state)
        status = {"state": word, **({"errorResult": {"reason": reason, "message": "no"}} if reason else {})}
        return {
            "id": "p:EU.j-1",
            "jobReference": {"projectId": "p", "jobId": "j-1", "location": "EU"},
            "configuration": {"query": {"query": "select 1"}, "jobType": "QUERY"},
            "status": status,
            "statistics": {"creationTime": "1764072000000"},
        }

    def finish(self, job: Any) -> None:
        self.answers.answer = self.record(JobState.DONE)

    def test_a_read_is_one_request(self, state: JobState) -> None:
        adapter = adapter_for(self.make_job(state))
        self.answers.asked = 0
        adapter.read(BLANK)
        assert self.answers.asked == 1


class TestOperations(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (JobState.RUNNING, JobState.DONE, JobState.ERROR, JobState.CANCELLED)

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers(self.record(state))
        job = operation.Operation(self.record(JobState.RUNNING), self.answers, lambda: None, empty_pb2.Empty)
        job.result = Mock(return_value=None)
        return job

    def record(self, state: JobState) -> Any:
        told = operations_pb2.Operation(name="projects/p/operations/o-1", done=state.is_final)
        if state is JobState.DONE:
            told.response.Pack(empty_pb2.Empty())
        elif state.is_final:
            told.error.code = 1 if state is JobState.CANCELLED else 5
            told.error.message = "no such qubit"
        return told

    def finish(self, job: Any) -> None:
        self.answers.answer = self.record(JobState.DONE)

    def test_a_read_is_one_request_and_starts_no_thread(self) -> None:
        threads = threading.active_count()
        adapter = adapter_for(self.make_job(JobState.RUNNING))
        assert adapter.subscribe(lambda: None) is None
        adapter.read(BLANK)
        assert (self.answers.asked, threading.active_count()) == (1, threads)


class Method(PollingMethod[int]):  # type: ignore[misc]  # Azure ships no types here
    def __init__(self) -> None:
        self.go = threading.Event()
        self.fails = False
        self.word = "InProgress"

    def initialize(self, client: Any, initial_response: Any, deserialization_callback: Any) -> None:
        pass

    def run(self) -> None:
        self.go.wait(PATIENCE)
        if self.fails:
            self.word = "Failed"
            raise ValueError("no such qubit")
        self.word = "Succeeded"

    def status(self) -> str:
        return self.word

    def finished(self) -> bool:
        return self.go.is_set()

    def resource(self) -> int:
        return 42


class TestPollers(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (JobState.RUNNING, JobState.DONE, JobState.ERROR)

    def make_job(self, state: JobState) -> Any:
        self.method = Method()
        self.method.fails = state is JobState.ERROR
        poller = LROPoller(None, None, lambda _: None, self.method)
        if state.is_final:
            self.finish(poller)
        return poller

    def finish(self, job: Any) -> None:
        self.method.go.set()
        job._done.wait(PATIENCE)
        job._thread.join(PATIENCE)
