from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from loky import ProcessPoolExecutor as LokyExecutor

from primwidgets import EngineError, JobState, WorkerDied, report, submit, track
from primwidgets.engines import FunctionCall, FunctionJob, engine_for
from primwidgets.engines.executor import engine as executor_module
from primwidgets.engines.executor.engine import ExecutorEngine, ExecutorJob
from tests.callers import HeardJob, heard_of
from tests.monitored import PATIENCE


def threads() -> Executor:
    return ThreadPoolExecutor(1)


def processes() -> Executor:
    return ProcessPoolExecutor(1, get_context("spawn"))


def loky() -> Executor:
    executor: Executor = LokyExecutor(1)
    return executor


@pytest.fixture(scope="module", params=[threads, processes, loky], ids=lambda make: make.__name__)
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    with request.param() as executor:
        yield executor


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        yield pool


def start(executor: Executor, function: Callable[..., Any], *arguments: Any) -> ExecutorJob:
    job = engine_for(executor).start(FunctionCall(function, arguments, {}, "task"))
    assert isinstance(job, ExecutorJob)
    return job


def await_state(job: FunctionJob[Any], wanted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not wanted():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def loop() -> None:
    for _ in track(iter(int, 1)):
        time.sleep(0.005)


def wait_for(file: str) -> str:
    while not Path(file).exists():
        time.sleep(0.005)
    return "done"


# What all executors have in common.


def test_the_engine_of_an_executor_bears_its_name(executor: Executor) -> None:
    assert isinstance(engine_for(executor), ExecutorEngine)
    assert submit(abs, -1, engine=executor).snapshot.provider == type(executor).__name__


def test_a_call_tells_how_far_it_is_and_prints_to_its_log(executor: Executor) -> None:
    def work(steps: int) -> str:
        for step in track(range(steps)):
            print("step", step)
        report(message="ready")
        return "x"

    job = start(executor, work, 4)
    assert job.result(PATIENCE) == "x"
    assert job.output == "step 0\nstep 1\nstep 2\nstep 3\n"
    assert (job.context.progress().fraction, job.context.progress().message) == (1.0, "ready")
    assert job.done()


def test_progress_and_cancel_reach_a_call_that_runs(executor: Executor) -> None:
    def work() -> None:
        report(0.25, "quarter")
        loop()

    handle = submit(work, engine=executor)
    heard_of(handle).await_one(lambda now: now.state is JobState.RUNNING and now.message == "quarter")
    assert handle.snapshot.can_cancel
    assert handle.cancel()
    with pytest.raises(CancelledError):
        handle.result(PATIENCE)
    assert handle.cancelled()


def test_a_call_that_waits_is_cancelled_and_never_begins(executor: Executor, tmp_path: Path) -> None:
    running = start(executor, loop)
    await_state(running, running.running)
    # Pools of processes hand out more calls than they have workers, and call them running.
    waiting = [start(executor, Path.touch, tmp_path / str(number)) for number in range(5)]
    assert [job.state() for job in waiting] == [JobState.QUEUED] * 5
    assert all(job.cancel() for job in waiting)
    assert all(job.cancelled() for job in waiting)
    running.cancel()
    assert start(executor, abs, -1).result(PATIENCE) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_function_that_raises_is_an_error_with_its_own_traceback(executor: Executor) -> None:
    def fail() -> None:
        raise KeyError("no such qubit")

    handle = submit(fail, engine=executor)
    assert handle.wait(PATIENCE)
    error = handle.snapshot.error
    assert error is not None
    assert error.type == "KeyError"
    assert "in fail" in str(error.traceback)
    assert "primwidgets/engines" not in str(error.traceback)
    with pytest.raises(KeyError, match="no such qubit"):
        handle.result(PATIENCE)


def test_an_executor_that_was_shut_down_is_reported_at_once() -> None:
    executor = threads()
    executor.shutdown()
    with pytest.raises(EngineError, match=r"ThreadPoolExecutor does not take task: .*after shutdown"):
        start(executor, abs, 1)


# Threads.


def test_threads_get_the_very_objects() -> None:
    lock = threading.Lock()
    with threads() as executor:
        assert start(executor, lambda: lock).result(PATIENCE) is lock


# Processes.


def test_what_cannot_be_sent_to_a_process_is_refused_at_once(pool: Executor) -> None:
    lock = threading.Lock()
    with pytest.raises(EngineError, match=r"task cannot be sent to another process: .*lock"):
        start(pool, lambda: lock)


def test_a_result_that_cannot_be_sent_back_leaves_the_pool_intact(pool: Executor) -> None:
    class Odd(Exception):
        def __init__(self, one: int, two: int) -> None:
            super().__init__("odd")

    def fail() -> None:
        raise Odd(1, 2)

    with pytest.raises(EngineError, match="a lock, cannot be sent back"):
        start(pool, threading.Lock).result(PATIENCE)
    with pytest.raises(EngineError, match="Odd: odd"):
        start(pool, fail).result(PATIENCE)
    assert start(pool, abs, -1).result(PATIENCE) == 1


@pytest.mark.parametrize("make", [processes, loky], ids=lambda make: make.__name__)
def test_a_worker_that_dies_is_an_error_that_says_so(make: Callable[[], Executor]) -> None:
    def die() -> None:
        print("so far")
        os._exit(3)

    with make() as executor:
        job = start(executor, die)
        with pytest.raises(WorkerDied, match="breaks the whole executor"):
            job.result(PATIENCE)
        assert job.state() is JobState.ERROR
        assert job.output == "so far\n"


def test_only_the_worker_says_that_a_call_runs(pool: Executor, tmp_path: Path) -> None:
    running = start(pool, wait_for, str(tmp_path / "go"))
    await_state(running, running.running)
    waiting = start(pool, abs, -1)
    await_state(waiting, waiting.inner.running)
    assert waiting.state() is JobState.QUEUED
    (tmp_path / "go").touch()
    assert waiting.result(PATIENCE) == 1


# Executors that nobody knows.


class Unknown(Executor):
    """Has its calls carried out by the test.

    Attributes:
        calls: those that it was given.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **keywords: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.calls.append((future, partial(function, *arguments, **keywords)))
        return future


def test_an_unknown_executor_that_pickles_nothing_runs_the_function_itself() -> None:
    executor, lock = Unknown(), threading.Lock()
    job = start(executor, lambda: lock)
    (future, call) = executor.calls[0]
    future.set_result(call())
    assert job.result(PATIENCE) is lock


def test_a_call_that_the_kernel_does_not_reach_runs_when_the_executor_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    executor = Unknown()
    handle = HeardJob(start(executor, abs, -1))
    (future, _) = executor.calls[0]
    assert handle.snapshot.state is JobState.QUEUED
    future.set_running_or_notify_cancel()
    handle.heard.await_one(lambda now: now.state is JobState.RUNNING and now.can_cancel)
    assert handle.job.cancel() is None  # it may still hear of it
    monkeypatch.setattr(executor_module, "_REACH_SECONDS", 0.0)
    handle.heard.await_one(lambda now: not now.can_cancel)
    assert handle.job.cancel() is False
    future.set_result(1)
    assert handle.result(PATIENCE) == 1


def test_an_executor_that_cannot_cancel_is_taken_at_its_word() -> None:
    class Stubborn(Future[int]):
        def cancel(self) -> bool:
            raise NotImplementedError("Cancel not implemented")

    executor, future = Unknown(), Stubborn()
    executor.submit = lambda *_, **__: future  # type: ignore[method-assign]
    job = start(executor, abs, -1)
    future.set_running_or_notify_cancel()
    assert job.cancel() is None
    assert job.running()


# Executors that give jobs of their own, and no futures.


class Job:
    """A job that cannot tell when it has finished.

    Attributes:
        outcome: what it returns, or raises; ``None`` while it runs.
    """

    def __init__(self) -> None:
        self.outcome: Any = None
        self.state = "PENDING"
        self.cancels = 0

    def done(self) -> bool:
        return self.outcome is not None

    def result(self) -> Any:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def cancel(self) -> None:
        self.cancels += 1


def start_job(given: Job) -> ExecutorJob:
    executor = Unknown()
    executor.submit = lambda *_, **__: given  # type: ignore[assignment, method-assign]
    return start(executor, abs, -1)


def test_a_job_that_cannot_tell_is_asked() -> None:
    given = Job()
    job = start_job(given)
    assert job.state() is JobState.QUEUED
    given.state = "RUNNING"
    assert job.running()
    given.outcome = 5
    assert job.result(PATIENCE) == 5


def test_a_job_that_cannot_tell_is_cancelled_once_it_has_ended() -> None:
    given = Job()
    job = start_job(given)
    assert job.cancel() is None
    assert given.cancels == 1
    assert not job.in_final_state()
    given.outcome = RuntimeError("no result")
    with pytest.raises(CancelledError):
        job.result(PATIENCE)
    assert job.cancelled()


def test_a_job_that_cannot_tell_and_fails_is_an_error() -> None:
    given = Job()
    job = start_job(given)
    given.outcome = RuntimeError("no node")
    with pytest.raises(RuntimeError, match="no node"):
        job.result(PATIENCE)
    assert job.state() is JobState.ERROR


def test_a_function_that_an_executor_interrupts_after_a_cancel_is_cancelled() -> None:
    executor = Unknown()
    job = start(executor, loop)
    (future, _) = executor.calls[0]
    future.set_running_or_notify_cancel()
    job.cancel()
    future.set_exception(KeyboardInterrupt())
    with pytest.raises(CancelledError):
        job.result(PATIENCE)
    assert job.cancelled()


def test_loops_of_tqdm_move_the_card_on_threads_of_an_executor_too() -> None:
    """In a process of its own: once any other engine has run a call, all bars of the process are prepared."""
    script = """
from concurrent.futures import ThreadPoolExecutor
from primwidgets import submit

def work():
    from tqdm import tqdm
    return sum(tqdm(range(4)))

with ThreadPoolExecutor(1) as executor:
    job = submit(work, engine=executor)
    print(job.result(), job.job.context.progress().fraction, repr(job.output))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert run.stdout == "6 1.0 ''\n"
    assert run.stderr.startswith("[work] 100%|"), "as it was left; it was drawn nowhere"
    assert run.stderr.count("\n") == 1
