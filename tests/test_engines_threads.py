from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from typing import Any

import pytest

from primwidgets import EngineError, JobCancelled, report, track
from primwidgets._progress.track import current_context
from primwidgets.engines.base import FunctionCall
from primwidgets.engines.threads import LocalEngine, LocalJob
from primwidgets.snapshot import JobState
from tests.monitored import PATIENCE, wait_until


class Gate:
    """A function that tells that it runs, and returns when it is let go."""

    def __init__(self) -> None:
        self.inside = threading.Event()
        self.open = threading.Event()

    def __call__(self) -> str:
        self.inside.set()
        assert self.open.wait(PATIENCE)
        report()
        return "done"


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open.set()


def start(engine: LocalEngine, function: Callable[..., Any], *arguments: Any) -> LocalJob:
    return engine.start(FunctionCall(function, arguments, {}, "task"))


def running(engine: LocalEngine, gate: Gate) -> LocalJob:
    job = start(engine, gate)
    assert gate.inside.wait(PATIENCE)
    return job


def assert_set(event: threading.Event) -> None:
    assert event.wait(PATIENCE)


def outcome(job: LocalJob) -> Any:
    return job.result(PATIENCE)


def test_a_call_returns_what_the_function_returns() -> None:
    job = start(LocalEngine(), divmod, 7, 2)
    assert outcome(job) == (3, 1)
    assert job.done()


def test_a_call_raises_what_the_function_raises_and_shows_the_functions_frames_alone() -> None:
    def fail() -> None:
        raise KeyError("x")

    job = start(LocalEngine(), fail)
    with pytest.raises(KeyError):
        outcome(job)
    error = job.exception_now()
    assert isinstance(error, KeyError)
    assert job.state() is JobState.ERROR
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert frames[-1] == "fail"
    assert "_carry_out" not in frames


def test_what_ends_threads_does_not_end_the_engine() -> None:
    def leave() -> None:
        raise SystemExit

    engine = LocalEngine(threads=1)
    with pytest.raises(SystemExit):
        outcome(start(engine, leave))
    assert outcome(start(engine, abs, -1)) == 1


def test_those_who_wait_know_their_place(gate: Gate) -> None:
    engine = LocalEngine(threads=1)
    first = running(engine, gate)
    second, third, fourth = (start(engine, abs, -1) for _ in range(3))
    assert [job.queue_position for job in (first, second, third, fourth)] == [None, 1, 2, 3]
    assert (first.state(), second.state()) == (JobState.RUNNING, JobState.QUEUED)
    third.cancel()
    assert [job.queue_position for job in (second, third, fourth)] == [1, None, 2]


def test_a_call_for_which_a_thread_is_free_has_no_place_in_the_queue(gate: Gate) -> None:
    engine = LocalEngine(threads=2)
    turn = threading.Event()
    for _ in range(2):  # the free threads are slow to look
        engine._workers.submit(lambda: assert_set(turn))
    jobs = [start(engine, gate) for _ in range(4)]
    assert [job.queue_position for job in jobs] == [None, None, 1, 2]
    turn.set()
    wait_until(lambda: jobs[1].running())
    assert [job.queue_position for job in jobs] == [None, None, 1, 2]


def test_who_has_a_result_finds_the_thread_free() -> None:
    engine = LocalEngine(threads=1)
    for _ in range(200):
        job = start(engine, abs, -1)
        assert job.queue_position is None
        outcome(job)


def test_a_call_that_waits_for_another_one_leaves_it_no_place_in_the_queue() -> None:
    engine = LocalEngine(threads=1)

    def nest() -> tuple[Any, Any]:
        first, second = start(engine, abs, -1), start(engine, abs, -2)
        place = first.queue_position
        return place, outcome(first) + outcome(second)

    assert outcome(start(engine, nest)) == (1, 3)


def test_queued_jobs_show_when_they_move_up(gate: Gate) -> None:
    engine = LocalEngine(threads=1)
    running(engine, gate)
    other = Gate()
    start(engine, other)
    waiting = start(engine, abs, -1)
    moved = threading.Event()
    waiting.add_listener(moved.set)
    gate.open.set()
    assert moved.wait(PATIENCE)
    assert other.inside.wait(PATIENCE)
    assert waiting.queue_position == 1
    other.open.set()


def test_a_call_that_waits_is_cancelled_at_once(gate: Gate) -> None:
    engine = LocalEngine(threads=1)
    running(engine, gate)
    waiting = start(engine, abs, -1)
    told = threading.Event()
    waiting.add_listener(told.set)
    assert waiting.cancel()
    assert told.is_set()
    assert waiting.cancelled()
    with pytest.raises(CancelledError):
        outcome(waiting)


def test_a_call_that_runs_is_asked_to_stop(gate: Gate) -> None:
    job = running(LocalEngine(), gate)
    assert job.cancel()
    assert job.running()  # it has not noticed yet
    gate.open.set()
    with pytest.raises(JobCancelled):
        outcome(job)
    assert job.cancelled()


def test_a_call_that_is_over_cannot_be_cancelled() -> None:
    job = start(LocalEngine(), abs, -1)
    outcome(job)
    assert not job.cancel()
    assert job.done()


def test_the_queue_is_bounded_and_says_so(gate: Gate) -> None:
    engine = LocalEngine(threads=1, queue_limit=2)
    running(engine, gate)
    start(engine, abs, -1)
    last = start(engine, abs, -1)
    with pytest.raises(EngineError, match="2 calls wait already"):
        start(engine, abs, -1)
    last.cancel()
    start(engine, abs, -1)


def test_calls_that_wait_for_other_calls_leave_them_their_thread() -> None:
    engine = LocalEngine(threads=1)

    def nest(depth: int) -> int:
        return 0 if depth == 0 else 1 + int(outcome(start(engine, nest, depth - 1)))

    assert outcome(start(engine, nest, 20)) == 20


def test_progress_belongs_to_the_call_that_makes_it(gate: Gate) -> None:
    engine = LocalEngine(threads=2)

    def steps() -> None:
        for _ in track(range(4)):
            pass

    job, other = running(engine, gate), start(engine, steps)
    outcome(other)
    assert (job.context.progress().fraction, other.context.progress().fraction) == (None, 1.0)


def test_a_thread_belongs_to_no_job_afterwards() -> None:
    engine = LocalEngine(threads=1)
    job = start(engine, current_context)
    assert outcome(job) is job.context
    assert current_context() is None


def test_a_finished_job_does_not_keep_its_arguments() -> None:
    class Big:
        pass

    big = Big()
    gone = weakref.ref(big)
    job = start(LocalEngine(), lambda _: None, big)
    del big
    outcome(job)
    wait_until(lambda: gone() is None)


def test_ten_thousand_small_calls() -> None:
    engine = LocalEngine()
    jobs = [start(engine, abs, -number) for number in range(10_000)]
    assert sum(map(outcome, jobs)) == sum(range(10_000))
