"""``ParallelSampler`` and ``ParallelEstimator``: what they return, and what they refuse."""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from qiskit import QuantumCircuit
from qiskit.primitives import (
    BackendEstimatorV2,
    BackendSamplerV2,
    BaseEstimatorV2,
    BaseSamplerV2,
    PrimitiveResult,
    StatevectorEstimator,
    StatevectorSampler,
)
from qiskit.primitives import BasePrimitiveJob as QiskitBasePrimitiveJob
from qiskit.providers import JobStatus
from qiskit.providers.basic_provider import BasicSimulator
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, depolarizing_error
from qiskit_aer.primitives import EstimatorV2, SamplerV2

from primwidgets import WidgetJob
from primwidgets.primitives import ParallelEstimator, ParallelSampler, watch
from tests.primitive_calls import (
    BELL,
    ENERGY,
    MEASURED_BELL,
    MEASURED_TURNED,
    SHARD_SIZES,
    TURNED,
    assert_same,
    estimator_pubs,
    few,
    sampler_pubs,
)

Make = Callable[[], Any]


def noisy() -> AerSimulator:
    noise = NoiseModel()
    noise.add_all_qubit_quantum_error(depolarizing_error(0.1, 1), ["h", "ry"])
    return AerSimulator(noise_model=noise)


#: Shards of these give exactly what the call itself gives.
SAMPLERS: dict[str, Make] = {
    "statevector": lambda: StatevectorSampler(seed=3, default_shots=20),
    "aer": lambda: SamplerV2(seed=3, default_shots=20),
    "aer, seed among the options of the run": lambda: SamplerV2(options={"run_options": {"seed_simulator": 3}}),
    "aer, seed among those of the backend": lambda: SamplerV2(options={"backend_options": {"seed_simulator": 3}}),
    "aer with noise": lambda: SamplerV2.from_backend(noisy(), seed=3),
    "backend": lambda: BackendSamplerV2(backend=noisy(), options={"seed_simulator": 3, "default_shots": 20}),
    "generic backend": lambda: BackendSamplerV2(
        backend=GenericBackendV2(2, basis_gates=["h", "ry", "cx"], seed=1), options={"seed_simulator": 3}
    ),
}
ESTIMATORS: dict[str, Make] = {
    "statevector": lambda: StatevectorEstimator(seed=3, default_precision=0.1),
    "aer": lambda: EstimatorV2(options={"default_precision": 0.1, "run_options": {"seed_simulator": 3}}),
    "backend": lambda: BackendEstimatorV2(
        backend=noisy(), options={"seed_simulator": 3, "default_precision": 0.2, "abelian_grouping": True}
    ),
    "backend without grouping": lambda: BackendEstimatorV2(
        backend=AerSimulator(), options={"seed_simulator": 3, "default_precision": 0.2, "abelian_grouping": False}
    ),
}
thorough = settings(few, max_examples=12)


# The result is that of the unsharded call.


@pytest.mark.parametrize("make", SAMPLERS.values(), ids=SAMPLERS)
@given(pubs=sampler_pubs(), shard=SHARD_SIZES)
@thorough
def test_a_sharded_sampler_gives_what_the_sampler_gives(make: Make, pubs: list[Any], shard: int | None) -> None:
    assert_same(ParallelSampler(make(), engine=None, shard=shard).run(pubs).result(), make().run(pubs).result())


@pytest.mark.parametrize("make", ESTIMATORS.values(), ids=ESTIMATORS)
@given(pubs=estimator_pubs(), shard=SHARD_SIZES)
@thorough
def test_a_sharded_estimator_gives_what_the_estimator_gives(make: Make, pubs: list[Any], shard: int | None) -> None:
    assert_same(ParallelEstimator(make(), engine=None, shard=shard).run(pubs).result(), make().run(pubs).result())


