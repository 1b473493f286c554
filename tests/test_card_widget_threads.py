"""``CardWidget`` in the hands of several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable

from traitlets import Bunch, Int

from primwidgets.snapshot import JobSnapshot, JobState
from tests.cards import FAILED, RUNNING, Card, StagedCard, applied, show
from tests.monitored import PATIENCE
from tests.recording_comm import RecordingFrontend


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


def test_an_observer_that_blocks_does_not_delay_the_display_of_the_card(frontend: RecordingFrontend) -> None:
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

        known = {**seen, **seen["_snapshot_rest"], "series": seen["_series"]}
        assert known | FAILED.to_wire() == known
