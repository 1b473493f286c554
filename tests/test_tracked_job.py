from __future__ import annotations

import gc
import logging
import threading
import weakref
from dataclasses import replace

import pytest

from primwidgets.snapshot import JobSnapshot, JobState
from tests.monitored import PATIENCE, in_thread, join
from tests.watched import QUEUED, Card, Told, answer, to, watch_with

# Delivery.


def test_the_listener_is_called_with_each_new_snapshot_in_order() -> None:
    told = Told()
    tracked = watch_with(told)
    for state in (JobState.RUNNING, JobState.DONE):
        answer(tracked, state)

    assert told.states == ["RUNNING", "DONE"]
    assert told.snapshots[-1] == tracked.snapshot


def test_the_listener_is_not_called_without_a_change() -> None:
    told = Told()
    tracked = watch_with(told)
    for state in (JobState.QUEUED, JobState.RUNNING, JobState.RUNNING):
        answer(tracked, state)

    assert told.states == ["RUNNING"]


def test_a_noted_change_is_delivered_with_the_next_one() -> None:
    told = Told()
    tracked = watch_with(told)
    tracked.note(to(JobState.RUNNING))
    assert (tracked.snapshot.state, told.states) == ("RUNNING", [])

    tracked.deliver()
    assert told.states == ["RUNNING"]


def test_who_brings_news_does_not_wait_for_a_listener_that_blocks() -> None:
    told = Told()
    tracked = watch_with(told)
    told.block()
    first = in_thread(lambda: answer(tracked, JobState.RUNNING))
    assert told.entered.wait(PATIENCE)

    second = in_thread(lambda: answer(tracked, JobState.DONE))
    join(second)
    assert told.states == ["RUNNING"]

    told.may_leave.set()
    join(first)
    assert told.states == ["RUNNING", "DONE"]


def test_a_listener_that_was_busy_gets_only_the_newest_snapshot() -> None:
    told = Told()
    tracked = watch_with(told)
    told.block()
    first = in_thread(lambda: tracked.change(to(JobState.RUNNING, message="0")))
    assert told.entered.wait(PATIENCE)
    for number in range(1, 50):
        tracked.change(to(JobState.RUNNING, message=str(number)))
    told.may_leave.set()
    join(first)

    assert [snapshot.message for snapshot in told.snapshots] == ["0", "49"]


def test_the_listener_is_never_called_twice_at_once_and_hears_the_last_word() -> None:
    inside = 0
    overlaps = 0
    last = QUEUED

    def listener(snapshot: JobSnapshot) -> None:
        nonlocal inside, overlaps, last
        inside += 1
        overlaps += inside > 1
        last = snapshot
        inside -= 1

    tracked = watch_with(listener)
    start = threading.Barrier(8)

    def bring(source: int) -> None:
        start.wait(PATIENCE)
        for number in range(200):
            tracked.change(to(JobState.RUNNING, message=f"{source}-{number}"))

    join(*[in_thread(lambda source=source: bring(source)) for source in range(8)])  # type: ignore[misc]
    assert overlaps == 0
    assert last == tracked.snapshot


