"""Real circuit jobs of Aer and the basic simulator, and a ``JobV1`` of a provider far away, keep the contract."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, ClassVar

from qiskit import QuantumCircuit
from qiskit.providers import JobStatus, JobV1
from qiskit.providers.basic_provider import BasicSimulator
from qiskit_aer import AerSimulator
from qiskit_aer.jobs import AerJob

from primwidgets.adapters import adapter_for
from primwidgets.adapters.qiskit_jobs import JobV1Adapter, LocalJobAdapter
from primwidgets.snapshot import JobSnapshot, JobState
from primwidgets.testing import AdapterContract, LiveAdapterContract
from tests.contract.states import ALL_BUT_INITIALIZING
from tests.monitored import PATIENCE


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return circuit


class TestBasicSimulatorJobs(AdapterContract):
    def make_job(self, state: JobState) -> Any:
        return BasicSimulator().run(bell(), shots=64)

    def test_it_refuses_a_cancel_with_a_reason(self) -> None:
        report = adapter_for(self.make_job(JobState.DONE)).cancel()
        assert report.accepted is False
        assert report.detail == "This provider cannot cancel jobs."


class TestAerJobs(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL_BUT_INITIALIZING

    def setup_method(self) -> None:
        self.pool = ThreadPoolExecutor(1)
        self.release = threading.Event()

    def teardown_method(self) -> None:
        self.release.set()
        self.pool.shutdown()

    def make_job(self, state: JobState) -> Any:
        if state is JobState.DONE:
            job = AerSimulator().run(bell(), shots=64)
            wait([job._future])
            return job
        if state is JobState.ERROR:
            job = self._submit(lambda: 1 // 0)
            wait([job._future])
            return job
        started = threading.Event()
        running = self._submit(lambda: self._block(started))
        assert started.wait(PATIENCE)
        if state is JobState.RUNNING:
            return running
        queued = self._submit(lambda: None)
        if state is JobState.CANCELLED:
            queued.cancel()
        return queued

    def finish(self, job: Any) -> None:
        self.release.set()
        wait([job._future])

    def test_a_simulation_that_failed_is_no_success_although_the_provider_says_done(self) -> None:
        too_wide = QuantumCircuit(40)
        too_wide.h(range(40))
        too_wide.measure_all()
        job = AerSimulator(method="statevector", max_memory_mb=10).run(too_wide)
        wait([job._future])
        read = adapter_for(job).read(JobSnapshot(uid="u1"))
        assert (read.status_text, read.state) == ("DONE", JobState.ERROR)
        assert read.error is not None
        assert "Insufficient memory" in read.error.message
        assert not read.can_preview

    def test_the_backend_and_the_results_of_all_circuits_are_shown(self) -> None:
        job = AerSimulator().run([bell()] * 8, shots=16)
        result = job.result()
        adapter = adapter_for(job)
        assert isinstance(adapter, LocalJobAdapter)
        assert adapter.read(JobSnapshot(uid="u1")).backend == "aer_simulator"
        preview = adapter.preview(result)
        assert preview is not None
        assert [panel["shots"] for panel in preview["panels"]] == [16] * 8
        assert preview["more_panels"] == 0

    def _block(self, started: threading.Event) -> None:
        started.set()
        self.release.wait()

    def _submit(self, work: Callable[[], object]) -> Any:
        job = AerJob(AerSimulator(), "aer-1", lambda *_: work(), executor=self.pool)
        job.submit()
        return job


class FarAwayJob(JobV1):  # type: ignore[misc]  # Qiskit has no types
    """A job of a cloud, with the status a test gives it."""

    def __init__(self, status: Any) -> None:
        super().__init__(None, "far-1")
        self.answer = status
        self.asked = 0

    def submit(self) -> None:
        raise NotImplementedError

    def status(self) -> Any:
        self.asked += 1
        return self.answer

    def result(self) -> dict[str, int]:
        return {"0": 1}

    def cancel(self) -> None:
        """Take note."""


class TestJobsOfACloud(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = tuple(JobState)

    def make_job(self, state: JobState) -> FarAwayJob:
        return FarAwayJob(JobStatus[state.value])

    def finish(self, job: FarAwayJob) -> None:
        job.answer = JobStatus.DONE

    def test_a_read_is_one_request(self) -> None:
        job = FarAwayJob(JobStatus.RUNNING)
        adapter_for(job).read(JobSnapshot(uid="u1"))
        assert job.asked == 1

    def test_a_cancel_is_to_be_confirmed(self) -> None:
        adapter = adapter_for(FarAwayJob(JobStatus.RUNNING))
        assert isinstance(adapter, JobV1Adapter)
        assert adapter.remote

    def test_validating_counts_as_initializing(self) -> None:
        read = adapter_for(FarAwayJob(JobStatus.VALIDATING)).read(JobSnapshot(uid="u1"))
        assert (read.state, read.status_text) == (JobState.INITIALIZING, "VALIDATING")

    def test_an_unknown_word_is_shown_and_keeps_the_state(self) -> None:
        before = JobSnapshot(uid="u1", state=JobState.RUNNING)
        read = adapter_for(FarAwayJob("DEFROSTING")).read(before)
        assert (read.state, read.status_text) == (JobState.RUNNING, "DEFROSTING")
