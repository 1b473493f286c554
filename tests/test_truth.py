"""Whatever happens to a job, and however slow anybody is, what is shown of it is true within a second."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from primwidgets import widget_job
from primwidgets._jupyter import commanded_job, displayed_job, stored_outputs
from primwidgets._jupyter.first_look import read_now
from tests.conductor import Conductor
from tests.live_clusters import Providers, all_providers
from tests.lived import Lived
from tests.lives import Life, World, slow_down
from tests.watchdog import Watchdog

#: How many lives; for a soak set it to 100,000.
LIVES: Final = int(os.environ.get("PRIMWIDGETS_TRUTH_LIVES", "2000"))
_AT_A_TIME: Final = 2_000
#: On a machine that is later than this, by other work, a life that went wrong is lived again, so often.
_LATE_SECONDS: Final = 0.2
_REPEATS: Final = 2


@pytest.fixture(scope="module")
def providers() -> Iterator[Providers]:
    with all_providers() as providers:
        yield providers


@settings(
    max_examples=max(1, LIVES // _AT_A_TIME),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
def test_what_is_shown_is_true_within_a_second_of_each_change(providers: Providers, seed: int) -> None:
    draw = random.Random(seed)
    lives = [Life.drawn(draw) for _ in range(min(LIVES, _AT_A_TIME))]
    wrong = live(providers, lives)
    for _ in range(_REPEATS):
        late = [one for one in wrong if one.lag > _LATE_SECONDS]
        wrong = [one for one in wrong if one not in late] + live(providers, [one.life for one in late], at_once=20)
    assert not wrong, f"{len(wrong)} lives\n" + "\n".join(f"{one.life}, {one.lag}: {one.wrong}" for one in wrong[:40])


@pytest.mark.parametrize("loses", [False, True])
def test_a_change_that_is_lost_before_the_subscription_would_be_seen(
    providers: Providers, loses: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same lives are wrong where a job is looked at before it is subscribed to, and are right where it is not."""
    if loses:
        monkeypatch.setattr(widget_job, "begin_tracking", _look_too_early)
    tries = [2.8, 5.6, 11.2, 22.4] if loses else [2.8]  # a machine that is late needs longer to notice
    assert any(live(providers, _twice(seconds)) for seconds in tries) is loses


def _twice(seconds: float) -> list[Life]:
    """Two jobs that start soon and then run for so long."""
    kinds = ["push", "queued call"]
    return [Life(kind, (0.04, seconds), False, None, "accepts", True, 0.0, 0.2, 0.0, 0.0) for kind in kinds]


def live(providers: Providers, lives: list[Life], at_once: int = 260) -> list[Lived]:
    """Have these lives happen; those in which something false was shown."""
    if not lives:
        return []
    with pytest.MonkeyPatch.context() as patch, Watchdog() as watchdog:
        world = World()
        for module in (commanded_job, displayed_job, widget_job):
            patch.setattr(module, "monitor", lambda: world.monitor)
        for module in (displayed_job, widget_job):
            patch.setattr(module, "hub", lambda: world.hub)
            patch.setattr(module, "stored_outputs", lambda: world.outputs)
        patch.setattr(displayed_job, "in_kernel", lambda: True)
        patch.setattr(stored_outputs, "publish_display", world.publish_display)
        patch.setattr("comm.create_comm", world.create_comm)
        conductor = Conductor(world, providers, watchdog, at_once)
        slow_down(patch, conductor.life_of)
        return conductor.run(lives)


def _look_too_early(tracked: Any, monitor: Any) -> Any:
    tracked.begin(read_now(tracked.adapter, tracked.last_read))
    monitor.subscribe(tracked)
    return tracked.last_read
