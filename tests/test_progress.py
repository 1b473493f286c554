from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import CancelledError
from contextvars import copy_context
from typing import Any

import pytest

from primwidgets import JobCancelled, report, track
from primwidgets._progress.track import (
    LOG_CHARACTERS,
    CallContext,
    Progress,
    current_context,
    running,
    waiting_for_another_job,
)


@pytest.fixture
def run() -> Iterator[CallContext]:
    run = CallContext()
    with running(run):
        yield run


def fractions(run: CallContext, steps: Callable[[], Iterator[object]]) -> list[float | None]:
    return [run.progress().fraction for _ in steps()]


def test_outside_a_job_nothing_is_done() -> None:
    items = [1, 2]
    assert type(track(items)) is type(iter(items))
    report(0.5)
    report(7)  # not even looked at: it costs nothing
    assert current_context() is None
    with waiting_for_another_job():
        pass


def test_a_loop_tells_how_many_steps_are_over(run: CallContext) -> None:
    assert [(item, run.progress()) for item in track("abcd")] == [
        ("a", Progress(0.0, "0 of 4")),
        ("b", Progress(0.25, "1 of 4")),
        ("c", Progress(0.5, "2 of 4")),
        ("d", Progress(0.75, "3 of 4")),
    ]


@pytest.mark.parametrize(
    "items",
    [range(4), [0, 1, 2, 3], (0, 1, 2, 3), range(2**70, 2**70 + 4), {0, 1, 2, 3}, "0123"],
    ids=["range", "list", "tuple", "large range", "set", "str"],
)
def test_a_loop_counts_alike_whatever_it_goes_through(run: CallContext, items: Collection[object]) -> None:
    steps = track(items)
    assert run.progress() == Progress()
    seen = [run.progress() for _ in steps]
    assert seen == [Progress(done / 4, f"{done} of 4") for done in range(4)]
    assert run.progress() == Progress(1.0, "4 of 4")


def test_a_list_may_grow_while_it_is_gone_through(run: CallContext) -> None:
    items = [1, 2]
    seen = []
    for item in track(items):
        seen.append(run.progress().text)
        if item < 3:
            items.append(item + 1)
    assert seen == ["0 of 2", "1 of 2", "2 of 2", "3 of 2", "4 of 2"]


def test_a_loop_through_a_sequence_that_is_left_early_counts_what_is_over(run: CallContext) -> None:
    for item in track(range(4)):
        if item == 2:
            break
    assert run.progress() == Progress(0.5, "2 of 4")


def test_a_loop_that_is_over_stays_visible(run: CallContext) -> None:
    list(track("abcd"))
    assert run.progress().fraction == 1.0


def test_the_total_of_a_generator_is_said_by_the_caller(run: CallContext) -> None:
    assert fractions(run, lambda: track(iter("ab"), total=2)) == [0.0, 0.5]


def test_without_a_total_the_steps_are_counted(run: CallContext) -> None:
    assert [run.progress() for _ in track(iter("ab"))] == [Progress(None, "0 steps"), Progress(None, "1 steps")]


def test_more_steps_than_the_total_are_all_of_them(run: CallContext) -> None:
    assert fractions(run, lambda: track("abc", total=2)) == [0.0, 0.5, 1.0]


def test_an_empty_loop_is_no_trouble(run: CallContext) -> None:
    assert list(track([])) == []
    assert run.progress() == Progress()


def test_a_loop_in_a_loop_moves_it_by_parts_of_a_step(run: CallContext) -> None:
    seen = [run.progress().fraction for _ in track(range(2)) for _ in track(range(2))]
    assert seen == [0.0, 0.25, 0.5, 0.75]


def test_after_a_loop_the_loop_around_it_stays_where_it_is(run: CallContext) -> None:
    seen = []
    for _ in track(range(2)):
        list(track(range(3)))
        seen.append(run.progress().fraction)
    assert seen == [0.5, 1.0]
    assert run.progress().fraction == 1.0


def test_the_outer_loop_is_what_the_text_counts(run: CallContext) -> None:
    assert {run.progress().text for _ in track(range(2)) for _ in track(range(5))} == {"0 of 2", "1 of 2"}


def test_a_loop_without_total_in_a_loop_leaves_it_where_it_is(run: CallContext) -> None:
    assert [run.progress().fraction for _ in track(range(2)) for _ in track(iter("ab"))] == [0.0, 0.0, 0.5, 0.5]


def test_a_report_in_a_loop_is_a_part_of_its_step(run: CallContext) -> None:
    seen = []
    for _ in track(range(2)):
        report(0.5)
        seen.append(run.progress().fraction)
    assert seen == [0.25, 0.75]


def test_what_was_reported_in_one_step_does_not_count_in_the_next(run: CallContext) -> None:
    seen = []
    for item in track(range(2)):
        seen.append(run.progress().fraction)
        if item == 0:
            report(0.9)
    assert seen == [0.0, 0.5]


def test_a_report_tells_a_fraction_and_a_message(run: CallContext) -> None:
    report(0.25, "reading")
    assert run.progress() == Progress(0.25, None, "reading")
    report(message="writing")
    assert run.progress() == Progress(0.25, None, "writing")
    report(0.5)
    assert run.progress() == Progress(0.5, None, "writing")


@pytest.mark.parametrize("fraction", [50, -0.1, math.nan, math.inf])
def test_a_percentage_is_no_fraction(run: CallContext, fraction: float) -> None:
    with pytest.raises(ValueError, match="divide a percentage by 100"):
        report(fraction)
    assert run.progress() == Progress()


