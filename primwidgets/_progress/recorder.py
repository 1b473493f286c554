"""The numbers that a running function reports: all that are kept, and a few points that look the same.

Noting a report costs one append; the values are sorted into their series when a series is read, or once a few thousand
are queued. Imports nothing but the standard library and ``primwidgets.series``, since it is loaded in workers too.
"""

from __future__ import annotations

import contextlib
import math
import re
import threading
from array import array
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from primwidgets._progress.envelope import Envelope, extremes
from primwidgets.series import JOB_POINT_LIMIT, POINT_LIMIT, SERIES_LIMIT, VALUE_LIMIT, Series

#: Values that are kept of one job, over all its series: 64 MB. The longest series is thinned beyond that.
VALUES_KEPT: Final = 4_000_000
#: Reports that wait until they are sorted into their series.
PENDING_LIMIT: Final = 4_096
#: A series whose name has one of these words is better the higher it is, unless the function says otherwise.
_HIGHER_IS_BETTER: Final = frozenset(
    ("acc", "accuracy", "auc", "f1", "fidelity", "precision", "r2", "recall", "reward", "score", "success", "yield")
)

#: Steps and values of one series.
Columns = Mapping[str, tuple[Sequence[float], Sequence[float]]]


class RecordedSeries:
    """The values of one name.

    Attributes:
        highest_is_best: whether the best value is the highest one.
        steps: of each value, how many reports came before it.
        values: as they were reported; not all are finite.
        count: how many were reported, also those that were thinned out.
    """

    __slots__ = ("_envelope", "_first", "_highest", "_latest", "_lowest", "count", "highest_is_best", "steps", "values")

    def __init__(self, *, highest_is_best: bool) -> None:
        self.highest_is_best = highest_is_best
        self.steps = array("d")
        self.values = array("d")
        self.count = 0
        self._first = self._latest = math.nan
        self._lowest, self._highest = math.inf, -math.inf
        self._envelope = Envelope()

    def extend(self, steps: Sequence[float], values: Sequence[float], count: int | None = None) -> None:
        """Add values, at least one; ``count`` is how many they were before they were thinned."""
        self.steps.extend(steps)
        self.values.extend(values)
        if self.count == 0:
            self._first = values[0]
        self.count += len(values) if count is None else count
        self._latest = values[-1]
        finite = values if math.isfinite(sum(values)) else [value for value in values if math.isfinite(value)]
        if finite:
            self._lowest = min(self._lowest, min(finite))
            self._highest = max(self._highest, max(finite))
        self._envelope.extend(steps, values)

    def thin(self) -> None:
        """Keep about half of the values: the lowest and the highest one of every four."""
        steps, values = extremes(self.steps, self.values, 4)
        self.steps, self.values = array("d", steps), array("d", values)

    def view(self, name: str, limit: int) -> Series:
        """The series on the wire, with at most ``limit`` points."""
        steps, values = self._envelope.points(limit)
        best = self._highest if self.highest_is_best else self._lowest
        return Series(
            name=name,
            count=self.count,
            first=_drawable(self._first),
            latest=_drawable(self._latest),
            best=_drawable(best),
            highest_is_best=self.highest_is_best,
            steps=tuple(map(_short, steps)),
            values=tuple(map(_drawable, _rounded(values))),
        )


