"""``watch``: a drop-in for a primitive whose calls have cards."""

from __future__ import annotations

import copy
import pickle
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from qiskit import QuantumCircuit
from qiskit.primitives import (
    BackendEstimatorV2,
    BackendSamplerV2,
    BaseEstimatorV2,
    BasePrimitiveJob,
    BaseSamplerV2,
    PrimitiveJob,
    StatevectorEstimator,
    StatevectorSampler,
)
from qiskit.providers.basic_provider import BasicSimulator
from qiskit_aer.primitives import EstimatorV2, SamplerV2

import primwidgets
from primwidgets import WidgetJob
from primwidgets.primitives import ParallelSampler, watch
from tests.kernel.driver import KernelDriver, is_from, real_kernel
from tests.primitive_calls import BELL, ENERGY, MEASURED_BELL, MEASURED_TURNED, TURNED, assert_same

Make = Callable[[], Any]

SAMPLERS: dict[str, Make] = {
    "statevector": lambda: StatevectorSampler(seed=3),
    "backend": lambda: BackendSamplerV2(backend=BasicSimulator(), options={"seed_simulator": 3}),
    "aer": lambda: SamplerV2(seed=3),
}
ESTIMATORS: dict[str, Make] = {
    "statevector": lambda: StatevectorEstimator(seed=3),
    "backend": lambda: BackendEstimatorV2(backend=BasicSimulator(), options={"seed_simulator": 3}),
    "aer": lambda: EstimatorV2(options={"run_options": {"seed_simulator": 3}}),
}
any_sampler = pytest.mark.parametrize("make", SAMPLERS.values(), ids=SAMPLERS)
any_estimator = pytest.mark.parametrize("make", ESTIMATORS.values(), ids=ESTIMATORS)
any_primitive = pytest.mark.parametrize("make", [*SAMPLERS.values(), *ESTIMATORS.values()])


# Standing for the primitive.


@any_primitive
def test_it_passes_for_the_primitive(make: Make) -> None:
    primitive = make()
    watched = watch(primitive)
    assert isinstance(watched, type(primitive))
    assert isinstance(watched, (BaseSamplerV2, BaseEstimatorV2))
    assert isinstance(watched, BaseSamplerV2) == isinstance(primitive, BaseSamplerV2)


@any_sampler
def test_a_call_of_a_sampler_is_a_card_and_gives_what_the_sampler_gives(make: Make) -> None:
    pubs = [MEASURED_BELL, (MEASURED_TURNED, [[0.1], [0.2]]), (MEASURED_TURNED, {"θ": 0.5}, 7)]
    job = watch(make()).run(pubs, shots=25)
    assert isinstance(job, WidgetJob)
    assert isinstance(job, PrimitiveJob)
    assert isinstance(job, BasePrimitiveJob)
    assert_same(job.result(), make().run(pubs, shots=25).result())


@any_estimator
def test_a_call_of_an_estimator_is_a_card_and_gives_what_the_estimator_gives(make: Make) -> None:
    pubs = [(BELL, ENERGY), (TURNED, [["ZZ"], [ENERGY]], [[0.1], [0.2]]), (TURNED, "XX", [0.5], 0.2)]
    job = watch(make()).run(pubs, precision=0.1)
    assert isinstance(job, WidgetJob)
    assert_same(job.result(), make().run(pubs, precision=0.1).result())


@any_sampler
def test_pubs_may_be_few_and_may_come_from_a_generator(make: Make) -> None:
    assert len(watch(make()).run([]).result()) == 0
    assert len(watch(make()).run(MEASURED_BELL for _ in range(3)).result()) == 3


@any_sampler
@pytest.mark.parametrize("shots", [0, -1, 1.5, True])
def test_invalid_shots_raise_what_the_sampler_raises(make: Make, shots: Any) -> None:
    with pytest.raises((TypeError, ValueError)) as theirs:
        make().run([MEASURED_BELL], shots=shots)
    with pytest.raises(theirs.type, match=str(theirs.value)):
        watch(make()).run([MEASURED_BELL], shots=shots)


@any_sampler
def test_a_circuit_without_registers_is_warned_of_once(make: Make) -> None:
    with pytest.warns(UserWarning, match="no output classical registers") as warned:
        watch(make()).run([BELL]).result()
    assert len(warned) == 1


def test_attributes_are_the_primitives() -> None:
    sampler: Any = SamplerV2(default_shots=9)
    watched: Any = watch(sampler)
    assert watched.default_shots == 9
    watched.options.run_options = {"seed_simulator": 4}
    assert sampler.options.run_options == {"seed_simulator": 4}
    watched.note = "mine"
    assert sampler.note == "mine"
    del watched.note
    assert not hasattr(sampler, "note")
    assert {"default_shots", "run", "primitive"} <= set(dir(watched))
    assert watched.primitive is sampler


def test_what_the_primitive_does_not_have_it_does_not_have() -> None:
    with pytest.raises(AttributeError, match=r"StatevectorSampler.*nothing"):
        _ = watch(StatevectorSampler()).nothing
    with pytest.raises(AttributeError):
        watch(StatevectorSampler()).seed = 5


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_a_copy_is_watched_too_and_has_a_primitive_of_its_own(again: Callable[[Any], Any]) -> None:
    watched: Any = watch(StatevectorSampler(seed=7), name="mine")
    twin = again(watched)
    assert twin.primitive is not watched.primitive
    assert twin.seed == 7
    assert twin.run([MEASURED_BELL]).name == "mine"


