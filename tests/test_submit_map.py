"""``submit_map``: how many calls run at a time, cancels, reruns, names."""

# mypy: disable-error-code="operator, union-attr, unused-awaitable"

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

import pytest

from primwidgets import JobGroup, submit_map
from primwidgets.snapshot import JobState
from tests.grouped import settled, square
from tests.monitored import PATIENCE


def test_at_most_max_running_jobs_of_a_map_run_at_the_same_time() -> None:
    lock, running, most = threading.Lock(), [0], [0]
    together = threading.Barrier(2)

    def watched(x: int) -> int:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        together.wait(PATIENCE)
        with lock:
            running[0] -= 1
        together.wait(PATIENCE)
        return x

    group = submit_map(watched, range(6), max_running=2, name="pairs")
    assert group.name == "pairs"
    assert group[5].name == "pairs(5)"
    assert group.result(PATIENCE) == list(range(6))
    assert most[0] == 2


def test_a_cancel_takes_back_what_was_not_submitted_yet() -> None:
    started, release = threading.Event(), threading.Event()

    def block(_: int) -> None:
        started.set()
        release.wait(PATIENCE)

    group = submit_map(block, range(20), max_running=1)
    assert started.wait(PATIENCE)
    group.cancel()
    release.set()
    snapshot = settled(group)
    assert snapshot.group.cancelled >= 19
    assert snapshot.state is JobState.CANCELLED


def test_an_engine_that_refuses_later_calls_makes_them_fail() -> None:
    from primwidgets.engines.threads import LocalEngine

    class Refusing:
        def __init__(self) -> None:
            self.engine, self.calls = LocalEngine(threads=1), 0

        def start(self, task: Any) -> Any:
            self.calls += 1
            if self.calls > 1:
                raise OSError("full")
            return self.engine.start(task)

    group = submit_map(square, range(500), engine=Refusing(), max_running=1)
    results = group.result(20, return_exceptions=True)
    assert results[0] == 0
    assert {str(error) for error in results[1:]} == {"full"}


@pytest.mark.parametrize(("arguments", "limit"), [((), None), (([1],), 0)])
def test_a_map_without_arguments_or_room_is_refused(arguments: Any, limit: int | None) -> None:
    with pytest.raises((TypeError, ValueError), match=r"submit_map\(\) takes|at least 1"):
        submit_map(square, *arguments, max_running=limit)


def test_only_the_failed_jobs_run_again_in_their_places() -> None:
    broken, calls = {1, 3}, []

    def flaky(x: int) -> int:
        calls.append(x)
        if x in broken:
            raise OSError(x)
        return x

    group = submit_map(flaky, range(5), name="scan")
    assert [job.name for job in settled(group) and group.failed] == ["scan(1)", "scan(3)"]
    broken.discard(1)
    second = group.rerun_failed()
    assert isinstance(second.result(10, return_exceptions=True)[3], OSError)
    assert second.name == "scan, run 2"
    assert second[0] == group[0]
    broken.clear()
    third = second.rerun_failed()
    assert third.name == "scan, run 3"
    assert third.result(PATIENCE) == [0, 1, 2, 3, 4]
    assert sorted(calls) == [0, 1, 1, 2, 3, 3, 3, 4]
    assert group.snapshot.state is JobState.ERROR


def test_what_cannot_be_submitted_again_is_named() -> None:
    future: Future[int] = Future()
    future.set_exception(ValueError())
    group = JobGroup([future])
    assert settled(group).state is JobState.ERROR
    with pytest.raises(TypeError, match="Job 0 of the group cannot be submitted again"):
        group.rerun_failed()


def test_the_names_of_jobs_tell_short_plain_arguments_only() -> None:
    class Hostile:
        def __repr__(self) -> str:
            raise RuntimeError("not here")

    group = submit_map(lambda *_: None, [0.5, Hostile()], ["a", "b"], name="f")
    assert [member.name for member in group] == ["f(0.5, 'a')", "f 1"]
    assert settled(group).state is JobState.DONE
