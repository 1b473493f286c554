"""Jobs that are read once in a while although their providers report changes."""

from __future__ import annotations

import gc
import math

from primwidgets._monitor.heartbeats import GRAIN_SECONDS, Heartbeats
from primwidgets._monitor.monitor import HEARTBEAT_SECONDS
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import UNKNOWN, JobState
from primwidgets.testing import FakeJob
from tests.monitored import Station


def tracked_job() -> TrackedJob:
    return TrackedJob(adapter_for(FakeJob()), UNKNOWN.evolve(uid="job"), lambda snapshot: None)


def read(tracked: TrackedJob, at: float) -> TrackedJob:
    tracked.begin_read(at)
    return tracked


def test_a_job_that_was_not_read_for_long_has_to_be_read() -> None:
    heartbeats, job = Heartbeats(30.0), read(tracked_job(), 0.0)
    heartbeats.join(job, 0.0)

    assert heartbeats.pop_due(29.9) == []
    assert heartbeats.pop_due(30.0) == [job]
    assert heartbeats.next_due() == math.inf


def test_a_job_that_was_read_meanwhile_waits_from_then_on() -> None:
    heartbeats, job = Heartbeats(30.0), tracked_job()
    heartbeats.join(job, 0.0)
    read(job, 20.0)

    assert heartbeats.pop_due(30.0) == []
    assert heartbeats.next_due() == 50.0
    assert heartbeats.pop_due(50.0) == [job]


def test_jobs_that_were_read_at_about_the_same_time_are_read_together() -> None:
    heartbeats = Heartbeats(30.0)
    jobs = [read(tracked_job(), GRAIN_SECONDS * share) for share in (0.0, 0.5, 1.0)]
    for job in jobs:
        heartbeats.join(job, 0.0)

    assert heartbeats.pop_due(30.0) == jobs


def test_a_job_joins_once_however_often_it_changes() -> None:
    heartbeats, job = Heartbeats(30.0), tracked_job()

    assert [heartbeats.join(job, float(now)) for now in range(3)] == [True, False, False]
    assert heartbeats.pop_due(40.0) == [job]
    assert heartbeats.join(job, 40.0)


def test_jobs_that_are_closed_or_dropped_or_have_ended_need_no_heartbeat() -> None:
    heartbeats = Heartbeats(30.0)
    closed, dropped, ended = tracked_job(), tracked_job(), tracked_job()
    for job in (closed, dropped, ended):
        heartbeats.join(job, 0.0)
    closed.close()
    ended.heartbeat = None
    del dropped, job
    gc.collect()

    assert heartbeats.next_due() == math.inf


def test_jobs_that_have_left_do_not_pile_up() -> None:
    heartbeats, kept = Heartbeats(30.0), tracked_job()
    heartbeats.join(kept, 0.0)
    for _ in range(1_000):
        heartbeats.join(tracked_job(), 1.0)

    assert len(heartbeats._heap) < 200
    assert heartbeats.pop_due(30.0) == [kept]


def test_a_push_that_was_lost_is_noticed_with_the_next_heartbeat() -> None:
    station = Station()
    job = station.add(push=True)
    job.job.move_to(JobState.RUNNING, progress=0.1)
    station.advance(1.0)
    job.job._listeners.clear()
    job.job.move_to(JobState.RUNNING, progress=0.5)
    station.advance(HEARTBEAT_SECONDS + GRAIN_SECONDS)

    assert job.tracked.snapshot.progress == 0.5


def test_the_monitor_has_nothing_to_do_once_its_jobs_have_ended() -> None:
    station = Station()
    job = station.add(push=True)
    job.job.move_to(JobState.RUNNING)
    station.advance(1.0)
    job.job.finish()
    station.advance(1.0)

    assert station.monitor.pump() is None
