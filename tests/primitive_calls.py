"""Calls of primitives: circuits, the PUBs that hypothesis draws, samplers that do what a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives import StatevectorSampler
from qiskit.quantum_info import SparsePauliOp

from tests.monitored import PATIENCE

BELL = QuantumCircuit(2)
BELL.h(0)
BELL.cx(0, 1)
TURNED = QuantumCircuit(2)
TURNED.ry(Parameter("θ"), 0)
TURNED.cx(0, 1)
ENERGY = SparsePauliOp.from_list([("XX", 1.0), ("ZZ", 0.5), ("YI", 0.25)])
MEASURED_BELL, MEASURED_TURNED = (circuit.measure_all(inplace=False) for circuit in (BELL, TURNED))

#: One angle, or arrays of them: what a PUB broadcasts over.
ANGLES = st.sampled_from([0.3, [0.1, 0.7, 1.5], [[0.2, 0.4], [0.6, 0.8]]])
SHARD_SIZES = st.sampled_from([None, 1, 2, 3])

#: For a property that needs processes, or much of Aer.
few = settings(
    max_examples=6,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def sampler_pubs() -> st.SearchStrategy[list[Any]]:
    shots = st.sampled_from([None, 16, 40])
    bell = st.tuples(st.just(MEASURED_BELL), st.none(), shots)
    turned = st.tuples(st.just(MEASURED_TURNED), ANGLES.map(_values), shots)
    return st.lists(st.one_of(bell, turned), max_size=6)


def estimator_pubs() -> st.SearchStrategy[list[Any]]:
    observables = st.sampled_from(["ZZ", ENERGY, [[ENERGY], ["XI"]]])
    precision = st.sampled_from([None, 0.1, 0.2])
    bell = st.tuples(st.just(BELL), observables, st.none(), precision)
    turned = st.tuples(st.just(TURNED), observables, st.sampled_from([[0.3], [[0.1], [0.7]]]), precision)
    return st.lists(st.one_of(bell, turned), max_size=5)


def named(count: int) -> list[QuantumCircuit]:
    """Circuits that are called by their index."""
    circuits = [MEASURED_BELL.copy() for _ in range(count)]
    for index, circuit in enumerate(circuits):
        circuit.name = str(index)
    return circuits


def assert_same(ours: Any, theirs: Any) -> None:
    """Results are equal: data, types, and metadata but for the times in it."""
    assert type(ours) is type(theirs)
    assert ours.metadata == theirs.metadata
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        assert type(mine) is type(other)
        assert mine.data.shape == other.data.shape
        assert mine.data.keys() == other.data.keys()
        assert mine.metadata.keys() == other.metadata.keys()
        for key in mine.data:
            np.testing.assert_array_equal(_array(mine.data[key]), _array(other.data[key]))


class Scripted(StatevectorSampler):  # type: ignore[misc]  # qiskit has no types
    """A sampler that calls ``before`` with the name of each circuit, on the thread that works."""

    def __init__(self, before: Callable[[str], object]) -> None:
        super().__init__(default_shots=4, seed=1)
        self.before = before

    def _run_pub(self, pub: Any) -> Any:
        self.before(pub.circuit.name)
        return super()._run_pub(pub)


class Gate:
    """Holds a ``Scripted`` sampler up at one circuit."""

    def __init__(self, at: str) -> None:
        self.at = at
        self.reached = threading.Event()
        self.open = threading.Event()
        self.passed: list[str] = []

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if name == self.at:
            self.reached.set()
            assert self.open.wait(PATIENCE)


def finished(results: Sequence[Any]) -> list[bool]:
    """Which of the partial results are there."""
    return [result is not None for result in results]


def _values(angles: Any) -> Any:
    return np.asarray(angles)[..., np.newaxis]


def _array(values: Any) -> Any:
    return getattr(values, "array", values)