@pytest.mark.parametrize(
    "make",
    [
        lambda: StatevectorSampler(seed=np.random.default_rng(5)),
        lambda: BackendSamplerV2(backend=BasicSimulator(), options={"seed_simulator": 5}),
        lambda: BackendSamplerV2(backend=BasicSimulator(seed_simulator=5)),
    ],
)
def test_other_seeds_give_the_same_however_the_call_is_sharded_and_no_pub_the_numbers_of_another(make: Make) -> None:
    first, second = (ParallelSampler(make(), engine=None, shard=size).run([MEASURED_BELL] * 6) for size in (1, 4))
    assert_same(first.result(), second.result())
    assert len({pub.data.meas.array.tobytes() for pub in first.result()}) == 6


def test_a_generator_goes_on_from_call_to_call() -> None:
    sampler = ParallelSampler(StatevectorSampler(seed=np.random.default_rng(5)), engine=None)
    first, second = (sampler.run([MEASURED_BELL]).result()[0].data.meas.array for _ in range(2))
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("make", [StatevectorSampler, SamplerV2, lambda: BackendSamplerV2(backend=BasicSimulator())])
def test_without_a_seed_the_distribution_is_right_and_no_pub_has_the_numbers_of_another(make: Make) -> None:
    pubs = [(MEASURED_TURNED, [2 * np.arcsin(0.5)])] * 4  # one in four is 11
    result = ParallelSampler(make(), engine=None, shard=1).run(pubs, shots=2000).result()
    counts = [pub.data.meas.get_counts() for pub in result]
    assert sum(count["11"] for count in counts) == pytest.approx(2000, abs=200)  # five standard deviations
    assert len({pub.data.meas.array.tobytes() for pub in result}) == 4


def test_shots_of_the_run_and_of_a_pub_count_in_this_order() -> None:
    sampler = ParallelSampler(StatevectorSampler(default_shots=5), engine=None)
    pubs = [MEASURED_BELL, (MEASURED_BELL, None, 7)]
    assert [pub.data.meas.num_shots for pub in sampler.run(pubs).result()] == [5, 7]
    assert [pub.data.meas.num_shots for pub in sampler.run(pubs, shots=6).result()] == [6, 7]


def test_pubs_may_come_from_a_generator() -> None:
    assert len(ParallelSampler(StatevectorSampler(), engine=None).run(MEASURED_BELL for _ in range(3)).result()) == 3


@pytest.mark.parametrize("make", [StatevectorSampler, SamplerV2])
def test_no_pubs_are_a_call_too(make: Make) -> None:
    job = ParallelSampler(make(), engine=None).run([])
    assert_same(job.result(), make().run([]).result())
    assert job.partial_results() == []


# What is returned.


def test_a_call_is_a_job_with_a_card_and_for_qiskit_a_primitive_job() -> None:
    job = ParallelSampler(StatevectorSampler(), engine=None).run([MEASURED_BELL] * 3)
    assert isinstance(job, WidgetJob)
    assert isinstance(job, QiskitBasePrimitiveJob)
    assert isinstance(job.result(), PrimitiveResult)
    assert job.wait()
    assert (job.name, job.state, job.snapshot.progress_text) == ("StatevectorSampler, 3 PUBs", "DONE", "3 of 3 PUBs")
    assert job.done()
    assert job.in_final_state()
    assert job.status() is JobStatus.DONE


def test_it_passes_for_the_primitive_and_has_its_options() -> None:
    sampler: Any = ParallelSampler(SamplerV2(default_shots=9), engine=None)
    estimator: Any = ParallelEstimator(StatevectorEstimator(), engine=None)
    assert isinstance(sampler, (SamplerV2, BaseSamplerV2))
    assert isinstance(sampler, ParallelSampler)
    assert not isinstance(sampler, BaseEstimatorV2)
    assert isinstance(estimator, BaseEstimatorV2)
    sampler.options.run_options = {"seed_simulator": 1}
    assert sampler.primitive.options.run_options == {"seed_simulator": 1}
    assert sampler.default_shots == 9
    assert repr(estimator).startswith("ParallelEstimator(<qiskit")


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_a_copy_runs_in_shards_too(again: Callable[[Any], Any]) -> None:
    twin = again(ParallelSampler(StatevectorSampler(seed=7), engine="local", shard=2))
    assert twin.seed == 7
    assert len(twin.run([MEASURED_BELL] * 5).job.parts) == 3


