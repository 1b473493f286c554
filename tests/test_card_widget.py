from __future__ import annotations

import gc
import json
import logging
import time
from pathlib import Path
from typing import Any

import anywidget
import pytest
from ipywidgets import HBox, Widget
from traitlets import All, Bunch, Int, TraitError

from primwidgets._jupyter.card_code import built
from primwidgets._jupyter.card_widget import SNAPSHOT_TRAITS
from primwidgets.snapshot import FIELDS, JobSnapshot
from tests.cards import FAILED, RUNNING, Card, StagedCard, applied, show
from tests.recording_comm import RecordingFrontend

GOLDEN = json.loads((Path(__file__).parent / "golden" / "snapshots.json").read_text("utf-8"))


def test_a_card_that_is_not_displayed_sends_nothing(frontend: RecordingFrontend) -> None:
    card = Card()
    card.apply(RUNNING)
    card.name = "x"
    card.close()

    assert frontend.messages == []


def test_the_first_look_opens_one_comm_with_the_whole_snapshot(frontend: RecordingFrontend) -> None:
    card = Card()
    card.apply(RUNNING)
    shown = frontend.shown_by(card)

    assert card.model_id == card.model_id
    assert [m["type"] for m in frontend.messages if m["comm_id"] == card.model_id] == ["comm_open"]
    known = {**shown, **shown["_snapshot_rest"], "series": shown["_series"]}
    assert {name: known[name] for name in FIELDS} == RUNNING.to_wire()


def test_a_frontend_draws_it_with_anywidget(frontend: RecordingFrontend) -> None:
    shown = frontend.shown_by(Card())
    real = frontend.shown_by(anywidget.AnyWidget(_esm="export default {}"))
    names = [key for key in real if key.startswith(("_model", "_view"))]

    assert {name: shown[name] for name in names} == {name: real[name] for name in names}
    assert "export" in shown["_esm"]
    assert ".primwidgets-" in shown["_css"]


def test_all_that_changes_goes_out_in_one_message(frontend: RecordingFrontend) -> None:
    card = Card()
    show(card)
    card.apply(RUNNING)

    (update,) = frontend.updates_of(card)
    assert update.items() >= {"state": "RUNNING", "status_text": "busy", "progress": 0.5}.items()
    assert update["_snapshot_rest"]["can_cancel"] is True
    assert "error" not in update


def test_what_is_equal_sends_nothing(frontend: RecordingFrontend) -> None:
    card = Card()
    show(card)
    card.apply(RUNNING)
    card.apply(JobSnapshot.from_wire(RUNNING.to_wire()))

    assert len(frontend.updates_of(card)) == 1


@pytest.mark.parametrize("wire", [entry["snapshot"] for entry in GOLDEN], ids=[entry["case"] for entry in GOLDEN])
def test_a_frontend_that_looks_early_or_late_sees_the_same(frontend: RecordingFrontend, wire: dict[str, Any]) -> None:
    early, late = Card(), Card()
    show(early)
    for card in (early, late):
        card.apply(JobSnapshot.from_wire(wire))
    seen_early = frontend.seen_of(early)

    assert {name: seen_early[name] for name in SNAPSHOT_TRAITS} == {name: wire[name] for name in SNAPSHOT_TRAITS}
    own = {name: seen_early[name] for name in ("layout", "_seen_at", "_channel")}
    assert seen_early == {**frontend.shown_by(late), **own}
    assert json.dumps(seen_early, allow_nan=False).encode()


def test_every_field_of_a_snapshot_reaches_the_frontend_once(frontend: RecordingFrontend) -> None:
    shown = frontend.shown_by(applied(Card()))

    assert shown["_series"] == []
    assert {*SNAPSHOT_TRAITS, *shown["_snapshot_rest"], "name", "series"} == set(FIELDS)
    assert not shown["_snapshot_rest"].keys() & shown.keys()


def test_unknown_is_none() -> None:
    card = Card()

    assert {card.trait_values()[name] for name in SNAPSHOT_TRAITS if name not in ("state", "cancel_state")} == {None}


def test_an_error_becomes_plain_json_and_goes_away_again() -> None:
    card = Card()
    card.apply(FAILED)
    assert card.error == {"type": "E", "message": "no", "traceback": None, "chain": []}

    card.apply(RUNNING)
    assert card.error is None


def test_an_observer_sees_the_old_and_the_new_value() -> None:
    card, seen = Card(), list[Bunch]()
    card.observe(seen.append, "state")
    card.apply(RUNNING)
    card.apply(FAILED)

    assert [(change.owner, change.old, change.new, change.type) for change in seen] == [
        (card, "INITIALIZING", "RUNNING", "change"),
        (card, "RUNNING", "ERROR", "change"),
    ]


def test_each_update_tells_when_the_job_was_seen(frontend: RecordingFrontend) -> None:
    card = Card()
    show(card)
    opened = frontend.shown_by(card)["_seen_at"]
    card.apply(RUNNING)

    assert opened <= frontend.updates_of(card)[-1]["_seen_at"] <= time.time()


def test_an_observer_of_one_trait_finds_the_others_changed_already() -> None:
    card, seen = Card(), list[Any]()
    card.observe(lambda _: seen.append((card.finished_at, card.error)), "state")
    card.apply(FAILED)

    assert seen == [(9.0, {"type": "E", "message": "no", "traceback": None, "chain": []})]


