from __future__ import annotations

import gc
import json
import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import pytest
from ipywidgets import HBox, Widget
from traitlets import All, Bunch, Int, TraitError, Unicode

from primwidgets.card_widget import SNAPSHOT_TRAITS, CardWidget
from primwidgets.snapshot import FIELDS, JobError, JobSnapshot, JobState
from tests.recording_comm import RecordingFrontend

GOLDEN = json.loads((Path(__file__).parent / "golden" / "snapshots.json").read_text("utf-8"))
BLANK = JobSnapshot(uid="u1", job_id="j1", provider="Somewhere")
RUNNING = JobSnapshot(uid="u1", job_id="j1", state=JobState.RUNNING, status_text="busy", progress=0.5, can_cancel=True)
FAILED = JobSnapshot(uid="u1", job_id="j1", state=JobState.ERROR, error=JobError("E", "no"), finished_at=9.0)
PATIENCE = 10.0


class Card(CardWidget):
    """A card that nothing but the test moves."""

    def _first_shown(self) -> None:
        self._open_comm(control=False)


class StagedCard(Card):
    """A card with a trait and a row of its own."""

    card_rows: ClassVar[Mapping[str, str]] = {"Stage": "stage", "Remark": "remark"}
    stage = Int(1).tag(sync=True)
    remark = Unicode(None, allow_none=True)


@pytest.fixture
def frontend(monkeypatch: pytest.MonkeyPatch) -> RecordingFrontend:
    return RecordingFrontend(monkeypatch)


def show(card: CardWidget) -> str:
    assert card.model_id is not None
    return card.model_id


