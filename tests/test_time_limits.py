"""Calls that run too long: ``submit.options(timeout=…)``."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from primwidgets import CallTimedOut, EngineError, JobState, WidgetJob, submit, submit_map, track
from primwidgets.engines import FunctionCall
from primwidgets.engines.alarms import LONGEST, Alarms, alarms
from primwidgets.engines.threads import LocalEngine
from primwidgets.snapshot import AttemptSummary, CancelState, JobSnapshot
from tests.local_engines import LOCAL_ENGINES, local_engine
from tests.monitored import PATIENCE, wait_until

#: Seconds; shorter than any function here runs by itself.
SHORT = 0.05


def ended(handle: WidgetJob[Any, Any]) -> JobSnapshot:
    assert handle.wait(PATIENCE)
    return handle.snapshot


def attempts_of(handle: WidgetJob[Any, Any]) -> AttemptSummary:
    attempts = handle.snapshot.attempts
    assert attempts is not None
    return attempts


def endless() -> None:
    for _ in track(iter(int, 1)):
        pass


def blocked() -> None:
    """No step of a loop, so that only the end of its process ends it."""
    threading.Event().wait(PATIENCE)


def endless_at_first() -> Callable[[Path], str]:
    """A function whose first call does not end. It travels by value: to import this module takes a process its time."""

    def call(path: Path) -> str:
        if not path.exists():
            path.touch()
            for _ in track(iter(int, 1)):
                pass
        return "in time"

    return call


@pytest.fixture
def processes() -> Iterator[Any]:
    with local_engine("process") as engine:
        yield engine


@pytest.fixture(params=LOCAL_ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    with local_engine(request.param) as engine:
        yield engine


def test_a_call_that_runs_too_long_is_stopped_and_has_failed(engine: Any) -> None:
    handle = submit.options(engine=engine, timeout=SHORT)(endless)
    with pytest.raises(CallTimedOut, match=r"^endless ran longer than its timeout of 0\.05 s\.$"):
        handle.result(PATIENCE)
    end = ended(handle)
    assert end.error is not None
    assert (end.state, end.error.type, end.cancel_state) == (JobState.ERROR, "CallTimedOut", CancelState.NONE)
    assert end.attempts == AttemptSummary(1, 1)
    assert isinstance(handle.exception(), CallTimedOut)


def test_a_call_that_ran_too_long_is_started_again(engine: Any, tmp_path: Path) -> None:
    # On a machine that is late a further attempt may not return in time.
    handle = submit.options(engine=engine, timeout=1, retries=20)(endless_at_first(), tmp_path / "begun")
    assert handle.result(PATIENCE) == "in time"
    _ = ended(handle)
    assert attempts_of(handle).number > 1
    assert set(attempts_of(handle).errors.values()) == {"CallTimedOut: call ran longer than its timeout of 1 s."}


def test_a_process_without_steps_is_ended(processes: Any) -> None:
    handle = submit.options(engine=processes, timeout=SHORT)(blocked)
    with pytest.raises(CallTimedOut):
        handle.result(PATIENCE)
    assert submit(os.getpid, engine=processes).result(PATIENCE) != os.getpid()  # there is room again


def test_a_late_thread_goes_on_which_its_card_says_and_what_it_returns_counts() -> None:
    go_on = threading.Event()
    handle = submit.options(engine=LocalEngine(threads=1), timeout=SHORT)(go_on.wait, PATIENCE)
    wait_until(lambda: attempts_of(handle).problem is not None)
    assert handle.snapshot.state is JobState.RUNNING
    assert attempts_of(handle).problem == (
        "Its timeout of 0.05 s has passed. It stops at its next track() or report(); without one, it runs to its end. "
        'engine="process" ends such a call, too.'
    )
    go_on.set()
    assert handle.result(PATIENCE) is True
    assert ended(handle).state is JobState.DONE
    assert attempts_of(handle).problem == "It ended after its timeout of 0.05 s."


def test_the_time_in_the_queue_does_not_count() -> None:
    engine, go_on = LocalEngine(threads=1), threading.Event()
    first = submit.options(engine=engine)(go_on.wait, PATIENCE)
    second = submit.options(engine=engine, timeout=SHORT)(int)
    first_limit = submit.options(timeout=SHORT)(endless)  # its time begins later than that of the second one would
    with pytest.raises(CallTimedOut):
        first_limit.result(PATIENCE)
    assert second.job.state() is JobState.QUEUED
    go_on.set()
    assert first.result(PATIENCE) is True
    assert second.result(PATIENCE) == 0


def test_a_cancel_before_the_time_has_passed_is_a_cancel() -> None:
    handle = submit.options(timeout=LONGEST)(endless)
    handle.cancel()
    assert ended(handle).state is JobState.CANCELLED


def test_a_cancel_of_a_late_call_is_a_cancel_too() -> None:
    go_on = threading.Event()

    def late() -> None:
        assert go_on.wait(PATIENCE)
        endless()

    handle = submit.options(timeout=SHORT, retries=5)(late)
    wait_until(lambda: attempts_of(handle).problem is not None)
    handle.cancel()
    wait_until(lambda: handle.job._is_cancelled)
    go_on.set()
    assert ended(handle).state is JobState.CANCELLED
    assert attempts_of(handle).number == 1


class Unstoppable(LocalEngine):
    """Its calls cannot be stopped, and it does not tell when they start."""

    def start(self, task: FunctionCall) -> Any:
        job: Any = super().start(task)
        job.pushes_start = False
        job.cancel = lambda: False
        return job


def test_a_late_call_that_cannot_be_stopped_says_so() -> None:
    go_on = threading.Event()
    handle = submit.options(engine=Unstoppable(threads=1), timeout=SHORT)(go_on.wait, PATIENCE)
    wait_until(lambda: attempts_of(handle).problem is not None)
    assert attempts_of(handle).problem == "Its timeout of 0.05 s has passed. It could not be stopped and goes on."
    go_on.set()
    assert ended(handle).state is JobState.DONE


class Silent(LocalEngine):
    """It does not tell when its calls start."""

    def start(self, task: FunctionCall) -> Any:
        job: Any = super().start(task)
        notify, job.pushes_start = job.notify_listeners, False
        job.notify_listeners = lambda: notify() if job.in_final_state() else None
        return job


def test_the_time_counts_also_where_an_engine_does_not_tell_the_start() -> None:
    handle = submit.options(engine=Silent(threads=1), timeout=SHORT)(endless)
    with pytest.raises(CallTimedOut):
        handle.result(PATIENCE)


class SlowListeners(LocalEngine):
    """Its job has ended when the second listener has been added."""

    def start(self, task: FunctionCall) -> Any:
        job: Any = super().start(task)
        add, added = job.add_listener, []

        def add_and_wait(listener: Callable[[], None]) -> Any:
            end = add(listener)
            added.append(listener)
            if len(added) == 2:
                wait_until(lambda: job.state() is JobState.RUNNING)
                listener()
                wait_until(job.in_final_state)
            return end

        job.add_listener = add_and_wait
        return job


def test_a_time_that_is_over_before_it_was_noted_is_no_cancel() -> None:
    handle = submit.options(engine=SlowListeners(threads=1), timeout=SHORT)(endless)
    with pytest.raises(CallTimedOut):
        handle.result(PATIENCE)
    assert ended(handle).state is JobState.ERROR


def test_each_call_of_a_map_has_its_own_time(tmp_path: Path) -> None:
    group = submit_map(endless_at_first(), [tmp_path / "a", tmp_path / "b"], timeout=1, retries=20, max_running=1)
    assert group.result(PATIENCE) == ["in time", "in time"]


def test_a_call_whose_time_has_not_passed_keeps_nothing_alive_after_its_end() -> None:
    class Big: ...

    big = Big()
    gone = weakref.ref(big)
    handle = submit.options(timeout=LONGEST)(lambda _: None, big)
    del big
    _ = ended(handle)
    handle.close()
    wait_until(lambda: gc.collect() >= 0 and gone() is None)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), LONGEST + 1])
def test_an_impossible_time_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match=r"timeout= must be more than 0 to 31,536,000 seconds"):
        _ = submit.options(timeout=seconds)


def test_a_time_is_a_number() -> None:
    with pytest.raises(TypeError, match="timeout= takes a number of seconds, not str"):
        _ = submit.options(timeout="3")  # type: ignore[arg-type]


def test_calls_that_outlive_the_process_have_no_time_limit_and_no_retries() -> None:
    for options in (submit.options(engine="background", timeout=1), submit.options(engine="background", retries=1)):
        with pytest.raises(EngineError, match=r'Retry inside the function, .* or use engine="process"'):
            _ = options(abs, 1)


@pytest.fixture
def clock() -> Alarms:
    return Alarms()


def test_tasks_run_at_their_times_whatever_the_order_in_which_they_came(clock: Alarms) -> None:
    done: list[str] = []
    over = threading.Event()

    def task(name: str, then: Callable[[], object] = lambda: None) -> Callable[[], None]:
        def run() -> None:
            done.append(name)
            then()

        return run

    clock.after(0.2, task("late", over.set))
    clock.after(0, task("soon"))
    assert over.wait(PATIENCE)
    assert set(done) == {"soon", "late"}


def test_a_cancelled_task_does_not_run_and_is_let_go(clock: Alarms) -> None:
    class Big:
        def task(self) -> None:
            raise AssertionError

    big = Big()
    gone = weakref.ref(big)
    alarm = clock.after(LONGEST, big.task)
    del big
    assert clock.cancel(alarm)
    assert not clock.cancel(alarm)
    assert gone() is None


def test_many_cancelled_tasks_take_no_room(clock: Alarms) -> None:
    kept = clock.after(LONGEST, lambda: None)
    for _ in range(1_000):
        assert clock.cancel(clock.after(LONGEST, lambda: None))
    assert len(clock._waiting) < 200
    assert clock.cancel(kept)


def test_a_task_that_has_begun_cannot_be_cancelled(clock: Alarms) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def task() -> None:
        begun.set()
        go_on.wait(PATIENCE)

    alarm = clock.after(0, task)
    assert begun.wait(PATIENCE)
    assert not clock.cancel(alarm)
    go_on.set()


def test_there_is_one_clock_for_all_calls() -> None:
    assert alarms() is alarms()
