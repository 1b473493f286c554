from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import psutil
import pytest

from primwidgets import EngineError, JobState, WorkerDied, report, submit, track
from primwidgets.engines import FunctionCall, FunctionJob, engine_for
from primwidgets.engines.process import ProcessEngine, ProcessJob
from primwidgets.snapshot import CancelState
from tests.callers import heard_of
from tests.monitored import PATIENCE
from tests.system_processes import await_end


@pytest.fixture(scope="module")
def engine() -> Iterator[ProcessEngine]:
    engine = ProcessEngine(workers=2)
    yield engine
    engine.close()


def start(engine: ProcessEngine, function: Callable[..., Any], *arguments: Any) -> ProcessJob:
    return engine.start(FunctionCall(function, arguments, {}, getattr(function, "__name__", "task")))


def await_state(job: FunctionJob[Any], wanted: Callable[[], bool]) -> None:
    """Block until ``wanted``; the job tells when its state changes, and what it reports comes a little later."""
    changed = threading.Event()
    end = job.add_listener(changed.set)
    deadline = time.monotonic() + PATIENCE
    while not wanted():
        assert time.monotonic() < deadline
        changed.wait(0.01)
        changed.clear()
    end()


def await_running(job: ProcessJob) -> psutil.Process:
    """Block until the job runs; its process as the system knows it."""
    await_state(job, job.running)
    assert job.pid is not None
    return psutil.Process(job.pid)


def test_a_call_runs_in_another_process_and_its_result_comes_back(engine: ProcessEngine) -> None:
    job = start(engine, os.getpid)
    assert job.result(PATIENCE) != os.getpid()
    assert job.done()
    assert str(job.pid) in str(job.context.place)


def test_functions_of_a_notebook_and_their_classes_come_back_as_the_same(engine: ProcessEngine) -> None:
    class Point:
        def __init__(self, x: int) -> None:
            self.x = x

    point = start(engine, lambda x: Point(x + 1), 1).result(PATIENCE)
    assert isinstance(point, Point)
    assert point.x == 2


def test_what_a_call_tells_is_heard_before_its_result_is_there(engine: ProcessEngine) -> None:
    def work() -> str:
        for step in track(range(50)):
            print("step", step)
        sys.stderr.write("warning\n")
        report(message="ready")
        return "x"

    job = start(engine, work)
    assert job.result(PATIENCE) == "x"
    assert job.output == "".join(f"step {step}\n" for step in range(50)) + "warning\n"
    assert (job.context.progress().fraction, job.context.progress().message) == (1.0, "ready")


def test_progress_is_on_the_card_while_the_function_runs() -> None:
    def work() -> None:
        report(0.5, "half way")
        while True:
            report()
            time.sleep(0.01)

    handle = submit(work, engine="process")
    heard_of(handle).await_one(
        lambda now: (now.state, now.progress, now.message) == (JobState.RUNNING, 0.5, "half way")
    )
    handle.cancel()
    with pytest.raises(CancelledError):
        handle.result(PATIENCE)
    assert handle.snapshot.state is JobState.CANCELLED
    assert handle.snapshot.cancel_state is CancelState.CONFIRMED


def test_a_function_that_raises_is_an_error_with_its_own_traceback(engine: ProcessEngine) -> None:
    def fail() -> None:
        raise KeyError("no such qubit")

    job = start(engine, fail)
    with pytest.raises(KeyError, match="no such qubit") as caught:
        job.result(PATIENCE)
    trace = str(caught.value.__cause__)
    assert "in fail" in trace
    assert "primwidgets" not in trace.replace(__file__, "")


def test_cancel_lets_a_function_tidy_up_and_keeps_the_process(engine: ProcessEngine, tmp_path: Path) -> None:
    def work(file: str) -> None:
        try:
            for _ in track(iter(int, 1)):
                time.sleep(0.01)
        finally:
            Path(file).write_text("tidy")

    job = start(engine, work, str(tmp_path / "end"))
    process = await_running(job)
    assert job.cancel()
    with pytest.raises(CancelledError):
        job.result(PATIENCE)
    assert (tmp_path / "end").read_text() == "tidy"
    assert job.cancelled()
    assert process.is_running()


