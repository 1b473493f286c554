"""IonQ, Azure Quantum and cirq-google: their own job classes, on clients that answer from a script."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any, ClassVar
from unittest.mock import Mock

import cirq
import pytest
from azure.quantum import Job as AzureJob
from azure.quantum._client.models import JobDetails
from azure.quantum.qiskit.job import AzureQuantumJob
from cirq_google.cloud import quantum
from cirq_google.engine import SimulatedLocalProcessor
from cirq_google.engine.engine_job import EngineJob
from cirq_google.engine.local_simulation_type import LocalSimulationType
from qiskit_ionq.ionq_job import IonQJob

from primwidgets import JobState, WidgetJob
from primwidgets.adapters import adapter_for
from primwidgets.adapters.attaching import attach_job
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import AdapterContract, LiveAdapterContract
from tests.monitored import PATIENCE
from tests.providers.script import ALL, Answers

BLANK = JobSnapshot(uid="u")
IONQ = dict(zip(ALL, ("submitted", "ready", "started", "completed", "failed", "canceled"), strict=True))
AZURE = dict(zip(ALL[1:], ("Waiting", "Executing", "Succeeded", "Failed", "Cancelled"), strict=True))


class TestIonQ(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (*ALL[:4], JobState.CANCELLED)

    def make_job(self, state: JobState) -> Any:
        warnings.simplefilter("ignore")
        self.answers = Answers(self.answer(IONQ[state]))
        backend = Mock()
        backend.name = "ionq_simulator"
        client = SimpleNamespace(retrieve_job=self.answers, cancel_job=lambda _: None)
        job = IonQJob(backend, "j-1", client=client)
        job.result = Mock(return_value=None)
        return job

    def answer(self, word: str) -> dict[str, Any]:
        failed = {"failure": {"code": "E1", "error": "no such qubit"}} if word == "failed" else {}
        return {"id": "j-1", "status": word, **failed}

    def finish(self, job: Any) -> None:
        self.answers.answer = self.answer("completed")

    def test_the_reason_of_a_failure_stays_and_result_raises_it(self) -> None:
        job = WidgetJob(self.make_job(JobState.RUNNING))
        self.answers.answer = self.answer("failed")
        assert job._waiting.wait(PATIENCE)
        assert job.snapshot.error is not None
        assert "no such qubit" in job.snapshot.error.message
        with pytest.raises(Exception, match="no such qubit"):
            job.result()
        assert "no such qubit" in job.snapshot.error.message


class TestAzure(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL[1:]

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers(SimpleNamespace(details=self.details(AZURE[state])))
        job = AzureJob(SimpleNamespace(get_job=self.answers, cancel_job=lambda job: job), self.details("Waiting"))
        job.get_results = lambda timeout_secs=300: {"00": timeout_secs}
        return job

    def details(self, word: str) -> Any:
        told = {"id": "j-1", "name": "n", "providerId": "ionq", "target": "ionq.qpu", "status": word}
        failed = {"errorData": {"code": "E1", "message": "no such qubit"}} if word == "Failed" else {}
        times = {"creationTime": "2026-11-25T12:00:00Z"}
        return JobDetails({**told, **failed, **times, "containerUri": "u", "inputDataFormat": "x"})

    def finish(self, job: Any) -> None:
        self.answers.answer = SimpleNamespace(details=self.details("Succeeded"))

    def test_a_read_is_one_request(self, state: JobState) -> None:
        adapter = adapter_for(self.make_job(state))
        adapter.read(BLANK)
        assert self.answers.asked == 1

    def test_result_is_get_results_and_takes_a_time_out(self) -> None:
        assert WidgetJob(self.make_job(JobState.DONE)).result(timeout=7) == {"00": 7}

    def test_the_reason_and_the_time_are_shown(self) -> None:
        read = self._read(JobState.ERROR)
        assert read.error is not None
        assert (read.error.type, read.error.message) == ("E1", "no such qubit")
        assert read.created_at is not None


class TestLocalEngine(AdapterContract):
    def make_job(self, state: JobState) -> Any:
        circuit = cirq.Circuit(cirq.measure(cirq.q(0), key="m"))
        processor = SimulatedLocalProcessor(processor_id="p", simulation_type=LocalSimulationType.ASYNCHRONOUS)
        job = processor.run_sweep(circuit, repetitions=5)
        job.results()
        return job


class TestAzureQiskit(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL[1:]

    def details(self, word: str) -> Any:
        return TestAzure().details(word)

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers(SimpleNamespace(details=self.details(AZURE[state])))
        self.cancelled: list[Any] = []
        workspace = SimpleNamespace(get_job=self.answers, cancel_job=self.cancelled.append)
        backend = Mock()
        backend.provider.get_workspace.return_value = workspace
        job = AzureQuantumJob(backend, AzureJob(workspace, self.details("Waiting")))
        job.result = Mock(return_value=None)
        return job

    def finish(self, job: Any) -> None:
        self.answers.answer = SimpleNamespace(details=self.details("Succeeded"))

    def test_a_read_is_one_request_and_tells_the_reason(self) -> None:
        read = adapter_for(self.make_job(JobState.ERROR)).read(BLANK)
        assert self.answers.asked == 1
        assert read.error is not None
        assert read.error.message == "no such qubit"

    def test_a_cancel_asks_the_workspace(self) -> None:
        job = self.make_job(JobState.RUNNING)
        adapter_for(job).cancel()
        assert self.cancelled == [job._azure_job]


ENGINE = dict(zip(ALL[1:], ("READY", "RUNNING", "SUCCESS", "FAILURE", "CANCELLED"), strict=True))


class TestEngine(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL[1:]

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers(self.record(ENGINE[state]))

        async def get_job_async(*_: Any, **__: Any) -> Any:
            return self.answers()

        client = SimpleNamespace(get_job_async=get_job_async, cancel_job=lambda *_: None)
        job = EngineJob("p", "program-1", "job-1", SimpleNamespace(client=client))
        job.results = Mock(return_value=None)
        return job

    def record(self, word: str) -> Any:
        status: dict[str, Any] = {"state": quantum.ExecutionStatus.State[word]}
        if word == "FAILURE":
            code = quantum.ExecutionStatus.Failure.Code.SYSTEM_ERROR
            status["failure"] = {"error_code": code, "error_message": "no such qubit"}
        name = "projects/p/programs/program-1/jobs/job-1"
        return quantum.QuantumJob(name=name, execution_status=status, create_time="2026-11-25T12:00:00Z")

    def finish(self, job: Any) -> None:
        self.answers.answer = self.record("SUCCESS")

    def test_a_read_is_one_request(self) -> None:
        adapter_for(self.make_job(JobState.RUNNING)).read(BLANK)
        assert self.answers.asked == 1

    def test_the_reason_and_the_time_of_a_failure_are_shown(self) -> None:
        read = self._read(JobState.ERROR)
        assert read.error is not None
        assert (read.error.type, read.error.message) == ("SYSTEM_ERROR", "no such qubit")
        assert read.created_at == 1795608000.0

    def test_a_job_is_found_again(self) -> None:
        job = self.make_job(JobState.DONE)
        program = SimpleNamespace(get_job=lambda job_id: {"job-1": job}[job_id])
        engine = SimpleNamespace(get_program=lambda program_id: {"program-1": program}[program_id])
        assert attach_job(adapter_for(job).locate() or {}, engine=engine) is job
