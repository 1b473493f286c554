"""Real jobs of Qiskit's and Aer's primitives keep the contract of adapters."""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from typing import Any, ClassVar

from qiskit import QuantumCircuit
from qiskit.primitives import (
    BackendEstimatorV2,
    BackendSamplerV2,
    PrimitiveJob,
    StatevectorEstimator,
    StatevectorSampler,
)
from qiskit.providers.basic_provider import BasicSimulator
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer.primitives import EstimatorV2, SamplerV2

from primwidgets.adapters import adapter_for
from primwidgets.adapters.qiskit_primitives import PrimitiveJobAdapter
from primwidgets.snapshot import JobState
from primwidgets.testing import AdapterContract, LiveAdapterContract
from tests.contract.states import ALL_BUT_INITIALIZING
from tests.monitored import PATIENCE


def bell(*, measured: bool) -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    if measured:
        circuit.measure_all()
    return circuit


class _OfAPrimitive(AdapterContract):
    primitive: ClassVar[type]
    options: ClassVar[dict[str, Any]] = {}
    kind: ClassVar[str]

    def run(self, primitive: Any) -> Any:
        raise NotImplementedError

    def make_job(self, state: JobState) -> Any:
        job = self.run(self.primitive(**self.options))
        wait([job._future])
        return job

    def test_the_result_is_drawn(self) -> None:
        adapter = adapter_for(self.make_job(JobState.DONE))
        assert isinstance(adapter, PrimitiveJobAdapter)
        preview = adapter.preview(adapter.result())
        assert preview is not None
        assert preview["kind"] == self.kind


class _OfASampler(_OfAPrimitive):
    kind = "counts"

    def run(self, primitive: Any) -> Any:
        return primitive.run([bell(measured=True)], shots=64)


class _OfAnEstimator(_OfAPrimitive):
    kind = "expectation_values"

    def run(self, primitive: Any) -> Any:
        return primitive.run([(bell(measured=False), SparsePauliOp("ZZ"))], precision=0.1)


class TestStatevectorSampler(_OfASampler):
    primitive = StatevectorSampler


class TestBackendSampler(_OfASampler):
    primitive = BackendSamplerV2
    options: ClassVar[dict[str, Any]] = {"backend": BasicSimulator()}


class TestAerSampler(_OfASampler):
    primitive = SamplerV2


class TestStatevectorEstimator(_OfAnEstimator):
    primitive = StatevectorEstimator


class TestBackendEstimator(_OfAnEstimator):
    primitive = BackendEstimatorV2
    options: ClassVar[dict[str, Any]] = {"backend": BasicSimulator()}


class TestAerEstimator(_OfAnEstimator):
    primitive = EstimatorV2


class TestPrimitiveJobsThatTakeTheirTime(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL_BUT_INITIALIZING

    def setup_method(self) -> None:
        self.release = threading.Event()

    def teardown_method(self) -> None:
        self.release.set()

    def make_job(self, state: JobState) -> Any:
        if state in (JobState.QUEUED, JobState.CANCELLED):
            job = PrimitiveJob(lambda: None)
            job._future = Future()  # as it is until the pool's thread picks the work up
            if state is JobState.CANCELLED:
                job.cancel()
            return job
        if state is JobState.RUNNING:
            started = threading.Event()
            job = _submitted(lambda: self._block(started))
            assert started.wait(PATIENCE)
            return job
        job = _submitted((lambda: {"0": 1}) if state is JobState.DONE else (lambda: 1 // 0))
        wait([job._future])
        return job

    def finish(self, job: Any) -> None:
        self.release.set()
        if not job._future.running():  # no thread will pick it up
            job._future.set_running_or_notify_cancel()
            job._future.set_result(True)
        wait([job._future])

    def _block(self, started: threading.Event) -> None:
        started.set()
        self.release.wait()


def _submitted(work: Any) -> Any:
    job = PrimitiveJob(work)
    job._submit()
    return job
