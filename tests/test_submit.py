from __future__ import annotations

import contextlib
import functools
import os
import threading
import time
import warnings
from concurrent.futures import CancelledError
from typing import Any

import pytest

from primwidgets import JobState, WidgetJob, job, report, submit, track
from primwidgets.engines import FunctionCall, FunctionJob, engine_for
from primwidgets.engines.threads import LocalEngine
from primwidgets.snapshot import CancelState, JobSnapshot
from tests.callers import heard_of
from tests.monitored import PATIENCE


def double(value: int, times: int = 2) -> int:
    """Multiply."""
    return value * times


def end_of(handle: WidgetJob[Any, Any]) -> JobSnapshot:
    assert handle.wait(PATIENCE)
    return handle.snapshot


def test_a_function_runs_and_its_result_comes_back() -> None:
    handle = submit(double, 4, times=3)
    assert handle.result(PATIENCE) == 12
    end = end_of(handle)
    assert (end.name, end.provider, end.state, end.progress) == ("double", "Local threads", JobState.DONE, 1.0)
    assert end.created_at is not None
    assert end.started_at is not None
    assert end.finished_at is not None
    assert end.created_at <= end.started_at <= end.finished_at


def test_what_a_function_prints_and_reports_is_on_the_card() -> None:
    def work() -> None:
        print("<b>bold</b>")
        report(0.5, "half way")
        half_way.set()
        assert go_on.wait(PATIENCE)

    half_way, go_on = threading.Event(), threading.Event()
    handle = submit(work)
    assert half_way.wait(PATIENCE)
    heard_of(handle).await_one(
        lambda now: now.state is JobState.RUNNING and (now.progress, now.message) == (0.5, "half way")
    )
    go_on.set()
    assert end_of(handle).log == "<b>bold</b>\n"
    assert handle.output == "<b>bold</b>\n"


def test_a_function_that_raises_is_an_error_with_its_traceback() -> None:
    def fail() -> None:
        raise RuntimeError("no luck")

    handle = submit(fail)
    error = end_of(handle).error
    assert error is not None
    assert (error.type, error.message) == ("RuntimeError", "no luck")
    assert error.traceback is not None
    assert "in fail" in error.traceback
    with pytest.raises(RuntimeError, match="no luck"):
        handle.result()


@pytest.mark.parametrize("engine", [None, "process"])
def test_arguments_that_do_not_fit_are_an_error_of_the_function_and_of_nothing_else(engine: str | None) -> None:
    handle = submit(double, 1, engine=engine, steps=3)
    error = end_of(handle).error
    assert error is not None
    assert "self.function" not in (error.traceback or "")
    with pytest.raises(TypeError, match=r"double\(\) got an unexpected keyword argument 'steps'"):
        handle.result(PATIENCE)


@pytest.mark.parametrize("option", ["retries", "retry_delay", "timeout", "tags"])
def test_an_option_beside_the_arguments_of_a_function_that_does_not_take_it_is_refused(option: str) -> None:
    with pytest.raises(TypeError, match=rf"double takes no {option}\..* submit\.options\({option}=…\)\(fn, …\)"):
        _ = submit(double, 1, **{option: 3})  # type: ignore[arg-type]  # it is neither of those that submit() takes


def test_a_function_gets_the_options_that_it_takes_itself() -> None:
    def names(retries: int, **keywords: int) -> tuple[int, dict[str, int]]:
        return retries, keywords

    assert submit(names, retries=3, timeout=4, tags=5).result(PATIENCE) == (3, {"timeout": 4, "tags": 5})


def test_cancel_ends_a_function_at_its_next_step() -> None:
    def endless() -> None:
        for _ in track(iter(int, 1)):
            inside.set()

    inside = threading.Event()
    handle = submit(endless)
    assert inside.wait(PATIENCE)
    handle.cancel()
    with pytest.raises(CancelledError):
        handle.result(PATIENCE)
    end = end_of(handle)
    assert (end.state, end.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)


def test_until_a_function_notices_a_cancel_the_card_says_when_it_will() -> None:
    def deaf() -> None:
        inside.set()
        assert go_on.wait(PATIENCE)

    inside, go_on = threading.Event(), threading.Event()
    handle = submit(deaf)
    assert inside.wait(PATIENCE)
    handle.cancel()
    now = handle.snapshot
    assert (now.state, now.cancel_state) == (JobState.RUNNING, CancelState.REQUESTED)
    assert now.cancel_detail == "It stops at its next track() or report()."
    go_on.set()
    assert end_of(handle).cancel_state is CancelState.TOO_LATE