def run_together(*tasks: Callable[[], object]) -> None:
    """Run ``tasks`` at the same time, each on a thread."""
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], object]) -> None:
        start.wait(PATIENCE)
        task()

    threads = [threading.Thread(target=run, args=(task,), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_card_that_nobody_looks_at_sends_nothing(frontend: RecordingFrontend) -> None:
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
    assert {**shown, **shown["_snapshot_rest"]}.items() >= RUNNING.to_wire().items()


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
    assert seen_early == {**frontend.shown_by(late), "layout": seen_early["layout"]}
    assert json.dumps(seen_early, allow_nan=False).encode()


def test_every_field_of_a_snapshot_reaches_the_frontend_once(frontend: RecordingFrontend) -> None:
    shown = frontend.shown_by(applied(Card()))

    assert {*SNAPSHOT_TRAITS, *shown["_snapshot_rest"], "name"} == set(FIELDS)
    assert not shown["_snapshot_rest"].keys() & shown.keys()


def applied(card: Card) -> Card:
    card.apply(BLANK)
    return card


def test_unknown_is_none() -> None:
    card = Card()

    assert {card.trait_values()[name] for name in SNAPSHOT_TRAITS if name not in ("state", "cancel_state")} == {None}


def test_an_error_becomes_plain_json_and_goes_away_again() -> None:
    card = Card()
    card.apply(FAILED)
    assert card.error == {"type": "E", "message": "no", "traceback": None}

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


def test_an_observer_of_one_trait_finds_the_others_changed_already() -> None:
    card, seen = Card(), list[Any]()
    card.observe(lambda _: seen.append((card.finished_at, card.error)), "state")
    card.apply(FAILED)

    assert seen == [(9.0, {"type": "E", "message": "no", "traceback": None})]


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


def test_the_frontend_is_told_before_the_observers(frontend: RecordingFrontend) -> None:
    card, told = Card(), list[int]()
    show(card)
    card.observe(lambda _: told.append(len(frontend.updates_of(card))), "state")
    card.apply(RUNNING)

    assert told == [1]


def test_an_observer_that_blocks_keeps_nobody_from_showing_the_card(frontend: RecordingFrontend) -> None:
    card, entered, go = Card(), threading.Event(), threading.Event()

    def block(_: Bunch) -> None:
        entered.set()
        go.wait(PATIENCE)

    card.observe(block, "state")
    worker = threading.Thread(target=card.apply, args=(RUNNING,), daemon=True)
    worker.start()
    assert entered.wait(PATIENCE)

    run_together(lambda: show(card))
    assert frontend.shown_by(card)["state"] == "RUNNING"
    go.set()
    worker.join(PATIENCE)
    assert not worker.is_alive()


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
def test_a_frontend_cannot_change_the_card_and_is_told_the_truth(frontend: RecordingFrontend, name: str) -> None:
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


def test_what_one_thread_holds_back_does_not_hold_back_another(frontend: RecordingFrontend) -> None:
    card = StagedCard()
    show(card)
    with card.hold_sync():
        card.name = "held"
        run_together(lambda: card.set_trait("stage", 7))
        assert {"stage": 7} in frontend.updates_of(card)
        run_together(lambda: card.apply(RUNNING))
        assert frontend.updates_of(card)[-1]["state"] == "RUNNING"
    assert frontend.updates_of(card)[-1] == {"name": "held"}


def test_held_notifications_of_one_thread_take_none_from_another(frontend: RecordingFrontend) -> None:
    card, seen = StagedCard(), list[str]()
    show(card)
    card.observe(lambda change: seen.append(change.new), "state")
    with card.hold_trait_notifications():
        card.stage = 2
        run_together(lambda: card.apply(RUNNING))
        assert seen == ["RUNNING"]
    assert {"stage": 2} in frontend.updates_of(card)


def test_threads_that_set_traits_while_the_snapshot_changes_lose_nothing(frontend: RecordingFrontend) -> None:
    card, rounds = StagedCard(), 200
    show(card)

    def rename() -> None:
        for number in range(rounds):
            with card.hold_sync():
                card.name = f"n{number}"

    def stage() -> None:
        for number in range(rounds):
            card.stage = number

    def move() -> None:
        for number in range(rounds):
            card.apply(JobSnapshot(uid="u1", state=JobState.RUNNING, progress=number / rounds))

    run_together(rename, stage, move)
    final = frontend.seen_of(card)

    assert (card.name, card.stage, card.progress) == ("n199", 199, 199 / 200)
    assert (final["name"], final["stage"], final["progress"]) == (card.name, card.stage, card.progress)
    assert final["_parts"] == {"Stage": "199"}


def test_of_two_threads_that_set_one_trait_the_last_one_is_right_for_the_frontend_too(
    frontend: RecordingFrontend,
) -> None:
    reading, overtaken = threading.Event(), threading.Event()

    def read_slowly(value: int, _: object) -> int:
        if value == 1:
            reading.set()
            overtaken.wait(0.1)  # in vain, if nobody can overtake
        return value

    class SlowCard(Card):
        stage = Int(0).tag(sync=True, to_json=read_slowly)

    card = SlowCard()
    show(card)
    slow = threading.Thread(target=card.set_trait, args=("stage", 1), daemon=True)
    slow.start()
    assert reading.wait(PATIENCE)
    card.stage = 2
    overtaken.set()
    slow.join(PATIENCE)

    assert frontend.seen_of(card)["stage"] == card.stage == 2


def test_a_card_that_is_first_shown_while_it_changes_misses_nothing(frontend: RecordingFrontend) -> None:
    for _ in range(50):
        card = applied(Card())
        run_together(lambda card=card: show(card), lambda card=card: card.apply(FAILED))  # type: ignore[misc]
        seen = frontend.seen_of(card)

        assert {**seen, **seen["_snapshot_rest"]}.items() >= FAILED.to_wire().items()


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
    monkeypatch.setattr("primwidgets.card_widget._STATIC", tmp_path)
    from primwidgets.card_widget import _built

    _built.cache_clear()
    with pytest.raises(FileNotFoundError, match="make build"):
        Card()._esm  # noqa: B018  (reading it is the test)