def test_an_observer_of_everything_hears_of_each_trait_once() -> None:
    card, seen = Card(), list[str]()
    card.observe(lambda change: seen.append(change.name), All)
    card.apply(RUNNING)

    assert sorted(seen) == ["progress", "state", "status_text"]


def test_an_observer_that_raises_takes_nothing_from_the_card_nor_from_other_observers(
    frontend: RecordingFrontend, caplog: pytest.LogCaptureFixture
) -> None:
    card, seen = Card(), list[str]()
    show(card)
    card.observe(lambda _: 1 / 0, "state")
    card.observe(lambda change: seen.append(change.name), "finished_at")
    with caplog.at_level(logging.ERROR):
        card.apply(FAILED)

    assert (card.state, card.finished_at, seen) == ("ERROR", 9.0, ["finished_at"])
    assert frontend.updates_of(card)[0].items() >= {"state": "ERROR", "finished_at": 9.0}.items()
    assert "ZeroDivisionError" in caplog.text


def test_the_frontend_gets_changes_before_the_observers(frontend: RecordingFrontend) -> None:
    card, told = Card(), list[int]()
    show(card)
    card.observe(lambda _: told.append(len(frontend.updates_of(card))), "state")
    card.apply(RUNNING)

    assert told == [1]


@pytest.mark.parametrize("name", SNAPSHOT_TRAITS)
def test_what_copies_the_snapshot_is_read_only_for_the_user(name: str) -> None:
    with pytest.raises(TraitError, match=name):
        setattr(Card(), name, "DONE")


def test_the_user_may_rename_the_job_and_a_snapshot_does_not_undo_it(frontend: RecordingFrontend) -> None:
    card = Card(name="first")
    show(card)
    card.name = "second"
    card.apply(JobSnapshot(uid="u1", name="first"))

    assert card.name == "second"
    assert {"name": "second"} in frontend.updates_of(card)


def test_a_name_is_sent_as_a_snapshot_sends_it_and_kept_as_it_is(frontend: RecordingFrontend) -> None:
    name = "\ud800" + "x" * 1000
    card = Card(name=name)
    show(card)

    assert card.name == name
    assert frontend.shown_by(card)["name"] == JobSnapshot(uid="u1", name=name).to_wire()["name"]


@pytest.mark.parametrize("name", ["state", "progress", "error", "name", "_esm", "_snapshot_rest", "_channel", "_parts"])
def test_a_frontend_cannot_change_the_card_and_gets_the_true_values(frontend: RecordingFrontend, name: str) -> None:
    card = applied(Card())
    truth = frontend.shown_by(card)[name]
    frontend.set(card, **{name: {"a": "lie"} if isinstance(truth, dict) else "a lie"})

    assert getattr(card, name) == truth
    assert frontend.updates_of(card) == [{name: truth}]


def test_a_frontend_may_change_a_trait_of_a_subclass(frontend: RecordingFrontend) -> None:
    card = StagedCard()
    show(card)
    frontend.set(card, stage=5, state="DONE")

    assert (card.stage, card.state) == (5, "INITIALIZING")


def test_traits_cannot_be_added_to_one_card() -> None:
    with pytest.raises(TypeError, match="Declare stage in a subclass of Card"):
        Card().add_traits(stage=Int())


def test_rows_of_a_subclass_are_shown_as_text_and_follow_their_traits(frontend: RecordingFrontend) -> None:
    card = StagedCard(stage=2)
    assert frontend.shown_by(card)["_parts"] == {"Stage": "2"}

    card.stage = 3
    card.remark = "<b>\ud800" + "x" * 10_000
    parts = frontend.updates_of(card)[-1]["_parts"]
    assert parts["Stage"] == "3"
    assert parts["Remark"].startswith("<b>?xxx")
    assert len(parts["Remark"]) < 5000


def test_held_changes_go_out_together(frontend: RecordingFrontend) -> None:
    card = StagedCard()
    show(card)
    with card.hold_sync(), card.hold_sync():
        card.stage = 2
        card.name = "x"
        assert frontend.updates_of(card) == []

    (update,) = frontend.updates_of(card)
    assert update == {"stage": 2, "name": "x", "_parts": {"Stage": "2"}}


def test_closing_closes_the_comm_for_good(frontend: RecordingFrontend) -> None:
    card = Card()
    model_id = show(card)
    card.close()
    card.close()
    card.apply(RUNNING)

    assert [m["type"] for m in frontend.messages if m["comm_id"] == model_id] == ["comm_open", "comm_close"]
    assert card.model_id is None
    assert card.state == "RUNNING"


def test_a_dropped_card_takes_its_comm_along_when_its_box_goes(frontend: RecordingFrontend) -> None:
    box = HBox([Card()])
    model_id = show(box.children[0])
    Widget.close_all()
    box.children = ()
    del box
    gc.collect()

    assert [m["type"] for m in frontend.messages if m["comm_id"] == model_id] == ["comm_open", "comm_close"]


def test_a_checkout_that_was_not_built_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("primwidgets._jupyter.card_code._STATIC", tmp_path)
    built.cache_clear()
    with pytest.raises(FileNotFoundError, match="make build"):
        Card()._esm  # noqa: B018  (reading it is the test)


def test_a_card_that_is_freed_while_the_interpreter_shuts_down_does_nothing(frontend: RecordingFrontend) -> None:
    card = Card()
    show(card)
    before = len(frontend.messages)

    card.__del__(lambda: True)

    assert len(frontend.messages) == before
    card.__del__(lambda: False)
    assert frontend.messages[-1]["type"] == "comm_close"
