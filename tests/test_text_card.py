from __future__ import annotations

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from primwidgets._jupyter import text_card
from primwidgets.snapshot import CancelState, JobError, JobSnapshot, JobState

GOLDEN = json.loads((Path(__file__).parent / "golden" / "snapshots.json").read_text("utf-8"))
CASES = [pytest.param(JobSnapshot.from_wire(entry["snapshot"]), id=entry["case"]) for entry in GOLDEN]
HOSTILE = "<img src=x onerror=alert(1)>\"'&<script>alert(2)</script>"


class Markup(HTMLParser):
    """The elements and the text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.addresses: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name == "src"]

    def handle_data(self, data: str) -> None:
        self.text += data


def snapshot(**fields: Any) -> JobSnapshot:
    return JobSnapshot(uid="u1", **{"job_id": "j1", "provider": "Somewhere", **fields})


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({}, "Initializing"),
        ({"state": JobState.QUEUED, "queue_position": ">2000"}, "Queued (position >2000)"),
        ({"state": JobState.RUNNING}, "Running"),
        ({"state": JobState.RUNNING, "progress": 0.42}, "Running 42 %"),
        ({"state": JobState.RUNNING, "progress": 0.996}, "Running 99 %"),
        ({"state": JobState.RUNNING, "progress": 0.0}, "Running <1 %"),
        ({"state": JobState.DONE}, "Done"),
        ({"state": JobState.DONE, "started_at": 5.0, "finished_at": 5.02}, "Done in <0.1 s"),
        ({"state": JobState.DONE, "started_at": 0.0, "finished_at": 76 * 3600.0}, "Done in 3 d 04 h"),
        ({"state": JobState.DONE, "created_at": 1.0, "started_at": 5.0, "finished_at": 17.3}, "Done in 12.3 s"),
        ({"state": JobState.ERROR, "started_at": 5.0, "finished_at": 7.0}, "Failed after 2.0 s"),
        ({"state": JobState.CANCELLED, "created_at": 5.0, "finished_at": 7.0}, "Cancelled after 2.0 s"),
        ({"state": JobState.DONE, "started_at": 0.0, "finished_at": float("nan")}, "Done"),
    ],
)
def test_the_state_is_shown_with_what_belongs_to_it(fields: dict[str, Any], line: str) -> None:
    assert text_card.state_line(snapshot(**fields)) == line


def test_the_headline_names_the_job_the_place_and_the_state() -> None:
    job = snapshot(name="Waker pair", provider="Qiskit Aer", backend="aer_simulator", state=JobState.RUNNING)

    assert text_card.headline(job) == "Waker pair · Qiskit Aer, aer_simulator · Running"


def test_a_job_without_a_name_is_called_by_its_id_and_one_without_an_id_a_job() -> None:
    assert text_card.title(snapshot()) == "j1"
    assert text_card.title(snapshot(job_id="")) == "job"
    assert text_card.title(snapshot(name=" \n ")) == "j1"


@pytest.mark.parametrize(
    ("fields", "remarks"),
    [
        ({"cancel_state": CancelState.REQUESTED}, ["Cancel requested."]),
        ({"cancel_state": CancelState.REQUESTED, "cancel_detail": "At its end."}, ["Cancel requested.", "At its end."]),
        ({"cancel_state": CancelState.REFUSED, "cancel_detail": "Too late."}, ["Cancel refused.", "Too late."]),
        ({"cancel_state": CancelState.TOO_LATE}, ["Cancel came too late: it finished first."]),
        ({"error": JobError("ValueError", "no such qubit")}, ["ValueError: no such qubit"]),
        ({"stale_since": 3.0}, ["No answer from Somewhere."]),
        ({"cancel_state": CancelState.CONFIRMED, "state": JobState.CANCELLED}, []),
    ],
)
def test_what_a_reader_has_to_know_follows_in_lines_of_its_own(fields: dict[str, Any], remarks: list[str]) -> None:
    job = snapshot(**fields)

    assert text_card.to_text(job).splitlines()[1:] == remarks
    assert all(remark in Markup(text_card.to_html(job)).text for remark in remarks)


@pytest.mark.parametrize("job", CASES)
def test_every_known_snapshot_has_a_text_and_a_html_with_the_same_words(job: JobSnapshot) -> None:
    shown = Markup(text_card.to_html(job))

    assert text_card.to_text(job).splitlines()[0].startswith(text_card.headline(job))
    for words in (text_card.title(job), text_card.state_line(job)):
        assert words in text_card.to_text(job)
        assert words in shown.text


@pytest.mark.parametrize("job", CASES)
def test_no_known_snapshot_brings_markup_of_its_own(job: JobSnapshot) -> None:
    shown = Markup(text_card.to_html(job))

    assert set(shown.elements) <= {"div", "strong", "bdi", "span", "img"}
    assert all(address.startswith("data:image/") for address in shown.addresses)
    assert shown.attributes <= {"class", "style", "aria-hidden", "alt", "src"}


@pytest.mark.parametrize("field", ["name", "job_id", "provider", "backend", "queue_position", "cancel_detail"])
def test_markup_in_any_field_is_shown_as_text(field: str) -> None:
    job = snapshot(**{"state": JobState.QUEUED, "cancel_state": CancelState.REFUSED, field: HOSTILE})
    shown = Markup(text_card.to_html(job))

    assert set(shown.elements) == {"div", "strong", "bdi", "span"}
    assert HOSTILE in shown.text


def test_markup_in_an_error_is_shown_as_text() -> None:
    shown = Markup(text_card.to_html(snapshot(state=JobState.ERROR, error=JobError(HOSTILE, HOSTILE))))

    assert "img" not in shown.elements
    assert f"{HOSTILE}: {HOSTILE}" in shown.text


def test_control_characters_do_not_reach_the_terminal() -> None:
    job = snapshot(name="\x1b[2Jgone\x07\x9b", error=JobError("E", "one\ntwo\rthree"), state=JobState.ERROR)

    assert text_card.to_text(job) == "�[2Jgone�� · Somewhere · Failed\nE: one\ntwo�three"


def test_a_name_of_many_lines_stays_in_the_headline() -> None:
    assert text_card.headline(snapshot(name="a\nb\u2028c")) == "a b c · Somewhere · Initializing"


def test_the_text_and_the_html_can_be_encoded_whatever_comes() -> None:
    job = snapshot(name="\ud800", provider="\udfff", state=JobState.ERROR, error=JobError("E", "\ud83d"))

    assert text_card.to_text(job).encode()
    assert text_card.to_html(job).encode()


def test_a_huge_text_is_cut() -> None:
    huge = "x" * 1_000_000
    job = snapshot(name=huge, provider=huge, backend=huge, state=JobState.ERROR, error=JobError(huge, huge))

    assert len(text_card.to_text(job)) < 1000
    assert len(text_card.to_html(job)) < 2000


def test_emoji_and_right_to_left_text_are_kept() -> None:
    name = "👩‍🔬 עברית"

    assert name in text_card.to_text(snapshot(name=name))
    assert f"<bdi>{name}</bdi>" in text_card.to_html(snapshot(name=name))


def test_the_last_lines_that_a_job_printed_follow_whole() -> None:
    job = snapshot(state=JobState.DONE, log="\n" + "".join(f"  line {number}\n" for number in range(30)))

    printed = "\n".join(["…", *(f"  line {number}" for number in range(20, 30))])
    assert text_card.to_text(job) == f"j1 · Somewhere · Done\n{printed}"
    assert Markup(text_card.to_html(job)).text.endswith(printed)


def test_nothing_follows_where_nothing_but_empty_lines_was_printed() -> None:
    assert text_card.to_text(snapshot(log="\n\n")).splitlines() == ["j1 · Somewhere · Initializing"]


def test_of_a_long_line_that_was_printed_the_end_is_kept() -> None:
    assert text_card.to_text(snapshot(log="x" * 5000 + "end")).endswith("x" * 900 + "end")
    assert len(text_card.to_text(snapshot(log="x" * 5000))) < 1100


def test_a_job_that_has_not_ended_is_shown_with_the_time_of_its_last_read() -> None:
    running, done = snapshot(state=JobState.RUNNING, progress=0.22), snapshot(state=JobState.DONE)
    seen_at = datetime(2026, 11, 25, 12, 46, 5, tzinfo=UTC).timestamp()
    for text in (text_card.to_text(running, seen_at), Markup(text_card.to_html(running, seen_at)).text):
        assert "Running 22 %" in text
        assert "when last seen, 2026-11-25 12:46 UTC" in text
    for text in (text_card.to_text(running), text_card.to_text(done, seen_at), text_card.to_html(done, seen_at)):
        assert "when last seen" not in text


def test_no_text_changes_the_direction_of_another_or_leaves_its_place() -> None:
    odd = "a\N{RIGHT-TO-LEFT OVERRIDE}b\N{POP DIRECTIONAL ISOLATE}\N{FIRST STRONG ISOLATE}c"
    job = snapshot(name=odd, provider=odd, backend=odd, error=JobError(odd, odd), state=JobState.ERROR, log=odd)
    for text in (text_card.to_text(job), text_card.to_html(job)):
        assert not set(text) & set(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
        assert "abc" in text


def test_a_result_has_its_picture_unless_that_is_no_base64() -> None:
    image = {"format": "png", "data": "iVBORw0KGgo="}
    preview = {"kind": "display", "summary": "Figure", "text": "", "html": None, "image": image, "document": None}
    done = snapshot(state=JobState.DONE, result_preview=preview)
    assert Markup(text_card.to_html(done)).addresses == ["data:image/png;base64,iVBORw0KGgo="]
    image["data"] = 'x" onerror="alert(1)'
    assert Markup(text_card.to_html(done)).addresses == []


def test_a_long_result_and_a_long_traceback_are_cut() -> None:
    text = "\n".join(["x" * 1_000] * 1_000)
    preview = {"kind": "display", "summary": "long", "text": text, "html": None, "image": None, "document": None}
    done = text_card.to_text(snapshot(state=JobState.DONE, result_preview=preview))
    failed = text_card.to_text(snapshot(state=JobState.ERROR, error=JobError("E", "m", traceback=text)))
    assert max(len(done), len(failed)) < 3_000


def test_a_failure_has_the_users_frames_and_a_job_that_ended_its_start() -> None:
    frame = {"file": "Cell In[5]", "cell": 5, "line": 6, "function": "fit", "own": True, "first_line": 5}
    frames = [
        {**frame, "source": ["def fit():", "    raise ValueError"]},
        {**frame, "file": "lib.py", "own": False, "source": []},
    ]
    step: Any = {"type": "ValueError", "message": "", "caused": False, "frames": frames, "left_out": 0}
    error = JobError("ValueError", "no luck", chain=(step,))
    lines = text_card.to_text(snapshot(state=JobState.ERROR, error=error, started_at=0.0)).split("\n")
    assert lines[1:] == [
        "Started 1970-01-01 00:00 UTC",
        "ValueError: no luck",
        "Cell In[5], line 6, in fit",
        "    raise ValueError",
    ]
