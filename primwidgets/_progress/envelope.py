"""A line of few points that looks like the line of many values: the lowest and the highest one of each bucket."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from primwidgets.series import POINT_LIMIT

#: The points of whole buckets; besides there are the first value, the two of the bucket under way, and the last one.
_BUCKET_POINTS: Final = POINT_LIMIT - 4

Points = tuple[list[float], list[float]]


class Envelope:
    """Takes values in, however many come, and keeps at most ``POINT_LIMIT`` points of them.

    All buckets hold equally many values. When there are too many buckets, each two neighbours become one.
    """

    __slots__ = ("_ends", "_rest", "_steps", "_values", "_width")

    def __init__(self) -> None:
        self._steps: list[float] = []
        self._values: list[float] = []
        self._width = 2
        self._rest: Points = [], []
        self._ends: tuple[tuple[float, float], tuple[float, float]] | None = None

    def extend(self, steps: Sequence[float], values: Sequence[float]) -> None:
        """Add values, at least one, and how many reports came before each."""
        first = (steps[0], values[0]) if self._ends is None else self._ends[0]
        self._ends = first, (steps[-1], values[-1])
        self._rest[0].extend(steps)
        self._rest[1].extend(values)
        while len(self._rest[0]) >= self._width:
            self._fill()

    def points(self, limit: int = POINT_LIMIT) -> Points:
        """Steps and values of the points, in order; at most ``limit``, from 8 upwards."""
        if self._ends is None:
            return [], []
        rest = extremes(*self._rest, max(2, len(self._rest[0])))
        steps, values = [*self._steps, *rest[0]], [*self._values, *rest[1]]
        group = 2
        while len(steps) > limit - 2:
            group *= 2
            steps, values = extremes([*self._steps, *rest[0]], [*self._values, *rest[1]], group)
        (first_step, first), (last_step, last) = self._ends
        if steps[0] != first_step:
            steps.insert(0, first_step)
            values.insert(0, first)
        if steps[-1] != last_step:
            steps.append(last_step)
            values.append(last)
        return steps, values

    def _fill(self) -> None:
        """Take in as many whole buckets as there is room for."""
        steps, values = self._rest
        room = (_BUCKET_POINTS - len(self._values) + 1) // 2
        end = min(len(steps) // self._width, max(1, room)) * self._width
        new_steps, new_values = extremes(steps[:end], values[:end], self._width)
        self._steps += new_steps
        self._values += new_values
        del steps[:end], values[:end]
        while len(self._values) >= _BUCKET_POINTS:
            self._steps, self._values = extremes(self._steps, self._values, 4)
            self._width *= 2


def extremes(steps: Sequence[float], values: Sequence[float], size: int) -> Points:
    """The lowest and the highest finite value of each ``size`` neighbours, in the order in which they came.

    One that is not finite is kept of neighbours that all are so. Groups of two are kept as they are.
    """
    if size <= 2:
        return list(steps), list(values)
    kept_steps: list[float] = []
    kept_values: list[float] = []
    for start in range(0, len(values), size):
        group = values[start : start + size]
        positions = _extreme_positions(group)
        kept_steps += [steps[start + position] for position in positions]
        kept_values += [group[position] for position in positions]
    return kept_steps, kept_values


def _extreme_positions(group: Sequence[float]) -> Sequence[int]:
    finite = group if math.isfinite(sum(group)) else [value for value in group if math.isfinite(value)]
    if not finite:
        return (0,)
    low, high = group.index(min(finite)), group.index(max(finite))
    return (low,) if low == high else (min(low, high), max(low, high))
