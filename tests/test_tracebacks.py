"""Why a job failed, as data: the user's own frames with their source, wherever the function ran."""

from __future__ import annotations

import concurrent.futures
import json
import linecache
import pickle
import re
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from typing_extensions import override

from primwidgets import WidgetJob, submit
from primwidgets.adapters._common.describe import describe_error
from primwidgets.engines._remote.pickled import RemoteTraceback, pickled_error
from primwidgets.failure_report import CHAIN_LIMIT, FRAME_LIMIT, REASON_LIMIT, FailureFrame, FailureStep
from primwidgets.snapshot import JobError, JobSnapshot, JobState
from primwidgets.traceback_text import chain_in
from primwidgets.tracebacks import chain_of, read_chain, use_cells
from tests.monitored import PATIENCE


def parse(text: str) -> Any:
    return json.loads(text)


def fit(text: str) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        raise RuntimeError("the fit failed") from error


def raised(function: Any, *args: Any) -> BaseException:
    with pytest.raises(BaseException) as caught:  # noqa: PT011  (whatever it is)
        function(*args)
    return caught.value


def own(step: FailureStep) -> list[FailureFrame]:
    return [frame for frame in step["frames"] if frame["own"]]


def failed_line(frame: FailureFrame) -> str:
    return frame["source"][frame["line"] - frame["first_line"]].strip()


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(1) as pool:
        yield pool


def on_threads(pool: ProcessPoolExecutor) -> Any:
    return submit(fit, "{")


def on_a_process(pool: ProcessPoolExecutor) -> Any:
    return submit(fit, "{", engine="process")


def on_an_executor(pool: ProcessPoolExecutor) -> Any:
    return submit(fit, "{", engine=pool)


def as_a_future(pool: ProcessPoolExecutor) -> Any:
    return WidgetJob(pool.submit(fit, "{"))


@pytest.mark.parametrize("start", [on_threads, on_a_process, on_an_executor, as_a_future])
def test_a_failure_tells_the_user_s_own_lines_wherever_the_function_ran(start: Any, pool: ProcessPoolExecutor) -> None:
    job = start(pool)
    assert job.wait(12 * PATIENCE)
    error = job.snapshot.error
    first, cause = error.chain
    assert (first["type"], first["message"], first["caused"]) == ("RuntimeError", "the fit failed", False)
    assert (cause["type"], cause["caused"]) == ("JSONDecodeError", True)
    assert [frame["function"] for frame in own(first)] == ["fit"]
    assert [frame["function"] for frame in own(cause)] == ["fit", "parse"]
    assert failed_line(own(cause)[1]) == "return json.loads(text)"
    assert first["frames"] == own(first)
    assert {frame["own"] for frame in cause["frames"][2:]} == {False}
    assert "RemoteTraceback" not in error.traceback
    assert error.traceback.endswith("the fit failed") or error.traceback.endswith("the fit failed\n")


def test_frames_that_only_passed_a_call_on_are_left_out() -> None:
    job = submit(fit, "{")
    error = raised(job.result, PATIENCE)
    assert [frame["function"] for frame in chain_of(error)[0]["frames"]] == ["fit"]


def test_a_recursion_is_shown_once() -> None:
    def descend(depth: int) -> float:
        return 1 / 0 if depth == 0 else descend(depth - 1)

    (step,) = chain_of(raised(descend, 400))
    assert len(step["frames"]) == 2
    assert step["left_out"] >= 399


def test_chains_frames_and_messages_are_bounded() -> None:
    names: dict[str, Any] = {}
    lines = "\n".join(f"def f{index}(): f{index + 1}()" for index in range(100))
    exec(compile(f"{lines}\ndef f100(): raise KeyError('x' * 10**6)", "generated", "exec"), names)
    error: BaseException = raised(names["f0"])
    for _ in range(20):
        outer = ValueError("outer")
        outer.__cause__ = error
        error = outer
    assert len(chain_of(error)) == CHAIN_LIMIT
    (step,) = chain_of(raised(names["f0"]))
    assert len(step["frames"]) == FRAME_LIMIT
    assert step["frames"][-1]["function"] == "f100"
    assert len(step["message"]) == REASON_LIMIT
    assert step["left_out"] > 0


def test_a_chain_that_ends_in_itself_is_shown_once() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert [step["message"] for step in chain_of(one)] == ["one", "other"]


def test_what_an_exception_says_may_raise() -> None:
    class Rude(Exception):
        @override
        def __str__(self) -> str:
            raise SystemExit

    (step,) = chain_of(Rude())
    assert (step["type"], step["message"]) == ("Rude", "")


def test_notes_are_shown_with_the_message() -> None:
    error = ValueError("bad")
    error.add_note("in circuit 3")
    assert chain_of(error)[0]["message"] == "bad\nin circuit 3"


@pytest.fixture
def cell() -> Iterator[str]:
    path = "/tmp/ipykernel_1/2.py"
    source = ["def f():\n", "    return 1 / 0\n", "f()\n"]
    linecache.cache[path] = (1, None, source, path)
    use_cells(lambda file: ("Cell In[5]", 5) if file == path else None)
    yield path
    use_cells(lambda _: None)
    del linecache.cache[path]