def spin() -> None:
    while True:
        pass


def hold_the_interpreter_lock() -> None:
    ctypes.PyDLL(None).sleep(int(PATIENCE))


def refuse_to_end() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        try:
            time.sleep(PATIENCE)
        except BaseException:  # noqa: BLE001
            continue


@pytest.mark.parametrize("function", [spin, hold_the_interpreter_lock, refuse_to_end])
def test_cancel_kills_a_call_that_does_not_end_by_itself(engine: ProcessEngine, function: Callable[[], None]) -> None:
    job = start(engine, function)
    process = await_running(job)
    assert job.cancel()
    await_end(process)
    with pytest.raises(CancelledError):
        job.result(PATIENCE)
    assert start(engine, os.getpid).result(PATIENCE) != process.pid


def test_a_job_is_cancelled_only_once_its_process_is_gone(engine: ProcessEngine) -> None:
    job = start(engine, spin)
    process = await_running(job)
    alive_at_end: queue.SimpleQueue[bool] = queue.SimpleQueue()
    job.future.add_done_callback(lambda _: alive_at_end.put(process.is_running()))
    job.cancel()
    assert not job.cancelled()
    assert not alive_at_end.get(timeout=PATIENCE)
    assert job.cancelled()


def test_cancel_kills_what_the_function_started_too(engine: ProcessEngine) -> None:
    def work() -> None:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print(child.pid)
        child.wait()

    job = start(engine, work)
    await_state(job, lambda: job.output.endswith("\n"))
    child = psutil.Process(int(job.output))
    job.cancel()
    with pytest.raises(CancelledError):
        job.result(PATIENCE)
    await_end(child)


def test_a_call_that_waits_has_a_place_and_is_cancelled_at_once() -> None:
    engine = ProcessEngine(workers=1)
    running = start(engine, spin)
    await_state(running, running.running)
    second, third = start(engine, spin), start(engine, os.getpid)
    assert (running.queue_position, second.queue_position, third.queue_position) == (None, 1, 2)
    assert second.cancel()
    assert second.cancelled()
    assert third.queue_position == 1
    running.cancel()
    assert third.result(PATIENCE)
    engine.close()


def test_a_call_on_its_way_to_a_process_is_cancelled_at_once_and_never_begins(tmp_path: Path) -> None:
    engine = ProcessEngine(workers=1)
    job = start(engine, Path.touch, tmp_path / "began")  # its process is being started, which takes a while
    await_state(job, lambda: job.queue_position is None)
    assert job.cancel()
    assert job.cancelled()
    assert start(engine, abs, -1).result(PATIENCE) == 1
    assert not (tmp_path / "began").exists()
    engine.close()


def test_many_small_calls_all_come_back(engine: ProcessEngine) -> None:
    jobs = [start(engine, abs, -number) for number in range(1_000)]
    assert [job.result(PATIENCE) for job in jobs] == list(range(1_000))


def test_the_queue_is_bounded() -> None:
    engine = ProcessEngine(workers=1, queue_limit=1)
    running = start(engine, spin)
    await_state(running, running.running)
    start(engine, spin)
    with pytest.raises(EngineError, match="1 calls wait already"):
        start(engine, spin)
    engine.close()


