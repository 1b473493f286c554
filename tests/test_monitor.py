from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest

from primwidgets.snapshot import JobState
from tests.monitored import FarAdapter, Station


class CorrectedAdapter(FarAdapter):
    rechecks = (5.0, 20.0)


class TestPolling:
    def test_the_first_read_is_at_once(self) -> None:
        station = Station()
        job = station.add()
        station.advance(0)

        assert job.adapter.read_at == [0.0]
        assert job.heard.last.state is JobState.QUEUED

    def test_reads_back_off_by_a_quarter_up_to_the_ceiling(self) -> None:
        station = Station()
        job = station.add()
        station.advance(16)

        assert job.gaps == pytest.approx([1.0, 1.25, 1.562, 1.953, 2.441, 3.0, 3.0], abs=0.002)

    @pytest.mark.parametrize(
        "change",
        [
            lambda job: job.move_to(JobState.RUNNING),
            lambda job: job.move_to(JobState.QUEUED, queue_position="3"),
            lambda job: job.move_to(JobState.QUEUED, word="TRANSPILING"),
            lambda job: job.move_to(JobState.QUEUED, progress=0.5),
        ],
        ids=["state", "queue position", "status", "progress"],
    )
    def test_the_back_off_begins_anew_when_the_job_moves(self, change: Callable[[object], None]) -> None:
        station = Station()
        job = station.add()
        station.advance(16)
        change(job.job)
        job.adapter.read_at.clear()
        station.advance(5.3)

        assert job.gaps[:2] == pytest.approx([1.0, 1.25], abs=0.002)

    def test_a_job_that_fails_to_answer_is_asked_ever_less_often_and_then_as_before(self) -> None:
        station = Station()
        job = station.add()
        station.advance(0)
        job.job.break_reads(ConnectionError("no route"))
        station.advance(16)
        assert job.gaps[-1] == 3.0

        job.job.break_reads(None)
        job.job.move_to(JobState.RUNNING)
        station.advance(4.5)
        assert (job.state, job.gaps[-3:]) == ("RUNNING", [3.0, 1.0, 1.25])

    def test_a_final_job_is_read_no_more_and_the_work_ends(self) -> None:
        station = Station()
        job = station.add()
        job.job.finish()
        station.advance(100)

        assert (job.adapter.read_at, job.state) == ([0.0], "DONE")
        assert not station.runner.running
        assert station.monitor.tracked_jobs == []

    def test_a_failed_job_is_final_too(self) -> None:
        station = Station()
        job = station.add()
        job.job.fail(ValueError("lost lock"))
        station.advance(100)

        error = job.heard.last.error
        assert error is not None
        assert (len(job.adapter.read_at), error.message) == (1, "lost lock")

    def test_a_job_is_watched_once_however_often_it_is_said(self) -> None:
        station = Station()
        job = station.add()
        for _ in range(10):
            station.monitor.watch(job.tracked)
        station.advance(0.5)

        assert job.adapter.read_at == [0.0]

    def test_a_refresh_of_a_far_job_is_a_read_soon_and_on_a_worker(self) -> None:
        station = Station()
        job = station.add()
        station.advance(0.5)
        job.job.finish()
        station.monitor.refresh(job.tracked)
        assert job.state == "QUEUED"

        station.advance(0)
        assert job.state is JobState.DONE


class TestRechecks:
    def test_a_final_state_is_read_again_and_corrected(self) -> None:
        station = Station()
        job = station.add(CorrectedAdapter)
        job.job.move_to(JobState.ERROR)
        station.advance(4)
        assert job.state == "ERROR"
        job.job.finish()
        station.advance(100)

        assert (job.state, job.gaps) == ("DONE", [5.0, 20.0])
        assert not station.runner.running

    def test_a_job_that_lives_after_all_is_polled_again(self) -> None:
        station = Station()
        job = station.add(CorrectedAdapter)
        job.job.move_to(JobState.CANCELLED)
        station.advance(4)
        job.job.move_to(JobState.RUNNING)
        station.advance(10)

        assert job.state is JobState.RUNNING
        assert job.gaps[:2] == [5.0, 1.0]


class TestOutage:
    def test_a_provider_that_cannot_be_asked_makes_the_card_stale_not_failed(self) -> None:
        station = Station()
        job = station.add()
        job.job.move_to(JobState.RUNNING, message="3 of 7")
        station.advance(0)
        job.job.break_reads(ConnectionError("no route"))
        station.advance(2)

        last = job.heard.last
        assert (last.state, last.stale_since, last.error) == ("RUNNING", 1_000.0, None)
        assert last.message == "ConnectionError: no route"

    def test_the_next_answer_makes_it_fresh_and_brings_its_message_back(self) -> None:
        station = Station()
        job = station.add()
        job.job.move_to(JobState.RUNNING, message="3 of 7")
        station.advance(0)
        job.job.break_reads(ConnectionError("no route"))
        station.advance(2)
        job.job.break_reads(None)
        station.advance(2)

        assert (job.heard.last.stale_since, job.heard.last.message) == (None, "3 of 7")


