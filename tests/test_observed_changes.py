from __future__ import annotations

from primwidgets._jupyter.observed_changes import WAITING_LIMIT, ObservedChanges
from tests.cards import BLANK


def taken(waiting: ObservedChanges) -> list[tuple[dict[str, tuple[object, object]], float | None]]:
    everything = []
    while (one := waiting.take()) is not None:
        changes, snapshot = one
        everything.append((changes, snapshot.progress))
    return everything


def test_changes_are_taken_once_and_in_order() -> None:
    waiting = ObservedChanges()
    for step in (1, 2):
        waiting.add({"progress": (step - 1, step)}, BLANK.evolve(progress=step / 10))

    assert taken(waiting) == [({"progress": (0, 1)}, 0.1), ({"progress": (1, 2)}, 0.2)]
    assert waiting.take() is None


def test_what_waits_is_bounded_and_the_last_word_is_kept() -> None:
    waiting = ObservedChanges()
    for step in range(1, 1_001):
        waiting.add({"progress": (step - 1, step)}, BLANK.evolve(progress=step / 1_000))
    waiting.add({"state": ("RUNNING", "DONE")}, BLANK.evolve(progress=1.0))
    told = taken(waiting)

    assert len(told) == WAITING_LIMIT
    assert told[-1] == ({"progress": (WAITING_LIMIT - 1, 1_000), "state": ("RUNNING", "DONE")}, 1.0)
    assert told[0] == ({"progress": (0, 1)}, 0.001)
