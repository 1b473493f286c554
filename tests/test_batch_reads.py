"""Jobs that are read together, where the provider lists them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from primwidgets._monitor.hang_watch import HANG_SECONDS
from primwidgets.adapters.base import Pace
from primwidgets.snapshot import JobSnapshot, JobState
from tests.monitored import FarAdapter, Monitored, Station


class ListedAdapter(FarAdapter):
    """A provider that lists its jobs, with a budget of one request a second.

    Attributes:
        requests: the jobs that each request was about, and when it was made.
        unlisted: the names of jobs that the list does not hold.
        outage: what a request for the list raises.
        told: answers that the list gives, by name.
    """

    pace = Pace(first=1.0, ceiling=4.0, requests_per_second=1.0)
    batch_limit: ClassVar[int] = 100
    requests: ClassVar[list[tuple[float, list[str]]]] = []
    unlisted: ClassVar[set[str]] = set()
    outage: ClassVar[list[BaseException]] = []
    told: ClassVar[dict[str, Any]] = {}

    def read(self, last: JobSnapshot) -> JobSnapshot:
        self.requests.append((self.clock.monotonic(), [self.job_id()]))
        return super().read(last)

    @classmethod
    def read_many(cls, adapters: Sequence[Any], last: Sequence[JobSnapshot]) -> Sequence[Any]:
        names = [adapter.job_id() for adapter in adapters]
        cls.requests.append((adapters[0].clock.monotonic(), names))
        if cls.outage:
            raise cls.outage[0]
        looks = [FarAdapter.read(adapter, known) for adapter, known in zip(adapters, last, strict=True)]
        answers = [cls.told.get(name, look) for name, look in zip(names, looks, strict=True)]
        return [None if name in cls.unlisted else answer for name, answer in zip(names, answers, strict=True)]


@pytest.fixture(autouse=True)
def _clean() -> None:
    for kept in (ListedAdapter.requests, ListedAdapter.unlisted, ListedAdapter.outage, ListedAdapter.told):
        kept.clear()


@pytest.fixture
def station() -> Station:
    return Station()


def add(station: Station, count: int) -> list[Monitored]:
    jobs = [station.add(ListedAdapter, name=f"job-{number}") for number in range(count)]
    for job in jobs:
        job.job.move_to(JobState.RUNNING)
    return jobs


def sizes() -> list[int]:
    return [len(names) for _, names in ListedAdapter.requests]


def test_jobs_that_are_due_are_read_with_one_request(station: Station) -> None:
    jobs = add(station, 50)
    station.advance(1.0)

    assert {job.state for job in jobs} == {JobState.RUNNING}
    assert max(sizes()) >= 49
    assert len(sizes()) <= 2


def test_thousands_of_jobs_cost_one_request_a_second_in_all(station: Station) -> None:
    jobs = add(station, 300)
    begin = station.clock.monotonic()
    station.advance(30.0)
    seconds = station.clock.monotonic() - begin

    assert len(sizes()) <= seconds + 1
    assert max(sizes()) == ListedAdapter.batch_limit
    assert {job.state for job in jobs} == {JobState.RUNNING}


def test_a_job_that_the_list_does_not_hold_is_read_by_itself(station: Station) -> None:
    ListedAdapter.unlisted.add("job-3")
    jobs = add(station, 5)
    station.advance(3.0)

    assert jobs[3].state is JobState.RUNNING
    assert ["job-3"] in [names for _, names in ListedAdapter.requests]


def test_where_the_list_fails_each_job_is_read_by_itself(station: Station) -> None:
    ListedAdapter.outage.append(PermissionError("no lists"))
    jobs = add(station, 4)
    station.advance(20.0)

    assert {job.state for job in jobs} == {JobState.RUNNING}
    assert not any(job.tracked.is_stale for job in jobs)


@pytest.mark.parametrize("answer", ["no snapshot", 7])
def test_an_answer_that_is_no_snapshot_is_none(station: Station, answer: object) -> None:
    ListedAdapter.told["job-1"] = answer
    jobs = add(station, 3)
    station.advance(3.0)

    assert {job.state for job in jobs} == {JobState.RUNNING}


def test_an_answer_that_is_an_error_makes_that_job_stale(station: Station) -> None:
    jobs = add(station, 3)
    station.advance(3.0)
    ListedAdapter.told["job-1"] = ConnectionError("this one is not to be had")
    station.advance(6.0)

    assert [job.tracked.is_stale for job in jobs] == [False, True, False]


def test_jobs_of_several_accounts_are_not_read_together(station: Station) -> None:
    jobs = add(station, 6)
    for number, job in enumerate(jobs):
        job.adapter.batch_key = number % 2
    station.advance(10.0)

    for _, names in ListedAdapter.requests:
        assert len({int(name.partition("-")[2]) % 2 for name in names}) == 1
    assert {job.state for job in jobs} == {JobState.RUNNING}


def test_a_job_that_is_closed_is_read_no_more(station: Station) -> None:
    jobs = add(station, 4)
    station.advance(3.0)
    station.monitor.unwatch(jobs[2].tracked)
    ListedAdapter.requests.clear()
    station.advance(2 * HANG_SECONDS)

    assert not any("job-2" in names for _, names in ListedAdapter.requests)
    assert len(sizes()) > 0
