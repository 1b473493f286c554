"""From what a function prints to the snapshot of its job."""

from __future__ import annotations

import time
from typing import Any

from primwidgets import WidgetJob, submit
from primwidgets.adapters.function_job import FunctionJobAdapter
from primwidgets.snapshot import LOG_LIMIT, JobSnapshot


def read(job: WidgetJob[Any, Any]) -> JobSnapshot:
    """The finished job as its adapter reads it."""
    job.result(timeout=30)
    return FunctionJobAdapter(job.job).read(JobSnapshot(uid="u"))


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


def test_reading_the_end_of_one_huge_print_costs_little() -> None:
    job = submit(lambda: print("x" * 5_000_000))
    job.result(timeout=30)
    began = time.perf_counter()
    read(job)
    assert time.perf_counter() - began < 0.5
