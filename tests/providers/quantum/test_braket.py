"""Amazon Braket's own job classes, on a session that answers from a script."""

from __future__ import annotations

from typing import Any, ClassVar
from unittest.mock import Mock

import pytest
from braket.aws import AwsQuantumJob, AwsQuantumTask
from braket.circuits import Circuit
from braket.devices import LocalSimulator
from braket.jobs.local.local_job import LocalQuantumJob
from qiskit_braket_provider.providers.braket_primitive_task import BraketPrimitiveTask
from qiskit_braket_provider.providers.braket_quantum_task import BraketQuantumTask

from primwidgets import CancelState, JobState
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import AdapterContract, LiveAdapterContract
from tests.providers.script import ALL, Answers

TASK = "arn:aws:braket:us-west-2:1:quantum-task/x"
JOB = "arn:aws:braket:us-west-2:1:job/x"
WORDS = {
    JobState.INITIALIZING: "CREATED",
    JobState.QUEUED: "QUEUED",
    JobState.RUNNING: "RUNNING",
    JobState.DONE: "COMPLETED",
    JobState.ERROR: "FAILED",
    JobState.CANCELLED: "CANCELLED",
}
BLANK = JobSnapshot(uid="u")


def answer(word: str, **more: Any) -> dict[str, Any]:
    queue = {"queueInfo": {"queue": "QUANTUM_TASKS_QUEUE", "queuePriority": "Normal", "position": ">2000"}}
    told = {"status": word, "actionMetadata": {"actionType": "braket.ir.openqasm.program"}, "shots": 100}
    failed = {"failureReason": "no such qubit"} if word == "FAILED" else {}
    return {
        **told,
        **failed,
        **(queue if word == "QUEUED" else {}),
        "deviceArn": "arn:aws:braket:::device/qpu/Aria",
        **more,
    }


class TestTasks(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL

    def make_job(self, state: JobState) -> Any:
        self.session = Mock()
        self.answers = self.session.get_quantum_task = Answers(answer(WORDS[state]))
        self.session.retrieve_s3_object_body.return_value = "{}"
        job = AwsQuantumTask(TASK, self.session)
        job.result = Mock(return_value=None)
        return job

    def finish(self, job: Any) -> None:
        self.answers.answer = answer("COMPLETED")

    def test_a_read_is_one_request_and_tells_the_place_as_braket_does(self) -> None:
        adapter = adapter_for(self.make_job(JobState.QUEUED))
        self.answers.asked = 0
        read = adapter.read(BLANK)
        assert self.answers.asked == 1
        assert (read.queue_position, read.backend) == (">2000", "Aria")
        assert "us-west-2.console" in read.metadata["page"]

    def test_the_reason_of_a_failure_is_shown(self) -> None:
        error = self._read(JobState.ERROR).error
        assert error is not None
        assert error.message == "no such qubit"

    def test_a_task_that_is_being_cancelled_is_not_over(self) -> None:
        adapter = adapter_for(self.make_job(JobState.QUEUED))
        self.answers.answer = answer("CANCELLING")
        read = adapter.read(BLANK.evolve(state=JobState.QUEUED))
        assert (read.state, read.cancel_state) == (JobState.QUEUED, CancelState.REQUESTED)


class TestHybridJobs(AdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL[1:]

    def make_job(self, state: JobState) -> Any:
        self.session = Mock(region="us-west-2")
        self.answers = self.session.get_job = Answers({"status": WORDS[state], **_reason(state)})
        self.session.cancel_job.return_value = {"cancellationStatus": "CANCELLING"}
        job = AwsQuantumJob(JOB, self.session)
        job.result = Mock(return_value=None)
        return job

    def test_a_read_is_one_request(self, state: JobState) -> None:
        adapter = adapter_for(self.make_job(state))
        self.answers.asked = 0
        adapter.read(BLANK)
        assert self.answers.asked == 1


def _reason(state: JobState) -> dict[str, str]:
    return {"failureReason": "boom"} if state is JobState.ERROR else {}


class TestLocalTasks(AdapterContract):
    def make_job(self, state: JobState) -> Any:
        return LocalSimulator().run(Circuit().h(0), shots=10)


class TestLocalJobs(AdapterContract):
    """A hybrid job that ran in a container of this machine; it is found again by its name, as Docker is not here."""

    def make_job(self, state: JobState) -> Any:
        job = LocalQuantumJob("local:job/scan", run_log="done")
        job.result = Mock(return_value={"angle": 1})
        return job


class TestQiskitPrimitives(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL

    def make_job(self, state: JobState) -> Any:
        session = Mock()
        self.answers = session.get_quantum_task = Answers(answer(WORDS[state]))
        job = BraketPrimitiveTask([AwsQuantumTask(TASK, session)], Mock(), Mock())
        job.result = Mock(return_value=None)
        return job

    def finish(self, job: Any) -> None:
        self.answers.answer = answer("COMPLETED")

    def test_the_reason_of_a_failure_is_shown(self) -> None:
        error = self._read(JobState.ERROR).error
        assert error is not None
        assert error.message == "no such qubit"


class TestQiskitTasks(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL

    def make_job(self, state: JobState) -> Any:
        return self.job_of(WORDS[state])

    def job_of(self, *words: str) -> Any:
        self.answers = [Answers(answer(word)) for word in words]
        tasks = []
        for answers in self.answers:
            session = Mock()
            session.get_quantum_task = answers
            tasks.append(AwsQuantumTask(TASK, session))
        job = BraketQuantumTask(";".join([TASK] * len(words)), Mock(), tasks)
        job.result = Mock(return_value=None)
        return job

    def finish(self, job: Any) -> None:
        for answers in self.answers:
            answers.answer = answer("COMPLETED")

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("COMPLETED", "FAILED"), JobState.ERROR),
            (("COMPLETED", "RUNNING"), JobState.RUNNING),
            (("FAILED", "QUEUED"), JobState.QUEUED),
            (("COMPLETED", "CANCELLED"), JobState.CANCELLED),
        ],
    )
    def test_several_tasks_are_one_job(self, words: tuple[str, ...], told: JobState) -> None:
        read = adapter_for(self.job_of(*words)).read(BLANK)
        assert read.state is told
        assert read.progress_text is not None

    def test_being_cancelled_is_not_the_end(self) -> None:
        read = adapter_for(self.job_of("CANCELLING")).read(BLANK.evolve(state=JobState.RUNNING))
        assert (read.state, read.cancel_state) == (JobState.RUNNING, CancelState.REQUESTED)
