"""Moments as providers write them, as epoch seconds."""

from __future__ import annotations

import contextlib
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from numbers import Real
from typing import Any, Final

from primwidgets import _border as border
from primwidgets.snapshot import LAST_MOMENT

#: From these on, a number is one of milliseconds (in seconds it is the year 5138), microseconds, or nanoseconds.
_UNITS: Final = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


def epoch(moment: Any) -> float | None:
    """``moment`` in epoch seconds; ``None`` if it is no moment.

    Args:
        moment: a ``datetime`` (UTC where it has no zone), a ``date``, a text in ISO 8601 or as in HTTP's headers, a
            ``numpy.datetime64``, or a number of seconds, or of thousandths, millionths or billionths of them.
    """
    told = border.call(_seconds, moment)
    seconds = told.value if isinstance(told, border.Returned) else None
    return seconds if seconds is not None and 0 <= seconds <= LAST_MOMENT else None


def _seconds(moment: Any) -> float | None:
    if isinstance(moment, str):
        moment = _parsed(moment.strip())
    elif type(moment).__module__ == "numpy" and type(moment).__name__ == "datetime64":
        moment = moment.astype("datetime64[us]").item()
    if isinstance(moment, date) and not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if isinstance(moment, bool) or not isinstance(moment, Real | Decimal):
        return None
    number = float(moment)
    return number / next((unit for least, unit in _UNITS if number >= least), 1.0) if math.isfinite(number) else None


def _parsed(text: str) -> Any:
    for parse in (datetime.fromisoformat, float, parsedate_to_datetime):
        with contextlib.suppress(ValueError, TypeError):
            return parse(text)
    return None
