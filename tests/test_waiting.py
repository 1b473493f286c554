from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any

import pytest

from primwidgets import JobState, JobTimeoutError, StoppedWaiting
from primwidgets._monitor import blocked_callers, helper_threads
from primwidgets._monitor.waiting import OnInterrupt
from primwidgets.testing import FakeJob
from tests.callers import Caller, FarJob, HeardJob, Start
from tests.interrupting import interrupted
from tests.monitored import PATIENCE

# result()


def test_result_blocks_until_the_job_is_done_and_is_the_very_object(start: Start) -> None:
    job, value = start(), object()
    caller = Caller(job.result)
    job.await_waiting()
    assert caller.is_blocked

    job.job.finish(value)
    assert caller.outcome() is value


def test_the_state_is_final_when_result_returns(start: Start) -> None:
    job, go = start(), threading.Event()
    job.heard.then = lambda now: go.wait(PATIENCE) if now.progress == 0.5 else None
    mover = Caller(lambda: job.job.move_to(JobState.RUNNING, progress=0.5))
    job.heard.await_one(lambda now: now.progress == 0.5)
    job.job.finish()
    threading.Timer(0.05, go.set).start()  # until then the traits cannot tell the end
    job.result()

    assert job.state == "DONE"
    mover.outcome()


def test_result_raises_the_providers_own_exception(start: Start) -> None:
    job, error = start(), ValueError("no such qubit")
    caller = Caller(job.result)
    job.job.fail(error)

    with pytest.raises(ValueError, match="no such qubit") as caught:
        caller.outcome()
    assert caught.value is error
    with pytest.raises(ValueError, match="no such qubit") as caught:
        job.result()
    assert caught.value is error


def test_result_of_a_cancelled_job_raises_what_the_provider_raises(start: Start) -> None:
    job = start()
    caller = Caller(job.result)
    job.cancel()

    with pytest.raises(CancelledError):
        caller.outcome()


def test_a_time_out_holds_where_the_provider_has_none(start: Start) -> None:
    job = start()

    with pytest.raises(JobTimeoutError, match=r"No result within 0\.01 s\. The job continues"):
        job.result(0.01)
    with pytest.raises(TimeoutError):
        job.result(timeout=0)
    assert job.running()


def test_a_time_out_longer_than_the_job_changes_nothing(start: Start) -> None:
    job = start()
    caller = Caller(lambda: job.result(timeout=PATIENCE))
    job.await_waiting()
    job.job.finish(7)

    assert caller.outcome() == 7


def test_a_time_out_is_left_to_the_provider_that_has_one() -> None:
    future: Future[int] = Future()
    job = HeardJob(future)

    with pytest.raises(TimeoutError) as caught:
        job.result(0.01)
    assert type(caught.value) is TimeoutError

    future.set_result(3)
    assert job.result(timeout=0.01) == 3


class _Silent(Future[int]):
    """A future that reports its end to nobody, as one of Dask does when its client is closed."""

    def add_done_callback(self, fn: Callable[[Future[int]], object]) -> None:
        pass


@pytest.mark.parametrize("patience", [None, PATIENCE])
def test_an_end_that_is_not_reported_but_found_by_a_read_ends_the_waiting(patience: float | None) -> None:
    future = _Silent()
    job = HeardJob(future)
    caller = Caller(lambda: job.result(timeout=patience))
    job.await_waiting()
    future.set_result(3)

    assert caller.outcome() == 3


def test_a_job_whose_end_is_known_is_not_waited_for() -> None:
    future = _Silent()
    job = HeardJob(future)
    future.set_result(3)
    job.heard.await_one(lambda now: now.is_final)

    assert Caller(job.result).outcome() == 3


def test_a_call_with_a_time_out_does_not_inherit_that_of_an_earlier_one() -> None:
    future: Future[int] = Future()
    job = HeardJob(future)
    first = Caller(lambda: job.result(timeout=0.3))
    job.await_waiting()
    second = Caller(lambda: job.result(timeout=PATIENCE))
    with pytest.raises(TimeoutError):
        first.outcome()
    future.set_result(3)

    assert second.outcome() == 3


