from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import pytest

from primwidgets.snapshot import (
    FIELDS,
    MESSAGE_LIMIT,
    TRACEBACK_LIMIT,
    WORD_LIMIT,
    CancelState,
    JobError,
    JobSnapshot,
    JobState,
    ResultReport,
    clip,
)

GOLDEN = json.loads((Path(__file__).parent / "golden" / "snapshots.json").read_text("utf-8"))
BLANK = JobSnapshot(uid="u1")


@pytest.mark.parametrize("wire", [case["snapshot"] for case in GOLDEN], ids=[case["case"] for case in GOLDEN])
def test_the_golden_wire_form_comes_back_unchanged(wire: dict[str, Any]) -> None:
    assert JobSnapshot.from_wire(wire).to_wire() == wire


@pytest.mark.parametrize("wire", [case["snapshot"] for case in GOLDEN], ids=[case["case"] for case in GOLDEN])
def test_the_golden_wire_form_has_all_keys_and_no_other(wire: dict[str, Any]) -> None:
    assert tuple(wire) == FIELDS


@pytest.mark.parametrize("words", [JobState, CancelState])
def test_the_golden_file_shows_every_word(words: type[JobState | CancelState]) -> None:
    key = "state" if words is JobState else "cancel_state"
    assert {case["snapshot"][key] for case in GOLDEN} == set(words)


def test_only_the_wanted_fields_are_sent() -> None:
    assert BLANK.to_wire(("uid", "state")) == {"uid": "u1", "state": "INITIALIZING"}


def test_keys_of_a_later_version_are_ignored_and_missing_ones_are_unknown() -> None:
    assert JobSnapshot.from_wire({"uid": "u1", "mood": "good"}) == BLANK


@pytest.mark.parametrize("field", [field for field in FIELDS if field != "uid"])
def test_any_field_but_the_uid_may_be_missing(field: str) -> None:
    wire = {name: value for name, value in GOLDEN[2]["snapshot"].items() if name != field}
    read = JobSnapshot.from_wire(wire)
    assert getattr(read, field) == getattr(BLANK, field)
    assert read == replace(JobSnapshot.from_wire(GOLDEN[2]["snapshot"]), **{field: getattr(BLANK, field)})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("progress", 1.5),
        ("created_at", math.inf),
        ("started_at", -1.0),
        ("finished_at", "now"),
        ("message", ["text"]),
        ("error", {"type": "E"}),
        ("error", {"type": "E", "message": 1, "later": 2}),
        ("metadata", {"shots": 4}),
        ("result_preview", {"kind": "counts"}),
        ("result_preview", {"kind": "counts", "panels": None, "more_panels": 0}),
        ("result_preview", {"kind": ["counts"], "panels": [], "more_panels": 0}),
        ("can_cancel", 1),
    ],
)
def test_a_field_that_does_not_fit_is_unknown(field: str, value: object) -> None:
    assert JobSnapshot.from_wire({"uid": "u1", field: value}) == BLANK


@pytest.mark.parametrize(
    "wire", [{}, {"uid": None}, {"uid": "u" * 65}, {"uid": "u1", "state": "SLEEPING"}, {"uid": "u1", "cancel_state": 0}]
)
def test_what_names_no_job_or_a_state_that_is_not_known_is_refused(wire: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"uid|state"):
        JobSnapshot.from_wire(wire)


def test_a_strange_picture_of_a_result_is_not_sent() -> None:
    assert (
        replace(BLANK, result_preview={"kind": "counts", "panels": [1] * 100_000}).to_wire()["result_preview"] is None
    )


def test_states_arrive_as_states() -> None:
    snapshot = JobSnapshot.from_wire({"uid": "u1", "state": "DONE", "cancel_state": "TOO_LATE"})
    assert (snapshot.state, snapshot.cancel_state) == (JobState.DONE, CancelState.TOO_LATE)
    assert isinstance(snapshot.state, JobState)


def test_a_snapshot_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        BLANK.state = JobState.DONE  # type: ignore[misc]


