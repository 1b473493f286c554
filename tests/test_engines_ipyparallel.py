"""Calls on a real ipyparallel cluster."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any

import pytest

from primwidgets import CallTimedOut, EngineError, JobCancelled, WorkerDied, report, submit, track
from primwidgets.engines import FunctionCall, FunctionJob, engine_for
from primwidgets.engines.ipyparallel.engine import IPyParallelEngine, _failure, _NumberedContext
from primwidgets.engines.ipyparallel.stopper import GRACE_SECONDS
from primwidgets.snapshot import CancelState, JobState
from tests.callers import HeardJob
from tests.ipyparallel_cluster import Gate, await_card, await_state
from tests.monitored import PATIENCE, wait_until
from tests.on_engines import pass_gate, print_and_pass


def start(engine: object, function: Callable[..., Any], *arguments: Any) -> FunctionJob[Any]:
    return engine_for(engine).start(FunctionCall(function, arguments, {}, "task"))


def running(engine: object, gate: Gate, function: Callable[..., Any] = pass_gate) -> FunctionJob[Any]:
    """A call of ``function(path of the gate)`` that has begun."""
    job = start(engine, function, gate.path)
    await_state(job, JobState.RUNNING)
    return job


def outcome(job: FunctionJob[Any]) -> Any:
    return job.result(PATIENCE)


def is_idle(client: Any) -> bool:
    """Whether no engine has anything to do, as the cluster's own hub says."""
    status = client.queue_status()
    return not status["unassigned"] and all(
        not engine["tasks"] and not engine["queue"] for name, engine in status.items() if name != "unassigned"
    )


class NoSuchQubit(Exception):
    """An exception of the user's."""


class Odd(Exception):
    """One that cannot be made again from its text, as many cannot."""

    def __init__(self, qubit: int, place: str) -> None:
        super().__init__(f"{qubit} at {place}")


def test_the_card_shows_progress_and_prints_while_the_function_runs(cluster: Any, pipe_gate: Gate) -> None:
    def work(path: str) -> int:
        for step in track(range(4)):
            print("step", step)
            if step == 2:
                report(message="half way")
                pass_gate(path)
        return os.getpid()

    job = HeardJob(start(cluster.load_balanced_view(), work, pipe_gate.path), name="work")
    await_card(
        job,
        lambda now: (
            (now.state, now.progress_text, now.message, now.log)
            == (JobState.RUNNING, "2 of 4", "half way", "step 0\nstep 1\nstep 2\n")
        ),
    )
    pipe_gate.open()
    process = job.result(PATIENCE)
    assert job.wait(PATIENCE)
    end = job.snapshot
    assert (end.state, end.provider, end.log) == (JobState.DONE, "ipyparallel", "step 0\nstep 1\nstep 2\nstep 3\n")
    assert process != os.getpid()
    assert end.backend is not None
    assert end.backend.startswith("engine ")
    assert end.backend.endswith(f"process {process}")
    assert end.created_at is not None
    assert end.started_at is not None
    assert end.created_at <= end.started_at


def test_cancel_interrupts_a_function_that_never_looks(cluster: Any, tmp_path: Path) -> None:
    traces = tmp_path / "traces"

    def sleep_for_ever() -> None:
        try:
            print("asleep")
            time.sleep(10 * PATIENCE)
        finally:
            traces.write_text("stopped")

    job = HeardJob(start(cluster.load_balanced_view(), sleep_for_ever))
    await_card(job, lambda now: now.log == "asleep\n")
    assert job.cancel()
    assert job.wait(PATIENCE)
    assert (job.snapshot.state, job.snapshot.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)
    with pytest.raises(JobCancelled):
        job.result()
    assert traces.read_text() == "stopped"
    wait_until(lambda: is_idle(cluster))


def test_cancel_lets_a_function_that_looks_leave_by_itself(cluster: Any) -> None:
    def work() -> None:
        try:
            for _ in track(range(1_000_000)):
                time.sleep(0.01)
        except JobCancelled as error:
            print("left", type(error).__name__)
            raise

    job = HeardJob(start(cluster.load_balanced_view(), work))
    await_card(job, lambda now: bool(now.progress))
    assert job.cancel()
    with pytest.raises(JobCancelled):
        job.result(PATIENCE)
    assert job.output == "left JobCancelled\n"
    wait_until(lambda: is_idle(cluster))


