"""Interrupts of a call in a worker; here the test itself is the worker's main thread."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from primwidgets import JobCancelled
from primwidgets._progress.track import CallContext, running, track
from primwidgets.engines.ipyparallel import stopper
from primwidgets.engines.ipyparallel.stopper import Stopper
from tests.callers import Caller
from tests.monitored import PATIENCE

CALL = "id of the call"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopper, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(stopper, "GRACE_SECONDS", 0.02)


class Aborted(set[str]):
    """What the worker was told to abort, from the moment on at which the function runs."""

    def request(self) -> None:
        self.add(CALL)


def call(function: Callable[[], Any], aborted: set[str], run: CallContext | None = None) -> Any:
    run = CallContext() if run is None else run
    with Stopper(run, CALL, aborted) as caller, running(run):
        return caller.call(function)


def test_a_function_that_is_not_stopped_just_returns() -> None:
    before = signal.getsignal(signal.SIGINT)
    threads = threading.active_count()
    assert call(lambda: 7, {"another call"}) == 7
    assert signal.getsignal(signal.SIGINT) is before
    assert threading.active_count() <= threads + 1  # the one that looks, until it wakes


def test_a_function_that_waits_in_the_system_is_interrupted() -> None:
    aborted = Aborted()

    def work() -> None:
        aborted.request()
        time.sleep(PATIENCE)
        raise AssertionError

    with pytest.raises(KeyboardInterrupt):
        call(work, aborted)
    assert not aborted


def test_a_function_that_looks_is_not_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopper, "GRACE_SECONDS", PATIENCE)
    aborted = Aborted()

    def work() -> None:
        aborted.request()
        for _ in track(iter(int, 1)):
            pass

    with pytest.raises(JobCancelled):
        call(work, aborted)


def test_a_call_that_was_dropped_before_is_not_begun() -> None:
    called: list[None] = []
    with pytest.raises(JobCancelled):
        call(lambda: called.append(None), {CALL})
    assert called == []


def test_an_interrupt_that_is_caught_can_be_repeated() -> None:
    aborted = Aborted()
    caught = 0

    def work() -> str:
        nonlocal caught
        while caught < 3:
            aborted.request()
            try:
                time.sleep(PATIENCE)
            except KeyboardInterrupt:
                caught += 1
        return "finished"

    assert call(work, aborted) == "finished"


@pytest.fixture
def fast_switches() -> Iterator[None]:
    """Let threads take turns often enough for functions of a millisecond to be interrupted."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("fast_switches")
def test_an_interrupt_never_comes_after_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopper, "GRACE_SECONDS", 0.0)
    monkeypatch.setattr(stopper, "LOOK_SECONDS", 0.0001)
    outcomes = {"whole": 0, "interrupted": 0}
    for number in range(400):
        aborted = Aborted()

        def work(seconds: float = 0.001 + 0.00001 * (number % 100), aborted: Aborted = aborted) -> None:
            aborted.request()
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                pass

        try:
            call(work, aborted)
            outcomes["whole"] += 1
        except KeyboardInterrupt:
            outcomes["interrupted"] += 1
        for _ in range(1_000):  # where one that came late would be raised, and fail the test
            pass
    assert min(outcomes.values()) > 0, outcomes


def test_on_another_thread_a_function_is_only_asked() -> None:
    aborted = Aborted()
    run = CallContext()
    asked, leave = threading.Event(), threading.Event()

    def work() -> str:
        aborted.request()
        while not run.cancelled:
            time.sleep(0)
        asked.set()
        assert leave.wait(PATIENCE)
        return "finished"

    caller = Caller(lambda: call(work, aborted, run))
    assert asked.wait(PATIENCE)
    assert not leave.wait(5 * stopper.GRACE_SECONDS)  # here the main thread would be interrupted
    leave.set()
    assert caller.outcome() == "finished"
