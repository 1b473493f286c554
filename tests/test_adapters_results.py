"""Foreign things as text, and pictures of results."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives import StatevectorEstimator, StatevectorSampler
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer import AerSimulator

from primwidgets import ParallelEstimator
from primwidgets.adapters import adapter_for
from primwidgets.adapters._common.describe import (
    METADATA_LIMIT,
    describe,
    describe_error,
    describe_metadata,
    describe_status,
    package_of,
)
from primwidgets.adapters._common.preview import (
    DRAWN_BARS,
    LABEL_LIMIT,
    PANEL_LIMIT,
    POINT_LIMIT,
    Counts,
    Point,
    Values,
    preview_counts,
    preview_values,
)
from primwidgets.adapters._common.results import preview_result
from primwidgets.snapshot import WORD_LIMIT, JobState


class Unspeakable(Exception):
    """Foreign code that raises whenever it is asked for a text."""

    def __repr__(self) -> str:
        raise RuntimeError("no")

    __str__ = __repr__


def test_text_is_shown_as_it_is_and_anything_else_as_its_repr() -> None:
    assert [describe("a'b"), describe(["demo"]), describe(1.5), describe(None)] == ["a'b", "['demo']", "1.5", "None"]


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, ["x" * 10**6] * 10**4, list(range(10**6)), 10**5000, b"x" * 10**6],
    ids=["text", "list of texts", "list", "number", "bytes"],
)
def test_a_description_is_short(value: object) -> None:
    assert 0 < len(describe(value)) <= WORD_LIMIT


def test_what_cannot_be_shown_is_named() -> None:
    assert "Unspeakable" in describe(Unspeakable())
    assert "Unspeakable" in describe([Unspeakable()])


def test_metadata_is_bounded_text() -> None:
    described = describe_metadata({index: Unspeakable() if index % 2 else "x" * 1000 for index in range(100)})
    assert list(described) == [str(index) for index in range(METADATA_LIMIT)]
    assert all(0 < len(text) <= WORD_LIMIT for text in described.values())


@pytest.mark.parametrize("strange", [None, 3, "text", [("a", 1)], lambda: {"a": 1}])
def test_metadata_that_is_no_mapping_is_left_out(strange: object) -> None:
    assert describe_metadata(strange) == {}


def test_an_error_is_described_with_its_traceback() -> None:
    try:
        raise ValueError("no such qubit")
    except ValueError as error:
        described = describe_error(error)
    assert (described.type, described.message) == ("ValueError", "no such qubit")
    assert described.traceback is not None
    assert "test_an_error_is_described_with_its_traceback" in described.traceback


def test_an_error_that_cannot_be_shown_has_its_type() -> None:
    described = describe_error(Unspeakable())
    assert (described.type, described.message) == ("Unspeakable", "")


def test_a_status_is_the_name_of_the_member_or_the_text() -> None:
    assert [describe_status(status) for status in (JobState.DONE, "defrosting", 7, None)] == [
        "DONE",
        "defrosting",
        "7",
        None,
    ]


def test_a_class_made_in_a_notebook_stands_for_its_provider() -> None:
    assert package_of(type("MyJob", (), {"__module__": "__main__"})()) == "MyJob"
    assert package_of(Point("0", 1.0, None)) == "primwidgets"


def test_the_most_frequent_outcomes_are_drawn_in_order_and_the_others_are_counted() -> None:
    counts = {f"{index:05b}": index + 1 for index in range(32)}
    preview = preview_counts([Counts("c", counts)])
    assert preview is not None
    [panel] = preview["panels"]
    assert [bar["label"] for bar in panel["bars"]] == [f"{index:05b}" for index in range(32 - DRAWN_BARS, 32)]
    assert panel["shots"] == sum(counts.values())
    assert panel["other_outcomes"] == 32 - DRAWN_BARS
    assert panel["other_count"] == sum(range(1, 33 - DRAWN_BARS))


def test_panels_and_points_that_do_not_fit_are_counted() -> None:
    points = [Point(str(index), float(index), None) for index in range(100)]
    preview = preview_values([Values(str(index), points, 100) for index in range(30)], more_panels=3)
    assert preview is not None
    assert (len(preview["panels"]), preview["more_panels"]) == (PANEL_LIMIT, 30 - PANEL_LIMIT + 3)
    assert (len(preview["panels"][0]["points"]), preview["panels"][0]["more_points"]) == (
        POINT_LIMIT,
        100 - POINT_LIMIT,
    )


def test_values_that_are_no_numbers_are_left_out_of_the_picture() -> None:
    points = [Point("0", math.nan, 0.1), Point("1", 0.5, math.inf), Point("2", -0.5, 0.25)]
    preview = preview_values([Values("e", points, 3)])
    assert preview is not None
    assert preview["panels"][0] == {
        "title": "e",
        "axis": None,
        "points": [{"label": "1", "value": 0.5, "std": None}, {"label": "2", "value": -0.5, "std": 0.25}],
        "more_points": 1,
    }


def test_labels_are_bounded_text_that_can_be_sent() -> None:
    preview = preview_counts([Counts("\ud800" + "t" * 1000, {"0" * 1000: 1, "\ud800": 1})])
    assert preview is not None
    json.dumps(preview, ensure_ascii=False).encode("utf-8")
    assert max(len(bar["label"]) for bar in preview["panels"][0]["bars"]) == LABEL_LIMIT
    assert len(preview["panels"][0]["title"]) == WORD_LIMIT


def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    return circuit


def measured() -> QuantumCircuit:
    circuit = bell()
    circuit.measure_all()
    return circuit


def test_a_sampler_s_result_has_a_histogram_for_each_register_of_each_circuit() -> None:
    result = StatevectorSampler(seed=1).run([measured(), measured()], shots=128).result()
    preview = preview_result(result)
    assert preview is not None
    assert preview["kind"] == "counts"
    assert [panel["title"] for panel in preview["panels"]] == ["circuit 0 · meas", "circuit 1 · meas"]
    assert [panel["shots"] for panel in preview["panels"]] == [128, 128]
    assert {bar["label"] for bar in preview["panels"][0]["bars"]} == {"00", "11"}


def test_the_only_register_of_the_only_circuit_is_named_as_it_is() -> None:
    preview = preview_result(StatevectorSampler().run([measured()]).result())
    assert preview is not None
    assert [panel["title"] for panel in preview["panels"]] == ["meas"]


def test_an_estimator_s_result_has_values_with_errors_at_their_places() -> None:
    observables = [[SparsePauliOp("ZZ")], [SparsePauliOp("ZI")]]
    result = StatevectorEstimator(seed=1).run([(bell(), observables)], precision=0.25).result()
    preview = preview_result(result)
    assert preview is not None
    assert preview["kind"] == "expectation_values"
    [panel] = preview["panels"]
    assert [point["label"] for point in panel["points"]] == ["0, 0", "1, 0"]
    assert [point["value"] for point in panel["points"]] == result[0].data.evs.flatten().tolist()
    stds = [std or None for std in result[0].data.stds.flatten().tolist()]
    assert [point["std"] for point in panel["points"]] == stds


def drawn(job: Any) -> list[Any]:
    """The panels of the picture of a job's result, which its adapter draws."""
    preview = adapter_for(job).preview(job.result())
    assert preview is not None
    return list(preview["panels"])


