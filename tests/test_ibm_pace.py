"""How many requests a job of IBM's service costs, and how late its changes are met, on a simulated clock."""

from __future__ import annotations

import random
from statistics import mean

import pytest

from primwidgets.adapters.qiskit_ibm_runtime import RuntimeJobAdapter
from primwidgets.snapshot import JobState
from tests.monitored import FarAdapter, Station

#: Seconds.
TEN_MINUTES = 600.0


class IbmPace(FarAdapter):
    pace = RuntimeJobAdapter.pace


def follow(queued: float, running: float) -> tuple[int, float, float]:
    """The requests that a job costs, and how many seconds late its start and its end are met."""
    station = Station()
    job = station.add(IbmPace)
    station.advance(queued)
    job.job.move_to(JobState.RUNNING)
    station.advance(running)
    job.job.move_to(JobState.DONE)
    station.advance(60.0)
    started = next(at for at in job.adapter.read_at if at >= queued)
    ended = next(at for at in job.adapter.read_at if at >= queued + running)
    return len(job.adapter.read_at), started - queued, ended - queued - running


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_a_job_of_ten_minutes_costs_few_requests_and_its_changes_are_met_soon(share: float) -> None:
    """The mean is over jobs whose changes fall elsewhere between two reads."""
    chance = random.Random(7)
    lives = [(share * TEN_MINUTES + spread(chance), (1 - share) * TEN_MINUTES + spread(chance)) for _ in range(12)]
    followed = [follow(queued, running) for queued, running in lives]
    assert max(requests for requests, _, _ in followed) <= 300
    assert mean(late / queued for (queued, _), (_, late, _) in zip(lives, followed, strict=True)) <= 0.05
    assert mean(late / running for (_, running), (_, _, late) in zip(lives, followed, strict=True)) <= 0.05


def spread(chance: random.Random) -> float:
    """Up to the time between two reads of a job that has been in a state for long."""
    return chance.uniform(0, IbmPace.pace.ceiling)
