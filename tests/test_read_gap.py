"""How often jobs are read that change all the time."""

from __future__ import annotations

import pytest

from primwidgets._monitor import read_gap
from primwidgets._monitor.read_gap import LONGEST_SECONDS, TICK_SECONDS, ReadGap
from primwidgets.snapshot import JobState
from tests.monitored import Monitored, Station


def settled(changing: int) -> ReadGap:
    """The gap after five seconds in which so many jobs change all the time."""
    gap, now = ReadGap(0.1), 0.0
    while now < 5.0:
        now += gap.seconds
        for _ in range(changing):
            gap.note_read(now)
    return gap


def test_few_jobs_are_read_with_the_shortest_gap() -> None:
    assert settled(100).seconds == 0.1


def test_hundreds_of_jobs_share_the_reads() -> None:
    assert settled(500).seconds == pytest.approx(0.33, rel=0.2)


def test_no_job_waits_for_a_second() -> None:
    gap = settled(10_000)
    waits = [gap.next_read(read_at / 100, now=0.0) - read_at / 100 for read_at in range(1_000)]

    assert max(waits) == pytest.approx(LONGEST_SECONDS, abs=0.011)
    assert LONGEST_SECONDS == 0.5


def test_jobs_that_wait_for_a_long_gap_are_read_together() -> None:
    gap = settled(10_000)
    times = {gap.next_read(read_at / 1_000, now=0.0) for read_at in range(1_000)}

    assert len(times) <= 1 / TICK_SECONDS + 1


def test_few_jobs_are_read_each_at_its_own_time() -> None:
    gap = settled(100)

    assert gap.next_read(1.0, now=1.03) == 1.1
    assert gap.next_read(1.0, now=1.2) == 1.2


def test_after_a_quiet_time_the_gap_is_the_shortest_again() -> None:
    gap = settled(1_000)
    gap.note_read(60.0)

    assert gap.seconds == 0.1


def test_a_job_that_seldom_changes_is_read_at_once_among_many_that_always_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_gap, "READS_PER_SECOND", 30)
    station = Station()
    busy = [station.add(push=True) for _ in range(10)]
    seldom = station.add(push=True)
    play(station, busy, 200)
    seldom.job.move_to(JobState.RUNNING)
    station.advance(0)

    assert seldom.state is JobState.RUNNING
    assert busy[0].gaps[-1] == pytest.approx(0.33, rel=0.4)


def test_jobs_that_are_polled_do_not_make_those_wait_that_report_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_gap, "READS_PER_SECOND", 5)
    station = Station()
    polled = [station.add() for _ in range(30)]
    job = station.add(push=True)
    station.advance(60)
    for _ in range(3):
        job.job.move_to(JobState.RUNNING, progress=len(job.gaps) / 100)
        station.advance(0.1)

    assert sum(len(one.gaps) for one in polled) > 300
    assert job.gaps[-1] == 0.1


def play(station: Station, jobs: list[Monitored], steps: int) -> None:
    for step in range(steps):
        for job in jobs:
            job.job.move_to(JobState.RUNNING, progress=step / steps)
        station.advance(0.02)
