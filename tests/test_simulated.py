from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any

import pytest

from primwidgets._clock import SYSTEM_CLOCK
from primwidgets.adapters import adapter_for
from primwidgets.simulated import (
    SLOW_CANCEL_SECONDS,
    SimulatedFailure,
    SimulatedJob,
    SimulatedOutage,
    SimulatedProvider,
    SimulatedRefusal,
    SimulatedResult,
)
from primwidgets.snapshot import JobSnapshot, JobState
from primwidgets.testing import ManualClock
from tests.monitored import PATIENCE

BLANK = JobSnapshot(uid="u1")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def provider(clock: ManualClock) -> SimulatedProvider:
    return SimulatedProvider(clock=clock)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def life(job: SimulatedJob, clock: ManualClock, seconds: int) -> list[tuple[str, str | None, str | None]]:
    """What the card shows, ten times a second."""
    seen: list[tuple[str, str | None, str | None]] = []
    for _ in range(seconds * 10):
        read = adapter_for(job).read(BLANK)
        shown = (read.state.value, read.queue_position, read.progress_text)
        if shown not in seen[-1:]:
            seen.append(shown)
        clock.advance(0.1)
    return seen


def test_a_job_moves_up_in_the_queue_then_runs_circuit_by_circuit_then_is_done(
    provider: SimulatedProvider, clock: ManualClock
) -> None:
    assert life(provider.run(queue=3, seconds=2, circuits=3), clock, 10) == [
        ("QUEUED", "3", None),
        ("QUEUED", "2", None),
        ("QUEUED", "1", None),
        ("RUNNING", None, "0 of 3 circuits"),
        ("RUNNING", None, "1 of 3 circuits"),
        ("RUNNING", None, "2 of 3 circuits"),
        ("DONE", None, "3 of 3 circuits"),
    ]


def test_the_same_seed_gives_the_same_jobs_and_another_seed_others() -> None:
    first, same, other = (
        [(job := SimulatedProvider(seed, ManualClock()).run()).script, job._outcome] for seed in (7, 7, 8)
    )
    assert first == same
    assert first != other


def test_the_jobs_of_a_provider_differ(provider: SimulatedProvider) -> None:
    first, second = provider.run(), provider.run()
    assert first.job_id() != second.job_id()
    assert first.script.turns_at != second.script.turns_at


def test_without_a_queue_a_job_runs_at_once(provider: SimulatedProvider) -> None:
    job = provider.run(queue=0)
    assert job.running()
    assert not job.in_final_state()
    assert adapter_for(job).read(BLANK).queued_at is None


def test_the_times_are_the_provider_s(provider: SimulatedProvider, clock: ManualClock) -> None:
    submitted_at = clock.now()
    job = provider.run(queue=2, seconds=4)
    queued = adapter_for(job).read(BLANK)
    assert (queued.created_at, queued.queued_at, queued.started_at) == (submitted_at, submitted_at, None)
    assert queued.estimated_start_at == job.script.starts_at
    clock.advance(100)
    done = adapter_for(job).read(queued)
    assert (done.started_at, done.finished_at) == (job.script.starts_at, job.script.starts_at + 4)
    assert done.estimated_start_at is None


def test_the_result_is_of_a_bell_pair_and_can_be_drawn(provider: SimulatedProvider, clock: ManualClock) -> None:
    job = provider.run(queue=0)
    clock.advance(5)
    result = job.result()
    assert isinstance(result, SimulatedResult)
    assert set(result.counts) == {"00", "11"}
    assert sum(result.counts.values()) == result.shots
    preview = adapter_for(job).preview(result)
    assert preview is not None
    assert preview["panels"][0]["shots"] == result.shots


def test_a_result_can_be_given(provider: SimulatedProvider, clock: ManualClock) -> None:
    mine = object()
    job = provider.run(queue=0, result=mine)
    clock.advance(5)
    assert job.result() is mine


def test_result_blocks_until_the_job_is_done(
    provider: SimulatedProvider, clock: ManualClock, pool: ThreadPoolExecutor
) -> None:
    job = provider.run(queue=0, seconds=5, result="ready")
    waiting = pool.submit(job.result)
    assert clock.await_sleepers()
    clock.advance(4.9)
    assert not waiting.done()
    clock.advance(0.2)
    assert waiting.result(PATIENCE) == "ready"


def test_the_system_clock_turns_the_script_too() -> None:
    assert SimulatedProvider(clock=SYSTEM_CLOCK).run(queue=0, seconds=0.01, result="ready").result() == "ready"


def test_a_job_that_fails_says_why_and_ends_before_its_time(provider: SimulatedProvider, clock: ManualClock) -> None:
    job = provider.run(queue=0, seconds=10, outcome="fail")
    clock.advance(7)
    read = adapter_for(job).read(BLANK)
    assert read.state is JobState.ERROR
    assert read.error is not None
    with pytest.raises(SimulatedFailure) as caught:
        job.result()
    assert (type(caught.value).__name__, str(caught.value)) == (read.error.type, read.error.message)
    assert read.progress is not None
    assert 0 < read.progress < 1


