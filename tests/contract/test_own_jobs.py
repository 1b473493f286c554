"""Jobs of the package itself and jobs that somebody derived from the interface keep the contract of adapters."""

from __future__ import annotations

from typing import Any, ClassVar

from qiskit.primitives import BasePrimitiveJob as QiskitBasePrimitiveJob

from primwidgets.primitive_job import BasePrimitiveJob
from primwidgets.simulated import SLOW_CANCEL_SECONDS, SimulatedJob, SimulatedProvider
from primwidgets.snapshot import JobState
from primwidgets.testing import FakeJob, LiveAdapterContract, ManualClock
from tests.contract.states import ALL_BUT_INITIALIZING


class TestSimulatedJobs(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL_BUT_INITIALIZING

    def setup_method(self) -> None:
        self.clock = ManualClock()
        self.provider = SimulatedProvider(clock=self.clock)

    def make_job(self, state: JobState) -> SimulatedJob:
        waits = state in (JobState.QUEUED, JobState.CANCELLED)
        job = self.provider.run(queue=3 if waits else 0, outcome="fail" if state is JobState.ERROR else "done")
        if state is JobState.CANCELLED:
            job.cancel()
        self.clock.advance(10.0 if state in (JobState.DONE, JobState.ERROR) else 0.1)
        return job

    def finish(self, job: SimulatedJob) -> None:
        self.clock.advance(60.0)


class TestSimulatedJobsWhoseCancelIsSlow(TestSimulatedJobs):
    def make_job(self, state: JobState) -> SimulatedJob:
        if state is not JobState.CANCELLED:
            return super().make_job(state)
        job = self.provider.run(cancel="slow")
        job.cancel()
        self.clock.advance(SLOW_CANCEL_SECONDS)
        return job


class TestFakeJobs(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = tuple(JobState)

    def make_job(self, state: JobState) -> FakeJob:
        job = FakeJob(shots=100)
        job.move_to(state)
        if state is JobState.ERROR:
            job.fail(ValueError("no such qubit"))
        return job

    def finish(self, job: FakeJob) -> None:
        job.finish({"0": 1})


class _Script:
    """The seven methods of a job whose status is a text of its own."""

    def __init__(self, state: JobState) -> None:
        super().__init__("own-1", shots=100)  # type: ignore[call-arg]  # of the interface it is mixed into
        self.state = state

    def status(self) -> str:
        return f"it is {self.state.lower()} today"

    def result(self) -> dict[str, int]:
        return {"0": 1}

    def done(self) -> bool:
        return self.state is JobState.DONE

    def running(self) -> bool:
        return self.state is JobState.RUNNING

    def cancelled(self) -> bool:
        return self.state is JobState.CANCELLED

    def in_final_state(self) -> bool:
        return self.state.is_final

    def cancel(self) -> None:
        if not self.state.is_final:
            self.state = JobState.CANCELLED


class OwnJob(_Script, BasePrimitiveJob[dict[str, int], str]):
    """Derived from our interface."""


class OwnQiskitJob(_Script, QiskitBasePrimitiveJob):  # type: ignore[misc]  # Qiskit has no types
    """Derived from Qiskit's interface."""


class TestJobsDerivedFromTheInterface(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (JobState.RUNNING, JobState.DONE, JobState.ERROR, JobState.CANCELLED)
    job_class: ClassVar[type[Any]] = OwnJob

    def make_job(self, state: JobState) -> Any:
        return self.job_class(state)

    def finish(self, job: Any) -> None:
        job.state = JobState.DONE


class TestJobsDerivedFromQiskitsInterface(TestJobsDerivedFromTheInterface):
    job_class = OwnQiskitJob