@pytest.mark.parametrize(
    ("function", "arguments", "code", "words"),
    [
        (os._exit, (3,), 3, "exit code 3"),
        (os._exit, (0,), 0, "exit code 0"),
        (ctypes.string_at, (0,), -signal.SIGSEGV, "SIGSEGV"),
    ],
)
def test_a_process_that_ends_is_an_error_that_says_how(
    engine: ProcessEngine, function: Callable[..., Any], arguments: tuple[Any, ...], code: int, words: str
) -> None:
    def work() -> None:
        print("so far")
        function(*arguments)

    job = start(engine, work)
    with pytest.raises(WorkerDied, match=words) as caught:
        job.result(PATIENCE)
    assert caught.value.exit_code == code
    assert job.state() is JobState.ERROR
    assert job.output == "so far\n"


def test_a_process_that_is_killed_is_an_error_and_the_other_calls_go_on(engine: ProcessEngine) -> None:
    def wait_for(file: str) -> str:
        while not Path(file).exists():
            time.sleep(0.01)
        return "done"

    other = start(engine, wait_for, os.devnull + "-not-yet")
    job = start(engine, spin)
    await_running(other)
    process = await_running(job)
    process.kill()
    with pytest.raises(WorkerDied, match="killed by SIGKILL, perhaps because memory ran out"):
        job.result(PATIENCE)
    assert other.running()
    other.cancel()


def test_what_cannot_be_sent_there_is_refused_at_once(engine: ProcessEngine) -> None:
    lock = threading.Lock()
    with pytest.raises(EngineError, match=r"task cannot be sent to another process: .*lock"):
        engine.start(FunctionCall(lambda: lock, name="task"))


def test_a_result_that_cannot_be_sent_back_is_an_error_that_says_so(engine: ProcessEngine) -> None:
    with pytest.raises(EngineError, match="returned, but its result, a lock, cannot be sent back: TypeError"):
        start(engine, threading.Lock).result(PATIENCE)


def test_a_result_for_which_memory_does_not_suffice_is_an_error_that_says_so() -> None:
    engine = ProcessEngine(workers=1)

    def large() -> Any:
        import resource

        data = bytearray(200_000_000)
        used = psutil.Process().memory_info().vms
        resource.setrlimit(resource.RLIMIT_AS, (used + 50_000_000, used + 50_000_000))
        return data

    job = start(engine, large)
    with pytest.raises(EngineError, match=r"a bytearray, cannot be sent back: MemoryError"):
        job.result(PATIENCE)
    engine.close()


def test_an_exception_that_cannot_be_sent_back_is_shown_as_text(engine: ProcessEngine) -> None:
    class Odd(Exception):
        def __init__(self, one: int, two: int) -> None:
            super().__init__("odd")

    def fail() -> None:
        raise Odd(1, 2)

    with pytest.raises(EngineError, match="Odd: odd"):
        start(engine, fail).result(PATIENCE)
    assert start(engine, abs, -1).result(PATIENCE) == 1


def test_a_function_in_a_process_can_submit_to_processes(engine: ProcessEngine) -> None:
    def outer() -> int:
        inner = submit(os.getpid, engine="process").result()
        assert inner != os.getpid()
        return sum(submit(abs, -number, engine="process").result() for number in range(3))

    assert start(engine, outer).result(PATIENCE) == 3


def test_the_named_engine_is_made_once() -> None:
    assert engine_for("process") is engine_for("process")


def test_a_process_whose_exit_code_was_taken_elsewhere_has_ended(engine: ProcessEngine) -> None:
    job = start(engine, spin)
    process = await_running(job)
    process.kill()
    process.wait(PATIENCE)
    with pytest.raises(WorkerDied):
        job.result(PATIENCE)


def test_idle_processes_are_let_go_and_come_back() -> None:
    engine = ProcessEngine(workers=1, idle_seconds=0.05)
    first = start(engine, os.getpid).result(PATIENCE)
    with contextlib.suppress(psutil.NoSuchProcess):
        await_end(psutil.Process(first))
    assert start(engine, os.getpid).result(PATIENCE) != first


def test_without_cloudpickle_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("primwidgets.engines.process.engine.find_spec", lambda _: None)
    with pytest.raises(EngineError, match="pip install"):
        ProcessEngine()