def test_an_accepted_cancel_takes_effect_at_once(provider: SimulatedProvider, clock: ManualClock) -> None:
    job = provider.run(queue=0, seconds=10)
    clock.advance(5)
    assert job.cancel() is True
    assert job.cancelled()
    clock.advance(20)
    assert job.cancelled()
    assert adapter_for(job).read(BLANK).progress == 0.5


def test_a_cancel_lets_go_of_who_is_blocked_in_result(
    provider: SimulatedProvider, clock: ManualClock, pool: ThreadPoolExecutor
) -> None:
    job = provider.run(queue=0)
    waiting = pool.submit(job.result)
    assert clock.await_sleepers()
    job.cancel()
    with pytest.raises(CancelledError):
        waiting.result(PATIENCE)


def test_a_job_cancelled_in_the_queue_never_started(provider: SimulatedProvider) -> None:
    job = provider.run(queue=3)
    job.cancel()
    read = adapter_for(job).read(BLANK)
    assert (read.state, read.started_at) == (JobState.CANCELLED, None)


def test_a_slow_cancel_takes_effect_later(provider: SimulatedProvider, clock: ManualClock) -> None:
    job = provider.run(queue=0, seconds=10, cancel="slow")
    assert job.cancel() is None
    clock.advance(SLOW_CANCEL_SECONDS - 0.1)
    assert job.running()
    assert job.cancel() is None
    clock.advance(0.2)
    assert job.cancelled()


def test_a_slow_cancel_lets_go_of_who_is_blocked_in_result(
    provider: SimulatedProvider, clock: ManualClock, pool: ThreadPoolExecutor
) -> None:
    job = provider.run(queue=0, seconds=10, cancel="slow")
    waiting = pool.submit(job.result)
    assert clock.await_sleepers()
    job.cancel()
    clock.advance(SLOW_CANCEL_SECONDS)
    with pytest.raises(CancelledError):
        waiting.result(PATIENCE)


def test_a_slow_cancel_can_come_too_late(provider: SimulatedProvider, clock: ManualClock) -> None:
    job = provider.run(queue=0, seconds=1, cancel="slow")
    job.cancel()
    clock.advance(10)
    assert job.done()


def test_a_refused_cancel_has_a_reason_and_the_job_goes_on(provider: SimulatedProvider, clock: ManualClock) -> None:
    job = provider.run(queue=0, cancel="refuse")
    with pytest.raises(SimulatedRefusal, match="calibration"):
        job.cancel()
    report = adapter_for(job).cancel()
    assert report.accepted is False
    assert report.detail is not None
    assert "calibration" in report.detail
    clock.advance(10)
    assert job.done()


def test_an_ignored_cancel_says_nothing_and_the_job_goes_on(provider: SimulatedProvider, clock: ManualClock) -> None:
    job = provider.run(queue=0, cancel="ignore")
    assert job.cancel() is None
    assert job.running()
    clock.advance(10)
    assert job.done()


@pytest.mark.parametrize("cancel", ["accept", "slow", "refuse", "ignore"])
def test_a_cancel_after_the_end_says_no(provider: SimulatedProvider, clock: ManualClock, cancel: Any) -> None:
    job = provider.run(queue=0, cancel=cancel)
    clock.advance(10)
    assert job.cancel() is False
    assert job.done()


def test_during_an_outage_no_request_is_answered_and_the_job_goes_on(
    provider: SimulatedProvider, clock: ManualClock
) -> None:
    job = provider.run(queue=0, seconds=4, outage=(1, 6))
    assert job.running()
    clock.advance(1)
    for ask in (job.status, job.done, job.running, job.cancelled, job.in_final_state, job.cancel):
        with pytest.raises(SimulatedOutage):
            ask()
    with pytest.raises(ConnectionError):
        adapter_for(job).read(BLANK)
    clock.advance(5)
    assert job.done()


def test_a_job_can_be_had_again_by_its_id(provider: SimulatedProvider) -> None:
    job = provider.run("bell pair")
    assert provider.retrieve(job.job_id()) is job
    with pytest.raises(KeyError):
        provider.retrieve("sim-0-99")


def test_the_name_is_metadata_and_remote_jobs_want_a_confirmation(provider: SimulatedProvider) -> None:
    job = provider.run("bell pair", remote=True)
    adapter = adapter_for(job)
    assert adapter.read(BLANK).metadata == {"name": "bell pair"}
    assert adapter.remote
    assert not adapter_for(provider.run()).remote


@pytest.mark.parametrize(
    "wrong",
    [{"queue": -1}, {"seconds": 0}, {"circuits": 0}, {"outcome": "explode"}, {"cancel": "maybe"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_script_that_makes_no_sense_is_refused(provider: SimulatedProvider, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is not one of|or more"):
        provider.run(**wrong)


def test_a_job_needs_no_thread(provider: SimulatedProvider) -> None:
    before = {*threading.enumerate()}
    for _ in range(100):
        provider.run().status()
    assert {*threading.enumerate()} <= before
