"""Whatever happens to a job, and however slow anybody is, what is shown of it is true within a second."""

from __future__ import annotations

import os
import random
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from primwidgets import widget_job
from primwidgets._jupyter import displayed_job
from tests.conductor import Conductor
from tests.lives import Life, World, slow_subscriptions

#: How many lives; for a soak set it to 100,000.
LIVES: Final = int(os.environ.get("PRIMWIDGETS_TRUTH_LIVES", "2000"))
_AT_A_TIME: Final = 1_000


@settings(
    max_examples=max(1, LIVES // _AT_A_TIME),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 2**32))
def test_what_is_shown_is_true_within_a_second_of_each_change(seed: int) -> None:
    draw = random.Random(seed)
    lives = [Life.drawn(draw) for _ in range(min(LIVES, _AT_A_TIME))]
    with pytest.MonkeyPatch.context() as patch:
        world = World()
        for module in (displayed_job, widget_job):
            patch.setattr(module, "monitor", lambda: world.monitor)
            patch.setattr(module, "hub", lambda: world.hub)
        patch.setattr("comm.create_comm", world.create_comm)
        slow_subscriptions(patch)
        wrong = Conductor(world).run(lives)
    assert not wrong, "\n".join(f"{life}: {what}" for life, what in wrong)
