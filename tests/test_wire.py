from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

import pytest

from primwidgets.wire import (
    Constant,
    Flag,
    Identifier,
    Many,
    Number,
    OrNone,
    Schema,
    Text,
    TextMap,
    UnfitError,
    Word,
    record_of,
)


class Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True)
class Pet:
    name: Annotated[str, Text(5)]
    mood: Mood = Mood.GOOD
    age: Annotated[float, Number(0, 30)] | None = None
    tame: bool = False


PET = record_of(Pet)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (Text(3), "abc"),
        (Identifier(3), "abc"),
        (Number(0, 1), 0.5),
        (Number(0, 9, whole=True), 9),
        (Flag(), False),
        (Word(Mood), "bad"),
        (Constant("x"), "x"),
        (TextMap(2, 3), {"a": "b"}),
        (Many(Text(3), 2), ["a", "b"]),
        (OrNone(Flag()), None),
        (OrNone(Flag()), True),
    ],
    ids=repr,
)
def test_what_fits_is_read_and_written_as_it_is(schema: Schema, value: object) -> None:
    assert schema.read(value) == value
    assert schema.write(schema.read(value)) == value


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        (Text(3), [None, 1, b"a", ["a"]]),
        (Identifier(3), [None, "abcd"]),
        (Number(0, 1), [None, "1", True, math.nan, math.inf, -0.1, 1.1, 10**400]),
        (Number(0, 9, whole=True), [0.5, 10]),
        (Flag(), [None, 0, 1, "true"]),
        (Word(Mood), [None, "GOOD", "", ["good"], {"good": 1}]),
        (Constant("x"), [None, "y", ["x"]]),
        (TextMap(2, 3), [None, ["a"], {"a": 1}, {1: "a"}]),
        (Many(Text(3), 2), [None, "ab", {"a": "b"}, ["a", "b", "c"], ["a", 1]]),
        (OrNone(Flag()), [0, "x"]),
        (PET, [None, [], {}, {"name": 1}, {"name": "Rex", "mood": "odd"}, {"name": "Rex", "age": "old"}]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_does_not_fit_is_refused(schema: Schema, values: list[object]) -> None:
    for value in values:
        with pytest.raises(UnfitError):
            schema.read(value)


def test_long_text_and_long_mappings_are_cut() -> None:
    assert Text(3).read("abcd") == "ab…"
    assert Text(3, tail=True).read("abcd") == "…cd"
    assert TextMap(2, 3).read({"a": "wxyz", "long": "b", "c": "d"}) == {"a": "wx…", "lo…": "b"}


def test_a_record_takes_defaults_for_what_is_missing_and_ignores_what_it_does_not_know() -> None:
    assert PET.read({"name": "Rex", "wings": 2}) == Pet("Rex")


@pytest.mark.parametrize("change", [{"age": 31}, {"age": "old"}, {"tame": 1}, {"age": [], "tame": None}], ids=repr)
def test_a_forgiving_record_leaves_out_what_does_not_fit(change: dict[str, Any]) -> None:
    assert Pet(**PET.values({"name": "Rex", **change}, forgiving=True)) == Pet("Rex")


@pytest.mark.parametrize("value", [{}, {"name": None}, {"name": "Rex", "mood": "odd"}, {"name": "Rex", "mood": None}])
def test_nothing_stands_for_what_is_required_or_for_an_unknown_word(value: dict[str, Any]) -> None:
    with pytest.raises(UnfitError):
        PET.values(value, forgiving=True)


def test_a_number_out_of_bounds_is_written_as_unknown() -> None:
    assert [Number(0, 1).write(value) for value in (math.nan, math.inf, -1, 2, "1", 1)] == [None] * 5 + [1]


def test_a_field_that_is_not_sent_is_neither_written_nor_read() -> None:
    @dataclass
    class Diary:
        title: Annotated[str, Text(9)]
        secret: str = field(default="mine", metadata={"sent": False})

    schema = record_of(Diary)

    assert schema.write(Diary("d", "yours")) == {"title": "d"}
    assert schema.read({"title": "d", "secret": "theirs"}) == Diary("d")


def test_a_field_without_bounds_is_refused() -> None:
    @dataclass
    class Loose:
        text: str

    with pytest.raises(TypeError, match="text has no bounds"):
        record_of(Loose)
