"""D-Wave's futures and sample sets: the client's own classes, with the answers of a solver from a script."""

from __future__ import annotations

from concurrent.futures import Future as ThreadFuture
from types import SimpleNamespace
from typing import Any, ClassVar
from unittest.mock import Mock

import dimod
import pytest
from dwave.cloud.client.base import Client
from dwave.cloud.computation import Future

from primwidgets import JobState, WidgetJob
from primwidgets.adapters import adapter_for
from primwidgets.adapters.attaching import attach_job
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.monitored import PATIENCE
from tests.providers.script import ALL

BLANK = JobSnapshot(uid="u")
WORDS = dict(zip(ALL[1:], ("PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"), strict=True))
SAMPLES = dimod.SampleSet.from_samples([{"a": 0, "b": 1}], vartype="BINARY", energy=[-1.0])


def solver() -> Any:
    return Mock(client=SimpleNamespace(_cancel=lambda *_: None), decode_response=lambda *_, **__: {"energies": [-1.0]})


def answer(future: Any, word: str) -> None:
    """Have the client handle an answer of the solver."""
    message: dict[str, Any] = {"id": "p-1", "label": "scan", "status": word, "submitted_on": "2026-11-25T12:00:00Z"}
    if word == "COMPLETED":
        message |= {"answer": {"format": "qp"}, "solved_on": "2026-11-25T12:01:00Z"}
    if word == "FAILED":
        message |= {"error_message": "no such qubit"}
    client = Mock()
    for name in ("IN_PROGRESS", "PENDING", "COMPLETE", "FAILED", "CANCELLED"):
        setattr(client, f"STATUS_{name}", getattr(Client, f"STATUS_{name}"))
    client.ANY_STATUS_ONGOING, client.ANY_STATUS_NO_RESULT = Client.ANY_STATUS_ONGOING, Client.ANY_STATUS_NO_RESULT
    Client._handle_problem_status(client, message, future)


class TestFutures(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL

    def make_job(self, state: JobState) -> Any:
        job = Future(solver(), None if state is JobState.INITIALIZING else "p-1")
        job.solver.name = "Advantage_system6.4"
        if state in WORDS:
            answer(job, WORDS[state])
        return job

    def finish(self, job: Any) -> None:
        answer(job, "COMPLETED")

    def test_the_id_is_text_and_stays(self, state: JobState) -> None:
        """Before the solver has accepted the problem there is none."""
        if state is not JobState.INITIALIZING:
            super().test_the_id_is_text_and_stays(state)

    def test_what_the_client_knows_is_read_without_a_request(self) -> None:
        read = self._read(JobState.DONE)
        assert (read.backend, read.metadata["label"]) == ("Advantage_system6.4", "scan")
        assert (read.queued_at, read.finished_at) == (1795608000.0, 1795608060.0)

    def test_the_reason_of_a_failure_is_shown_and_raised(self) -> None:
        error = self._read(JobState.ERROR).error
        assert error is not None
        assert (error.type, error.message) == ("SolverFailureError", "no such qubit")
        with pytest.raises(Exception, match="no such qubit"):
            WidgetJob(self.make_job(JobState.ERROR)).result()

    def test_a_problem_is_found_again(self) -> None:
        job = self.make_job(JobState.DONE)
        client = SimpleNamespace(retrieve_answer=lambda problem_id: {"p-1": job}[problem_id])
        assert attach_job(adapter_for(job).locate() or {}, client=client) is job


class TestSampleSets(LiveAdapterContract):
    """Of a future of D-Wave, below the sample set that an embedding makes."""

    states: ClassVar[tuple[JobState, ...]] = ALL[1:]

    def make_job(self, state: JobState) -> Any:
        self.future = Future(solver(), "p-1")
        answer(self.future, WORDS[state])
        inner = dimod.SampleSet.from_future(self.future, lambda future: (future.result(), SAMPLES.copy())[1])
        return dimod.SampleSet.from_future(inner, lambda samples: (samples.resolve(), samples)[1])

    def finish(self, job: Any) -> None:
        answer(self.future, "COMPLETED")

    def test_wrapping_and_reading_resolve_nothing(self) -> None:
        job = self.make_job(JobState.DONE)
        adapter_for(job).read(BLANK)
        assert hasattr(job, "_future")

    def test_result_is_the_sample_set_itself(self) -> None:
        job = self.make_job(JobState.DONE)
        assert WidgetJob(job).result() is job
        assert job.first.energy == -1.0
        assert adapter_for(job).read(BLANK).state is JobState.DONE


class TestSampleSetsOfExecutors(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (JobState.DONE, JobState.ERROR, JobState.CANCELLED)

    def make_job(self, state: JobState) -> Any:
        future: ThreadFuture[Any] = ThreadFuture()
        if state is JobState.DONE:
            future.set_result(SAMPLES.copy())
        elif state is JobState.ERROR:
            future.set_exception(ValueError("no such qubit"))
        else:
            future.cancel()
        return dimod.SampleSet.from_future(future)

    def finish(self, job: Any) -> None:
        """None is live."""


def test_a_sample_set_of_a_local_sampler_is_done() -> None:
    samples = dimod.ExactSolver().sample_ising({"a": -1.0}, {})
    job = WidgetJob(samples)
    assert job._waiting.wait(PATIENCE)
    assert (job.snapshot.state, job.result()) == (JobState.DONE, samples)