def test_the_name_is_the_callers_or_the_functions() -> None:
    assert submit(double, 1, name="mine").name == "mine"
    assert submit(functools.partial(double, 1)).name == "double"
    assert submit(_Callable()).name == "_Callable"


def test_a_decorated_function_submits_itself() -> None:
    @job
    def add(a: int, b: int = 1) -> int:
        """Add."""
        return a + b

    @job(name="sum", engine=LocalEngine())
    def sum_up(*values: int) -> int:
        return sum(values)

    assert add(1, b=2).result(PATIENCE) == 3
    assert add.__doc__ == "Add."
    assert add.__wrapped__(1) == 2  # type: ignore[attr-defined]
    handle = sum_up(1, 2, 3)
    assert (handle.result(PATIENCE), handle.name) == (6, "sum")


def test_keywords_of_the_function_that_submit_has_too_are_bound_before() -> None:
    def named(name: str, engine: str) -> str:
        return name + engine

    assert submit(functools.partial(named, name="a", engine="b")).result(PATIENCE) == "ab"


def test_a_call_instead_of_a_function_is_explained() -> None:
    with pytest.raises(TypeError, match=r"submit\(f, x\), not submit\(f\(x\)\)"):
        _ = submit(double(1))  # type: ignore[arg-type]


def test_a_coroutine_function_is_explained() -> None:
    async def work() -> None: ...

    with pytest.raises(TypeError, match=r"asyncio\.create_task"):
        _ = submit(work)


def test_options_of_the_decorator_are_given_by_keyword() -> None:
    with pytest.raises(TypeError, match="by keyword"):
        job("process")  # type: ignore[call-overload]


def test_an_engine_that_is_none_is_explained() -> None:
    with pytest.raises(ValueError, match="no engine 'moon'; there are 'local'"):
        _ = submit(double, 1, engine="moon")
    with pytest.raises(TypeError, match="int is not an engine"):
        _ = submit(double, 1, engine=3)


def test_an_engine_of_the_users_own_is_taken() -> None:
    class Immediately:
        def start(self, task: FunctionCall) -> FunctionJob[Any]:
            tasks.append(task)
            return LocalEngine().start(task)

    tasks: list[FunctionCall] = []
    assert submit(double, 2, engine=Immediately()).result(PATIENCE) == 4
    assert [task.name for task in tasks] == ["double"]


def test_the_default_engine_is_one_for_all() -> None:
    assert engine_for(None) is engine_for("local")


def test_jobs_submit_jobs_and_wait_for_them() -> None:
    def nest(depth: int) -> int:
        return 0 if depth == 0 else 1 + int(submit(nest, depth - 1).result(PATIENCE))

    def wait_nested(depth: int) -> bool:
        return depth == 0 or submit(wait_nested, depth - 1).wait(PATIENCE)

    assert submit(nest, 40).result(6 * PATIENCE) == 40
    assert submit(wait_nested, 40).result(6 * PATIENCE)


class _Callable:
    def __call__(self) -> None:
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_has_threads_of_its_own() -> None:
    assert submit(abs, -1).result(PATIENCE) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of forks with threads
        child = os.fork()
    if child == 0:  # pragma: no cover
        answer = 1
        with contextlib.suppress(BaseException):
            answer = 0 if submit(abs, -2).result(PATIENCE) == 2 else 1
        os._exit(answer)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("refuse", [submit, job], ids=["submit", "job"])
def test_what_is_no_function_is_named_by_its_class_and_not_asked_for_a_text(refuse: Any) -> None:
    class PendingSampleSet:
        def __repr__(self) -> str:
            raise AssertionError("this would wait for the cloud")

    with pytest.raises(TypeError, match="PendingSampleSet"):
        refuse(PendingSampleSet())


@pytest.mark.parametrize("hours", [-1, 1])
def test_how_long_a_call_took_does_not_depend_on_a_clock_that_is_set_meanwhile(
    monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    usual = time.time

    def set_clock() -> None:
        monkeypatch.setattr(time, "time", lambda: usual() + 3600 * hours)

    end = end_of(submit(set_clock))
    assert end.started_at is not None
    assert end.finished_at is not None
    assert 0 <= end.finished_at - end.started_at < PATIENCE
