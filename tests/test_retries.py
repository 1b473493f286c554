"""Calls that are started again when they fail: ``submit.options(retries=…)`` and its kin."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import inspect
import os
import pickle
import signal
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from primwidgets import EngineError, JobState, WidgetJob, WorkerDied, job, report, submit, submit_map, track
from primwidgets._progress.track import current_context
from primwidgets.engines import CallOptions, FunctionCall, FunctionJob, engine_for
from primwidgets.engines.alarms import LONGEST
from primwidgets.engines.process import ProcessEngine
from primwidgets.engines.threads import LocalEngine
from primwidgets.snapshot import WORD_LIMIT, AttemptSummary, JobSnapshot
from tests.local_engines import LOCAL_ENGINES, local_engine
from tests.monitored import PATIENCE, wait_until


def fails_until(path: Path, attempts: int, value: int = 7) -> int:
    """Fail in all attempts before the one of that number. The file counts them, also across processes."""
    with path.open("a") as file:
        file.write(".")
    number = path.stat().st_size
    print("attempt", number)
    if number < attempts:
        raise ValueError(f"attempt {number} failed")
    return value


def dies_at_first(path: Path) -> str:
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "lived"


def ended(handle: WidgetJob[Any, Any]) -> JobSnapshot:
    assert handle.wait(PATIENCE)
    return handle.snapshot


def attempts_of(handle: WidgetJob[Any, Any]) -> AttemptSummary:
    attempts = ended(handle).attempts
    assert attempts is not None
    return attempts


@pytest.fixture(params=LOCAL_ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    with local_engine(request.param) as engine:
        yield engine


def test_a_call_that_fails_is_started_again_as_one_job(engine: Any, tmp_path: Path) -> None:
    handle = submit.options(engine=engine, name="fit", retries=2)(fails_until, tmp_path / "count", 3, value=41)
    assert handle.result(PATIENCE) == 41
    end = ended(handle)
    assert (end.state, end.name, end.error) == (JobState.DONE, "fit", None)
    assert end.attempts == AttemptSummary(
        3, 3, {"1": "ValueError: attempt 1 failed", "2": "ValueError: attempt 2 failed"}
    )
    assert end.log == "attempt 3\n"


def test_the_last_error_counts_when_no_attempt_is_left(engine: Any, tmp_path: Path) -> None:
    handle = submit.options(engine=engine, retries=1)(fails_until, tmp_path / "count", 9)
    with pytest.raises(ValueError, match="attempt 2 failed"):
        handle.result(PATIENCE)
    end = ended(handle)
    assert end.error is not None
    assert (end.state, end.error.message) == (JobState.ERROR, "attempt 2 failed")
    assert (tmp_path / "count").stat().st_size == 2


def test_a_call_whose_process_was_killed_is_started_again(tmp_path: Path) -> None:
    engine = ProcessEngine(workers=1)
    try:
        handle = submit.options(engine=engine, retries=1)(dies_at_first, tmp_path / "died")
        assert handle.result(PATIENCE) == "lived"
        assert attempts_of(handle).errors["1"].startswith("WorkerDied: ")
    finally:
        engine.close()


def test_a_broken_executor_cannot_start_another_attempt_and_the_card_says_so(tmp_path: Path) -> None:
    with ProcessPoolExecutor(1) as executor:
        handle = submit.options(engine=executor, retries=1)(dies_at_first, tmp_path / "died")
        with pytest.raises(WorkerDied):
            handle.result(PATIENCE)
        attempts = attempts_of(handle)
        assert (attempts.number, attempts.most) == (1, 2)
        assert (attempts.problem or "").startswith("Attempt 2 could not be started: EngineError: ")


def test_the_arguments_of_the_function_are_all_its_own() -> None:
    def names(**keywords: int) -> dict[str, int]:
        return keywords

    given = {"engine": 1, "name": 2, "retries": 3, "fn": 4, "self": 5}
    assert submit.options(retries=1)(names, **given).result(PATIENCE) == given
    assert job(retries=1)(names)(**given).result(PATIENCE) == given


def test_a_decorated_function_and_mapped_calls_are_started_again() -> None:
    counts = dict.fromkeys(range(3), 0)

    def second_time(key: int) -> int:
        counts[key] += 1
        if counts[key] == 1:
            raise OSError(key)
        return key

    assert job(retries=1)(second_time)(0).result(PATIENCE) == 0
    assert submit_map(second_time, [1, 2], retries=1).result(PATIENCE) == [1, 2]


def test_a_bounded_map_shows_the_current_attempt_of_each_call() -> None:
    attempts = 0

    def second_time(_value: int) -> int:
        nonlocal attempts
        attempts += 1
        report(0.5, "half way")
        if attempts == 1:
            raise OSError
        return attempts

    group = submit_map(second_time, [0], retries=1, max_running=1)
    assert group.result(PATIENCE) == [2]
    assert ended(group[0]).message == "half way"
    assert attempts_of(group[0]) == AttemptSummary(2, 2, {"1": "OSError"})


def test_a_cancelled_call_is_not_started_again() -> None:
    begun, attempts = threading.Event(), []

    def endless() -> None:
        attempts.append(1)
        for _ in track(iter(int, 1)):
            begun.set()

    handle = submit.options(retries=3)(endless)
    assert begun.wait(PATIENCE)
    handle.cancel()
    assert ended(handle).state is JobState.CANCELLED
    with pytest.raises(CancelledError):
        handle.result(PATIENCE)
    assert attempts == [1]


def test_a_cancel_stops_the_attempts_of_a_function_that_then_fails() -> None:
    begun, go_on, attempts = threading.Event(), threading.Event(), []

    def fails_later() -> None:
        attempts.append(1)
        begun.set()
        assert go_on.wait(PATIENCE)
        raise ValueError

    handle = submit.options(retries=3)(fails_later)
    assert begun.wait(PATIENCE)
    handle.cancel()
    wait_until(lambda: handle.job.context.cancelled)
    go_on.set()
    assert ended(handle).state is JobState.ERROR
    assert attempts == [1]


class Held:
    """An engine that starts a second attempt only when it is let."""

    def __init__(self) -> None:
        self.threads = LocalEngine(threads=1)
        self.asked, self.go_on = threading.Event(), threading.Event()
        self.started: list[FunctionJob[Any]] = []

    def start(self, task: FunctionCall) -> FunctionJob[Any]:
        if self.started:
            self.asked.set()
            assert self.go_on.wait(PATIENCE)
        self.started.append(self.threads.start(task))
        return self.started[-1]


def test_a_cancel_between_two_attempts_cancels_the_next_one() -> None:
    go_on = threading.Event()

    def endless_then() -> None:
        if len(held.started) < 2:
            raise ValueError
        for _ in track(iter(int, 1)):
            go_on.set()

    held = Held()
    handle = submit.options(engine=held, retries=1)(endless_then)
    assert held.asked.wait(PATIENCE)
    assert handle.job.state() is JobState.QUEUED
    handle.cancel()
    wait_until(lambda: handle.job._is_cancelled)
    held.go_on.set()
    assert ended(handle).state is JobState.CANCELLED


def test_a_call_that_cannot_run_on_its_engine_fails_at_once() -> None:
    with pytest.raises(EngineError, match="cannot be sent to another process"):
        _ = submit.options(engine="process", retries=3)(print, threading.Lock())


def test_an_exit_of_the_function_is_not_started_again() -> None:
    attempts = []

    def leave() -> None:
        attempts.append(1)
        raise SystemExit(3)

    assert ended(submit.options(retries=3)(leave)).state is JobState.ERROR
    assert attempts == [1]


def test_a_job_with_retries_is_a_full_future() -> None:
    attempts: list[int] = []

    def second_time() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError
        return "there"

    handle: Any = submit.options(retries=1)(second_time)
    called = threading.Event()
    handle.add_done_callback(lambda _: called.set())
    done, _ = concurrent.futures.wait([handle], timeout=PATIENCE)
    assert done == {handle}
    assert called.wait(PATIENCE)

    async def awaited() -> Any:
        return await asyncio.wrap_future(submit.options(retries=1)(second_time))

    assert asyncio.run(awaited()) == "there"


def test_retries_are_kept_when_the_call_is_run_again() -> None:
    attempts: list[int] = []

    def always_fails() -> None:
        attempts.append(1)
        raise ValueError

    first = submit.options(retries=1)(always_fails)
    ended(first)
    again = ended(first.rerun())
    assert again.attempts == AttemptSummary(2, 2, {"1": "ValueError"})
    assert len(attempts) == 4


def test_the_time_of_a_job_counts_from_its_first_attempt() -> None:
    begun: list[float] = []

    def fails_once() -> None:
        context = current_context()
        assert context is not None
        begun.append(context.started_at or 0)
        if len(begun) == 1:
            raise ValueError
        report(0.5, "half way")

    handle = submit.options(engine=LocalEngine(threads=1), retries=1)(fails_once)
    end = ended(handle)
    assert end.message == "half way"
    assert handle.job.started_at == end.started_at == begun[0]
    assert handle.job.context.started_at == begun[1]


def test_only_the_latest_errors_are_kept_and_clipped() -> None:
    def fails() -> None:
        raise ValueError("x" * 100_000)

    errors = attempts_of(submit.options(retries=20)(fails)).errors
    assert [*errors] == [str(number) for number in range(13, 21)]
    assert max(map(len, errors.values())) <= WORD_LIMIT


def test_an_ended_job_keeps_no_arguments_once_it_is_closed() -> None:
    class Big: ...

    big = Big()
    gone = weakref.ref(big)
    handle = submit.options(retries=2)(lambda _: None, big)
    del big
    ended(handle)
    handle.close()
    wait_until(lambda: gc.collect() >= 0 and gone() is None)


@pytest.mark.parametrize("retries", [-1, 1_001])
def test_an_impossible_number_of_retries_is_refused(retries: int) -> None:
    with pytest.raises(ValueError, match="retries= must be from 0 to 1,000"):
        submit.options(retries=retries)


def test_retries_are_a_number() -> None:
    with pytest.raises(TypeError, match="retries= takes a whole number, not str"):
        submit.options(retries="2")  # type: ignore[arg-type]


def test_an_engine_that_gives_jobs_of_its_own_kind_takes_no_retries() -> None:
    made: list[Future[int]] = []

    class Own:
        def start(self, _: FunctionCall) -> Any:
            made.append(Future())
            return made[-1]

    with pytest.raises(EngineError, match=r"Own gives jobs of its own kind \(Future\), for which there are no retries"):
        _ = submit.options(engine=Own(), retries=1)(abs, 1)
    assert made[0].cancelled()


def test_without_options_the_engine_itself_is_called() -> None:
    engine = engine_for(None)
    assert CallOptions().on(engine) is engine
    assert type(submit.options()(abs, -1).job) is type(submit(abs, -1).job)


def test_submit_still_looks_like_a_function() -> None:
    assert pickle.loads(pickle.dumps(submit)) is submit
    assert [*inspect.signature(submit).parameters] == ["fn", "args", "engine", "name", "kwargs"]
    assert submit.__name__ == "submit"


def test_a_call_waits_for_its_next_attempt_which_its_card_tells() -> None:
    attempts: list[int] = []

    def fails() -> None:
        attempts.append(1)
        report(0.5, "half way")
        raise ValueError("no luck")

    handle = submit.options(retries=3, retry_delay=LONGEST)(fails)
    wait_until(lambda: handle.snapshot.attempts == AttemptSummary(2, 4, {"1": "ValueError: no luck"}))
    now = handle.snapshot
    assert (now.state, now.message, now.progress, now.can_cancel) == (JobState.QUEUED, None, None, True)
    assert now.estimated_start_at is not None
    assert now.created_at is not None
    assert now.estimated_start_at - now.created_at >= LONGEST
    assert now.queued_at == now.created_at
    handle.cancel()
    assert ended(handle).state is JobState.CANCELLED
    assert handle.snapshot.attempts == now.attempts
    with pytest.raises(CancelledError, match="between two attempts"):
        handle.result(PATIENCE)
    assert attempts == [1]


def test_the_next_attempt_starts_when_its_time_has_come() -> None:
    attempts: list[int] = []

    def second_time() -> int:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError
        return len(attempts)

    handle = submit.options(retries=1, retry_delay=0.05)(second_time)
    assert handle.result(PATIENCE) == 2
    assert ended(handle).estimated_start_at is None


@pytest.mark.parametrize("delay", [-1, float("nan"), LONGEST + 1])
def test_an_impossible_delay_is_refused(delay: float) -> None:
    with pytest.raises(ValueError, match="retry_delay= must be from 0 to 31,536,000 seconds"):
        _ = submit.options(retry_delay=delay)


def test_a_cancel_that_comes_just_after_a_failure_still_tells_why_it_failed() -> None:
    asked, go_on, attempts = threading.Event(), threading.Event(), []

    class SlowToTell(Exception):
        def __str__(self) -> str:
            asked.set()
            go_on.wait(PATIENCE)
            return "no luck"

    def fails() -> None:
        attempts.append(1)
        raise SlowToTell

    handle = submit.options(retries=1, retry_delay=LONGEST)(fails)
    assert asked.wait(PATIENCE)
    handle.cancel()
    wait_until(lambda: handle.job._is_cancelled)
    go_on.set()
    assert ended(handle).state is JobState.CANCELLED
    assert attempts_of(handle).errors == {"1": "SlowToTell: no luck"}
    assert attempts == [1]


def test_a_group_whose_calls_wait_for_their_next_attempts_is_cancelled_at_once() -> None:
    def fails(_: int) -> None:
        raise ValueError

    group = submit_map(fails, range(3), retries=1, retry_delay=LONGEST)
    wait_until(lambda: all(job.job.attempts.number == 2 for job in group))
    group.cancel()
    assert group.wait(PATIENCE)
    assert [job.snapshot.state for job in group] == [JobState.CANCELLED] * 3
