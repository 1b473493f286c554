"""Moments as providers write them, as epoch seconds."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any, Final

from primwidgets.snapshot import LAST_MOMENT

#: Later than this in seconds is a number of milliseconds: the year 5138.
_MILLISECONDS_FROM: Final = 1e11


def epoch(told: Any) -> float | None:
    """``told`` in epoch seconds; ``None`` if it is no moment.

    Args:
        told: a ``datetime`` (UTC where it has no zone), a text in ISO 8601, or a number of seconds or milliseconds.
    """
    if isinstance(told, str):
        try:
            told = datetime.fromisoformat(told)
        except ValueError:
            return None
    if isinstance(told, datetime):
        told = (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    if isinstance(told, bool) or not isinstance(told, int | float) or not math.isfinite(told):
        return None
    seconds = told / 1000 if told >= _MILLISECONDS_FROM else float(told)
    return seconds if 0 <= seconds <= LAST_MOMENT else None
