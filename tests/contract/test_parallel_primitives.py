"""The jobs of sharded calls keep the contract of adapters."""

from __future__ import annotations

from typing import Any, ClassVar

from qiskit import QuantumCircuit
from qiskit.primitives import StatevectorSampler

from primwidgets.adapters import adapter_for
from primwidgets.engines.adapter import FunctionJobAdapter
from primwidgets.engines.threads import LocalEngine
from primwidgets.primitives import ParallelSampler
from primwidgets.snapshot import JobState
from primwidgets.testing import LiveAdapterContract
from tests.monitored import PATIENCE
from tests.primitive_calls import Gate, Scripted, named


class TestParallelJobs(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (
        JobState.QUEUED,
        JobState.RUNNING,
        JobState.DONE,
        JobState.ERROR,
        JobState.CANCELLED,
    )

    def setup_method(self) -> None:
        self.engine = LocalEngine(threads=1)
        self.gate = Gate("0")

    def teardown_method(self) -> None:
        self.gate.open.set()

    def make_job(self, state: JobState) -> Any:
        if state in (JobState.QUEUED, JobState.CANCELLED):
            self._block()
            job = self._run(StatevectorSampler(), named(3))
            if state is JobState.CANCELLED:
                job.cancel()
                job.future.exception(PATIENCE)
            return job
        if state is JobState.RUNNING:
            return self._block()
        job = self._run(StatevectorSampler(), named(3) if state is JobState.DONE else [MEASURED_TWICE])
        job.future.exception(PATIENCE)
        return job

    def finish(self, job: Any) -> None:
        self.gate.open.set()
        job.result(PATIENCE)

    def test_the_counts_are_drawn(self) -> None:
        adapter = adapter_for(self.make_job(JobState.DONE))
        assert isinstance(adapter, FunctionJobAdapter)
        assert adapter.provider == "Local threads"
        preview = adapter.preview(adapter.result())
        assert preview is not None
        assert preview["kind"] == "counts"

    def _run(self, sampler: Any, pubs: Any) -> Any:
        return ParallelSampler(sampler, engine=self.engine, shard=1).run(pubs).job

    def _block(self) -> Any:
        job = self._run(Scripted(self.gate), named(2))
        assert self.gate.reached.wait(PATIENCE)
        return job


MEASURED_TWICE = QuantumCircuit(1, 1)
MEASURED_TWICE.measure(0, 0)
MEASURED_TWICE.h(0)
MEASURED_TWICE.measure(0, 0)
