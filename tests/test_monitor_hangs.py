"""Providers that do not come back, observers that block, forks and crowds: nobody else is delayed."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from primwidgets._monitor.hang_watch import HANG_SECONDS
from primwidgets._monitor.monitor import HEARTBEAT_SECONDS, READ_GAP_SECONDS
from primwidgets._monitor.provider_queue import COMMAND_LIMITS, READ_LIMITS
from primwidgets._threads import ThreadRunner, Workers
from primwidgets.snapshot import JobSnapshot, JobState
from tests.monitored import MOST_THREADS, PATIENCE, FarAdapter, Monitored, Station, in_thread, join, wait_until


class OtherAdapter(FarAdapter):
    provider = "Other"


class DeadProvider:
    """A provider that takes every question and never answers, until it is mended.

    Attributes:
        threads: those that are inside one of its calls, ever.
    """

    def __init__(self) -> None:
        self.threads: set[threading.Thread] = set()
        self._mended = False
        self._changed = threading.Condition()

    def hang(self) -> None:
        with self._changed:
            self.threads.add(threading.current_thread())
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._mended, 6 * PATIENCE)

    def await_inside(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.threads) >= count, PATIENCE)

    def mend(self) -> None:
        with self._changed:
            self._mended = True
            self._changed.notify_all()


@pytest.fixture
def dead() -> Iterator[DeadProvider]:
    provider = DeadProvider()
    yield provider
    provider.mend()


class TestOneHangs:
    def test_a_read_that_does_not_come_back_makes_its_card_stale(self) -> None:
        station = Station()
        job = station.add()
        station.advance(0)
        station.runner.hang_next()
        station.advance(1 + HANG_SECONDS - 0.01)
        assert not job.tracked.is_stale

        station.advance(0.02)
        last = job.heard.last
        assert (last.state, last.stale_since, last.message) == ("QUEUED", 1_000.0, "Far does not answer.")

    def test_a_formatter_that_hangs_is_not_waited_for_and_its_late_preview_is_shown(self) -> None:
        station = Station()
        job = station.prepare()
        job.tracked.change(lambda known: known.evolve(state=JobState.DONE, can_preview=True))
        station.runner.hang_next()
        station.monitor.picture(job.tracked, lambda: {"00": 3})
        station.advance(HANG_SECONDS + 1)
        assert not job.heard.last.can_preview

        station.runner.let_return()
        station.advance(0)
        assert job.heard.last.result_preview is not None

    def test_a_job_that_hangs_is_not_asked_again_until_it_comes_back(self) -> None:
        station = Station()
        job = station.add()
        station.runner.hang_next()
        station.advance(100)
        assert job.adapter.read_at == []

        station.runner.let_return()
        station.advance(3)
        assert (job.state, job.tracked.is_stale, len(job.adapter.read_at)) == ("QUEUED", False, 3)
        assert station.runner.hanging == []

    def test_other_jobs_of_the_provider_are_served_all_the_time(self) -> None:
        station = Station()
        hanging = station.add()
        station.runner.hang_next()
        others = [station.add() for _ in range(10)]
        station.advance(30)

        for job in others:
            assert max(job.gaps) <= job.adapter.pace.ceiling
            assert not job.tracked.is_stale
        assert hanging.tracked.is_stale

    def test_as_many_as_there_is_room_for_delay_the_others_only_until_they_are_written_off(self) -> None:
        station = Station()
        hanging = [station.add() for _ in range(READ_LIMITS.calls)]
        station.runner.hang_next(READ_LIMITS.calls)
        waits = station.add()
        elsewhere = station.add(OtherAdapter)
        station.advance(HANG_SECONDS + 5)

        assert waits.adapter.read_at[0] == pytest.approx(HANG_SECONDS)
        assert len(waits.gaps) >= 3
        assert elsewhere.adapter.read_at[0] == 0.0
        assert [job.tracked.is_stale for job in hanging] == [True] * READ_LIMITS.calls

    def test_an_answer_that_comes_just_then_is_not_called_stale(self) -> None:
        station = Station()
        job = station.add()
        station.runner.hang_next()
        station.advance(0)
        station.clock.advance(HANG_SECONDS)
        assert station.runner.pump() == 1  # the stale mark waits for a worker
        job.job.finish()
        station.runner.let_return()
        station.advance(100)

        assert (job.state, job.tracked.is_stale) == ("DONE", False)

    def test_a_push_of_a_job_that_was_written_off_is_read(self) -> None:
        station = Station()
        job = station.add(push=True)
        station.advance(0)
        station.runner.hang_next()
        station.advance(HEARTBEAT_SECONDS + HANG_SECONDS)
        assert job.tracked.is_stale

        job.job.finish()
        station.advance(0)
        assert (job.state, job.tracked.is_stale) == ("DONE", False)

    def test_a_cancel_of_a_job_that_hangs_is_followed_by_reads(self) -> None:
        station = Station()
        job = station.add()
        station.runner.hang_next()
        station.advance(HANG_SECONDS)
        job.job.ignore_cancel()
        station.monitor.request_cancel(job.tracked)
        station.advance(5)
        assert job.tracked.snapshot.cancel_state == "REQUESTED"

        job.job.move_to(JobState.CANCELLED)
        station.advance(3)
        assert job.tracked.snapshot.cancel_state == "CONFIRMED"

    def test_the_work_goes_on_while_something_hangs_and_ends_with_it(self) -> None:
        station = Station()
        job = station.add()
        job.job.finish()
        station.runner.hang_next()
        station.advance(200)
        assert station.runner.running

        station.runner.let_return()
        assert (job.state, station.runner.running) == ("DONE", False)


class TestAllHang:
    """A provider that is dead: every call to it hangs."""

    def test_it_cannot_take_the_workers_of_the_others(self, dead: DeadProvider) -> None:
        station = Station(ThreadRunner(Workers()))
        crowd = dead_crowd(station, dead, 100)
        hang_until_stuck(station, dead)
        await_end_of_new_job(station, OtherAdapter)

        begun = sum(len(job.adapter.read_at) for job in crowd)
        assert begun == len(dead.threads) < READ_LIMITS.hung + READ_LIMITS.calls

    def test_all_its_cards_are_stale_and_fresh_again_when_it_answers(self, dead: DeadProvider) -> None:
        station = Station(ThreadRunner(Workers()))
        crowd = dead_crowd(station, dead, 30)
        hang_until_stuck(station, dead)
        for job in crowd:
            job.heard.await_one(lambda snapshot: snapshot.message == "Far does not answer.")

        for job in crowd:
            job.job.finish()
        dead.mend()
        for job in crowd:
            job.heard.await_one(lambda snapshot: snapshot.state is JobState.DONE)
            assert not job.tracked.is_stale

    def test_its_jobs_can_still_be_cancelled(self, dead: DeadProvider) -> None:
        station = Station(ThreadRunner(Workers()))
        crowd = dead_crowd(station, dead, 30)
        hang_until_stuck(station, dead)
        never_read = next(job for job in crowd if not job.adapter.read_at)
        never_read.adapter.after_look = lambda: None
        station.monitor.request_cancel(never_read.tracked)

        never_read.heard.await_one(lambda snapshot: snapshot.state is JobState.CANCELLED)
        assert COMMAND_LIMITS.hung > READ_LIMITS.hung


def dead_crowd(station: Station, dead: DeadProvider, count: int) -> list[Monitored]:
    """Watch ``count`` jobs of a dead provider."""
    crowd = [station.prepare(name=f"dead {number}") for number in range(count)]
    for job in crowd:
        job.adapter.after_look = dead.hang
        station.monitor.watch(job.tracked)
    return crowd


def hang_until_stuck(station: Station, dead: DeadProvider) -> None:
    """Let one round of calls after the other hang and be written off, until the provider is asked no more."""
    for round_ in range(1, 4):
        dead.await_inside(READ_LIMITS.calls * round_)
        station.clock.advance(HANG_SECONDS)
        station.monitor._runner.wake()


def await_end_of_new_job(station: Station, adapter_class: type[FarAdapter] = FarAdapter) -> None:
    """Watch a job that has ended, until its end is heard; as time stands still, it is read only once."""
    job = station.prepare(adapter_class)
    job.job.finish()
    station.monitor.watch(job.tracked)
    job.heard.await_one(lambda snapshot: snapshot.state is JobState.DONE)


class TestObservers:
    def test_an_observer_that_blocks_delays_no_other_job_and_makes_nothing_stale(self) -> None:
        station = Station(ThreadRunner(Workers()))
        inside, over = threading.Event(), threading.Event()
        job = station.prepare()

        def block(_: JobSnapshot) -> None:
            inside.set()
            assert over.wait(PATIENCE)

        job.heard.then = block
        station.monitor.watch(job.tracked)
        assert inside.wait(PATIENCE)
        await_end_of_new_job(station)

        station.clock.advance(HANG_SECONDS)
        station.monitor._runner.wake()
        await_end_of_new_job(station)
        assert not job.tracked.is_stale
        over.set()

    def test_an_observer_that_raises_stops_neither_its_job_nor_others(self) -> None:
        station = Station()
        job, other = station.add(), station.add()

        def fail(_: JobSnapshot) -> None:
            raise ValueError("a defect of the user's")

        job.heard.then = fail
        station.advance(0)
        for each in (job, other):
            each.job.finish()
        station.advance(2)

        assert [each.heard.last.state for each in (job, other)] == ["DONE", "DONE"]


class TestCrowd:
    def test_thousands_of_jobs_need_few_threads_and_all_end(self) -> None:
        before = set(threading.enumerate())
        station = Station(ThreadRunner(Workers(idle_seconds=0.05)))
        crowd = [station.add(push=number % 2 == 0, name=f"job {number}") for number in range(3_000)]
        threads = set(threading.enumerate()) - before
        for job in crowd:
            job.job.finish()
            station.monitor.changed(job.tracked)
        station.clock.advance(READ_GAP_SECONDS)
        station.monitor._runner.wake()
        for job in crowd:
            job.heard.await_one(lambda snapshot: snapshot.state is JobState.DONE)
        threads |= set(threading.enumerate()) - before

        assert len(threads) <= MOST_THREADS
        assert len([thread for thread in threads if thread.name == "primwidgets-monitor"]) == 1
        join(*threads)
        assert station.monitor.tracked_jobs == []

    def test_nothing_is_lost_when_jobs_are_changed_watched_cancelled_and_dropped_at_the_same_time(self) -> None:
        station = Station(ThreadRunner(Workers(idle_seconds=0.05)))
        turning = threading.Event()
        clock = in_thread(lambda: keep_turning(station, turning))
        outcomes: list[Monitored] = []

        def live(source: int) -> None:
            for number in range(40):
                job = station.add(push=number % 2 == 0, name=f"{source}-{number}")
                job.job.move_to(JobState.RUNNING, progress=number / 40)
                if number % 4 == 0:
                    station.monitor.unwatch(job.tracked)
                    continue
                if number % 3 == 0:
                    station.monitor.request_cancel(job.tracked)
                else:
                    job.job.finish()
                outcomes.append(job)

        join(*[in_thread(lambda source=source: live(source)) for source in range(6)])  # type: ignore[misc]
        for job in outcomes:
            job.heard.await_one(lambda snapshot: snapshot.is_final)
            assert job.job.cancels <= 1
        turning.set()
        join(clock)

        assert {job.tracked.snapshot.cancel_state.value for job in outcomes} == {"NONE", "CONFIRMED"}
        wait_until(lambda: station.monitor._queues.calls_under_way == 0)


def keep_turning(station: Station, stop: threading.Event) -> None:
    while not stop.wait(0.001):
        station.clock.advance(0.05)
        station.monitor._runner.wake()


class TestFork:
    def test_a_forked_child_has_its_own_monitor(self) -> None:
        script = """
            import os
            from primwidgets import WidgetJob
            from primwidgets.testing import FakeJob

            parent = WidgetJob(FakeJob("parent"))
            child = os.fork()
            job = WidgetJob(FakeJob("child" if child == 0 else "second"))
            job.job.finish()
            done = job.wait(100) and job.state == "DONE"
            if child == 0:
                os._exit(0 if done else 1)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            parent.job.finish()
            print(status, done, parent.wait(100), parent.state)
        """
        ran = subprocess.run(
            [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(script)],
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

        assert (ran.stdout.strip(), ran.stderr) == ("0 True True DONE", "")