def test_a_call_with_a_time_out_does_not_wait_with_one_without() -> None:
    future: Future[int] = Future()
    job = HeardJob(future)
    patient = Caller(job.result)
    job.await_waiting()
    hasty = Caller(lambda: job.result(timeout=0.01))
    with pytest.raises(TimeoutError):
        hasty.outcome()
    assert not hasty.is_blocked
    future.set_result(3)

    assert patient.outcome() == 3


def test_a_call_without_a_time_out_does_not_inherit_that_of_another() -> None:
    future: Future[int] = Future()
    job = HeardJob(future)
    hasty = Caller(lambda: job.result(timeout=0.3))
    job.await_waiting()
    patient = Caller(job.result)
    with pytest.raises(TimeoutError):
        hasty.outcome()
    future.set_result(3)

    assert patient.outcome() == 3


def test_keywords_go_to_the_provider(start: Start) -> None:
    job = start(FarJob())
    job.job.finish()
    job.result(decoder="mine", sharpen=True)

    assert job.job.downloads == [{"decoder": "mine", "sharpen": True}]


def test_a_keyword_that_the_provider_does_not_know_raises_its_own_error(start: Start) -> None:
    with pytest.raises(TypeError, match="'decoder'"):
        start().result(decoder="mine")


def test_callers_ask_the_provider_each_for_themselves_as_without_a_card(start: Start) -> None:
    job, value = start(FarJob()), object()
    callers = [Caller(job.result) for _ in range(5)]
    job.await_waiting()
    job.job.finish(value)

    assert all(caller.outcome() is value for caller in callers)
    assert len(job.job.downloads) == 5


def test_a_later_call_downloads_again(start: Start) -> None:
    job = start(FarJob())
    job.job.finish()
    job.result()
    job.result()

    assert len(job.job.downloads) == 2


def test_more_callers_than_there_are_helpers_are_served_on_their_own_threads(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper_threads, "_free", threading.BoundedSemaphore(2))
    jobs = [start(FakeJob(push=False)) for _ in range(8)]
    callers = [Caller(partial(job.result, timeout=PATIENCE)) for job in jobs]
    for number, job in enumerate(jobs):
        job.job.finish(number)

    assert [caller.outcome() for caller in callers] == list(range(8))