def turned() -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.rx(Parameter("angle"), 0)
    return circuit


def test_values_are_named_by_their_observables() -> None:
    observables = ["ZZ", SparsePauliOp(["ZI", "XX"], [0.5, -0.25]), SparsePauliOp(["ZI", "IX", "XX", "YY"])]
    [panel] = drawn(StatevectorEstimator().run([(bell(), observables)]))
    names = [point["label"] for point in panel["points"]]
    assert names[0] == "ZZ"
    assert {part.strip("\N{MINUS SIGN}") for part in names[1].split(" ")} >= {"0.5", "ZI", "0.25", "XX"}
    assert names[2].endswith(" + …")
    assert panel["axis"] is None


def test_exact_values_have_no_error() -> None:
    [panel] = drawn(StatevectorEstimator().run([(bell(), "ZZ")]))
    assert [point["std"] for point in panel["points"]] == [None]


def test_the_values_of_many_parameter_sets_are_a_curve_for_each_observable() -> None:
    sets = np.linspace(0, 3, 7)[:, None]
    panels = drawn(StatevectorEstimator().run([(turned(), [["ZZ"], ["XI"]], sets)]))
    assert [(panel["title"], panel["axis"]) for panel in panels] == [("ZZ", "parameter set"), ("XI", "parameter set")]
    assert [point["label"] for point in panels[0]["points"]] == [str(index) for index in range(7)]
    assert panels[0]["points"][6]["value"] == pytest.approx(math.cos(3))