def test_a_function_that_catches_the_interrupt_goes_on_and_can_be_cancelled_again(cluster: Any) -> None:
    def stubborn() -> str:
        for _ in range(2):
            with contextlib.suppress(KeyboardInterrupt):
                print("working")
                time.sleep(10 * PATIENCE)
        return "finished"

    job = HeardJob(start(cluster.load_balanced_view(), stubborn))
    await_card(job, lambda now: now.log == "working\n")
    job.cancel()
    await_card(job, lambda now: now.log == "working\nworking\n")
    assert job.snapshot.cancel_detail == "It stops at its next track() or report(), or is interrupted."
    job.cancel()
    assert job.result(PATIENCE) == "finished"
    assert job.wait(PATIENCE)
    assert (job.state, job.snapshot.cancel_state) == (JobState.DONE, CancelState.TOO_LATE)


def test_cancel_hits_no_call_that_comes_next_on_the_same_engine(cluster: Any) -> None:
    def work(seconds: float) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pass
        return "whole"

    engine = cluster[cluster.ids[0]]
    for late in range(4):  # the interrupt comes at about the time at which the function returns
        first = start(engine, work, GRACE_SECONDS + 0.03 * late)
        following = [start(engine, work, 0.1) for _ in range(3)]
        await_state(first, JobState.RUNNING)
        first.cancel()
        with contextlib.suppress(JobCancelled):
            assert outcome(first) == "whole"
        assert [outcome(job) for job in following] == ["whole"] * 3