def test_only_done_cancelled_and_error_are_final() -> None:
    assert {state for state in JobState if replace(BLANK, state=state).is_final} == {
        JobState.DONE,
        JobState.CANCELLED,
        JobState.ERROR,
    }


@pytest.mark.parametrize(
    ("given", "kept"),
    [(None, None), (math.nan, None), (-1, 0.0), (0, 0.0), (0.5, 0.5), (1, 1.0), (7.0, 1.0), (math.inf, 1.0)],
)
def test_progress_is_a_fraction_or_unknown(given: float | None, kept: float | None) -> None:
    assert replace(BLANK, progress=given).progress == kept


@pytest.mark.parametrize("strange", [math.nan, math.inf, -math.inf])
def test_a_time_that_is_no_number_is_unknown_on_the_wire(strange: float) -> None:
    wire = replace(BLANK, started_at=strange, stale_since=strange).to_wire()
    assert (wire["started_at"], wire["stale_since"]) == (None, None)
    json.dumps(wire, allow_nan=False)


@pytest.mark.parametrize(
    ("field", "limit"), [("job_id", WORD_LIMIT), ("status_text", WORD_LIMIT), ("message", MESSAGE_LIMIT)]
)
def test_long_text_is_clipped_visibly(field: str, limit: int) -> None:
    text = "x" * 1_000_000
    sent = JobSnapshot.from_wire({"uid": "u1", field: text}).to_wire()[field]
    assert sent == "x" * (limit - 1) + "…"


def test_text_that_fits_is_left_alone() -> None:
    text = "x" * WORD_LIMIT
    assert replace(BLANK, job_id=text).to_wire()["job_id"] == text


def test_a_long_traceback_keeps_its_end() -> None:
    error = JobError("ValueError", "m" * 1_000_000, "Traceback\n" + "x" * 1_000_000 + "the end")
    sent = replace(BLANK, error=error).to_wire()["error"]
    assert sent["traceback"].startswith("…")
    assert sent["traceback"].endswith("the end")
    assert (len(sent["traceback"]), len(sent["message"])) == (TRACEBACK_LIMIT, MESSAGE_LIMIT)


def test_metadata_and_locator_are_clipped_text() -> None:
    pairs = {"k" * 1000: "v" * 1000}
    wire = replace(BLANK, metadata=pairs, locator=pairs).to_wire()
    for sent in (wire["metadata"], wire["locator"]):
        assert [(len(key), len(value)) for key, value in sent.items()] == [(WORD_LIMIT, WORD_LIMIT)]


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"], ids=ascii)
def test_lone_surrogates_are_replaced(text: str) -> None:
    hostile = replace(BLANK, name=text, metadata={text: text}, error=JobError(text, text, text))
    json.dumps(hostile.to_wire(), ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "\u202eabc", "\U0001f9ea", "tab\tnul\0"], ids=ascii)
def test_strange_text_is_sent_as_it_is(text: str) -> None:
    assert replace(BLANK, message=text).to_wire()["message"] == text


def test_clipping_never_exceeds_the_limit() -> None:
    assert [clip("abcdef", 4), clip("abcdef", 4, tail=True), clip("abcd", 4)] == ["abc…", "…def", "abcd"]


def test_snapshots_are_equal_if_all_that_is_sent_of_them_is() -> None:
    changed = {field.name: object() for field in fields(JobSnapshot) if field.metadata.get("sent", True)}
    unequal = [name for name, value in changed.items() if vars(BLANK)[name] == value or _with(name, value) == BLANK]

    assert unequal == []
    assert BLANK.evolve() == BLANK
    assert BLANK.evolve(result_report=ResultReport(JobState.DONE)) == BLANK
    assert BLANK != "u1"


def test_what_is_not_sent_is_the_last_of_the_fields() -> None:
    assert tuple(vars(BLANK))[: len(FIELDS)] == FIELDS
    assert tuple(vars(BLANK.evolve(state=JobState.DONE, progress=1.0))) == tuple(vars(BLANK))


def _with(name: str, value: object) -> JobSnapshot:
    copy = BLANK.evolve()
    vars(copy)[name] = value
    return copy