class SeriesRecorder:
    """All series of one call. Any thread.

    Args:
        keep: the most values that are kept over all series; 0 for any number.

    Attributes:
        pending: the reports that wait until they are sorted in.
    """

    def __init__(self, keep: int = VALUES_KEPT) -> None:
        self._keep = keep
        self.pending: deque[Mapping[str, float]] = deque()
        self._series: dict[str, RecordedSeries] = {}
        self._directions: dict[str, bool] = {}
        self._step = 0
        self._kept = 0
        self._views: tuple[Series, ...] = ()
        self._is_viewed = True
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        """Whether anything was reported."""
        return bool(self._series or self.pending)

    def add(self, values: Mapping[str, Any]) -> None:
        """Note one report.

        Args:
            values: a number for each name; ``None`` stands for no value.

        Raises:
            TypeError: something else is given. Nothing is noted then.
        """
        for value in values.values():
            if type(value) is not float:
                values = {name: plain_number(name, value) for name, value in values.items() if value is not None}
                break
        self.pending.append(values)
        if len(self.pending) >= PENDING_LIMIT:
            self.sort()

    def direct(self, names: Sequence[str], *, highest_is_best: bool) -> None:
        """Note which of the values of ``names`` is the best one."""
        for name in names:
            if name in self._directions or len(self._directions) < SERIES_LIMIT:
                self._directions[name] = highest_is_best
            if name in self._series:
                self._series[name].highest_is_best = highest_is_best

    def sort(self) -> None:
        """Take the reports that wait into their series."""
        with self._lock:
            waiting = self.pending
            reports = [waiting.popleft() for _ in range(len(waiting))]
            for name, start, values in _columns(reports):
                self._extend(name, range(self._step + start, self._step + start + len(values)), values)
            self._step += len(reports)

    def extend(
        self,
        name: str,
        steps: Sequence[float],
        values: Sequence[float],
        count: int,
        *,
        highest_is_best: bool | None = None,
    ) -> None:
        """Add values that come from elsewhere, at least one; see ``RecordedSeries``."""
        with self._lock:
            if highest_is_best is not None:
                self.direct((name,), highest_is_best=highest_is_best)
            self._extend(name, steps, values, count)

    def views(self) -> tuple[Series, ...]:
        """All series on the wire; the same object until something new was reported."""
        self.sort()
        with self._lock:
            if not self._is_viewed:
                limit = min(POINT_LIMIT, JOB_POINT_LIMIT // len(self._series))
                self._views = tuple(one.view(name, limit) for name, one in self._series.items())
                self._is_viewed = True
            return self._views

    def columns(self) -> Columns:
        """Steps and values of each series, as far as they are kept."""
        self.sort()
        with self._lock:
            return {name: (one.steps[:], one.values[:]) for name, one in self._series.items()}

    def take(self) -> dict[str, RecordedSeries]:
        """Give away all values; the next reports begin series anew, with the steps that follow."""
        self.sort()
        with self._lock:
            taken, self._series, self._kept = self._series, {}, 0
            return taken

    def clear(self) -> None:
        """Forget everything, as where a call begins once more."""
        with self._lock:
            self.pending.clear()
            self._series, self._views, self._is_viewed = {}, (), True
            self._step = self._kept = 0

    def _extend(self, name: str, steps: Sequence[float], values: Sequence[float], count: int | None = None) -> None:
        series = self._series.get(name)
        if series is None:
            if len(self._series) >= SERIES_LIMIT:
                return
            highest = self._directions.get(name, _is_better_high(name))
            series = self._series[name] = RecordedSeries(highest_is_best=highest)
        series.extend(steps, values, count)
        self._is_viewed = False
        self._kept += len(values)
        while self._kept > self._keep > 0:
            longest = max(self._series.values(), key=lambda one: len(one.values))
            before = len(longest.values)
            longest.thin()
            self._kept -= before - len(longest.values)


def plain_number(name: str, value: Any) -> float:
    """``value`` as a float: also what numpy, torch and others have in the place of one.

    Raises:
        TypeError: it is not a number.
    """
    item = getattr(value, "item", None)
    try:
        plain = item() if callable(item) else value
        if isinstance(plain, complex) and plain.imag == 0:
            plain = plain.real
        if not isinstance(plain, str | bytes):
            return float(plain)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        pass
    raise TypeError(
        f"report() takes one number for each name; {name}={str(value)[:60]!r} is not a number. Pass a text as message=."
    )


def _columns(reports: Sequence[Mapping[str, float]]) -> Iterator[tuple[str, int, Sequence[float]]]:
    """The values of each name, and the number of reports before them; several times where the names changed."""
    if not reports:
        return
    names = tuple(reports[0])
    if sum(map(len, reports)) == len(reports) * len(names):  # most often all have the same names
        with contextlib.suppress(KeyError):
            yield from [(name, 0, list(map(itemgetter(name), reports))) for name in names]
            return
    start = 0
    for end in range(1, len(reports) + 1):
        if end == len(reports) or reports[end].keys() != reports[start].keys():
            for name in reports[start]:
                yield name, start, [one[name] for one in reports[start:end]]
            start = end


def _is_better_high(name: str) -> bool:
    return not _HIGHER_IS_BETTER.isdisjoint(re.split(r"[^a-z0-9]+", name.lower()))


def _drawable(value: float) -> float | None:
    return value if -VALUE_LIMIT <= value <= VALUE_LIMIT else None


def _short(step: float) -> float:
    return int(step) if step == int(step) else step


def _rounded(values: Sequence[float]) -> Iterator[float]:
    """To a ten-thousandth of their range: no line can show more, and a message is half as long."""
    finite = [value for value in values if -VALUE_LIMIT <= value <= VALUE_LIMIT]
    span = max(finite) - min(finite) if finite else 0.0
    if not span > 0 or not math.isfinite(span):
        return iter(values)
    digits = 4 - math.floor(math.log10(span))
    return (round(value, digits) if math.isfinite(value) else value for value in values)