def test_a_call_that_waits_is_cancelled_before_its_turn_comes(cluster: Any, pipe_gate: Gate, tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    view = cluster.load_balanced_view()
    others = [running(view, pipe_gate) for _ in cluster.ids]
    waiting = start(view, traces.touch)
    assert waiting.state() is JobState.QUEUED
    assert waiting.cancel()
    with pytest.raises(CancelledError):
        outcome(waiting)
    assert waiting.state() is JobState.CANCELLED
    assert not waiting.cancel()
    pipe_gate.open()
    for job in others:
        outcome(job)
    outcome(start(view, abs, -1))
    assert not traces.exists()


def test_a_cancelled_call_that_an_engine_begins_later_is_stopped_there(
    cluster: Any, pipe_gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = cluster[cluster.ids[0]]
    other = running(engine, pipe_gate)
    waiting = start(engine, time.sleep, 10 * PATIENCE)
    abort, again = cluster.abort, threading.Event()

    def nobody_is_told(*_arguments: Any, **_keywords: Any) -> Future[Any]:
        """As for an engine that joins the cluster when the others have been told already."""
        monkeypatch.setattr(cluster, "abort", tell_for_real)
        noted: Future[Any] = Future()
        noted.set_result([])
        return noted

    def tell_for_real(*arguments: Any, **keywords: Any) -> Any:
        again.set()
        return abort(*arguments, **keywords)

    monkeypatch.setattr(cluster, "abort", nobody_is_told)
    waiting.cancel()
    assert waiting.state() is JobState.CANCELLED
    pipe_gate.open()
    outcome(other)
    assert again.wait(PATIENCE)
    assert outcome(start(engine, abs, -1)) == 1
    assert waiting.state() is JobState.CANCELLED


def test_a_signal_from_somewhere_else_cancels_the_call_too(cluster: Any, pipe_gate: Gate) -> None:
    engine = cluster.ids[0]
    job = HeardJob(start(cluster[engine], print_and_pass, pipe_gate.path))
    await_card(job, lambda now: now.log == "here\n")
    cluster.send_signal(signal.SIGINT, engine, block=True)
    with pytest.raises(JobCancelled):
        job.result(PATIENCE)
    assert job.cancelled()


def test_a_function_that_raises_shows_its_own_exception_and_traceback(cluster: Any) -> None:
    def fail() -> None:
        raise NoSuchQubit("qubit 7")

    job = submit(fail, engine=cluster.load_balanced_view())
    with pytest.raises(NoSuchQubit, match="qubit 7"):
        job.result(PATIENCE)
    assert job.wait(PATIENCE)
    error = job.snapshot.error
    assert error is not None
    assert (job.state, error.type, error.message) == (JobState.ERROR, "NoSuchQubit", "qubit 7")
    assert error.traceback is not None
    assert "in fail" in error.traceback
    assert "sealed.py" not in error.traceback
    assert "stopper.py" not in error.traceback
    assert "\x1b" not in error.traceback


def test_an_exception_that_cannot_be_sent_is_shown_as_text(cluster: Any) -> None:
    def fail() -> None:
        raise Odd(7, "the corner")

    with pytest.raises(EngineError, match="Odd: 7 at the corner") as raised:
        outcome(start(cluster.load_balanced_view(), fail))
    assert "in fail" in str(raised.value.__cause__)


def test_a_result_that_cannot_be_sent_back_is_an_error_that_says_so(cluster: Any) -> None:
    with pytest.raises(
        EngineError, match=r"task returned, but its result, a lock, cannot be sent back: .* Return plain data"
    ):
        outcome(start(cluster.load_balanced_view(), threading.Lock))


def test_a_result_that_cannot_be_read_here_is_an_error_that_says_so(cluster: Any) -> None:
    class OnlyThere:
        def __reduce__(self) -> tuple[Any, ...]:
            return _only_in, (os.getpid(),)

    with pytest.raises(EngineError, match=r"The result of the function cannot be read here: .*not in this process"):
        outcome(start(cluster.load_balanced_view(), OnlyThere))


def _only_in(process: int) -> None:
    if os.getpid() != process:
        raise ValueError("not in this process")


def test_a_function_that_cannot_be_sent_is_refused_when_it_is_submitted(cluster: Any) -> None:
    lock = threading.Lock()
    with pytest.raises(EngineError, match="cannot be sent to another process"):
        _ = submit(lambda: lock, engine=cluster.load_balanced_view())


def test_hundreds_of_small_calls_need_few_threads(cluster: Any) -> None:
    view = cluster.load_balanced_view()
    before = threading.active_count()
    jobs = [start(view, abs, -number) for number in range(150)]
    assert threading.active_count() <= before + 1
    assert sum(map(outcome, jobs)) == sum(range(150))
    assert all(job.state() is JobState.DONE for job in jobs)


def test_a_finished_call_keeps_nothing_of_what_was_sent(cluster: Any) -> None:
    job: Any = start(cluster.load_balanced_view(), len, bytes(1_000))
    assert outcome(job) == 1_000
    assert job._call is None


@pytest.fixture
def doomed(cluster: Any) -> Iterator[int]:
    """One engine more, to be killed."""
    before = set(cluster.ids)
    cluster.cluster.start_engines_sync(n=1)
    cluster.wait_for_engines(len(before) + 1, timeout=240, interactive=False)
    (engine,) = set(cluster.ids) - before
    yield engine
    if engine in cluster.ids:
        cluster.shutdown(engine, block=True)


def test_a_killed_engine_is_an_error_that_says_so(cluster: Any, doomed: int, pipe_gate: Gate) -> None:
    job = running(cluster.load_balanced_view(targets=[doomed]), pipe_gate)
    waiting = start(cluster[doomed], abs, -1)
    place = job.context.place
    assert place is not None
    os.kill(int(place.rsplit(" ", 1)[1]), signal.SIGKILL)
    with pytest.raises(WorkerDied, match="The engine died that ran task"):
        outcome(waiting)
    assert not waiting.cancel()
    assert not job.cancel()  # there is nobody to ask
    with pytest.raises(WorkerDied, match="The engine died that ran task") as raised:
        outcome(job)
    assert place in str(raised.value)
    assert job.state() is JobState.ERROR


def test_views_of_one_engine_clients_and_executors_will_do(cluster: Any) -> None:
    view = cluster.load_balanced_view()
    for target in (view, view.executor, cluster, cluster[cluster.ids[0]], cluster[[cluster.ids[0]]]):
        assert outcome(start(target, abs, -1)) == 1


@pytest.mark.parametrize("kind", ["all", "some", "broadcast"])
def test_views_of_several_engines_are_refused_with_the_way_out(cluster: Any, kind: str) -> None:
    views = {"all": cluster.direct_view("all"), "some": cluster[:], "broadcast": cluster.broadcast_view()}
    with pytest.raises(EngineError, match=r"on 2 engines.*Pass client.load_balanced_view\(\)"):
        _ = submit(abs, -1, engine=views[kind])


def test_the_calls_of_a_client_that_is_closed_end_as_unknown(cluster: Any, pipe_gate: Gate) -> None:
    client = cluster.cluster.connect_client_sync()
    view = client.load_balanced_view()
    job = running(view, pipe_gate)
    client.close()
    with pytest.raises(EngineError, match="connection to the cluster was closed"):
        outcome(job)
    with pytest.raises(EngineError, match="The cluster did not take abs"):
        _ = submit(abs, -1, engine=view)
    assert not job.cancel()


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("ModuleNotFoundError", "No module named 'primwidgets'", "have to be installed where the engines are"),
        ("ImpossibleDependency", "", "task did not run: ImpossibleDependency"),
    ],
)
def test_what_ipyparallel_itself_reports_is_put_into_words(name: str, text: str, expected: str) -> None:
    from ipyparallel.error import RemoteError

    failure = _failure(RemoteError(name, text, "\x1b[31mTraceback\x1b[0m", {}), "task", None)
    with pytest.raises(EngineError, match=expected):
        raise failure
    assert failure.__cause__ is None or str(failure.__cause__) == '\n"""\nTraceback"""'


