"""Loops of tqdm inside a job move its card; outside of jobs they are what they were."""

from __future__ import annotations

import contextlib
import io
import itertools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, ClassVar

import pytest
import tqdm
import tqdm.auto
import tqdm.notebook

from primwidgets import JobCancelled, submit, track
from primwidgets._progress.stdout import prints_to_log
from primwidgets._progress.tqdm_bars import bars_move_cards
from primwidgets._progress.track import CallContext, Progress, running
from primwidgets.engines import FunctionCall
from primwidgets.engines._remote.call import RemoteCall
from tests.monitored import PATIENCE

BAR_CLASSES = [tqdm.tqdm, tqdm.auto.tqdm, tqdm.notebook.tqdm]
every_class = pytest.mark.parametrize("bar_class", BAR_CLASSES, ids=["std", "auto", "notebook"])


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[CallContext]:
    """A job that the test itself runs in; nothing may be printed to its log."""
    monkeypatch.setattr(sys, "__stdout__", None)  # pytest prints to that one, on the thread of the test
    bars_move_cards()
    run = CallContext()
    with running(run), prints_to_log():
        yield run
    assert run.log == ""


@every_class
def test_a_loop_moves_the_card(run: CallContext, bar_class: Any) -> None:
    seen = [run.progress() for _ in bar_class(range(4), desc="Training")]
    texts = [f"Training: {done} of 4" for done in range(4)]
    assert [(one.fraction, one.text) for one in seen] == list(zip([0, 0.25, 0.5, 0.75], texts, strict=True))
    assert run.progress() == Progress(1.0, "Training: 4 of 4")
    assert run.loops == []


@every_class
def test_a_bar_that_is_moved_by_hand_moves_the_card(run: CallContext, bar_class: Any) -> None:
    with bar_class(total=10) as bar:
        bar.update(4)
        assert run.progress().fraction == 0.4
        bar.n = 7
        assert run.progress().fraction == 0.7
        bar.total = 14
        bar.set_postfix(loss=0.25)
        assert run.progress().text == "7 of 14, loss=0.25"
        bar.reset(total=2)
        assert run.progress() == Progress(0.0, "0 of 2, loss=0.25")
        bar.update()
        bar.colour = "green"
        bar.clear()
        bar.refresh()
    assert run.progress() == Progress(0.5, "1 of 2, loss=0.25")


@every_class
def test_without_a_total_steps_are_counted(run: CallContext, bar_class: Any) -> None:
    seen = [run.progress() for _ in bar_class(iter("abc"))]
    assert seen[-1] == Progress(None, "2 steps")


@every_class
def test_a_loop_within_a_loop_moves_the_outer_one_by_parts(run: CallContext, bar_class: Any) -> None:
    seen = []
    for _ in bar_class("ab", unit="epoch"):
        for _ in bar_class(range(2), leave=False):
            seen.append(run.progress())
    assert seen == [Progress(fraction, f"{n} of 2 epoch") for fraction, n in [(0, 0), (0.25, 0), (0.5, 1), (0.75, 1)]]


@pytest.mark.parametrize(("outer", "inner"), [(track, tqdm.tqdm), (tqdm.tqdm, track)])
def test_loops_of_tqdm_and_track_nest(run: CallContext, outer: Callable[..., Any], inner: Callable[..., Any]) -> None:
    seen = [run.progress().fraction for _ in outer(range(2)) for _ in inner(range(2))]
    assert seen == [0, 0.25, 0.5, 0.75]


@every_class
def test_a_cancel_ends_the_loop_at_its_next_step(run: CallContext, bar_class: Any) -> None:
    steps = iter(bar_class(range(5)))
    assert [next(steps), next(steps)] == [0, 1]
    run.cancelled = True
    with pytest.raises(JobCancelled):
        next(steps)
    assert run.loops == []


@every_class
@pytest.mark.parametrize("act", [lambda bar: bar.update(), lambda bar: bar.refresh()], ids=["update", "refresh"])
def test_a_cancel_ends_a_bar_that_is_moved_by_hand(
    run: CallContext, bar_class: Any, act: Callable[[Any], None]
) -> None:
    bar = bar_class(total=5)
    run.cancelled = True
    with pytest.raises(JobCancelled):
        act(bar)


@every_class
def test_a_disabled_bar_shows_nothing(run: CallContext, bar_class: Any) -> None:
    assert list(bar_class(range(3), disable=True)) == [0, 1, 2]
    assert run.progress() == Progress()


def test_sizes_and_fractions_are_shown_as_the_bar_would(run: CallContext) -> None:
    bar = tqdm.tqdm(total=3 << 20, unit="B", unit_scale=True, unit_divisor=1024)
    bar.update(1 << 20)
    assert run.progress().text == "1.00M of 3.00M B"
    bar.close()
    other = tqdm.tqdm(total=1.0)
    other.update(0.1 + 0.2)
    assert run.progress().text == "0.3 of 1"


def test_what_is_no_number_does_no_harm(run: CallContext) -> None:
    bar = tqdm.tqdm(total=3)
    bar.total = "three"
    assert run.progress() == Progress(None, "0 steps")
    bar.total = float("nan")
    assert run.progress().fraction is None


