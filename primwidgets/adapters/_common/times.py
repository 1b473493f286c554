"""Moments as providers write them, as epoch seconds."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any, Final

from primwidgets.snapshot import LAST_MOMENT

#: Later than this in seconds is a number of milliseconds: the year 5138.
_MILLISECONDS_FROM: Final = 1e11


def epoch(moment: Any) -> float | None:
    """``moment`` in epoch seconds; ``None`` if it is no moment.

    Args:
        moment: a ``datetime`` (UTC where it has no zone), a text in ISO 8601, or a number of seconds or milliseconds.
    """
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            return None
    if isinstance(moment, datetime):
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if isinstance(moment, bool) or not isinstance(moment, int | float) or not math.isfinite(moment):
        return None
    seconds = moment / 1000 if moment >= _MILLISECONDS_FROM else float(moment)
    return seconds if 0 <= seconds <= LAST_MOMENT else None
