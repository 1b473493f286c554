from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from primwidgets._monitor.monitor import Monitor
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets.adapters import adapter_for, register_adapter, registry
from primwidgets.snapshot import CancelState, JobSnapshot, JobState
from primwidgets.testing import FakeAdapter, FakeJob, LiveAdapterContract, ManualClock, seams
from primwidgets.testing.adapter_contract import check_preview
from tests.monitored import PATIENCE

BLANK = JobSnapshot(uid="u1")


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


class TestManualClock:
    def test_it_stands_still_until_it_is_advanced(self) -> None:
        clock = ManualClock(start=1000.0)
        assert (clock.now(), clock.now(), clock.monotonic()) == (1000.0, 1000.0, 0.0)
        clock.advance(2.5)
        assert (clock.now(), clock.monotonic()) == (1002.5, 2.5)

    def test_a_wait_ends_when_enough_time_has_passed(self, pool: ThreadPoolExecutor) -> None:
        clock = ManualClock()
        waiting = pool.submit(self.wait_until, clock, clock.now() + 5)
        assert clock.await_sleepers()
        clock.advance(4)
        assert clock.await_sleepers()
        assert not waiting.done()
        clock.advance(1)
        assert waiting.result(PATIENCE) == clock.now()

    def test_a_wait_ends_when_the_condition_is_notified(self, pool: ThreadPoolExecutor) -> None:
        clock = ManualClock()
        condition = threading.Condition()

        def wait() -> str:
            with condition:
                clock.wait(condition, None)
            return "notified"

        waiting = pool.submit(wait)
        assert clock.await_sleepers()
        with condition:
            condition.notify_all()
        assert waiting.result(PATIENCE) == "notified"

    def test_time_that_passes_between_the_look_and_the_wait_is_not_slept_over(self) -> None:
        clock = ManualClock()
        condition = threading.Condition()
        remaining = clock.now() + 5 - clock.now()
        other = threading.Thread(target=clock.advance, args=(5,))
        other.start()
        other.join()
        with condition:
            clock.wait(condition, remaining)  # would block for ever

    def test_it_reports_when_no_thread_sleeps(self) -> None:
        assert not ManualClock().await_sleepers(timeout=0)

    def wait_until(self, clock: ManualClock, time: float) -> float:
        condition = threading.Condition()
        with condition:
            while (now := clock.now()) < time:
                clock.wait(condition, time - now)
        return now


class TestFakeJob:
    def test_it_goes_where_the_test_moves_it(self) -> None:
        job = FakeJob("fake-7", shots=100)
        job.move_to(JobState.RUNNING, word="brewing", progress=0.5, progress_text="1 of 2", message="hot")
        read = adapter_for(job).read(BLANK)
        assert (read.state, read.status_text, read.progress) == (JobState.RUNNING, "brewing", 0.5)
        assert (read.progress_text, read.message, read.metadata) == ("1 of 2", "hot", {"shots": "100"})

    def test_its_adapter_is_found_by_name(self) -> None:
        assert type(adapter_for(FakeJob())) is FakeAdapter

    def test_listeners_are_called_at_each_change_until_they_leave(self) -> None:
        job = FakeJob()
        told: list[bool] = []
        end = job.add_listener(lambda: told.append(job.in_final_state()))
        job.move_to(JobState.RUNNING)
        job.finish()
        assert told == [False, True]
        assert job.listeners == 1
        end()
        end()
        job.move_to(JobState.RUNNING)
        assert (told, job.listeners) == ([False, True], 0)

    def test_without_push_it_has_to_be_polled(self) -> None:
        assert adapter_for(FakeJob(push=False)).subscribe(lambda: None) is None

    def test_result_blocks_until_the_end(self, pool: ThreadPoolExecutor) -> None:
        job = FakeJob()
        waiting = pool.submit(job.result)
        job.move_to(JobState.RUNNING)
        assert not waiting.done()
        job.finish("ready")
        assert waiting.result(PATIENCE) == "ready"

    def test_result_raises_what_it_failed_with(self) -> None:
        job = FakeJob()
        error = ValueError("no such qubit")
        job.fail(error)
        with pytest.raises(ValueError, match="no such qubit") as caught:
            job.result()
        assert caught.value is error

    def test_a_cancel_is_accepted_unless_the_test_says_otherwise(self) -> None:
        job = FakeJob()
        assert job.cancel() is True
        assert job.cancelled()
        with pytest.raises(CancelledError):
            job.result()
        assert job.cancel() is False
        assert job.cancels == 2

    def test_a_cancel_can_be_refused(self) -> None:
        job = FakeJob()
        job.refuse_cancel("Not today.")
        report = adapter_for(job).cancel()
        assert (report.accepted, report.detail) == (False, "Not today.")
        assert not job.in_final_state()

    def test_a_cancel_can_be_ignored(self) -> None:
        job = FakeJob()
        job.ignore_cancel()
        assert job.cancel() is None
        assert not job.in_final_state()

    def test_reads_can_be_broken_and_mended(self) -> None:
        job = FakeJob()
        adapter = adapter_for(job)
        job.break_reads(ConnectionError("no answer"))
        with pytest.raises(ConnectionError, match="no answer"):
            adapter.read(BLANK)
        job.break_reads(None)
        assert adapter.read(BLANK).state is JobState.QUEUED
        assert job.reads == 2

    def test_a_final_state_can_be_taken_back(self) -> None:
        job = FakeJob()
        job.fail(ValueError("a false alarm"))
        job.finish(7)
        read = adapter_for(job).read(BLANK)
        assert (read.state, read.error, job.result()) == (JobState.DONE, None, 7)


