"""Calls in processes that do what they should not; cancel ends each, and the other calls go on."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from typing import Any, NoReturn

import psutil
import pytest

from primwidgets import EngineError, WorkerDied
from primwidgets.engines import FunctionCall
from primwidgets.engines.process import ProcessEngine, ProcessJob
from tests.monitored import PATIENCE
from tests.monitored import wait_until as wait_until_at_most
from tests.system_processes import await_end


@pytest.fixture(scope="module")
def engine() -> Iterator[ProcessEngine]:
    engine = ProcessEngine(workers=2)
    yield engine
    engine.close()


def start(engine: ProcessEngine, function: Callable[..., Any], *arguments: Any) -> ProcessJob:
    return engine.start(FunctionCall(function, arguments, {}, "task"))


def wait_until(condition: Callable[[], bool]) -> None:
    wait_until_at_most(condition, PATIENCE)


def printed(job: ProcessJob) -> str:
    wait_until(lambda: job.output.endswith("\n"))
    return job.output.strip()


def assert_cancelled(*jobs: ProcessJob) -> None:
    for job in jobs:
        assert job.cancel()
    for job in jobs:
        with pytest.raises(CancelledError):
            job.result(PATIENCE)


class SlowToPickle:
    def __init__(self) -> None:
        print("made")

    def __reduce__(self) -> Any:
        time.sleep(600)
        return int, ()


class SlowToUnpickle:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __reduce__(self) -> Any:
        return time.sleep, (self.seconds,)


def test_calls_whose_results_are_being_pickled_are_cancelled(engine: ProcessEngine) -> None:
    jobs = [start(engine, SlowToPickle) for _ in range(2)]
    for job in jobs:
        assert printed(job) == "made"
    assert_cancelled(*jobs)
    assert start(engine, abs, -1).result(PATIENCE) == 1


def test_a_call_whose_exception_is_being_pickled_is_cancelled(engine: ProcessEngine) -> None:
    class Slow(Exception):
        def __reduce__(self) -> Any:
            time.sleep(600)
            return Slow, ()

    def fail() -> NoReturn:
        print("failing")
        raise Slow

    job = start(engine, fail)
    assert printed(job) == "failing"
    assert_cancelled(job)


def test_results_that_are_slow_to_unpickle_delay_no_other_call_and_are_abandoned_by_a_cancel(
    engine: ProcessEngine,
) -> None:
    slow = [start(engine, SlowToUnpickle, 600) for _ in range(8)]
    assert start(engine, abs, -1).result(PATIENCE) == 1
    assert not any(job.in_final_state() for job in slow)
    assert_cancelled(*slow)


@pytest.mark.parametrize("raised", [SystemExit, KeyboardInterrupt, ValueError])
def test_what_pickling_raises_is_an_error_and_the_process_lives_on(
    engine: ProcessEngine, raised: type[BaseException]
) -> None:
    class Unfit:
        def __reduce__(self) -> Any:
            raise raised("no")

    job = start(engine, Unfit)
    with pytest.raises(EngineError, match=f"an? Unfit, cannot be sent back: {raised.__name__}: no"):
        job.result(PATIENCE)
    assert psutil.pid_exists(job.pid or 0)


@pytest.mark.parametrize("raised", [SystemExit, KeyboardInterrupt, ValueError])
def test_what_unpickling_raises_is_an_error_and_the_engine_lives_on(
    engine: ProcessEngine, raised: type[BaseException]
) -> None:
    def fail(raised: type[BaseException], kernel: int) -> Any:
        if os.getpid() == kernel:
            raise raised("no")

    class Unfit:
        def __reduce__(self) -> Any:
            return fail, (raised, kernel)

    kernel = os.getpid()
    with pytest.raises(EngineError, match=f"The result of the function cannot be read here: {raised.__name__}: no"):
        start(engine, Unfit).result(PATIENCE)
    assert start(engine, abs, -1).result(PATIENCE) == 1


def test_endless_recursion_has_a_traceback_that_ends(engine: ProcessEngine) -> None:
    def even(depth: int) -> int:
        return odd(depth + 1)

    def odd(depth: int) -> int:
        return even(depth + 1)

    def deep() -> int:
        sys.setrecursionlimit(15_000)
        return even(0)

    job = start(engine, deep)
    with pytest.raises(RecursionError) as caught:
        job.result(PATIENCE)
    assert "in even" in str(caught.value.__cause__)
    assert len(str(caught.value.__cause__)) < 50_000


def test_an_endless_chain_of_exceptions_has_a_traceback_that_ends(engine: ProcessEngine) -> None:
    def chain() -> NoReturn:
        error = ValueError("first")
        for number in range(50_000):
            newer = ValueError(f"number {number}")
            newer.__cause__ = error
            error = newer
        raise error

    with pytest.raises(ValueError, match="number 49999") as caught:
        start(engine, chain).result(PATIENCE)
    assert "number 49995" in str(caught.value.__cause__)
    assert len(str(caught.value.__cause__)) < 50_000


def test_an_exception_whose_text_fails_is_still_named(engine: ProcessEngine) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise SystemExit

        def __reduce__(self) -> Any:
            raise SystemExit

    def fail() -> NoReturn:
        raise Mute

    with pytest.raises(EngineError, match="Mute"):
        start(engine, fail).result(PATIENCE)


def test_a_process_that_is_stopped_is_killed_by_a_cancel(engine: ProcessEngine) -> None:
    def stop() -> None:
        print("stopping")
        os.kill(os.getpid(), signal.SIGSTOP)

    job = start(engine, stop)
    assert printed(job) == "stopping"
    assert_cancelled(job)


def test_arguments_that_a_process_does_not_take_delay_no_other_call() -> None:
    engine = ProcessEngine(workers=2)
    holds = start(engine, time.sleep, 600)
    wait_until(holds.running)
    stopped = psutil.Process(start(engine, os.getpid).result(PATIENCE))
    stopped.suspend()
    stuck = start(engine, len, bytes(30_000_000))
    wait_until(lambda: stuck.pid == stopped.pid)
    waits = start(engine, abs, -1)
    assert_cancelled(holds)
    assert waits.result(PATIENCE) == 1
    assert not stuck.done()
    assert_cancelled(stuck)
    engine.close()


def test_a_process_that_closes_all_its_files_is_an_error(engine: ProcessEngine) -> None:
    def close_all() -> None:
        os.closerange(3, 256)
        time.sleep(600)

    with pytest.raises(WorkerDied):
        start(engine, close_all).result(PATIENCE)
    assert start(engine, abs, -1).result(PATIENCE) == 1


def test_a_process_that_says_nonsense_is_an_error_and_the_others_go_on(engine: ProcessEngine) -> None:
    def talk() -> None:
        from primwidgets.engines.process import worker_server

        server = worker_server._Current.server
        assert server is not None
        os.write(server._connection.fileno(), b"\xff" * 100_000)
        time.sleep(600)

    with pytest.raises(WorkerDied):
        start(engine, talk).result(PATIENCE)
    assert start(engine, abs, -1).result(PATIENCE) == 1


def test_messages_that_are_no_json_or_of_no_call_are_ignored(engine: ProcessEngine) -> None:
    def talk() -> str:
        from primwidgets.engines.process import frames, worker_server

        server = worker_server._Current.server
        assert server is not None
        for words in (b"", b"[]", b"{", b'{"call": 0, "printed": "x"}', b"[" * 50_000, b"\xff", b'{"printed": 1}'):
            server._send(frames.MESSAGE, words)
        server._send(b"?", b"unknown")
        return "fine"

    job = start(engine, talk)
    assert job.result(PATIENCE) == "fine"
    assert job.output == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_process_that_dies_is_noticed_while_something_that_it_started_holds_its_pipes(engine: ProcessEngine) -> None:
    def die() -> None:
        child = os.fork()
        if not child:
            os.setsid()
            time.sleep(600)
        print(child)
        os._exit(5)

    job = start(engine, die)
    with pytest.raises(WorkerDied, match="exit code 5"):
        job.result(PATIENCE)
    orphan = psutil.Process(int(job.output))
    orphan.kill()
    await_end(orphan)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_children_that_the_function_forks_print_too_while_the_result_is_sent(engine: ProcessEngine) -> None:
    def work() -> bytes:
        child = os.fork()
        if not child:
            for number in range(2_000):
                sys.stdout.write(f"child {number}\n")
            os._exit(0)
        for number in range(2_000):
            sys.stdout.write(f"parent {number}\n")
        os.waitpid(child, 0)
        return bytes(5_000_000)

    job = start(engine, work)
    assert job.result(PATIENCE) == bytes(5_000_000)
    lines = job.output.splitlines()
    for who in ("parent", "child"):
        assert [line for line in lines if line.startswith(who)] == [f"{who} {number}" for number in range(2_000)]


def test_large_arguments_and_results_arrive(engine: ProcessEngine) -> None:
    data = os.urandom(50_000_000)
    assert start(engine, bytes, data).result(PATIENCE) == data


def test_a_function_that_prints_without_end_is_cancelled(engine: ProcessEngine) -> None:
    def flood() -> None:
        while True:
            print("x" * 10_000)

    job = start(engine, flood)
    wait_until(lambda: bool(job.output))
    assert_cancelled(job)
    assert start(engine, abs, -1).result(PATIENCE) == 1


def test_a_call_whose_process_died_before_it_began_goes_to_another_one() -> None:
    engine = ProcessEngine(workers=1)
    for _ in range(5):
        idle = start(engine, os.getpid).result(PATIENCE)
        os.kill(idle, signal.SIGKILL)
        assert start(engine, os.getpid).result(PATIENCE) != idle
    engine.close()


def test_callbacks_that_do_not_return_delay_no_other_call(engine: ProcessEngine) -> None:
    go, here = threading.Event(), threading.get_ident()

    def block(_: object) -> None:
        if threading.get_ident() != here:  # where a job has ended already, its callback is called here
            go.wait(PATIENCE)

    jobs = [start(engine, abs, -number) for number in range(10)]
    for job in jobs:
        job.future.add_done_callback(block)
    try:
        assert start(engine, abs, -1).result(PATIENCE) == 1
        assert [job.result(PATIENCE) for job in jobs] == list(range(10))
    finally:
        go.set()


def test_closing_ends_what_runs_and_what_waits_and_later_calls_have_new_processes() -> None:
    engine = ProcessEngine(workers=1)
    before = start(engine, os.getpid).result(PATIENCE)
    jobs = [start(engine, time.sleep, 600) for _ in range(3)]
    wait_until(jobs[0].running)
    engine.close()
    for job in jobs:
        with pytest.raises(EngineError, match="The processes were stopped"):
            job.result(PATIENCE)
    assert start(engine, os.getpid).result(PATIENCE) != before
    engine.close()
