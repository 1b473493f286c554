"""How far one loop of a running function is, and how that is said."""

from __future__ import annotations

import time
from collections.abc import Sequence
from numbers import Integral
from operator import length_hint
from typing import Any

from typing_extensions import override

from primwidgets._progress.speed import Speed


class Loop:
    """One ``track`` under way.

    Attributes:
        done: steps that are over.
        total: all steps; ``None`` if that is unknown.
        description: what the loop is called; ``None`` if it has no name.
        unit: what it counts, e.g. ``"files"``; ``None`` for steps.
        speed: how fast it goes on.
    """

    __slots__ = ("description", "done", "speed", "total", "unit")

    def __init__(self, total: float | None, description: str | None = None, unit: str | None = None) -> None:
        self.done = 0
        self.total = total
        self.description = description
        self.unit = unit
        self.speed = Speed(time.monotonic())

    def text(self) -> str:
        """For people: ``"3 of 7"``, ``"fit: 3 of 7 files"``."""
        count = count_text(self.done, self.total, self.unit)
        return f"{self.description}: {count}" if self.description else count


def count_text(done: float, total: float | None, unit: str | None) -> str:
    """A count for people: ``"3 of 7"``, ``"1,200 of 1,500 pulses"``, ``"3 steps"``."""
    what = f" {unit}" if unit else ""
    return f"{_shown(done)} of {_shown(total)}{what}" if total else f"{_shown(done)}{what or ' steps'}"


def _shown(number: Any) -> str:
    return f"{number:,}" if isinstance(number, Integral) else f"{number:,.6g}"


class Walk(Loop):
    """A ``track`` through a plain sequence: its iterator knows how far it is, so that a step has nothing to note.

    Attributes:
        steps: goes through the sequence.
        is_over: whether it came to the end.
    """

    __slots__ = ("_sequence", "is_over", "steps")

    def __init__(
        self, sequence: Sequence[Any], total: float | None, description: str | None = None, unit: str | None = None
    ) -> None:
        self.total = total
        self.description = description
        self.unit = unit
        self.speed = Speed(time.monotonic())
        self.is_over = False
        self.steps = iter(sequence)
        self._sequence = sequence

    @override
    @property
    def done(self) -> int:  # type: ignore[override]  # a setter in Loop; computed here
        """All that were handed out but for the last, which is under way."""
        handed_out = len(self._sequence) - length_hint(self.steps)
        return handed_out if self.is_over else max(0, handed_out - 1)