class _Flawed(LiveAdapterContract):
    """Contract tests of an adapter with one flaw, called by hand."""

    def make_job(self, state: JobState) -> FakeJob:
        job = FakeJob()
        job.move_to(state)
        if state is JobState.ERROR:
            job.fail(ValueError("no such qubit"))
        return job

    def finish(self, job: Any) -> None:
        job.finish()


class _WrongState(FakeAdapter):
    def read(self, last: JobSnapshot) -> JobSnapshot:
        return replace(super().read(last), state=JobState.RUNNING)


class _NoReason(FakeAdapter):
    def read(self, last: JobSnapshot) -> JobSnapshot:
        return replace(super().read(last), can_cancel=False)


class _NoError(FakeAdapter):
    def read(self, last: JobSnapshot) -> JobSnapshot:
        return replace(super().read(last), error=None)


class _Downloading(FakeAdapter):
    holds_result: bool = False

    def read(self, last: JobSnapshot) -> JobSnapshot:
        self.job.result()
        return super().read(last)


class _Forgetful(FakeAdapter):
    def read(self, last: JobSnapshot) -> JobSnapshot:
        return super().read(BLANK)


class _Restless(FakeAdapter):
    def read(self, last: JobSnapshot) -> JobSnapshot:
        return replace(super().read(last), message=f"read {self.job.reads}")


class _Deaf(FakeAdapter):
    def subscribe(self, changed: Any) -> Any:
        return None


class _Clinging(FakeAdapter):
    def subscribe(self, changed: Any) -> Any:
        super().subscribe(changed)
        return lambda: None


