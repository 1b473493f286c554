"""How a tracked ends: who waits for that, its subscription, its turn."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets.snapshot import JobSnapshot, JobState
from primwidgets.testing import FakeAdapter, FakeJob
from tests.monitored import PATIENCE, in_thread, join
from tests.watched import QUEUED, Card, Told, answer, to, watch_with

# The end.


@pytest.mark.parametrize("state", [JobState.DONE, JobState.CANCELLED, JobState.ERROR])
def test_who_waits_for_the_end_is_called_once_when_the_job_is_final(state: JobState) -> None:
    tracked = watch_with(Told())
    calls: list[str] = []
    tracked.at_end(lambda: calls.append("end"))
    answer(tracked, JobState.RUNNING)
    assert calls == []

    answer(tracked, state)
    tracked.change(to(state, message="again"))
    tracked.close()
    assert calls == ["end"]


def test_who_waits_for_the_end_of_a_final_job_is_called_at_once() -> None:
    calls: list[str] = []
    watch_with(Told(), replace(QUEUED, state=JobState.DONE)).at_end(lambda: calls.append("end"))

    assert calls == ["end"]


def test_everybody_who_waits_is_released_by_the_close_and_so_is_who_comes_later() -> None:
    tracked = watch_with(Told())
    calls: list[int] = []
    for number in range(3):
        tracked.at_end(lambda number=number: calls.append(number))  # type: ignore[misc]
    tracked.close()
    tracked.at_end(lambda: calls.append(3))

    assert sorted(calls) == [0, 1, 2, 3]


def test_who_took_it_back_is_not_called() -> None:
    tracked = watch_with(Told())
    calls: list[str] = []
    take_back = tracked.at_end(lambda: calls.append("end"))
    take_back()
    take_back()
    answer(tracked, JobState.DONE)

    assert calls == []


def test_who_waits_is_called_after_the_listener_so_that_the_traits_are_final_by_then() -> None:
    told = Told()
    tracked = watch_with(told)
    ended = threading.Event()
    told.block()
    tracked.at_end(ended.set)
    thread = in_thread(lambda: answer(tracked, JobState.DONE))
    assert told.entered.wait(PATIENCE)
    early = threading.Event()
    tracked.at_end(early.set)
    assert (ended.is_set(), early.is_set()) == (False, False)

    told.may_leave.set()
    join(thread)
    assert (ended.is_set(), early.is_set()) == (True, True)


def test_a_listener_that_waits_for_the_end_of_its_own_job_does_not_wait_for_itself() -> None:
    ended = threading.Event()

    def listener(snapshot: JobSnapshot) -> None:
        tracked.at_end(ended.set)
        assert ended.wait(PATIENCE)

    tracked = watch_with(listener)
    join(in_thread(lambda: answer(tracked, JobState.DONE)))
    assert ended.is_set()


def test_a_listener_that_raises_or_is_gone_still_lets_go_of_who_waits() -> None:
    card = Card()
    tracked = watch_with(card.take)
    del card
    gc.collect()
    ended = threading.Event()
    tracked.at_end(ended.set)
    answer(tracked, JobState.DONE)

    assert ended.is_set()


def test_a_caller_that_begins_to_wait_while_the_job_ends_or_is_closed_is_released() -> None:
    for number in range(300):
        tracked = watch_with(lambda _: None)
        start = threading.Barrier(2)
        ended = threading.Event()

        def end(
            tracked: TrackedJob = tracked, start: threading.Barrier = start, close: bool = bool(number % 2)
        ) -> None:
            start.wait(PATIENCE)
            if close:
                tracked.close()
            else:
                answer(tracked, JobState.DONE)

        thread = in_thread(end)
        start.wait(PATIENCE)
        tracked.at_end(ended.set)
        join(thread)
        assert ended.is_set()


# Subscription, turn.


def subscribed(unsubscribe: Callable[[], None]) -> TrackedJob:
    """A tracked whose provider is told so when its subscription ends."""

    class Pushing(FakeAdapter):
        def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
            return unsubscribe

    tracked = TrackedJob(Pushing(FakeJob()), QUEUED, Told())
    tracked.subscribe(lambda: None)
    return tracked


def test_the_close_ends_the_subscription_once() -> None:
    calls: list[str] = []
    tracked = subscribed(lambda: calls.append("unsubscribed"))
    tracked.close()
    tracked.close()

    assert calls == ["unsubscribed"]


def test_a_provider_that_fails_to_unsubscribe_does_not_keep_anybody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ConnectionError("gone")

    tracked, ended = subscribed(fail), threading.Event()
    tracked.at_end(ended.set)
    with caplog.at_level(logging.WARNING):
        tracked.close()

    assert ended.is_set()
    assert "gone" in caplog.text


def test_only_one_at_a_time_has_the_turn() -> None:
    tracked = watch_with(Told())
    entered = threading.Event()

    def other() -> None:
        with tracked.turn():
            entered.set()

    with tracked.turn():
        thread = in_thread(other)
        assert not entered.is_set()
    assert entered.wait(PATIENCE)
    join(thread)


def test_a_turn_that_does_not_end_is_gone_ahead_of_and_can_still_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("primwidgets._monitor.tracked_job.TURN_SECONDS", 0.01)
    tracked = watch_with(Told())
    hung, over = threading.Event(), threading.Event()

    def hang() -> None:
        with tracked.turn():
            hung.set()
            over.wait(PATIENCE)

    thread = in_thread(hang)
    assert hung.wait(PATIENCE)
    with tracked.turn():
        over.set()
        join(thread)
    with tracked.turn():
        assert tracked._turn.locked()
    assert not tracked._turn.locked()