def test_helpers_come_back(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    helpers = threading.BoundedSemaphore(1)
    monkeypatch.setattr(helper_threads, "_free", helpers)
    for _ in range(3):
        job = start(FakeJob(push=False))
        job.job.finish()
        job.result(timeout=PATIENCE)
        assert helpers.acquire(timeout=PATIENCE)
        helpers.release()


def test_where_no_thread_can_be_started_the_caller_asks_the_provider_itself(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    job = start(FakeJob(push=False))
    job.job.finish(5)
    monkeypatch.setattr(helper_threads, "start_daemon", refuse)

    assert job.result(timeout=PATIENCE) == 5


# Interrupting the kernel.


@pytest.mark.parametrize("on_interrupt", ["keep", "cancel"])
def test_an_interrupt_ends_the_waiting_at_once(start: Start, on_interrupt: OnInterrupt) -> None:
    job = start()

    with interrupted():
        job.result(on_interrupt=on_interrupt)
    if on_interrupt == "cancel":
        job.heard.await_one(lambda now: now.cancel_state == "CONFIRMED")
    assert job.job.cancels == (on_interrupt == "cancel")


def test_after_an_interrupt_the_result_can_be_had_again(start: Start) -> None:
    job = start(FarJob())

    with interrupted():
        job.result()
    job.job.finish(4)

    assert job.result() == 4
    assert len(job.job.downloads) == 1


def test_any_other_word_for_an_interrupt_is_refused(start: Start) -> None:
    with pytest.raises(ValueError, match='"keep" or "cancel", not \'stop\''):
        start().result(on_interrupt="stop")


# Stop waiting.


def test_stop_waiting_releases_everybody_and_the_job_goes_on(start: Start) -> None:
    job = start()
    callers = [Caller(job.result), Caller(job.result), Caller(job.wait)]
    job.await_waiting()
    while any(caller.is_blocked for caller in callers):
        job.stop_waiting()  # again, for who came later

    for caller in callers:
        with pytest.raises(StoppedWaiting, match="The job continues"):
            caller.outcome()
    assert job.running()
    job.job.finish(2)
    assert job.result() == 2


def test_stop_waiting_without_anybody_who_waits_does_nothing(start: Start) -> None:
    job = start()
    job.stop_waiting()
    job.job.finish(2)

    assert job.result() == 2


@pytest.mark.parametrize("method", ["result", "wait"])
def test_closing_releases_who_waits(start: Start, method: str) -> None:
    job = start()
    caller = Caller(getattr(job, method))
    job.await_waiting()
    job.close()

    with pytest.raises(StoppedWaiting):
        caller.outcome()


def test_a_wait_for_a_job_that_is_no_longer_watched_raises_an_error(start: Start) -> None:
    job = start()
    job.close()

    with pytest.raises(StoppedWaiting):
        job.wait(PATIENCE)


def test_the_card_shows_whether_a_caller_waits(start: Start) -> None:
    job = start()
    assert not job.snapshot.waiting
    caller = Caller(job.result)
    job.await_waiting()
    job.job.finish()
    assert caller.outcome() is None

    assert not job.snapshot.waiting


def test_who_waits_only_for_a_moment_is_not_shown(start: Start) -> None:
    job = start()
    with pytest.raises(TimeoutError):
        job.result(blocked_callers.SHOW_AFTER_SECONDS / 4)

    assert not any(snapshot.waiting for snapshot in job.heard.snapshots)


# wait()


def test_wait_tells_whether_the_job_is_final(start: Start) -> None:
    job = start()
    assert job.wait(0.01) is False

    caller = Caller(job.wait)
    job.job.fail(ValueError())
    assert caller.outcome() is True
    assert job.wait() is True
    assert job.state == "ERROR"


class WithWait(FakeJob):
    def wait(self, timeout: float | None = None, *, return_when: str = "ALL") -> tuple[float | None, str]:
        return timeout, return_when


class WithPlainWait(FakeJob):
    def wait(self) -> str:
        return "theirs"


@pytest.mark.parametrize(
    ("make", "arguments", "keywords", "answer"),
    [
        (WithWait, (), {}, (None, "ALL")),
        (WithWait, (3,), {}, (3, "ALL")),
        (WithWait, (-1,), {}, (-1, "ALL")),
        (WithWait, (3,), {"return_when": "FIRST_EXCEPTION"}, (3, "FIRST_EXCEPTION")),
        (WithWait, (), {"timeout": 3}, (3, "ALL")),
        (WithPlainWait, (), {}, "theirs"),
        (WithPlainWait, (0,), {}, False),
        (WithPlainWait, (), {"timeout": 0}, False),
        (FakeJob, (0,), {}, False),
        (FakeJob, (), {"timeout": 0}, False),
    ],
)
def test_wait_is_the_providers_where_it_takes_the_arguments(
    start: Start, make: type[FakeJob], arguments: tuple[Any, ...], keywords: dict[str, Any], answer: object
) -> None:
    assert start(make()).wait(*arguments, **keywords) == answer


def test_what_a_providers_wait_raises_is_raised_and_the_card_is_up_to_date_after_it(start: Start) -> None:
    class Fails(FakeJob):
        def wait(self, timeout: float | None = None) -> None:
            self.fail(ValueError("no such qubit"))
            raise TimeoutError("of the provider")

    job = start(Fails())
    with pytest.raises(TimeoutError, match="of the provider"):
        job.wait(1)
    assert job._waiting.wait(PATIENCE)
    assert job.state == "ERROR"


def test_other_arguments_than_a_providers_wait_takes_are_refused_by_it(start: Start) -> None:
    with pytest.raises(TypeError, match=r"wait\(\) got an unexpected keyword argument"):
        start(WithPlainWait()).wait(interval=3)
    with pytest.raises(TypeError, match=r"FakeJob has no wait\(\), so only a timeout can be given"):
        start().wait(3, return_when="FIRST_EXCEPTION")