class TestEnd:
    def test_a_job_that_is_watched_no_more_is_read_no_more(self) -> None:
        station = Station()
        job = station.add()
        station.advance(2)
        station.monitor.unwatch(job.tracked)
        reads = len(job.adapter.read_at)
        station.advance(100)

        assert len(job.adapter.read_at) == reads
        assert not station.runner.running
        assert station.monitor.tracked_jobs == []

    def test_a_watch_that_ends_during_its_read_is_read_no_more(self) -> None:
        station = Station()
        job = station.add()
        job.adapter.after_look = lambda: station.monitor.unwatch(job.tracked)
        station.advance(100)

        assert len(job.adapter.read_at) == 1
        assert job.heard.snapshots == []
        assert not station.runner.running

    def test_a_watch_that_ended_is_not_begun_again(self) -> None:
        station = Station()
        job = station.add()
        station.monitor.unwatch(job.tracked)
        station.advance(0)
        station.monitor.watch(job.tracked)
        station.monitor.changed(job.tracked)
        station.monitor.request_cancel(job.tracked)
        assert station.runner.pump() == 0
        station.advance(100)

        assert (job.adapter.read_at, job.job.cancels) == ([], 0)

    def test_a_dropped_watch_is_collected_and_read_no_more(self) -> None:
        station = Station()
        job = station.add(push=True)
        station.advance(1)
        adapter, provider, gone = job.adapter, job.job, weakref.ref(job.tracked)
        del job
        gc.collect()
        assert gone() is None

        provider.finish()
        station.advance(100)
        assert len(adapter.read_at) == 1
        assert not station.runner.running

    def test_a_watch_can_end_in_a_finalizer_whatever_lock_is_held(self) -> None:
        station = Station()
        job = station.add()
        station.advance(0.5)
        with station.monitor._lock, job.tracked._lock:
            station.monitor.unwatch(job.tracked)

        station.advance(10)
        assert len(job.adapter.read_at) == 1

    def test_the_work_goes_on_for_the_jobs_that_are_left(self) -> None:
        station = Station()
        ended, other = station.add(), station.add()
        ended.job.finish()
        station.advance(10)

        assert station.monitor.tracked_jobs == [other.tracked]
        assert len(other.gaps) == 5


class TestTimedTasks:
    def test_a_timed_task_is_run_on_a_worker_even_if_nothing_is_watched(self) -> None:
        station = Station()
        ran_at: list[float] = []
        for seconds in (2.0, 1.0):
            station.monitor.later(seconds, lambda: ran_at.append(station.clock.monotonic()))
        station.advance(0.9)
        assert ran_at == []

        station.advance(10)
        assert ran_at == pytest.approx([1.0, 2.0], abs=1e-3)
        assert not station.runner.running

    def test_a_task_from_a_finalizer_is_run_soon_whatever_lock_is_held(self) -> None:
        station = Station()
        job = station.add()
        station.advance(0.1)
        ran: list[str] = []
        with station.monitor._lock, job.tracked._lock:
            station.monitor.soon(lambda: ran.append("engine_call"))
        assert ran == []

        station.advance(0)
        assert ran == ["engine_call"]


class TestPicture:
    def test_a_picture_is_drawn_on_a_worker(self) -> None:
        station = Station()
        job = station.add()
        station.monitor.picture(job.tracked, lambda: {"00": 3, "11": 5})
        assert job.heard.snapshots == []

        station.advance(0)
        preview = job.tracked.snapshot.result_preview
        assert preview is not None
        assert preview["kind"] == "counts"

    def test_a_picture_is_drawn_once(self) -> None:
        station = Station()
        job = station.add()
        results = [{"0": 1}, {"0": 2}]
        for _ in range(3):
            station.monitor.picture(job.tracked, results.pop)
            station.advance(0)

        assert results == [{"0": 1}]

    def test_a_result_that_cannot_be_fetched_leaves_the_job_as_it_was(self) -> None:
        def fail() -> None:
            raise ValueError("lost")

        station = Station()
        job = station.add()
        station.advance(0)
        known = job.tracked.snapshot
        station.monitor.picture(job.tracked, fail)
        station.advance(0)

        assert job.tracked.snapshot == known