def test_a_cell_is_named_as_ipython_names_it(cell: str) -> None:
    names: dict[str, Any] = {}
    exec(compile("def f():\n    return 1 / 0", cell, "exec"), names)
    (step,) = chain_of(raised(names["f"]))
    frame = own(step)[-1]
    assert (frame["file"], frame["cell"], frame["line"]) == ("Cell In[5]", 5, 2)
    assert frame["source"][1] == "    return 1 / 0"


@pytest.mark.parametrize("by_name", [False, True])
def test_the_kernel_knows_the_lines_of_a_cell_that_ran_in_a_worker(cell: str, by_name: bool) -> None:
    frame: dict[str, Any] = {
        "file": "<dynamic-code>" if by_name else cell,  # cloudpickle leaves the file out
        "cell": None,
        "line": 2,
        "function": "f",
        "own": True,
        "first_line": 2,
        "source": [],
    }
    told: dict[str, Any] = {"type": "E", "message": "", "caused": False, "frames": [frame], "left_out": 0}
    (step,) = read_chain([told])
    assert (step["frames"][0]["cell"], failed_line(step["frames"][0])) == (5, "return 1 / 0")


@pytest.mark.parametrize("told", [None, 7, [7], [{"type": "E"}], {"type": "E"}, [[]]])
def test_what_a_worker_tells_may_be_anything(told: Any) -> None:
    assert read_chain(told) == []
    outcome = pickled_error(ValueError("x"))
    for trace in ("", "plain text", json.dumps(told), json.dumps({"text": 5, "chain": told})):
        _, error = type(outcome)(outcome.data, True, trace, False).open()
        assert isinstance(error, ValueError)
        assert isinstance(error.__cause__, RemoteTraceback)
        assert describe_error(error).chain == []


def test_a_traceback_that_came_as_text_is_read_back() -> None:
    text = "".join(traceback.format_exception(raised(fit, "{")))
    first, cause = chain_in(text)
    assert (first["type"], first["message"], cause["type"], cause["caused"]) == (
        "RuntimeError",
        "the fit failed",
        "JSONDecodeError",
        True,
    )
    assert failed_line(own(cause)[-1]) == "return json.loads(text)"


@pytest.mark.parametrize("text", ["", "no traceback", 'File "x", line', "\n" * 1000, '  File "a", line 1, in f\n'])
def test_text_that_is_no_traceback_is_left_as_text(text: str) -> None:
    assert chain_in(text) == []


def test_the_chain_travels_with_the_snapshot() -> None:
    error = describe_error(raised(fit, "{"))
    snapshot = JobSnapshot(uid="u", state=JobState.ERROR, error=error)
    read = JobSnapshot.from_wire(json.loads(json.dumps(snapshot.to_wire()))).error
    assert read is not None
    assert list(read.chain) == list(error.chain)
    assert JobSnapshot.from_wire({"uid": "u", "state": "ERROR", "error": {"type": "E", "message": "m"}}).error == (
        JobError("E", "m")
    )


def test_a_future_s_error_is_described_without_waiting() -> None:
    future: concurrent.futures.Future[None] = concurrent.futures.Future()
    future.set_exception(raised(fit, "{"))
    error = WidgetJob(future).snapshot.error
    assert error is not None
    assert len(error.chain) == 2


# Exceptions of other processes.


def frames_in(text: str) -> list[str]:
    """The functions of a traceback that came as text."""
    return re.findall(r'^  File ".*", line \d+, in (\S+)$', text, re.MULTILINE)


@pytest.mark.parametrize("start", [on_a_process, on_an_executor])
def test_the_traceback_of_another_process_begins_in_the_users_function(start: Any, pool: ProcessPoolExecutor) -> None:
    error = raised(start(pool).result, PATIENCE)

    assert type(error) is RuntimeError
    assert type(error.__cause__).__name__.endswith("RemoteTraceback")
    assert frames_in(str(error.__cause__))[:2] == ["fit", "parse"]


def test_the_exception_of_a_pools_process_is_the_one_that_it_is_without_a_card(pool: ProcessPoolExecutor) -> None:
    future = pool.submit(fit, "{")
    error = raised(WidgetJob(future).result)

    assert error is future.exception()
    assert type(error.__cause__).__name__ == "_RemoteTraceback"
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (RuntimeError, "the fit failed")


def test_what_is_raised_by_a_wrapped_job_of_a_pool_is_printed_as_by_a_bare_one(pool: ProcessPoolExecutor) -> None:
    future = pool.submit(fit, "{")
    job = WidgetJob(future)
    bare, wrapped = raised(future.result), raised(job.result)

    def remote_part(error: BaseException) -> str:
        return "".join(traceback.format_exception(error)).partition("The above exception was the direct cause")[0]

    assert "RemoteTraceback" in remote_part(bare)
    assert remote_part(wrapped) == remote_part(bare)
