from __future__ import annotations

import itertools
import json
import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from primwidgets._progress import recorder as recorder_module
from primwidgets._progress.envelope import Envelope, extremes
from primwidgets._progress.recorder import SeriesRecorder, plain_number
from primwidgets.engines._remote.series_messages import MESSAGE_VALUES, series_messages, take_series
from primwidgets.series import JOB_POINT_LIMIT, POINT_LIMIT, SERIES_LIMIT, Series
from primwidgets.snapshot import JobSnapshot


def recorded(values: Sequence[float], name: str = "energy") -> Series:
    recorder = SeriesRecorder()
    for value in values:
        recorder.add({name: value})
    (series,) = recorder.views()
    return series


def wave(count: int) -> list[float]:
    noise = random.Random(1)
    return [math.sin(20 * number / count) + noise.gauss(0, 0.1) for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 495, 496, 497, 498, 501, 1000, 1984, 1985, 12_345, 100_000])
def test_a_line_of_few_points_covers_all_values_in_order(count: int) -> None:
    values = wave(count)
    series = recorded(values)
    steps, points = series.steps, series.values
    assert len(steps) == len(points) <= POINT_LIMIT
    assert list(steps) == sorted(set(steps))
    assert (steps[0], steps[-1]) == (0, count - 1)
    assert (series.count, series.first, series.latest, series.best) == (count, values[0], values[-1], min(values))
    assert [point for point in points if point is not None] == pytest.approx(
        [values[int(step)] for step in steps], abs=1e-3
    )
    assert min(point for point in points if point is not None) == pytest.approx(min(values), abs=1e-3)
    assert max(point for point in points if point is not None) == pytest.approx(max(values), abs=1e-3)
    if count < POINT_LIMIT - 4:
        assert len(steps) == count


def test_a_line_keeps_the_lowest_and_the_highest_value_of_each_column_of_a_plot() -> None:
    values = wave(100_000)
    series = recorded(values)
    columns = 100  # what a reader can tell apart
    for column in range(columns):
        begin, end = column * len(values) // columns, (column + 1) * len(values) // columns
        drawn = [
            value
            for step, value in zip(series.steps, series.values, strict=True)
            if value is not None and begin - 2_000 <= step < end + 2_000  # a point stands for a bucket on either side
        ]
        assert min(drawn) <= min(values[begin:end]) + 1e-3
        assert max(drawn) >= max(values[begin:end]) - 1e-3


def test_a_single_spike_among_a_million_values_is_drawn() -> None:
    envelope = Envelope()
    values = [0.0] * 1_000_000
    values[654_321] = 1.0
    for start in range(0, len(values), 4_096):
        envelope.extend(range(start, start + 4_096), values[start : start + 4_096])
    steps, points = envelope.points()
    assert dict(zip(steps, points, strict=True))[654_321] == 1.0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite_interrupt_the_line_and_nothing_else(bad: float) -> None:
    series = recorded([1.0, bad, 0.5, bad])
    assert list(series.values) == [1.0, None, 0.5, None]
    assert (series.first, series.latest, series.best) == (1.0, None, 0.5)
    json.dumps(JobSnapshot(uid="u", series=[series]).to_wire(), allow_nan=False)
    many = recorded([bad, 1.0, 2.0, bad] * 10_000)
    assert (many.first, many.latest, many.best) == (None, None, 1.0)
    assert recorded([bad] * 5_000).best is None


def test_the_best_value_is_the_lowest_or_what_the_name_or_the_function_says() -> None:
    recorder = SeriesRecorder()
    recorder.direct(["profit"], highest_is_best=True)
    for value in (1.0, 3.0, 2.0):
        recorder.add({"energy": value, "val/accuracy": value, "profit": value})
    recorder.direct(["energy"], highest_is_best=False)
    assert {series.name: series.best for series in recorder.views()} == {
        "energy": 1.0,
        "val/accuracy": 3.0,
        "profit": 3.0,
    }


def test_names_may_come_and_go_and_each_value_has_the_step_of_its_report() -> None:
    recorder = SeriesRecorder()
    for report in ({"a": 1.0}, {"b": 2.0, "a": 3.0}, {}, {"b": 4.0}):
        recorder.add(report)
    assert {name: (list(steps), list(values)) for name, (steps, values) in recorder.columns().items()} == {
        "a": ([0, 1], [1, 3]),
        "b": ([1, 3], [2, 4]),
    }


def test_equally_many_but_other_names_are_distinguished() -> None:
    recorder = SeriesRecorder()
    recorder.add({"a": 1.0})
    recorder.add({"b": 2.0})
    assert {name: list(values) for name, (_, values) in recorder.columns().items()} == {"a": [1], "b": [2]}


def test_the_series_and_points_of_a_job_are_bounded() -> None:
    recorder = SeriesRecorder()
    for step in range(3_000):
        recorder.add({f"s{number}": float(step) for number in range(SERIES_LIMIT + 3)})
    views = recorder.views()
    assert len(views) == SERIES_LIMIT
    assert sum(len(view.steps) for view in views) <= JOB_POINT_LIMIT
    for view in views:
        assert (view.steps[0], view.steps[-1]) == (0, 2_999)
    for number in range(1_000):
        recorder.direct([f"d{number}"], highest_is_best=True)
    assert len(recorder._directions) == SERIES_LIMIT


