"""Lengths of time, progress, numbers and places in a queue as short text.

The frontend writes the same: ``duration.ts``, ``number.ts`` and ``percentage.ts`` in ``labextension/src/i18n``.
Both sides are tested on one table, ``tests/golden/formats.json``.
"""

from __future__ import annotations

import math
import re
from typing import Final

from primwidgets.series import Series
from primwidgets.snapshot import JobSnapshot, JobState

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
#: Products of a decimal fraction and 100 are off by less: 0.29 is 28.999999999999996 %.
_ROUNDING_ERROR: Final = 1e-9


def duration(seconds: float) -> str:
    """``seconds`` for people: ``"<0.1 s"``, ``"12.3 s"``, ``"2 min 05 s"``, ``"1 h 01 min"``, ``"3 d 04 h"``."""
    tenths = math.floor(max(0.0, seconds) * 10 + 0.5) / 10
    if tenths == 0:
        return "<0.1 s"
    if tenths < _MINUTE:
        return f"{tenths:.1f} s"
    whole = math.floor(tenths + 0.5)
    if whole < _HOUR:
        return _pair(whole, _MINUTE, "min", 1, "s")
    return _pair(whole, _HOUR, "h", _MINUTE, "min") if whole < _DAY else _pair(whole, _DAY, "d", _HOUR, "h")


def percentage(progress: float, state: JobState) -> str:
    """How far a job is, rounded down: ``"100 %"`` only of what is done, ``"0 %"`` only of what has not begun."""
    percent = percent_done(progress, state)
    begun = state not in (JobState.INITIALIZING, JobState.QUEUED)
    return "<1 %" if percent == 0 and begun else f"{percent} %"


def percent_done(progress: float, state: JobState) -> int:
    """The fraction ``progress``, 0..1, in whole per cent."""
    return 100 if state is JobState.DONE else min(99, math.floor(progress * 100 + _ROUNDING_ERROR))


def queue_place(position: str) -> str:
    """A place in a queue: ``"3rd in queue"``; of what is no plain number ``"position >2000"``."""
    if not position.isascii() or not position.isdigit():
        return f"position {position}"
    teens = position[-2:] in ("11", "12", "13")
    ending = "th" if teens else {"1": "st", "2": "nd", "3": "rd"}.get(position[-1], "th")
    return f"{position}{ending} in queue"


def is_process(backend: str | None) -> bool:
    """Whether a place is a process on some machine, which is told in the details only."""
    return backend is not None and re.search(r"\bprocess \d+$", backend) is not None


def significant(value: float | None) -> str:
    """A number as short text: four significant digits, with an exponent where there would be many zeros."""
    if value is None:
        return "NaN"
    size = abs(value)
    if size == 0 or 0.001 <= size < 10_000:
        return f"{float(f'{value:.3e}'):g}".replace("-", "\N{MINUS SIGN}")
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa}e{int(exponent):+d}".replace("-", "\N{MINUS SIGN}")


def value_count(count: int) -> str:
    """How many numbers were reported: ``"1 value"``, ``"1,095 values"``."""
    return f"{count:,} {'value' if count == 1 else 'values'}"


def series_line(series: Series) -> str:
    """Reported numbers in one line: ``"loss 0.31 · best 0.3 · first 2.1 · 1,095 values"``."""
    parts = [f"{series.name} {significant(series.latest)}"]
    if series.count > 1:
        parts += [f"best {significant(series.best)}", f"first {significant(series.first)}", value_count(series.count)]
    return " · ".join(parts)


def length(snapshot: JobSnapshot) -> float | None:
    """Seconds from the start, or from the submission of a job that never ran, to the end; ``None`` if unknown."""
    times = (snapshot.started_at, snapshot.created_at, snapshot.queued_at)
    begin = next((time for time in times if time is not None), None)
    if begin is None or snapshot.finished_at is None or not math.isfinite(snapshot.finished_at - begin):
        return None
    return snapshot.finished_at - begin


def _pair(seconds: int, big: int, big_unit: str, small: int, small_unit: str) -> str:
    """Two neighbouring units, the smaller one with two digits so that the text keeps its width."""
    return f"{seconds // big} {big_unit} {seconds % big // small:02d} {small_unit}"