def test_a_listener_that_raises_is_logged_once_and_called_again(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []

    def listener(snapshot: JobSnapshot) -> None:
        heard.append(snapshot.state.value)
        raise ValueError("a defect of the user's")

    tracked = watch_with(listener)
    with caplog.at_level(logging.ERROR):
        answer(tracked, JobState.RUNNING)
        answer(tracked, JobState.DONE)

    assert heard == ["RUNNING", "DONE"]
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_a_listener_that_changes_the_job_is_called_again_afterwards() -> None:
    depths: list[int] = []
    depth = 0

    def listener(snapshot: JobSnapshot) -> None:
        nonlocal depth
        depth += 1
        depths.append(depth)
        if snapshot.state is JobState.RUNNING:
            answer(tracked, JobState.DONE)
        depth -= 1

    tracked = watch_with(listener)
    answer(tracked, JobState.RUNNING)

    assert depths == [1, 1]


def test_a_method_as_listener_does_not_keep_its_object_alive() -> None:
    card = Card()
    tracked = watch_with(card.take)
    answer(tracked, JobState.RUNNING)
    assert len(card.snapshots) == 1

    gone = weakref.ref(card)
    del card
    gc.collect()
    assert gone() is None
    answer(tracked, JobState.DONE)
    assert tracked.snapshot.state is JobState.DONE


def test_after_the_close_no_listener_is_called() -> None:
    told = Told()
    tracked = watch_with(told)
    tracked.close()
    answer(tracked, JobState.DONE)

    assert told.states == []


def test_a_close_during_a_delivery_ends_it_after_that_snapshot() -> None:
    told = Told()
    tracked = watch_with(told)
    told.block()
    first = in_thread(lambda: answer(tracked, JobState.RUNNING))
    assert told.entered.wait(PATIENCE)
    answer(tracked, JobState.DONE)
    tracked.close()
    told.may_leave.set()
    join(first)

    assert told.states == ["RUNNING"]


# Answers and their order.


def test_a_late_answer_does_not_undo_a_newer_one() -> None:
    tracked = watch_with(Told())
    early, late = tracked.begin_read(0.0)[0], tracked.begin_read(0.0)[0]
    tracked.answered(late, to(JobState.DONE), 2.0)
    tracked.answered(early, to(JobState.RUNNING), 3.0)

    assert tracked.snapshot.state is JobState.DONE


def test_a_late_failure_does_not_make_a_newer_answer_stale() -> None:
    tracked = watch_with(Told())
    early, late = tracked.begin_read(0.0)[0], tracked.begin_read(0.0)[0]
    tracked.answered(late, to(JobState.DONE), 2.0)
    tracked.unanswered(early, "ConnectionError", 3.0)

    assert not tracked.is_stale


def test_a_question_that_was_answered_after_all_does_not_make_the_job_stale() -> None:
    tracked = watch_with(Told())
    question = tracked.begin_read(0.0)[0]
    tracked.answered(question, to(JobState.DONE), 2.0)
    tracked.unanswered(question, "does not answer", 3.0)

    assert not tracked.is_stale


def test_a_late_answer_ends_the_stale_time() -> None:
    tracked = watch_with(Told())
    question = tracked.begin_read(0.0)[0]
    tracked.unanswered(question, "does not answer", 3.0)
    tracked.answered(question, to(JobState.RUNNING), 60.0)

    assert (tracked.snapshot.state, tracked.snapshot.stale_since) == ("RUNNING", None)


def test_a_job_is_stale_since_the_last_answer_and_says_why() -> None:
    told = Told()
    tracked = watch_with(told)
    tracked.answered(1, to(JobState.RUNNING, message="3 of 7"), 60.0)
    tracked.unanswered(2, "ConnectionError: first", 90.0)
    tracked.unanswered(3, "ConnectionError: second", 95.0)

    assert [(s.stale_since, s.message) for s in told.snapshots] == [
        (None, "3 of 7"),
        (60.0, "ConnectionError: first"),
        (60.0, "ConnectionError: second"),
    ]
    assert tracked.snapshot.state is JobState.RUNNING


def test_an_answer_brings_the_message_of_the_job_back() -> None:
    tracked = watch_with(Told())
    tracked.answered(1, to(JobState.RUNNING, message="3 of 7"), 60.0)
    tracked.unanswered(2, "ConnectionError", 90.0)
    tracked.answered(3, lambda known: known, 95.0)

    assert (tracked.snapshot.stale_since, tracked.snapshot.message) == (None, "3 of 7")


@pytest.mark.parametrize(("created_at", "since"), [(50.0, 50.0), (None, 90.0)])
def test_a_job_that_never_answered_is_stale_since_its_beginning(created_at: float | None, since: float) -> None:
    tracked = watch_with(Told(), replace(QUEUED, created_at=created_at))
    tracked.unanswered(1, "ConnectionError", 90.0)
    tracked.unanswered(2, "ConnectionError", 95.0)

    assert tracked.snapshot.stale_since == since


def test_the_adapter_goes_on_from_what_the_provider_said_not_from_the_stale_mark() -> None:
    tracked = watch_with(Told())
    tracked.unanswered(1, "ConnectionError", 90.0)

    assert tracked.last_read == QUEUED


def test_a_snapshot_can_be_taken_while_the_job_turns_stale_and_back() -> None:
    tracked = watch_with(lambda _: None)
    done = threading.Event()

    def toggle() -> None:
        for question in range(1, 4_000, 2):
            tracked.unanswered(question, "ConnectionError", 1.0)
            tracked.answered(question + 1, lambda known: known, 2.0)
        done.set()

    thread = in_thread(toggle)
    seen = {tracked.snapshot.message}
    while not done.is_set():
        seen.add(tracked.snapshot.message)
    join(thread)
    assert seen <= {None, "ConnectionError"}
