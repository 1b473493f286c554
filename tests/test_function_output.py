"""From what a function prints to the snapshot of its job."""

from __future__ import annotations

from typing import Any

import pytest

from primwidgets import WidgetJob, submit
from primwidgets._progress.terminal_text import as_on_a_terminal
from primwidgets.engines import FunctionCall, FunctionJob
from primwidgets.engines.adapter import FunctionJobAdapter
from primwidgets.snapshot import LOG_LIMIT, JobSnapshot, JobState


def read(job: WidgetJob[Any, Any]) -> JobSnapshot:
    """The finished job as its adapter reads it."""
    job.result(timeout=240)
    return FunctionJobAdapter(job.job).read(JobSnapshot(uid="u"))


class RunningCall(FunctionJob[None]):
    """A call that the test lets print and end."""

    engine = "Fake"
    final = False

    def __init__(self) -> None:
        super().__init__(FunctionCall(print))

    def state(self) -> JobState:
        return JobState.DONE if self.final else JobState.RUNNING

    def result(self, timeout: float | None = None) -> None:
        raise NotImplementedError

    def exception_now(self) -> None:
        raise NotImplementedError

    def cancel(self) -> bool:
        raise NotImplementedError


def test_what_was_printed_is_shown_as_a_terminal_would_leave_it() -> None:
    job = submit(lambda: print("\x1b[32m  1%\r100%\x1b[0m\ndone"))
    assert read(job).log == "100%\ndone\n"
    assert job.output == "\x1b[32m  1%\r100%\x1b[0m\ndone\n"


def test_a_function_that_prints_nothing_has_no_log() -> None:
    assert read(submit(int)).log is None


def test_of_very_much_the_end_is_shown_and_cut_visibly() -> None:
    def print_much() -> None:
        for number in range(100_000):
            print("line", number)

    snapshot = read(submit(print_much))
    assert snapshot.log is not None
    assert len(snapshot.log) < 2 * LOG_LIMIT
    shown = snapshot.to_wire()["log"]
    assert len(shown) == LOG_LIMIT
    assert shown.startswith("…")
    assert shown.endswith("line 99999\n")


def test_a_bar_that_is_written_again_and_again_leaves_room_for_the_lines_before_it() -> None:
    def draw_a_bar() -> None:
        print("the line before")
        for number in range(500):
            print(f"\r{number:3} |{'#' * 20}|", end="")

    assert read(submit(draw_a_bar)).log == f"the line before\n499 |{'#' * 20}|"


def test_of_one_huge_print_only_the_end_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    job = submit(lambda: print("x" * 5_000_000))
    job.result(timeout=240)
    looked_at: list[str] = []

    def look(text: str) -> str:
        looked_at.append(text)
        return as_on_a_terminal(text)

    monkeypatch.setattr("primwidgets.engines.adapter.as_on_a_terminal", look)
    read(job)
    assert sum(map(len, looked_at)) < 50 * LOG_LIMIT


def test_much_that_is_printed_by_and_by_is_not_sent_again_at_each_look(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("primwidgets.engines.adapter.time.monotonic", lambda: now)
    adapter, snapshot = FunctionJobAdapter(call := RunningCall()), JobSnapshot(uid="u")
    logs = []
    for letter in "abcd":
        call.context.write(letter)
        snapshot = adapter.read(snapshot)
        logs.append(snapshot.log)
        now += 0.1
    assert logs == ["a", "a", "a", "abcd"]
    call.context.write("e")
    call.final = True
    assert adapter.read(snapshot).log == "abcde"