def test_workers_get_the_primitive_itself() -> None:
    inner = StatevectorSampler()
    assert ParallelSampler(watch(ParallelSampler(inner, engine=None)), engine=None).primitive is inner


# What is refused.


@pytest.mark.parametrize(
    ("pubs", "options"),
    [
        ([MEASURED_TURNED], {}),
        ([(MEASURED_BELL, [0.1])], {}),
        ([(MEASURED_BELL, None, 0)], {}),
        ([MEASURED_BELL], {"shots": 1.5}),
        ([7], {}),
        ((MEASURED_BELL, [0.1]), {}),
        (MEASURED_BELL, {}),
    ],
)
@pytest.mark.parametrize("make", [StatevectorSampler, SamplerV2])
def test_invalid_pubs_raise_at_once_what_the_sampler_raises(make: Make, pubs: Any, options: Any) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011  (it is Qiskit that decides)
        make().run(pubs, **options)
    with pytest.raises(theirs.type) as ours:
        _ = ParallelSampler(make(), engine=_Nowhere()).run(pubs, **options)
    assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize(
    ("make", "pub"),
    [
        (StatevectorEstimator, (BELL, "ZZZ")),
        (StatevectorEstimator, (BELL, "ZZ", None, -0.1)),
        (StatevectorEstimator, (TURNED, ["ZZ", "XX"], [[0.1], [0.2], [0.3]])),
        (lambda: BackendEstimatorV2(backend=BasicSimulator()), (BELL, ENERGY, None, 0.0)),
        (EstimatorV2, BELL),
    ],
)
def test_invalid_pubs_raise_at_once_what_the_estimator_raises(make: Make, pub: Any) -> None:
    with pytest.raises(Exception) as theirs:  # noqa: PT011
        make().run([pub])
    with pytest.raises(theirs.type) as ours:
        _ = ParallelEstimator(make(), engine=_Nowhere()).run([pub])
    assert str(ours.value) == str(theirs.value)


def test_a_circuit_without_registers_is_warned_of_where_the_call_is() -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        job = ParallelSampler(SamplerV2(), engine=None).run([MEASURED_BELL, BELL])
        told = [str(one.message) for one in warned]  # also by its parts, where the circuit is the first
        job.result()
    assert any(text.startswith("The 1-th pub's circuit has no output classical registers") for text in told)


@pytest.mark.parametrize(
    ("kind", "primitive", "told"),
    [
        (ParallelSampler, StatevectorEstimator(), "Expected a sampler, such as .*got StatevectorEstimator"),
        (ParallelEstimator, StatevectorSampler(), "Expected an estimator, such as .*got StatevectorSampler"),
        (ParallelSampler, QuantumCircuit(1), "got QuantumCircuit"),
    ],
)
def test_what_is_no_primitive_of_the_kind_is_refused(kind: Any, primitive: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        kind(primitive, engine=None)


@pytest.mark.parametrize(
    ("keywords", "error", "told"),
    [
        ({"shard": 0}, ValueError, "1 or more, not 0"),
        ({"shard": 2.0}, TypeError, "an int, not 2.0"),
        ({"shard": True}, TypeError, "an int, not True"),
        ({"engine": "nowhere"}, ValueError, "no engine 'nowhere'"),
        ({"engine": 7}, TypeError, "int is not an engine"),
    ],
)
def test_settings_are_checked_when_they_are_given(keywords: dict[str, Any], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        ParallelSampler(StatevectorSampler(), **{"engine": None, **keywords})


class _Nowhere:
    """An engine that must not be asked."""

    def start(self, task: Any) -> Any:
        raise AssertionError(f"{task} was sent")
