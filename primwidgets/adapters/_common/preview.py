"""The wire form of a picture of a result: pure, bounded, plain JSON.

A picture is a few *panels*, each a histogram of counts or a row of expectation values. What does not fit is counted,
never dropped silently.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple

from primwidgets.result_preview import BAR_LIMIT as BAR_LIMIT
from primwidgets.result_preview import LABEL_LIMIT as LABEL_LIMIT
from primwidgets.result_preview import PANEL_LIMIT as PANEL_LIMIT
from primwidgets.result_preview import POINT_LIMIT as POINT_LIMIT
from primwidgets.result_preview import VALUE_LIMIT
from primwidgets.snapshot import clean, clip
from primwidgets.wire import INTEGER_LIMIT

#: The most frequent outcomes, which are drawn; the others are counted.
DRAWN_BARS: Final = 8


class Point(NamedTuple):
    """One expectation value; ``std`` is its standard error, ``None`` if unknown."""

    label: str
    value: float
    std: float | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each outcome was seen."""

    title: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Values:
    """Expectation values.

    Attributes:
        title: what they are of.
        points: the values; may be a generator.
        total: how many it gives.
        axis: what the points are counted by where they are a curve; ``None`` where each has a name.
    """

    title: str
    points: Iterable[Point]
    total: int
    axis: str | None = None


def preview_counts(panels: Sequence[Counts], more_panels: int = 0) -> Mapping[str, Any] | None:
    """Histograms in the wire form; ``None`` without a panel. ``more_panels`` were left out before."""
    return _preview("counts", [_counts_panel(panel) for panel in panels[:PANEL_LIMIT]], len(panels) + more_panels)


def preview_values(panels: Sequence[Values], more_panels: int = 0) -> Mapping[str, Any] | None:
    """Expectation values in the wire form; ``None`` without a panel. ``more_panels`` were left out before."""
    return _preview(
        "expectation_values", [_values_panel(panel) for panel in panels[:PANEL_LIMIT]], len(panels) + more_panels
    )


def _preview(kind: str, panels: list[dict[str, Any]], total: int) -> Mapping[str, Any] | None:
    if not panels:
        return None
    return {"kind": kind, "panels": panels, "more_panels": total - len(panels)}


def _counts_panel(panel: Counts) -> dict[str, Any]:
    top = heapq.nlargest(DRAWN_BARS, panel.counts.items(), key=lambda outcome: outcome[1])
    shots = sum(map(int, panel.counts.values()))
    return {
        "title": clean(clip(panel.title)),
        "shots": _bounded(shots),
        "bars": [{"label": clean(clip(label, LABEL_LIMIT)), "count": _bounded(count)} for label, count in sorted(top)],
        "other_outcomes": len(panel.counts) - len(top),
        "other_count": _bounded(shots - sum(int(count) for _, count in top)),
    }


def _values_panel(panel: Values) -> dict[str, Any]:
    points = [_point(point) for point in islice(panel.points, POINT_LIMIT) if abs(point.value) <= VALUE_LIMIT]
    axis = None if panel.axis is None else clean(clip(panel.axis))
    return {
        "title": clean(clip(panel.title)),
        "axis": axis,
        "points": points,
        "more_points": panel.total - len(points),
    }


def _point(point: Point) -> dict[str, Any]:
    std = point.std if point.std is not None and 0 < point.std <= VALUE_LIMIT else None
    return {"label": clean(clip(point.label, LABEL_LIMIT)), "value": float(point.value), "std": std}


def _bounded(count: int) -> int:
    return min(max(0, int(count)), INTEGER_LIMIT)