def test_beyond_the_bound_the_longest_series_is_thinned() -> None:
    recorder = SeriesRecorder(keep=10_000)
    for number in range(50_000):
        recorder.add({"often": math.sin(number), "loss": 1.0} if number % 100 == 0 else {"often": math.sin(number)})
    columns = recorder.columns()
    assert sum(len(values) for _, values in columns.values()) <= 10_000
    assert len(columns["loss"][1]) == 500
    assert max(columns["often"][1]) > 0.9999
    assert next(view for view in recorder.views() if view.name == "often").count == 50_000


def test_reports_that_are_never_read_do_not_pile_up() -> None:
    recorder = SeriesRecorder()
    for _ in range(3 * recorder_module.PENDING_LIMIT):
        recorder.add({"a": 1.0})
    assert len(recorder.pending) < recorder_module.PENDING_LIMIT


def test_views_are_the_same_object_until_something_is_reported() -> None:
    recorder = SeriesRecorder()
    recorder.add({"a": 1.0})
    views = recorder.views()
    assert recorder.views() is views
    recorder.add({"a": 2.0})
    assert recorder.views() is not views


class Tensor:
    """What torch and jax have in the place of a number."""

    def item(self) -> float:
        return 0.25


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1, 1.0),
        (True, 1.0),
        (np.float32(0.5), 0.5),
        (np.float64(0.5), 0.5),
        (np.int64(7), 7.0),
        (np.array(2.5), 2.5),
        (np.array([2.5]), 2.5),
        (complex(-1.1, 0), -1.1),
        (np.complex128(-1.1), -1.1),
        (Tensor(), 0.25),
        (10**400, None),
        ("0.5", None),
        (b"1", None),
        ([1.0], None),
        (np.array([1.0, 2.0]), None),
        (1j, None),
        (object(), None),
    ],
)
def test_whatever_is_one_number_is_taken(value: object, number: float | None) -> None:
    if number is not None:
        assert plain_number("energy", value) == number
        return
    recorder = SeriesRecorder()
    with pytest.raises(TypeError, match="energy="):
        recorder.add({"loss": 1.0, "energy": value})
    assert recorder.views() == ()


def test_no_value_is_no_point() -> None:
    recorder = SeriesRecorder()
    recorder.add({"a": None, "b": 1})
    assert [view.name for view in recorder.views()] == ["b"]


def test_groups_of_equal_values_become_one_point() -> None:
    assert extremes([0, 1, 2, 3], [5.0, 5.0, 5.0, 5.0], 4) == ([0], [5.0])


def test_what_a_worker_sends_arrives_as_it_was_reported() -> None:
    there, here = SeriesRecorder(), SeriesRecorder()
    values = [*wave(5_000), math.nan]
    for number, value in enumerate(values):
        there.add({"energy": value, "accuracy": float(number)})
        if number % 777 == 0:
            for message in series_messages(there):
                take_series(json.loads(json.dumps(message))["series"], here)
    for message in series_messages(there):
        take_series(json.loads(json.dumps(message))["series"], here)
    columns = here.columns()
    steps, received = columns["energy"]
    assert list(steps) == list(range(5_001))
    assert list(received[:-1]) == values[:-1]
    assert math.isnan(received[-1])
    energy, accuracy = here.views()
    assert (energy.count, accuracy.best) == (5_001, 5_000)


def test_the_values_in_a_message_are_bounded() -> None:
    recorder = SeriesRecorder()
    for number in range(3_500):
        recorder.add({f"{'ä' * 200}{name}": float(number) for name in range(SERIES_LIMIT)})
    messages = list(series_messages(recorder))
    assert len(messages) == math.ceil(3_500 * SERIES_LIMIT / MESSAGE_VALUES)
    assert max(len(json.dumps(message)) for message in messages) < 60_000
    assert not list(series_messages(recorder))


def test_a_worker_that_reports_more_than_it_may_send_sends_the_extremes_and_the_true_count() -> None:
    there, here = SeriesRecorder(400), SeriesRecorder()
    for number in range(20_000):
        there.add({"a": math.sin(number)})
    for message in series_messages(there):
        take_series(message["series"], here)
    (series,) = here.views()
    assert series.count == 20_000
    assert series.best == pytest.approx(-1, abs=1e-4)
    assert len(here.columns()["a"][0]) <= 400


GOOD = ("a", False, 1, "AAAAAAAAAAA=", "AAAAAAAA8D8=")


def test_a_message_of_a_worker_is_checked() -> None:
    recorder = SeriesRecorder()
    take_series([GOOD], recorder)
    assert {name: (list(steps), list(values)) for name, (steps, values) in recorder.columns().items()} == {
        "a": ([0], [1])
    }
    junk: list[Any] = [None, 5, -1, "x", "a" * 101, [], {}, 1.5, True, "AAAA", "====", "A" * 100_000, "AAAAAAAA8P8="]
    for place, value in itertools.product(range(5), junk):
        part = list(GOOD)
        part[place] = value
        other = SeriesRecorder()
        take_series([part], other)
        if place == 0 and value in ("x", "AAAA", "====", "AAAAAAAA8P8="):
            continue  # which are good names
        assert not other.views() or (place, value) in {(1, True), (2, 5), (4, "AAAAAAAA8P8=")}, (place, value)
    malformed: list[Any] = ["text", None, 5, {}, [None], ["abcde"], [GOOD[:4]], [[]]]
    for parts in malformed:
        take_series(parts, other := SeriesRecorder())
        assert not other.views()
