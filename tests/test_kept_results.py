"""What a displayed job holds, such as a large result, goes with the last reference, however the job was used."""

from __future__ import annotations

import asyncio
import concurrent.futures
import copy
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from primwidgets import JobGroup, JobState, WidgetJob
from primwidgets.testing import FakeJob
from tests.monitored import PATIENCE
from tests.recording_comm import RecordingFrontend
from tests.test_kept_card import LifetimeProbe, Result, are_gone

pytestmark = pytest.mark.usefixtures("no_cards_left")

Use = Callable[[Any], object]


def awaited(job: Any) -> None:
    async def wait() -> None:
        await job

    asyncio.run(wait())


def collected_by_futures(job: Any) -> None:
    concurrent.futures.wait([job], timeout=PATIENCE)
    list(concurrent.futures.as_completed([job], timeout=PATIENCE))


def observed(job: Any) -> None:
    job.observe(lambda _: None, "state")
    job.result()


def called_back(job: Any) -> None:
    job.add_done_callback(lambda future: future.result())
    job.result()


def shown_again(job: Any) -> None:
    job._repr_mimebundle_()
    repr(job)
    job.result()


def copied(job: Any) -> None:
    job.result()
    copy.copy(job).close()


def grouped(job: Any) -> None:
    group = JobGroup([job])
    group.result()
    group.close()


def read_twice(job: Any) -> None:
    assert job.result() is job.result()


def not_used(_: Any) -> None: ...


FINISHED: list[Use] = [read_twice, awaited, observed, shown_again, grouped, not_used]


def shown(frontend: RecordingFrontend, job: Any) -> Any:
    widget = WidgetJob(job)
    frontend.shown_by(widget)
    return widget


def used_and_dropped(
    frontend: RecordingFrontend, make: Callable[[], Any], end: Callable[[Any], Any], use: Use
) -> list[LifetimeProbe]:
    """Show a job, end it with ``end``, which returns what it holds, and use it; weak references to all of it.

    The job is made here, since pytest keeps what is made within an assertion.
    """
    job = make()
    widget = shown(frontend, job)
    held = end(job)
    assert widget._waiting.wait(PATIENCE)
    use(widget)
    return [LifetimeProbe(widget), LifetimeProbe(job), LifetimeProbe(held)]


def finish(job: Any) -> Result:
    result = Result()
    (job.finish if isinstance(job, FakeJob) else job.set_result)(result)
    return result


@pytest.mark.parametrize("use", [*FINISHED, copied])
def test_a_result_goes_with_its_displayed_job(frontend: RecordingFrontend, use: Use) -> None:
    assert are_gone(used_and_dropped(frontend, FakeJob, finish, use))


@pytest.mark.parametrize("use", [*FINISHED, collected_by_futures, called_back])
def test_the_result_of_a_future_goes_with_it(frontend: RecordingFrontend, use: Use) -> None:
    assert are_gone(used_and_dropped(frontend, Future, finish, use))


class Failure(ValueError):
    """An exception, of which there can be weak references."""


def fail(job: FakeJob) -> Failure:
    data, error = Result(), Failure("no such qubit")
    error.data = data  # type: ignore[attr-defined]  # as exceptions that carry what they failed on
    job.fail(error)
    return error


def raised(job: Any) -> None:
    with pytest.raises(Failure, match="qubit"):
        job.result()


@pytest.mark.parametrize("use", [raised, not_used])
def test_the_exception_of_a_displayed_job_goes_with_it(frontend: RecordingFrontend, use: Use) -> None:
    assert are_gone(used_and_dropped(frontend, FakeJob, fail, use))


def test_the_results_of_many_displayed_jobs_are_not_kept(frontend: RecordingFrontend) -> None:
    probes = []
    for _ in range(10):
        probes += used_and_dropped(frontend, FakeJob, finish, read_twice)

    assert are_gone(probes)
    assert len({message["comm_id"] for message in frontend.messages}) >= 10


def test_a_displayed_job_that_is_cancelled_goes_with_its_last_reference(frontend: RecordingFrontend) -> None:
    def cancel(job: FakeJob) -> Result:
        job.move_to(JobState.CANCELLED)
        return Result()

    assert are_gone(used_and_dropped(frontend, FakeJob, cancel, not_used))
