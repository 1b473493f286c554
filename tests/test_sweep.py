"""Jobs that do not report their start: the monitor compares marks, and reads only the jobs that changed."""

from __future__ import annotations

from typing import ClassVar

from primwidgets._monitor.sweep import CEILING_SECONDS, MARKS_PER_SECOND
from primwidgets.adapters.base import Pace
from primwidgets.snapshot import JobState
from primwidgets.testing import FakeJob
from tests.monitored import FarAdapter, Monitored, Station


class MarkedAdapter(FarAdapter):
    """A job of this process whose end is pushed and whose start is not, as that of a future."""

    blocking: ClassVar[bool] = False
    pace = Pace(first=0.05, ceiling=0.5)
    pushed = frozenset({JobState.RUNNING})
    looks = 0

    def change_mark(self) -> object:
        type(self).looks += 1
        return self.job._status


def start_silently(job: FakeJob) -> None:
    """Begin to run without a push."""
    listeners, job._listeners = job._listeners, []
    job.move_to(JobState.RUNNING)
    job._listeners = listeners


def quiet(station: Station, count: int) -> list[Monitored]:
    jobs = [station.add(MarkedAdapter, push=True) for _ in range(count)]
    station.advance(10)
    return jobs


def test_jobs_that_do_nothing_are_not_read() -> None:
    station = Station()
    jobs = quiet(station, 50)
    reads = sum(len(job.adapter.read_at) for job in jobs)
    station.advance(100)

    assert sum(len(job.adapter.read_at) for job in jobs) == reads


def test_a_start_that_is_not_pushed_is_shown_within_a_second() -> None:
    station = Station()
    jobs = quiet(station, 50)
    start_silently(jobs[33].job)
    station.advance(CEILING_SECONDS + 0.1)

    assert [job.state for job in jobs].count(JobState.RUNNING) == 1
    assert jobs[33].heard.last.state is JobState.RUNNING


def test_a_new_job_is_compared_soon_however_long_the_others_did_nothing() -> None:
    station = Station()
    quiet(station, 3)
    station.advance(60)
    new = station.add(MarkedAdapter, push=True)
    start_silently(new.job)
    station.advance(0.1)

    assert new.state is JobState.RUNNING


def test_a_change_between_the_subscription_and_the_first_read_is_not_missed_later() -> None:
    station = Station()
    job = station.prepare(MarkedAdapter, push=True)
    station.monitor.subscribe(job.tracked)
    start_silently(job.job)
    station.monitor.watch(job.tracked)
    station.advance(1)

    assert job.state is JobState.RUNNING


def test_jobs_that_ended_or_were_dropped_are_not_compared_any_more() -> None:
    station = Station()
    jobs = quiet(station, 3)
    jobs[0].job.finish()
    station.monitor.unwatch(jobs[1].tracked)
    station.advance(2)
    MarkedAdapter.looks = 0
    station.advance(10)

    assert 10 <= MarkedAdapter.looks <= 10 / CEILING_SECONDS + 1  # of one job
    del jobs[2]
    station.advance(2)
    assert not station.runner.running


def test_the_time_for_all_comparisons_is_bounded() -> None:
    station = Station()
    count = MARKS_PER_SECOND // 10
    quiet(station, count)
    MarkedAdapter.looks = 0
    station.advance(10)

    assert MarkedAdapter.looks <= 10 * MARKS_PER_SECOND


def test_an_adapter_whose_marks_fail_has_its_job_polled() -> None:
    class BrokenAdapter(MarkedAdapter):
        broken = False

        def change_mark(self) -> object:
            if self.broken:
                raise RuntimeError("no mark")
            return 1

    station = Station()
    job = station.add(BrokenAdapter, push=True)
    other = quiet(station, 1)[0]
    BrokenAdapter.broken = True
    start_silently(job.job)
    start_silently(other.job)
    station.advance(2)

    assert (job.state, other.state) == (JobState.RUNNING, JobState.RUNNING)