def test_a_long_curve_is_thinned_out_evenly() -> None:
    [panel] = drawn(StatevectorEstimator().run([(turned(), "ZZ", np.linspace(0, 3, 200)[:, None])]))
    assert [point["label"] for point in panel["points"]][:3] == ["0", "4", "8"]
    assert len(panel["points"]) + panel["more_points"] == 200


def test_the_values_of_a_parallel_estimator_are_named_too() -> None:
    job = ParallelEstimator(StatevectorEstimator()).run([(bell(), ["ZZ", "XX"])])
    job.result()
    preview = adapter_for(job.job).preview(job.result())
    assert preview is not None
    assert [point["label"] for point in preview["panels"][0]["points"]] == ["ZZ", "XX"]


def test_an_array_of_shots_has_a_histogram_for_each_place() -> None:
    circuit = turned()
    circuit.measure_all()
    panels = drawn(StatevectorSampler().run([(circuit, np.array([[0.0], [math.pi]]))], shots=16))
    assert [panel["title"] for panel in panels] == ["meas [0]", "meas [1]"]
    assert [panel["bars"][0]["label"] for panel in panels] == ["00", "01"]


def test_a_circuit_result_has_a_histogram_for_each_circuit_that_was_measured() -> None:
    preview = preview_result(AerSimulator().run([measured(), bell()], shots=64).result())
    assert preview is not None
    assert [panel["shots"] for panel in preview["panels"]] == [64]


@pytest.mark.parametrize("counts", [{"00": 3, "11": 5}, {"0 1": np.int64(8)}])
def test_counts_as_such_are_drawn(counts: dict[str, Any]) -> None:
    preview = preview_result(counts)
    assert preview is not None
    assert preview["panels"][0]["shots"] == 8
    json.dumps(preview)


@pytest.mark.parametrize(
    "result",
    [
        None,
        3.14,
        "0101",
        "",
        b"01",
        {},
        {"00": "many"},
        {"energy": 3},
        {"00": 0.5},
        [],
        [1, 2],
        [[1], [2]],
        np.zeros(3),
        np.array(3.0),
        np.zeros((2, 2)),
        iter([1]),
        object(),
    ],
    ids=lambda result: f"{type(result).__name__} {str(result)[:12]}",
)
def test_what_has_no_shape_of_a_result_has_no_picture(result: Any) -> None:
    assert preview_result(result) is None


class EndlessPublications:
    """A sequence that has no end, whatever it says."""

    def __len__(self) -> int:
        return 3

    def __iter__(self) -> Iterator[Any]:
        return itertools.repeat(SimpleNamespace(data=SimpleNamespace(evs=1.0)))


class EndlessCounts(Mapping[str, int]):
    """Counts that have no end, whatever they say."""

    def __getitem__(self, key: str) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        return itertools.repeat("0")

    def __len__(self) -> int:
        return 3


@pytest.mark.parametrize("result", [EndlessPublications(), EndlessCounts()], ids=["publications", "counts"])
def test_a_result_without_an_end_is_not_gone_through(result: Any) -> None:
    with pytest.raises(ValueError, match="more items"):
        preview_result(result)


def test_values_in_lists_without_an_end_are_drawn_as_far_as_there_is_room() -> None:
    class Endless:
        def __iter__(self) -> Iterator[float]:
            return itertools.repeat(1.0)

    drawn = preview_result([SimpleNamespace(data=SimpleNamespace(evs=Endless(), stds=Endless()))])
    assert drawn is not None
    assert len(drawn["panels"][0]["points"]) == POINT_LIMIT


def test_complex_values_are_not_drawn_as_if_they_were_real() -> None:
    def result(values: Any) -> Any:
        return [SimpleNamespace(data=SimpleNamespace(evs=values))]

    with pytest.raises(TypeError, match="complex"):
        preview_result(result(np.array([1j, 2])))
    real = preview_result(result([np.complex128(2), Decimal("0.5")]))
    assert real is not None
    assert [point["value"] for point in real["panels"][0]["points"]] == [2.0, 0.5]


def test_a_generator_is_not_used_up() -> None:
    generator = (number for number in (1, 2))
    assert preview_result(generator) is None
    assert list(generator) == [1, 2]
