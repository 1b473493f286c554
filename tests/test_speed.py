"""Rates and estimates, with times that the test says."""

from __future__ import annotations

import pytest

from primwidgets._jupyter.timing import elapsed, remaining
from primwidgets._progress import track as track_module
from primwidgets._progress.loops import Loop
from primwidgets._progress.speed import Speed, rate_text
from primwidgets._progress.track import CallContext, Progress, running
from primwidgets.snapshot import JobSnapshot, JobState


def test_a_steady_value_has_its_speed() -> None:
    speed = Speed(0.0)
    looks = [speed.look(second, 10.0 * second) for second in range(6)]
    assert looks == [None, None, None, 10.0, 10.0, 10.0]
    assert speed.seconds_left(6.0, 60.0, 100.0) == pytest.approx(4.0)


def test_before_enough_was_seen_there_is_no_estimate() -> None:
    speed = Speed(0.0)
    assert speed.seconds_left(0.1, 0.01, 1.0) is None
    assert speed.seconds_left(0.2, 0.02, 1.0) is None
    assert speed.seconds_left(0.3, 0.03, 1.0) is None  # three changes, but within a moment
    slow = Speed(0.0)
    assert slow.seconds_left(3600.0, 0.5, 1.0) is None  # one change


def test_a_slow_first_step_is_forgotten_after_a_while() -> None:
    speed = Speed(0.0)
    speed.look(100.0, 1.0)  # such as where something is compiled first
    for step in range(2, 40):
        speed.look(100.0 + step, float(step))
    assert speed.look(140.0, 40.0) == pytest.approx(1.0)


def test_the_estimate_counts_down_between_two_steps_and_goes_when_it_was_wrong() -> None:
    speed = Speed(0.0)
    for step in range(1, 6):
        speed.look(10.0 * step, 0.1 * step)
    assert speed.seconds_left(50.0, 0.5, 1.0) == pytest.approx(50.0)
    assert speed.seconds_left(57.0, 0.5, 1.0) == pytest.approx(43.0)
    assert speed.seconds_left(200.0, 0.5, 1.0) is None


def test_a_value_that_begins_anew_is_watched_anew() -> None:
    speed = Speed(0.0)
    for second in range(10):
        speed.look(float(second), float(second))
    assert speed.look(10.0, 0.0) is None
    assert [speed.look(10.0 + second, 5.0 * second) for second in range(1, 5)] == [None, None, 5.0, 5.0]


@pytest.mark.parametrize(
    ("speed", "unit", "text"),
    [
        (None, None, None),
        (0.0, None, None),
        (41.3, None, "41 it/s"),
        (1234.0, "pulses", "1,200 pulses/s"),
        (1.0, "files", "1 files/s"),
        (2.54, None, "2.5 it/s"),
        (0.4, None, "2.5 s/it"),
        (0.005, "epochs", "200 s/epochs"),
        (99.7, None, "100 it/s"),
        (9.96, None, "10 it/s"),
    ],
)
def test_a_rate_is_text_of_two_digits(speed: float | None, unit: str | None, text: str | None) -> None:
    assert rate_text(speed, unit) == text


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 1_000 + self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(track_module, "time", clock)
    return clock


def test_a_loop_tells_its_rate_and_when_it_will_be_done(clock: Clock) -> None:
    context = CallContext()
    loop = Loop(100, None, None)
    loop.speed = Speed(0.0)
    with running(context):
        context.loops.append(loop)
        for step in range(5):
            clock.now, loop.done = float(step), step
            seen = context.progress()
    assert seen == Progress(0.04, "4 of 100", None, "1 it/s", 1_100.0)


def test_a_count_tells_its_rate_also_where_the_total_is_unknown(clock: Clock) -> None:
    context = CallContext()
    for second in range(5):
        clock.now = float(second)
        context.report(None, None, f"{41 * second} pulses", (41.0 * second, "pulses"))
        seen = context.progress()
    assert (seen.rate, seen.ends_at) == ("41 pulses/s", None)


RUNNING = JobSnapshot(uid="u", state=JobState.RUNNING, started_at=100.0)


@pytest.mark.parametrize(
    ("snapshot", "took", "left"),
    [
        (JobSnapshot(uid="u", state=JobState.QUEUED), None, None),
        (RUNNING, 10.0, None),
        (RUNNING.evolve(progress=0.01), 10.0, None),
        (RUNNING.evolve(progress=0.5), 10.0, 10.0),
        (RUNNING.evolve(progress=0.5, started_at=109.0), 1.0, None),
        (RUNNING.evolve(estimated_end_at=150.0), 10.0, 40.0),
        (RUNNING.evolve(estimated_end_at=50.0), 10.0, 0.0),
        (RUNNING.evolve(state=JobState.DONE, finished_at=104.0, progress=1.0), 4.0, 0.0),
        (RUNNING.evolve(started_at=200.0), 0.0, None),
    ],
)
def test_a_job_tells_how_long_it_has_run_and_will(
    snapshot: JobSnapshot, took: float | None, left: float | None
) -> None:
    assert elapsed(snapshot, 110.0) == took
    assert remaining(snapshot, 110.0) == left
