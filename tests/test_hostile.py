"""Providers and observers that hang, exit, or raise what nobody expects: their own card suffers, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy
import pytest

from primwidgets import JobState, WidgetJob, register_adapter
from primwidgets._monitor import hang_watch
from primwidgets._monitor.provider_queue import READ_LIMITS
from primwidgets._threads import Work
from primwidgets.adapters.base import CancelReport
from primwidgets.testing import FakeAdapter, FakeJob
from tests.monitored import PATIENCE, FarAdapter, Station, wait_until
from tests.recording_comm import RecordingFrontend
from tests.strangers import Plain, World, over, provider_that_hangs, world

__all__ = ["over", "world"]  # fixtures


class TestHangingProviders:
    def test_a_good_job_is_cancelled_and_live_beside_forty_that_hang(
        self, world: World, over: threading.Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hang_watch, "HANG_SECONDS", 0.5)
        before = threading.active_count()
        hanging = [WidgetJob(kind()) for kind in [provider_that_hangs(over) for _ in range(40)] for _ in range(40)]
        for job in hanging:
            world.press(job)
        wait_until(lambda: all(job.stale_since is not None for job in hanging))
        assert threading.active_count() - before <= sum(work.limit for work in Work)

        good: WidgetJob[Any, Any] = WidgetJob(Plain())
        other: WidgetJob[Any, Any] = WidgetJob(FakeJob())
        wait_until(lambda: good.state == "RUNNING", PATIENCE)
        world.press(good)
        assert good.job.asked.wait(PATIENCE)
        other.job.move_to(JobState.RUNNING)
        wait_until(lambda: (good.state, other.state) == ("CANCELLED", "RUNNING"), PATIENCE)
        wait_until(lambda: world.state_of(good) == "CANCELLED", PATIENCE)
        assert {job.cancel_state for job in hanging} == {"REQUESTED"}
        assert good.stale_since is other.stale_since is None
        for job in [*hanging, good, other]:
            job.close()

    def test_pictures_that_hang_delay_neither_reads_nor_messages(self, world: World, over: threading.Event) -> None:
        class Slow(FakeJob):
            pass

        class SlowAdapter(FakeAdapter):
            def preview(self, result: Any) -> None:
                over.wait()

        register_adapter(Slow, SlowAdapter)
        jobs = [WidgetJob(Slow()) for _ in range(100)]
        for job in jobs:
            world.monitor.picture(job._wrapped.tracked, lambda: None)
        good = WidgetJob(FakeJob())
        good.job.finish()

        wait_until(lambda: world.state_of(good) == "DONE", PATIENCE)
        for job in [*jobs, good]:
            job.close()

    def test_a_job_that_comes_when_its_provider_hangs_already_is_stale_soon(self) -> None:
        station = Station()
        for _ in range(READ_LIMITS.hung + READ_LIMITS.calls):
            station.add()
        station.runner.hang_next(1_000)
        station.advance(60)
        late = station.add()
        station.advance(hang_watch.HANG_SECONDS + 1.1)

        assert late.tracked.is_stale


class TestCancelsThatEndBadly:
    @pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit()], ids=repr)
    def test_a_press_whose_cancel_raises_anything_is_refused_and_can_be_repeated(
        self, world: World, error: BaseException
    ) -> None:
        class Exiting(Plain):
            def cancel(self) -> Any:
                self.cancels += 1
                raise error

        job = WidgetJob(Exiting())
        for attempt in (1, 2):
            world.press(job)
            wait_until(lambda attempt=attempt: job.job.cancels == attempt, PATIENCE)  # type: ignore[misc]
            wait_until(lambda: job.cancel_state == "REFUSED", PATIENCE)
        assert type(error).__name__ in str(job.snapshot.cancel_detail)
        job.close()

    @pytest.mark.parametrize("answer", [numpy.False_, (False, "too late")], ids=repr)
    def test_an_answer_that_says_no_in_another_form_is_a_refusal(self, world: World, answer: Any) -> None:
        class Refusing(Plain):
            def cancel(self) -> Any:
                return answer

        job = WidgetJob(Refusing())
        world.press(job)
        wait_until(lambda: job.cancel_state == "REFUSED", PATIENCE)
        assert job.cancel() is answer
        job.close()

    def test_a_cancel_that_would_have_to_be_awaited_is_refused_when_it_is_pressed(self, world: World) -> None:
        class Wrapped(Plain):
            """Its ``cancel`` is no coroutine function, but gives a coroutine all the same, as decorated ones do."""

            def cancel(self) -> Any:
                return asyncio.sleep(0)

        job = WidgetJob(Wrapped())
        world.press(job)
        wait_until(lambda: job.cancel_state == "REFUSED", PATIENCE)
        assert "await job.cancel()" in str(job.snapshot.cancel_detail)
        job.close()

    @pytest.mark.parametrize("kind", [Plain, FakeJob])
    def test_a_cancel_that_the_user_interrupts_is_no_request_any_more(self, world: World, kind: type[Any]) -> None:
        class Slow(kind):  # type: ignore[misc]
            def cancel(self) -> Any:
                if not self.cancels:
                    self.cancels += 1
                    raise KeyboardInterrupt
                return super().cancel()

        job: WidgetJob[Any, Any] = WidgetJob(Slow())
        with pytest.raises(KeyboardInterrupt):
            job.cancel()
        wait_until(lambda: job.cancel_state == "REFUSED", PATIENCE)
        assert "unknown" in str(job.snapshot.cancel_detail)

        world.press(job)
        wait_until(lambda: (job.state, job.cancel_state) == ("CANCELLED", "CONFIRMED"), PATIENCE)
        job.close()

    def test_a_cancel_that_was_interrupted_after_all_arrived_is_confirmed(self, world: World) -> None:
        class Arrived(Plain):
            def cancel(self) -> Any:
                super().cancel()
                raise KeyboardInterrupt

        job = WidgetJob(Arrived())
        with pytest.raises(KeyboardInterrupt):
            job.cancel()
        wait_until(lambda: (job.state, job.cancel_state) == ("CANCELLED", "CONFIRMED"), PATIENCE)
        job.close()

    def test_what_ends_a_program_in_the_users_own_cancel_is_raised_there(self, world: World) -> None:
        class Exiting(Plain):
            def cancel(self) -> Any:
                sys.exit(3)

        job = WidgetJob(Exiting())
        with pytest.raises(SystemExit):
            job.cancel()
        wait_until(lambda: job.cancel_state == "REFUSED", PATIENCE)
        job.close()

    def test_an_adapter_that_reports_nothing_leaves_the_request_to_the_reads(self) -> None:
        class Silent(FarAdapter):
            def cancel(self) -> CancelReport:
                self.job.cancel()
                return None  # type: ignore[return-value]

        station = Station()
        job = station.add(Silent)
        station.monitor.request_cancel(job.tracked)
        station.advance(0)

        assert job.heard.last.cancel_state == "CONFIRMED"

    def test_a_refusal_is_shown_even_if_the_provider_answers_no_more(self) -> None:
        station = Station()
        job = station.add()
        job.job.refuse_cancel("calibration")
        station.advance(0)
        job.job.break_reads(ConnectionError("no route"))
        station.monitor.request_cancel(job.tracked)
        station.advance(0)

        assert (job.heard.last.cancel_state, job.heard.last.cancel_detail) == ("REFUSED", "calibration")


class TestObservers:
    @pytest.mark.parametrize("kind", [Plain, FakeJob])
    def test_an_observer_that_exits_swallows_no_cancel(self, world: World, kind: type[Any]) -> None:
        job = WidgetJob(kind())
        job.observe(lambda _: sys.exit(), "cancel_state")
        world.press(job)

        wait_until(lambda: (job.state, job.cancel_state) == ("CANCELLED", "CONFIRMED"), PATIENCE)
        job.close()

    @pytest.mark.parametrize("how", ["block", "wait"])
    def test_an_observer_that_blocks_delays_neither_a_cancel_nor_what_is_shown(
        self, world: World, over: threading.Event, how: str, frontend: RecordingFrontend
    ) -> None:
        job, inside = WidgetJob(Plain()), threading.Event()
        assert job.model_id is not None

        def observer(_: object) -> None:
            inside.set()
            if how == "block":
                over.wait()
            else:
                job.wait(PATIENCE)

        job.observe(observer, "cancel_state")
        wait_until(lambda: job.state == "RUNNING", PATIENCE)
        world.press(job)
        assert inside.wait(PATIENCE)
        assert job.job.asked.wait(PATIENCE)
        wait_until(lambda: world.state_of(job) == "CANCELLED", PATIENCE)

        assert (job.state, frontend.seen_of(job)["state"]) == ("CANCELLED", "CANCELLED")
        job.close()

    def test_an_observer_that_waits_for_the_end_of_its_job_is_let_go_at_the_end(self, world: World) -> None:
        job, waited, inside = WidgetJob(FakeJob()), threading.Event(), threading.Event()

        def observer(_: object) -> None:
            inside.set()
            if job.wait(PATIENCE):
                waited.set()

        job.observe(observer, "cancel_state")
        job.job.ignore_cancel()
        world.press(job)
        assert inside.wait(PATIENCE)
        job.job.finish()

        assert waited.wait(PATIENCE / 2)
        job.close()

    def test_observers_that_block_are_not_waited_for_by_those_of_other_jobs(
        self, world: World, over: threading.Event
    ) -> None:
        job, other, changed = WidgetJob(FakeJob()), WidgetJob(FakeJob()), threading.Event()
        job.observe(lambda _: over.wait(), "state")
        other.observe(lambda _: changed.set(), "state")
        job.job.move_to(JobState.RUNNING)
        other.job.move_to(JobState.RUNNING)

        assert changed.wait(PATIENCE)
        for each in (job, other):
            each.close()

    def test_an_observer_gets_every_change_in_order_and_its_failures_are_logged_once(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        job, seen = WidgetJob(FakeJob()), list[tuple[Any, Any]]()

        def observer(change: Any) -> None:
            seen.append((change.old, change.new))
            raise ValueError("a defect of the user's")

        job.observe(observer, "progress")
        steps = [step / 10 for step in range(1, 6)]
        with caplog.at_level(logging.ERROR):
            for step in steps:
                job.job.move_to(JobState.RUNNING, progress=step)
                wait_until(lambda step=step: bool(seen) and seen[-1][1] == step, PATIENCE)  # type: ignore[misc]
        assert seen == list(zip([None, *steps], steps, strict=False))
        assert len(caplog.records) == 1
        job.close()

    def test_behind_observers_that_block_no_work_piles_up(
        self, world: World, over: threading.Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        jobs = [WidgetJob(FakeJob()) for _ in range(Work.OBSERVER.limit + 5)]
        begun: list[Work] = []
        run = world.monitor.run

        def count(task: Callable[[], None], work: Work = Work.OWN) -> None:
            begun.append(work)
            run(task, work)

        monkeypatch.setattr(world.monitor, "run", count)
        for job in jobs:
            job.observe(lambda _: over.wait(), "progress")
            for step in range(1, 51):
                job._wrapped.tracked.change(lambda known, step=step: known.evolve(progress=step / 100))  # type: ignore[misc]

        assert begun.count(Work.OBSERVER) <= 2 * len(jobs)
        for job in jobs:
            job.close()

    def test_behind_an_observer_that_blocks_changes_do_not_pile_up(self, world: World, over: threading.Event) -> None:
        job, seen, inside = WidgetJob(FakeJob()), list[tuple[Any, Any]](), threading.Event()

        def observer(change: Any) -> None:
            seen.append((change.old, change.new))
            inside.set()
            over.wait(PATIENCE)

        job.observe(observer, "progress")
        tracked = job._wrapped.tracked
        for step in range(1, 101):
            tracked.change(lambda known, step=step: known.evolve(progress=step / 100))  # type: ignore[misc]
            assert inside.wait(PATIENCE)
        over.set()
        wait_until(lambda: seen[-1][1] == 1.0, PATIENCE)
        assert len(seen) <= 40
        assert [old for old, _ in seen[1:]] == [new for _, new in seen[:-1]]
        job.close()