class _Raising(FakeAdapter):
    def cancel(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("no")


class _Changing(FakeAdapter):
    def job_id(self) -> str:
        return str(id(self))


class _Drawing(FakeAdapter):
    def preview(self, result: Any) -> Mapping[str, Any]:
        return {"kind": "counts"}


@pytest.mark.parametrize(
    ("adapter", "test", "state"),
    [
        (_WrongState, "test_a_job_reads_as_the_state_it_is_in", JobState.DONE),
        (_Changing, "test_the_id_is_text_and_stays", JobState.DONE),
        (_NoError, "test_only_a_failed_job_has_an_error", JobState.ERROR),
        (_Restless, "test_a_second_read_brings_nothing_new", JobState.DONE),
        (_Forgetful, "test_a_read_keeps_what_no_provider_knows", JobState.DONE),
        (_Downloading, "test_a_read_downloads_no_result", JobState.DONE),
        (_NoReason, "test_a_job_that_cannot_be_cancelled_says_why", JobState.RUNNING),
        (_Raising, "test_cancel_reports_and_never_raises", JobState.RUNNING),
        (_Drawing, "test_what_cannot_be_drawn_has_no_picture", JobState.DONE),
        (_Deaf, "test_the_end_is_pushed_where_push_is_promised", JobState.RUNNING),
        (_Clinging, "test_nothing_is_pushed_after_unsubscribing", JobState.RUNNING),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_the_contract_catches_an_adapter_that_breaks_it(
    adapter: type[FakeAdapter], test: str, state: JobState, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = _Flawed()
    getattr(contract, test)(state)  # the flawless adapter passes
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    register_adapter(FakeJob, adapter, replace=True)
    try:
        with pytest.raises((AssertionError, RuntimeError)):
            getattr(contract, test)(state)
    finally:
        registry._found.clear()


class _Far(FakeAdapter):
    blocking: ClassVar[bool] = True


class _FlawedFar(_Flawed):
    def _adapter(self, state: JobState) -> FakeAdapter:
        return _Far(self.make_job(state))


def _looks_at_nothing_after_subscribing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Monitor, "_looks_as_known", lambda *_: True)


def _forgets_news_after_a_read(patch: pytest.MonkeyPatch) -> None:
    real = TrackedJob.answered

    def answered(self: TrackedJob, *args: Any) -> None:
        self._news = False
        real(self, *args)

    patch.setattr(TrackedJob, "answered", answered)


def _does_not_read_after_a_cancel(patch: pytest.MonkeyPatch) -> None:
    real = Monitor._read

    def read(self: Monitor, watch: TrackedJob) -> None:
        if watch.last_read.cancel_state is CancelState.NONE:
            real(self, watch)

    patch.setattr(Monitor, "_read", read)


def _tells_after_the_close(patch: pytest.MonkeyPatch) -> None:
    real = TrackedJob.end_subscription

    def end(self: TrackedJob) -> None:
        closed, self.closed = self.closed, False
        real(self)
        self.change(lambda known: known.evolve(state=JobState.DONE))
        self.closed = closed

    patch.setattr(TrackedJob, "end_subscription", end)


@pytest.mark.parametrize(
    ("flaw", "kind", "test"),
    [
        (
            _looks_at_nothing_after_subscribing,
            _Flawed,
            "test_a_change_between_the_first_read_and_the_subscription_is_not_lost",
        ),
        (_forgets_news_after_a_read, _FlawedFar, "test_a_change_during_a_read_is_not_lost"),
        (_does_not_read_after_a_cancel, _Flawed, "test_a_change_during_a_cancel_is_not_lost"),
        (_tells_after_the_close, _Flawed, "test_a_change_while_the_watch_ends_is_told_to_nobody_and_stops_nothing"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_contract_catches_a_monitor_that_loses_a_change(
    flaw: Any, kind: type[_Flawed], test: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seams, "PATIENCE_SECONDS", 1.0)
    contract = kind()
    getattr(contract, test)(JobState.RUNNING)  # the flawless monitor passes
    flaw(monkeypatch)
    with pytest.raises(AssertionError):
        getattr(contract, test)(JobState.RUNNING)


@pytest.mark.parametrize(
    "preview",
    [
        {},
        {"kind": "counts", "panels": [], "more_panels": 0},
        {"kind": "counts", "panels": [{"title": "t"}], "more_panels": 0},
        {"kind": "map", "panels": [{}], "more_panels": 0},
        {"kind": "counts", "panels": [object()], "more_panels": 0},
        {
            "kind": "expectation_values",
            "panels": [{"title": "t", "points": [{"label": "0", "value": 1.0, "std": None}] * 65, "more_points": 0}],
            "more_panels": 0,
        },
    ],
    ids=["empty", "no panel", "incomplete", "unknown kind", "no json", "too many points"],
)
def test_a_picture_of_another_form_is_caught(preview: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, KeyError, TypeError)):
        check_preview(preview)