def test_watching_twice_makes_one_card() -> None:
    job: Any = watch(watch(StatevectorSampler()), name="once").run([MEASURED_BELL])
    assert isinstance(job, WidgetJob)
    assert type(job.job) is PrimitiveJob
    assert job.name == "once"


def test_a_card_is_called_by_the_primitive() -> None:
    assert watch(StatevectorSampler()).run([MEASURED_BELL]).name == "StatevectorSampler"


def test_a_job_that_has_a_card_gets_no_other() -> None:
    job: Any = watch(ParallelSampler(StatevectorSampler(seed=1), engine=None)).run([MEASURED_BELL])
    assert job.name == "StatevectorSampler, 1 PUB"
    assert_same(job.result(), StatevectorSampler(seed=1).run([MEASURED_BELL]).result())


def test_it_tells_what_it_is() -> None:
    assert repr(watch(StatevectorSampler(), name="x")).startswith("Watched(<qiskit.primitives.statevector_sampler.")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (7, "got int"),
        (None, "got NoneType"),
        (StatevectorSampler, "the class StatevectorSampler; call it first"),
        (BasicSimulator(), "BackendSamplerV2"),
        (PrimitiveJob(lambda: None), "WidgetJob"),
        (QuantumCircuit(1), "got QuantumCircuit"),
    ],
)
def test_what_is_no_primitive_is_refused_with_the_way_out(given: Any, told: str) -> None:
    with pytest.raises(TypeError, match=f"Expected a sampler or an estimator.*{told}"):
        watch(given)


# Being shown.


def test_nothing_is_printed_outside_a_kernel(capfd: pytest.CaptureFixture[str]) -> None:
    watch(StatevectorSampler()).run([MEASURED_BELL]).result()
    assert capfd.readouterr() == ("", "")


@pytest.fixture(scope="module")
def kernel() -> Iterator[KernelDriver]:
    with real_kernel(sys.executable) as kernel:
        kernel.run(
            "import threading\n"
            "from qiskit.primitives import StatevectorSampler\n"
            "from primwidgets import watch\n"
            "from tests.primitive_calls import MEASURED_BELL\n"
            "sampler = watch(StatevectorSampler())"
        )
        yield kernel


def cards(kernel: KernelDriver, code: str) -> int:
    """How many cards the cell with this ``code`` shows."""
    request = kernel.execute(code)
    kernel.wait_for_end(request)
    assert kernel.error_of(request) is None
    return sum(message["msg_type"] == "display_data" and is_from(request, message) for message in kernel.messages)


def test_a_call_in_a_notebook_shows_its_card_at_once(kernel: KernelDriver) -> None:
    assert cards(kernel, "job = sampler.run([MEASURED_BELL]); job.result()") == 1


def test_a_cell_that_calls_often_shows_one_card_that_counts_the_calls(kernel: KernelDriver) -> None:
    many = "for _ in range(25): sampler.run([MEASURED_BELL]).result()"
    assert cards(kernel, many) == 1
    assert cards(kernel, many) == 1
    kernel.run("import primwidgets")
    counted = kernel.run(
        "groups = [job for job in primwidgets.jobs(name='Statevec') if job.snapshot.group]\n"
        "for group in groups: group.wait(100)  # a snapshot follows the calls a moment later\n"
        "print([group.snapshot.group.total for group in groups])"
    )
    assert "25" in counted  # of the last cell; nobody holds the card of the first one


def test_the_card_tells_the_last_call_and_ends_with_its_cell(kernel: KernelDriver) -> None:
    kernel.run("for _ in range(3): last = sampler.run([MEASURED_BELL]); last.result()")
    told = kernel.run(
        "group = next(j for j in primwidgets.jobs() if j.job_id() == last.snapshot.group_id)\n"
        "group.wait(100); print(group.snapshot.state, group.snapshot.progress_text, group[-1] == last)"
    )
    assert re.fullmatch(r"DONE 3 calls · last \d+ ms True", told.strip())


def test_two_primitives_in_one_cell_have_a_card_each(kernel: KernelDriver) -> None:
    kernel.run("other = watch(StatevectorSampler(), name='other')")
    assert cards(kernel, "for _ in range(3): sampler.run([MEASURED_BELL]), other.run([MEASURED_BELL])") == 2


def test_calls_in_the_block_of_a_group_belong_to_that_group_and_show_no_card(kernel: KernelDriver) -> None:
    code = "with primwidgets.JobGroup('mine') as mine:\n    for _ in range(3): sampler.run([MEASURED_BELL])"
    assert cards(kernel, code) == 0
    assert kernel.run("print(len(mine))").strip() == "3"


def test_a_job_that_is_shown_is_in_the_hub_as_any_other(kernel: KernelDriver) -> None:
    assert kernel.run("print(type(sampler.run([MEASURED_BELL])).__name__)").strip() == "WidgetJob"


def test_the_package_has_it() -> None:
    assert primwidgets.watch is watch
