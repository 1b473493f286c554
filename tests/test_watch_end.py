"""How a watch ends: who waits for that, its subscription, its turn."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from primwidgets.snapshot import JobSnapshot, JobState
from primwidgets.testing import FakeAdapter, FakeJob
from primwidgets.watched_job import Watch
from tests.monitored import PATIENCE, in_thread, join
from tests.watched import QUEUED, Card, Told, answer, to, watch_with

# The end.


@pytest.mark.parametrize("state", [JobState.DONE, JobState.CANCELLED, JobState.ERROR])
def test_who_waits_for_the_end_is_called_once_when_the_job_is_final(state: JobState) -> None:
    watch = watch_with(Told())
    calls: list[str] = []
    watch.at_end(lambda: calls.append("end"))
    answer(watch, JobState.RUNNING)
    assert calls == []

    answer(watch, state)
    watch.change(to(state, message="again"))
    watch.close()
    assert calls == ["end"]


def test_who_waits_for_the_end_of_a_final_job_is_called_at_once() -> None:
    calls: list[str] = []
    watch_with(Told(), replace(QUEUED, state=JobState.DONE)).at_end(lambda: calls.append("end"))

    assert calls == ["end"]


def test_everybody_who_waits_is_released_by_the_close_and_so_is_who_comes_later() -> None:
    watch = watch_with(Told())
    calls: list[int] = []
    for number in range(3):
        watch.at_end(lambda number=number: calls.append(number))  # type: ignore[misc]
    watch.close()
    watch.at_end(lambda: calls.append(3))

    assert sorted(calls) == [0, 1, 2, 3]


def test_who_took_it_back_is_not_called() -> None:
    watch = watch_with(Told())
    calls: list[str] = []
    take_back = watch.at_end(lambda: calls.append("end"))
    take_back()
    take_back()
    answer(watch, JobState.DONE)

    assert calls == []


def test_who_waits_is_called_after_the_listener_so_that_the_traits_are_final_by_then() -> None:
    told = Told()
    watch = watch_with(told)
    ended = threading.Event()
    told.block()
    watch.at_end(ended.set)
    thread = in_thread(lambda: answer(watch, JobState.DONE))
    assert told.entered.wait(PATIENCE)
    early = threading.Event()
    watch.at_end(early.set)
    assert (ended.is_set(), early.is_set()) == (False, False)

    told.may_leave.set()
    join(thread)
    assert (ended.is_set(), early.is_set()) == (True, True)


def test_a_listener_that_waits_for_the_end_of_its_own_job_does_not_wait_for_itself() -> None:
    ended = threading.Event()

    def listener(snapshot: JobSnapshot) -> None:
        watch.at_end(ended.set)
        assert ended.wait(PATIENCE)

    watch = watch_with(listener)
    join(in_thread(lambda: answer(watch, JobState.DONE)))
    assert ended.is_set()


def test_a_listener_that_raises_or_is_gone_still_lets_go_of_who_waits() -> None:
    card = Card()
    watch = watch_with(card.take)
    del card
    gc.collect()
    ended = threading.Event()
    watch.at_end(ended.set)
    answer(watch, JobState.DONE)

    assert ended.is_set()


def test_nobody_is_forgotten_who_starts_to_wait_while_the_job_ends_or_is_closed() -> None:
    for number in range(300):
        watch = watch_with(lambda _: None)
        start = threading.Barrier(2)
        ended = threading.Event()

        def end(watch: Watch = watch, start: threading.Barrier = start, close: bool = bool(number % 2)) -> None:
            start.wait(PATIENCE)
            if close:
                watch.close()
            else:
                answer(watch, JobState.DONE)

        thread = in_thread(end)
        start.wait(PATIENCE)
        watch.at_end(ended.set)
        join(thread)
        assert ended.is_set()


# Subscription, turn.


def subscribed(unsubscribe: Callable[[], None]) -> Watch:
    """A watch whose provider is told so when its subscription ends."""

    class Pushing(FakeAdapter):
        def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
            return unsubscribe

    watch = Watch(Pushing(FakeJob()), QUEUED, Told())
    watch.subscribe(lambda: None)
    return watch


def test_the_close_ends_the_subscription_once() -> None:
    calls: list[str] = []
    watch = subscribed(lambda: calls.append("unsubscribed"))
    watch.close()
    watch.close()

    assert calls == ["unsubscribed"]


def test_a_provider_that_fails_to_unsubscribe_does_not_keep_anybody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ConnectionError("gone")

    watch, ended = subscribed(fail), threading.Event()
    watch.at_end(ended.set)
    with caplog.at_level(logging.WARNING):
        watch.close()

    assert ended.is_set()
    assert "gone" in caplog.text


def test_only_one_at_a_time_has_the_turn() -> None:
    watch = watch_with(Told())
    entered = threading.Event()

    def other() -> None:
        with watch.turn():
            entered.set()

    with watch.turn():
        thread = in_thread(other)
        assert not entered.is_set()
    assert entered.wait(PATIENCE)
    join(thread)


def test_a_turn_that_does_not_end_is_gone_ahead_of_and_can_still_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("primwidgets.watched_job.TURN_SECONDS", 0.01)
    watch = watch_with(Told())
    hung, over = threading.Event(), threading.Event()

    def hang() -> None:
        with watch.turn():
            hung.set()
            over.wait(PATIENCE)

    thread = in_thread(hang)
    assert hung.wait(PATIENCE)
    with watch.turn():
        over.set()
        join(thread)
    with watch.turn():
        assert watch._turn.locked()
    assert not watch._turn.locked()