def test_a_loop_can_be_cancelled_at_each_step(run: CallContext) -> None:
    def body() -> None:
        for item in track(range(5)):
            done.append(item)
            run.cancelled = item == 2

    done: list[int] = []
    with pytest.raises(JobCancelled):
        body()
    assert done == [0, 1, 2]
    assert run.loops == []


def test_a_report_can_be_cancelled(run: CallContext) -> None:
    run.cancelled = True
    with pytest.raises(CancelledError):  # which JobCancelled is
        report(0.5)


def test_a_loop_that_is_left_early_is_over(run: CallContext) -> None:
    loop = track(range(4))
    next(loop)
    next(loop)
    loop.close()  # type: ignore[attr-defined]  # it is a generator in a job
    assert run.loops == []
    assert run.progress().fraction == 0.25


def test_who_raises_in_a_loop_ends_it(run: CallContext) -> None:
    def body() -> None:
        for _ in track(range(4)):
            raise KeyError

    with pytest.raises(KeyError):
        body()
    list(track(range(2)))
    assert run.progress().fraction == 1.0


def test_what_is_printed_is_kept_in_order(run: CallContext) -> None:
    for text in ("one\n", "two\n"):
        run.write(text)
    assert run.log == "one\ntwo\n"
    assert run.log_tail(100) == "one\ntwo\n"


def test_the_tail_of_the_log_is_enough_and_not_much_more(run: CallContext) -> None:
    for number in range(100):
        run.write(f"line {number}\n")
    tail = run.log_tail(20)
    assert tail is not None
    assert tail.endswith("line 98\nline 99\n")
    assert 20 <= len(tail) < 40


def test_a_log_without_text_is_unknown(run: CallContext) -> None:
    assert run.log_tail(10) is None


@pytest.mark.parametrize("piece", ["x" * (3 * LOG_CHARACTERS), "x" * 1000])
def test_of_very_much_text_the_end_is_kept(run: CallContext, piece: str) -> None:
    for _ in range(-(-3 * LOG_CHARACTERS // len(piece))):
        run.write(piece)
    run.write("the end")
    assert run.log.endswith("xthe end")
    assert len(run.log) <= LOG_CHARACTERS


class RunWithRoom(CallContext):
    """Counts how often room was made."""

    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self.release_slot = self._count

    @contextlib.contextmanager
    def _count(self) -> Iterator[None]:
        self.made += 1
        yield


def test_who_waits_for_another_job_makes_room_once() -> None:
    run = RunWithRoom()
    with running(run), waiting_for_another_job():
        helper = threading.Thread(target=copy_context().run, args=(wait_briefly,))
        helper.start()
        helper.join()
        wait_briefly()
    assert run.made == 1


def test_room_that_one_job_made_is_not_that_of_another() -> None:
    outer, inner = RunWithRoom(), RunWithRoom()
    with running(outer), waiting_for_another_job(), running(inner):
        wait_briefly()
    assert (outer.made, inner.made) == (1, 1)


def test_outside_a_job_no_slot_is_released() -> None:
    run = RunWithRoom()
    with running(run), running(None):
        wait_briefly()
    assert run.made == 0


def wait_briefly() -> None:
    with waiting_for_another_job():
        pass


def test_a_loop_has_the_name_and_the_unit_that_tqdm_would_be_given(run: CallContext) -> None:
    seen = [run.progress().text for _ in track(range(1000), desc="fit", unit="files")]
    assert seen[41] == "fit: 41 of 1,000 files"
    assert run.progress() == Progress(1.0, "fit: 1,000 of 1,000 files")
    assert [run.progress().text for _ in track(iter("ab"), unit="files")] == ["0 files", "1 files"]


def test_a_count_stays_after_the_loop_and_beside_a_message(run: CallContext) -> None:
    list(track(iter("abc")))
    report(message="writing")
    assert run.progress() == Progress(None, "3 steps", "writing")
    report(0.5)
    assert run.progress() == Progress(0.5, None, "writing"), "what is told later is another thing"


@pytest.mark.parametrize("total", ["fit", [1, 2]])
def test_a_total_that_is_no_number_is_refused_at_once(run: CallContext, total: Any) -> None:
    with pytest.raises(TypeError, match="desc="):
        track(range(3), total)


def test_an_endless_total_is_none(run: CallContext) -> None:
    assert [run.progress() for _ in track("ab", total=math.inf)] == [
        Progress(None, "0 steps"),
        Progress(None, "1 steps"),
    ]


def test_a_report_may_count(run: CallContext) -> None:
    report(done=245, total=1500, unit="pulses")
    assert run.progress() == Progress(245 / 1500, "245 of 1,500 pulses")
    report(done=12.5, unit="s", message="cooling")
    assert run.progress() == Progress(None, "12.5 s", "cooling")
    report(done=7, total=5)
    assert run.progress() == Progress(1.0, "7 of 5", "cooling")


def test_a_count_in_a_loop_is_a_part_of_its_step(run: CallContext) -> None:
    seen = []
    for _ in track(range(2), unit="files"):
        report(done=1, total=4, unit="rows")
        seen.append(run.progress())
    assert seen == [Progress(0.125, "0 of 2 files, 1 of 4 rows"), Progress(0.625, "1 of 2 files, 1 of 4 rows")]


@pytest.mark.parametrize(
    ("keywords", "error"),
    [
        ({"fraction": 0.5, "done": 1, "total": 2}, TypeError),
        ({"total": 2}, ValueError),
        ({"unit": "files"}, ValueError),
        ({"done": -1}, ValueError),
        ({"done": math.nan}, ValueError),
        ({"done": "1"}, ValueError),
        ({"done": 1, "total": "2"}, TypeError),
    ],
)
def test_a_count_that_makes_no_sense_is_refused(run: CallContext, keywords: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        report(**keywords)
    assert run.progress() == Progress()