def test_an_engine_that_died_is_told_as_the_death_of_a_worker() -> None:
    from ipyparallel.error import RemoteError

    failure = _failure(RemoteError("EngineError", "Engine b'x' died while running task 'y'", "", {}), "task", None)
    assert isinstance(failure, WorkerDied)
    assert str(failure) == "The engine died that ran task."


def test_an_interrupt_before_the_function_was_called_is_a_cancel() -> None:
    from ipyparallel.error import RemoteError

    assert isinstance(_failure(RemoteError("KeyboardInterrupt", "", "", {}), "task", None), JobCancelled)


def test_messages_that_come_twice_are_heard_once_and_a_second_attempt_from_its_start() -> None:
    run = _NumberedContext()
    for attempt, number, text in (("a", 1, "1"), ("a", 2, "2"), ("a", 1, "1"), ("a", 2, "2"), ("b", 1, "3")):
        run.handle_message({"attempt": attempt, "number": number, "message": {"printed": text}})
    for malformed in (None, "text", {}, {"number": "x"}, {"number": 9, "message": 7}):
        run.handle_message(malformed)
    assert run.log == "123"


def test_an_engine_is_made_from_a_view_without_anything_being_sent(cluster: Any) -> None:
    assert isinstance(engine_for(cluster.load_balanced_view()), IPyParallelEngine)


def fail_in_first_attempt(path: str) -> int:
    with Path(path).open("a") as file:
        file.write(".")
    if Path(path).stat().st_size == 1:
        raise NoSuchQubit(7)
    return os.getpid()


def test_a_call_that_failed_is_started_again(cluster: Any, tmp_path: Path) -> None:
    job = submit.options(engine=cluster, retries=2)(fail_in_first_attempt, str(tmp_path / "count"))
    assert job.result(PATIENCE) != os.getpid()
    assert job.wait(PATIENCE)
    attempts = job.snapshot.attempts
    assert attempts is not None
    assert (attempts.number, attempts.most, dict(attempts.errors)) == (2, 3, {"1": "NoSuchQubit: 7"})


def test_a_call_whose_engine_died_is_started_again_on_another_one(cluster: Any, doomed: int, pipe_gate: Gate) -> None:
    others = [engine for engine in cluster.ids if engine != doomed]
    views = iter([cluster.load_balanced_view(targets=[doomed]), cluster.load_balanced_view(targets=others)])

    class FirstThere:
        def start(self, task: FunctionCall) -> FunctionJob[Any]:
            return IPyParallelEngine(next(views)).start(task)

    job = submit.options(engine=FirstThere(), retries=1)(pass_gate, pipe_gate.path)
    await_state(job.job, JobState.RUNNING)
    os.kill(int(job.job.context.place.rsplit(" ", 1)[1]), signal.SIGKILL)
    wait_until(lambda: job.job.attempts.number == 2 and job.job.state() is JobState.RUNNING)
    assert job.job.attempts.errors["1"].startswith("WorkerDied: The engine died")
    pipe_gate.open()
    assert job.result(PATIENCE) is None
    assert job.wait(PATIENCE)
    assert job.snapshot.state is JobState.DONE


def test_a_call_that_runs_too_long_is_interrupted_on_its_engine(cluster: Any, pipe_gate: Gate) -> None:
    job = submit.options(engine=cluster, timeout=0.3)(pass_gate, pipe_gate.path)
    with pytest.raises(CallTimedOut, match=r"pass_gate ran longer than its timeout of 0\.3 s"):
        job.result(PATIENCE)
    pipe_gate.open()
    assert submit(abs, -1, engine=cluster).result(PATIENCE) == 1
