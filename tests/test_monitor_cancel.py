"""How the monitor cancels."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import ClassVar

import pytest

from primwidgets._monitor.monitor import READ_GAP_SECONDS
from primwidgets.adapters.base import CancelReport
from primwidgets.snapshot import CancelState, JobSnapshot, JobState
from tests.monitored import PATIENCE, FarAdapter, Monitored, Station, in_thread, join


class NearAdapter(FarAdapter):
    """A provider whose answers take no time."""

    provider = "Near"
    blocking: ClassVar[bool] = False


class BrokenAdapter(FarAdapter):
    def cancel(self) -> CancelReport:
        raise ValueError("a defect of the adapter")


def running(station: Station, adapter_class: type[FarAdapter] = FarAdapter, *, push: bool = False) -> Monitored:
    """A job that runs and was just read."""
    job = station.add(adapter_class, push=push)
    job.job.move_to(JobState.RUNNING)
    station.advance(0)
    job.heard.snapshots.clear()
    job.adapter.read_at.clear()
    return job


def cancel_states(job: Monitored) -> list[str]:
    return [snapshot.cancel_state.value for snapshot in job.heard.snapshots]


class TestRequest:
    def test_a_request_only_enqueues_and_a_worker_asks_and_reads(self) -> None:
        station = Station()
        job = running(station)
        station.monitor.request_cancel(job.tracked)
        assert (job.job.cancels, job.heard.snapshots) == (0, [])

        station.advance(0)
        assert (job.job.cancels, job.state) == (1, "CANCELLED")
        assert cancel_states(job) == ["REQUESTED", "CONFIRMED"]

    def test_the_request_is_shown_before_the_provider_is_asked(self) -> None:
        station = Station()
        job = running(station)
        shown: list[str] = []
        job.adapter.before_cancel = lambda: shown.extend(cancel_states(job))
        station.monitor.request_cancel(job.tracked)
        station.advance(0)

        assert shown == ["REQUESTED"]

    def test_the_provider_gets_one_request_however_often_cancel_is_clicked(self) -> None:
        station = Station()
        job = running(station)
        job.job.ignore_cancel()
        for _ in range(3):
            station.monitor.request_cancel(job.tracked)
        station.runner.pump()
        station.monitor.request_cancel(job.tracked)
        job.adapter.before_cancel = lambda: station.monitor.request_cancel(job.tracked)
        station.advance(0)
        station.monitor.request_cancel(job.tracked)
        station.advance(60)

        assert job.job.cancels == 1

    def test_a_read_that_waits_for_a_worker_does_not_take_the_request_as_well(self) -> None:
        station = Station()
        job = running(station)
        job.job.ignore_cancel()
        station.monitor.refresh(job.tracked)
        station.clock.advance(READ_GAP_SECONDS)
        assert station.runner.pump() == 1
        station.monitor.request_cancel(job.tracked)
        assert station.runner.pump() == 3  # the read, what shows the request, and the cancel
        station.advance(0)

        assert job.job.cancels == 1

    def test_a_request_goes_ahead_of_reads_that_are_due(self) -> None:
        station = Station()
        jobs = [station.add() for _ in range(20)]
        station.monitor.request_cancel(jobs[-1].tracked)
        order: list[str] = []
        for job in jobs:
            job.adapter.after_look = lambda: order.append("read")
        jobs[-1].adapter.before_cancel = lambda: order.append("cancel")
        station.advance(0)

        assert order[0] == "cancel"
        assert order.count("read") == 20

    def test_reads_come_quickly_after_a_request(self) -> None:
        station = Station()
        job = running(station)
        job.job.ignore_cancel()
        station.advance(20)
        job.adapter.read_at.clear()
        station.monitor.request_cancel(job.tracked)
        station.advance(3)

        assert job.gaps == pytest.approx([1.25, 1.562])

    def test_a_request_for_a_job_that_is_not_watched_any_more_is_too_late(self) -> None:
        station = Station()
        job = running(station)
        job.job.finish()
        station.advance(5)
        assert station.monitor.tracked_jobs == []
        station.monitor.request_cancel(job.tracked)
        station.advance(1)

        assert (job.job.cancels, job.tracked.snapshot.cancel_state) == (0, CancelState.TOO_LATE)
        assert not station.runner.running

    def test_a_request_is_carried_out_even_if_the_job_is_dropped_meanwhile(self) -> None:
        station = Station()
        job = running(station)
        provider, gone = job.job, weakref.ref(job.tracked)
        station.monitor.request_cancel(job.tracked)
        station.monitor.unwatch(job.tracked)
        del job
        station.advance(0)

        assert provider.cancels == 1
        gc.collect()
        assert gone() is None
        assert not station.runner.running


class TestOutcome:
    def test_a_refusal_tells_the_reason_and_can_be_asked_again(self) -> None:
        station = Station()
        job = running(station)
        job.job.refuse_cancel("calibration")
        for attempt in (1, 2):
            station.monitor.request_cancel(job.tracked)
            station.advance(0)
            assert (job.job.cancels, job.heard.last.cancel_state) == (attempt, CancelState.REFUSED)
            assert (job.state, job.heard.last.cancel_detail) == ("RUNNING", "calibration")

    def test_a_provider_that_just_says_no_refused(self) -> None:
        class NoAdapter(FarAdapter):
            def cancel(self) -> CancelReport:
                return CancelReport(accepted=False)

        station = Station()
        job = running(station, NoAdapter)
        station.monitor.request_cancel(job.tracked)
        station.advance(0)

        assert job.heard.last.cancel_detail == "The provider refused."

    def test_a_refusal_because_the_job_had_just_finished_means_too_late(self) -> None:
        station = Station()
        job = running(station)
        job.adapter.before_cancel = job.job.finish
        station.monitor.request_cancel(job.tracked)
        station.advance(0)

        assert (job.state, cancel_states(job)) == ("DONE", ["REQUESTED", "TOO_LATE"])

    def test_a_cancel_that_is_ignored_stays_requested_until_the_job_ends(self) -> None:
        station = Station()
        job = running(station)
        job.job.ignore_cancel()
        station.monitor.request_cancel(job.tracked)
        station.advance(30)
        assert (job.state, cancel_states(job)) == ("RUNNING", ["REQUESTED"])

        job.job.finish()
        station.advance(3)
        assert (job.state, cancel_states(job)) == ("DONE", ["REQUESTED", "TOO_LATE"])

    def test_a_slow_cancel_is_confirmed_when_the_provider_says_so(self) -> None:
        station = Station()
        job = running(station)
        job.job.ignore_cancel()
        station.monitor.request_cancel(job.tracked)
        station.advance(10)
        job.job.move_to(JobState.CANCELLED)
        station.advance(3)

        assert (job.state, cancel_states(job)) == ("CANCELLED", ["REQUESTED", "CONFIRMED"])

    def test_a_cancelled_that_was_only_local_is_taken_back(self) -> None:
        class LocalAdapter(FarAdapter):
            rechecks = (5.0, 20.0)

        station = Station()
        job = running(station, LocalAdapter)
        station.monitor.request_cancel(job.tracked)
        station.advance(1)
        job.job.finish()
        station.advance(5)

        assert (job.state, cancel_states(job)) == ("DONE", ["REQUESTED", "CONFIRMED", "TOO_LATE"])

    def test_an_adapter_that_fails_is_shown_as_a_refusal(self) -> None:
        station = Station()
        job = running(station, BrokenAdapter)
        station.monitor.request_cancel(job.tracked)
        station.advance(0)

        last = job.heard.last
        assert (last.cancel_state, last.cancel_detail) == ("REFUSED", "ValueError: a defect of the adapter")

    def test_a_refusal_is_shown_even_if_the_read_after_it_fails(self) -> None:
        station = Station()
        job = running(station)
        job.job.refuse_cancel("calibration")
        job.job.break_reads(ConnectionError("no route"))
        station.monitor.request_cancel(job.tracked)
        station.advance(0)

        assert (job.heard.last.cancel_state, job.tracked.is_stale) == ("REFUSED", True)


class TestCancelByTheUser:
    """``WidgetJob.cancel()``: on the caller's thread, as the provider's."""

    @pytest.mark.parametrize("adapter_class", [FarAdapter, NearAdapter])
    def test_the_answer_of_the_provider_is_handed_back(self, adapter_class: type[FarAdapter]) -> None:
        station = Station()
        job = running(station, adapter_class)
        report = station.monitor.cancel(job.tracked)
        station.advance(READ_GAP_SECONDS)

        assert (report.value, job.state, job.heard.last.cancel_state) == (True, "CANCELLED", CancelState.CONFIRMED)

    def test_a_near_job_is_read_before_the_call_returns(self) -> None:
        station = Station()
        job = running(station, NearAdapter)
        station.monitor.cancel(job.tracked)

        assert job.state is JobState.CANCELLED

    def test_the_error_of_the_provider_is_handed_back_and_shown(self) -> None:
        station = Station()
        job = running(station)
        job.job.refuse_cancel("calibration")
        report = station.monitor.cancel(job.tracked)
        station.advance(READ_GAP_SECONDS)

        assert isinstance(report.error, RuntimeError)
        assert (job.heard.last.cancel_state, job.heard.last.cancel_detail) == (CancelState.REFUSED, "calibration")

    def test_the_error_of_an_adapter_is_handed_back(self) -> None:
        station = Station()
        job = running(station, BrokenAdapter)

        assert isinstance(station.monitor.cancel(job.tracked).error, ValueError)

    def test_a_job_that_pushes_is_read_after_the_cancel_all_the_same(self) -> None:
        station = Station()
        job = running(station, push=True)
        job.job.refuse_cancel("calibration")
        station.monitor.cancel(job.tracked)
        station.advance(READ_GAP_SECONDS)

        assert job.heard.last.cancel_state is CancelState.REFUSED

    def test_a_cancel_during_a_read_is_followed_by_another_read(self) -> None:
        station = Station()
        job = running(station, push=True)
        job.job.refuse_cancel("calibration")
        station.runner.hang_next()
        station.monitor.refresh(job.tracked)
        station.advance(READ_GAP_SECONDS)
        station.monitor.cancel(job.tracked)
        station.runner.let_return()
        station.advance(READ_GAP_SECONDS)

        assert job.heard.last.cancel_state is CancelState.REFUSED

    def test_a_finished_job_can_be_cancelled_again_as_with_the_provider(self) -> None:
        station = Station()
        job = running(station)
        job.job.finish()
        station.advance(5)
        report = station.monitor.cancel(job.tracked)
        station.advance(READ_GAP_SECONDS)

        assert (report.value, job.heard.last.cancel_state) == (False, CancelState.TOO_LATE)


class TestTurn:
    def test_a_cancel_goes_ahead_of_a_read_that_hangs_and_is_not_undone_by_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("primwidgets._monitor.tracked_job.TURN_SECONDS", 0.01)
        station = Station()
        job = running(station)
        inside, over = threading.Event(), threading.Event()

        def hang() -> None:
            job.adapter.after_look = lambda: None
            inside.set()
            assert over.wait(PATIENCE)

        job.adapter.after_look = hang
        station.runner.hang_next()
        station.monitor.refresh(job.tracked)
        station.advance(READ_GAP_SECONDS)
        read = in_thread(station.runner.hanging.pop())
        assert inside.wait(PATIENCE)
        station.monitor.request_cancel(job.tracked)
        station.advance(0)
        assert job.state is JobState.CANCELLED

        over.set()
        join(read)
        assert cancel_states(job) == ["REQUESTED", "CONFIRMED"]

    def test_a_read_from_before_a_cancel_does_not_decide_what_its_refusal_means(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("primwidgets._monitor.tracked_job.TURN_SECONDS", 0.01)
        station = Station()
        job = running(station)
        inside, over = threading.Event(), threading.Event()

        def hang() -> None:
            job.adapter.after_look = let_the_older_read_return_first
            inside.set()
            assert over.wait(PATIENCE)

        def let_the_older_read_return_first() -> None:
            over.set()
            join(read)

        job.adapter.after_look = hang
        station.runner.hang_next()
        station.monitor.refresh(job.tracked)
        station.advance(READ_GAP_SECONDS)
        read = in_thread(station.runner.hanging.pop())
        assert inside.wait(PATIENCE)
        job.adapter.before_cancel = job.job.finish  # which makes the provider refuse
        station.monitor.request_cancel(job.tracked)
        station.advance(0)

        assert (job.state, job.heard.last.cancel_state) == ("DONE", "TOO_LATE")

    def test_a_read_waits_for_a_cancel_that_is_under_way(self) -> None:
        station = Station()
        job = running(station)
        asked, answered = threading.Event(), threading.Event()

        def hang() -> None:
            asked.set()
            assert answered.wait(PATIENCE)

        job.adapter.before_cancel = hang
        cancel = in_thread(lambda: station.monitor.cancel(job.tracked))
        assert asked.wait(PATIENCE)
        station.monitor.refresh(job.tracked)
        station.runner.hang_next()
        station.advance(READ_GAP_SECONDS)
        read = in_thread(station.runner.hanging.pop())
        assert job.adapter.read_at == []

        answered.set()
        join(cancel, read)
        assert (len(job.adapter.read_at), job.state) == (1, "CANCELLED")

    def test_a_listener_that_cancels_does_not_wait_for_the_read_that_called_it(self) -> None:
        station = Station()
        job = station.add()
        turns: list[bool] = []

        def cancel(snapshot: JobSnapshot) -> None:
            if snapshot.cancel_state is CancelState.NONE:
                turns.append(job.tracked._turn.locked())
                station.monitor.cancel(job.tracked)

        job.heard.then = cancel
        station.advance(READ_GAP_SECONDS)

        assert (turns, job.state) == ([False], "CANCELLED")