def test_a_bar_that_is_never_closed_does_not_enclose_the_next_one(run: CallContext) -> None:
    full = tqdm.tqdm(total=2)
    full.update(2)
    assert run.progress() == Progress(1.0, "2 of 2")
    forgotten = tqdm.tqdm(total=10)
    del forgotten
    with tqdm.tqdm(total=4) as bar:
        bar.update()
        assert run.progress() == Progress(0.25, "1 of 4")


def test_a_loop_that_is_left_early_is_over(run: CallContext) -> None:
    for number in tqdm.tqdm(range(4)):
        if number == 2:
            break
    assert run.loops == []
    assert run.progress() == Progress(0.5, "2 of 4")


def test_a_class_of_the_users_stays_what_it_is(run: CallContext) -> None:
    class Downloads(tqdm.tqdm):  # type: ignore[misc]  # tqdm has no types
        def __init__(self, size: int) -> None:
            super().__init__(total=size, unit="B")
            self.closed = False

        def update_to(self, blocks: int, size: int) -> None:
            self.update(blocks * size - self.n)

        def close(self) -> None:
            self.closed = True
            super().close()

    with Downloads(8) as bar:
        bar.update_to(2, 2)
        assert isinstance(bar, Downloads)
        assert run.progress() == Progress(0.5, "4 of 8 B")
    assert bar.closed


def test_a_file_that_the_user_named_is_written_as_ever(run: CallContext) -> None:
    file = io.StringIO()
    assert list(tqdm.tqdm(range(2), file=file)) == [0, 1]
    assert "2/2" in file.getvalue()
    assert run.progress().fraction == 1.0


def test_outside_of_jobs_nothing_changes() -> None:
    bars_move_cards()
    file = io.StringIO()
    bar = tqdm.tqdm(range(2), file=file)
    assert type(bar) is tqdm.tqdm
    assert list(bar) == [0, 1]
    assert "100%" in file.getvalue()


def test_bars_of_jobs_take_no_place_from_those_that_are_drawn() -> None:
    bars_move_cards()
    with running(CallContext()):
        in_a_job = tqdm.tqdm(total=1)
    with tqdm.tqdm(total=1, file=io.StringIO()) as drawn:
        assert drawn.pos == 0
    in_a_job.close()


def test_lines_that_tqdm_writes_are_in_the_log() -> None:
    bars_move_cards()
    run = CallContext()
    with running(run), prints_to_log():
        for _ in tqdm.tqdm(range(2)):
            tqdm.tqdm.write("a line")
    assert run.log == "a line\na line\n"


@every_class
def test_a_submitted_function_moves_its_card_and_can_be_cancelled(bar_class: Any) -> None:
    third = threading.Event()

    def count() -> None:
        for number in bar_class(itertools.count(), total=4):
            if number == 3:
                third.set()

    job = submit(count)
    assert third.wait(PATIENCE)
    job.cancel()
    with pytest.raises(JobCancelled):
        job.result(timeout=240)
    assert job.job.context.progress().fraction == 1.0
    assert job.output == ""


class Recorder:
    """A channel to a kernel that keeps what it is told."""

    prompt = False
    told: ClassVar[list[Any]] = []

    def open(self, run: CallContext) -> contextlib.AbstractContextManager[Callable[[Any], None]]:
        return contextlib.nullcontext(self.told.append)


@every_class
def test_a_loop_elsewhere_tells_the_kernel_how_far_it_is(bar_class: Any) -> None:
    def count() -> None:
        list(bar_class(range(3)))

    Recorder.told.clear()
    RemoteCall(FunctionCall(count), Recorder())()
    assert Recorder.told[-1] == asdict(Progress(1.0, "3 of 3"))
    assert not any("printed" in message for message in Recorder.told)


IMPORTED_LATER = """
import sys
from primwidgets._progress.track import CallContext, running
from primwidgets._progress.tqdm_bars import bars_move_cards
bars_move_cards()
assert "tqdm" not in sys.modules
with running(run := CallContext()):
    from tqdm import tqdm
    print([run.progress().fraction for _ in tqdm(range(2))], sum("_Waiter" in str(one) for one in sys.meta_path))
"""
SEMAPHORES = """
from tqdm.std import TqdmDefaultWriteLock, tqdm
from primwidgets._progress.track import CallContext, running
from primwidgets._progress.tqdm_bars import bars_move_cards
bars_move_cards()
with running(CallContext()):
    list(tqdm(range(2)))
print(hasattr(TqdmDefaultWriteLock, "mp_lock"))
"""


def test_a_bar_in_a_job_leaves_no_semaphore_behind_when_its_process_is_killed() -> None:
    ran = subprocess.run([sys.executable, "-c", SEMAPHORES], capture_output=True, text=True, timeout=240, check=True)
    assert (ran.stdout, ran.stderr) == ("False\n", "")


def test_tqdm_may_be_imported_within_the_job() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTED_LATER], capture_output=True, text=True, timeout=240, check=True
    )
    assert (ran.stdout, ran.stderr) == ("[0.0, 0.5] 0\n", "")
