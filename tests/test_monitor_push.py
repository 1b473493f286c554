"""Push before poll, and the budget of a provider: how few reads the monitor makes do with."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from primwidgets._monitor import monitor
from primwidgets._monitor.monitor import HEARTBEAT_SECONDS, READ_GAP_SECONDS
from primwidgets.adapters.base import Pace
from primwidgets.snapshot import JobState
from tests.monitored import FarAdapter, Station


class BudgetedAdapter(FarAdapter):
    provider = "Budgeted"
    pace = Pace(first=0.1, ceiling=0.2, requests_per_second=2.0)


class TestPush:
    def test_a_job_whose_provider_pushes_is_not_polled_but_for_a_heartbeat(self) -> None:
        station = Station()
        job = station.add(push=True)
        station.advance(3.5 * HEARTBEAT_SECONDS)

        assert job.gaps == [HEARTBEAT_SECONDS] * 3

    def test_a_pushed_change_is_read_at_once(self) -> None:
        station = Station()
        job = station.add(push=True)
        station.advance(7)
        job.job.move_to(JobState.RUNNING)
        station.advance(0)

        assert (job.state, job.gaps) == ("RUNNING", [7.0])

    def test_a_change_that_follows_a_read_closely_waits_for_the_gap(self) -> None:
        station = Station()
        job = station.add(push=True)
        station.advance(0.03)
        job.job.move_to(JobState.RUNNING)
        station.advance(READ_GAP_SECONDS)

        assert (job.state, job.gaps) == ("RUNNING", [READ_GAP_SECONDS])

    def test_a_flood_of_changes_is_read_ten_times_a_second_and_the_last_is_not_lost(self) -> None:
        station = Station()
        job = station.add(push=True)
        for step in range(1_000):
            job.job.move_to(JobState.RUNNING, progress=step / 1_000)
            station.advance(0.001)
        station.advance(READ_GAP_SECONDS)

        assert min(job.gaps) >= READ_GAP_SECONDS
        assert len(job.gaps) <= 11
        assert job.tracked.snapshot.progress == 0.999

    def test_a_change_during_a_read_brings_another_read_after_the_gap(self) -> None:
        station = Station()
        job = station.add(push=True)

        def finish_in_first_read() -> None:
            job.adapter.after_look = lambda: None
            job.job.finish()

        job.adapter.after_look = finish_in_first_read
        station.advance(0)
        assert job.state == "QUEUED"

        station.advance(READ_GAP_SECONDS)
        assert (job.state, job.gaps) == ("DONE", [READ_GAP_SECONDS])

    def test_a_state_whose_end_the_provider_does_not_push_is_polled(self) -> None:
        class HalfPushingAdapter(FarAdapter):
            pushed = frozenset({JobState.RUNNING})

        station = Station()
        job = station.add(HalfPushingAdapter, push=True)
        station.advance(3)

        assert job.gaps == [1.0, 1.25]

    def test_a_job_that_cannot_be_subscribed_to_is_polled(self, caplog: pytest.LogCaptureFixture) -> None:
        class NoSocketAdapter(FarAdapter):
            def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
                raise ConnectionError("no websocket")

        station = Station()
        job = station.add(NoSocketAdapter, push=True)
        with caplog.at_level(logging.WARNING):
            station.advance(3)

        assert job.gaps == [1.0, 1.25]
        assert caplog.text.count("no websocket") == 2  # the message and the traceback, of one attempt

    def test_a_provider_that_pushes_but_does_not_answer_is_polled_until_it_does(self) -> None:
        station = Station()
        job = station.add(push=True)
        station.advance(0)
        job.job.break_reads(ConnectionError("no route"))
        job.job.move_to(JobState.RUNNING)
        station.advance(1)
        assert job.tracked.is_stale

        job.job.break_reads(None)
        station.advance(3)
        assert (job.state, job.tracked.is_stale) == ("RUNNING", False)
        before = len(job.adapter.read_at)
        station.advance(HEARTBEAT_SECONDS - 5)
        assert len(job.adapter.read_at) == before

    def test_the_subscription_ends_with_the_job(self) -> None:
        station = Station()
        job = station.add(push=True)
        station.advance(0)
        assert job.job.listeners == 1

        job.job.finish()
        station.advance(1)
        assert job.job.listeners == 0

    def test_the_subscription_ends_with_the_watch(self) -> None:
        station = Station()
        job = station.add(push=True)
        station.advance(0)
        station.monitor.unwatch(job.tracked)

        assert job.job.listeners == 0

    def test_a_watch_that_ended_before_its_first_call_is_not_subscribed(self) -> None:
        class CountingAdapter(FarAdapter):
            subscriptions = 0

            def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
                CountingAdapter.subscriptions += 1
                return super().subscribe(changed)

        station = Station()
        job = station.add(CountingAdapter, push=True)
        station.monitor.request_cancel(job.tracked)
        station.monitor.unwatch(job.tracked)
        station.advance(0)

        assert (job.job.cancels, CountingAdapter.subscriptions) == (1, 0)

    def test_a_watch_that_ends_while_it_is_subscribed_leaves_no_subscription(self) -> None:
        class ClosingAdapter(FarAdapter):
            def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
                job.tracked.close()
                return super().subscribe(changed)

        station = Station()
        job = station.add(ClosingAdapter, push=True)
        station.advance(0)

        assert (job.job.listeners, job.adapter.read_at) == (0, [])


class TestCrowd:
    def test_of_thousands_of_jobs_that_tell_nothing_only_so_many_are_looked_at_in_a_second(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(monitor, "LOOKS_PER_SECOND", 10)
        station = Station()
        jobs = [station.add(QuickAdapter) for _ in range(200)]
        station.advance(40)
        before = sum(len(job.adapter.read_at) for job in jobs)
        station.advance(60)

        looks = sum(len(job.adapter.read_at) for job in jobs) - before
        assert 400 <= looks <= 800
        assert all(len(job.adapter.read_at) > 2 for job in jobs)

    def test_what_is_pushed_does_not_wait_behind_those_that_are_looked_at(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(monitor, "LOOKS_PER_SECOND", 10)
        station = Station()
        jobs = [station.add(QuickAdapter, push=True) for _ in range(200)]
        station.advance(40)
        jobs[77].job.finish()
        station.advance(READ_GAP_SECONDS)

        assert jobs[77].state is JobState.DONE


class QuickAdapter(FarAdapter):
    """Jobs that push their end, as futures do, and have to be looked at for their start."""

    pace = Pace(first=0.1, ceiling=0.5)
    pushed = frozenset({JobState.RUNNING})


class TestBudget:
    def test_the_jobs_of_a_provider_share_its_budget_and_each_gets_its_turn(self) -> None:
        station = Station()
        jobs = [station.add(BudgetedAdapter) for _ in range(10)]
        station.advance(9.9)

        times = sorted(at for job in jobs for at in job.adapter.read_at)
        assert times == pytest.approx([number / 2 for number in range(20)], abs=1e-3)
        assert [len(job.adapter.read_at) for job in jobs] == [2] * 10

    def test_another_provider_has_its_own_budget(self) -> None:
        station = Station()
        crowd = [station.add(BudgetedAdapter) for _ in range(10)]
        other = station.add()
        station.advance(0)

        assert sum(len(job.adapter.read_at) for job in crowd) == 1
        assert other.adapter.read_at == [0.0]

    def test_jobs_that_are_watched_no_more_use_no_budget(self) -> None:
        station = Station()
        unwanted = [station.add(BudgetedAdapter) for _ in range(50)]
        wanted = station.add(BudgetedAdapter)
        for job in unwanted:
            station.monitor.unwatch(job.tracked)
        station.advance(0)

        assert wanted.adapter.read_at == [0.0]

    def test_a_cancel_does_not_wait_for_the_budget(self) -> None:
        station = Station()
        jobs = [station.add(BudgetedAdapter) for _ in range(10)]
        station.advance(0)
        station.monitor.request_cancel(jobs[9].tracked)
        station.advance(0)

        assert jobs[9].state is JobState.CANCELLED
