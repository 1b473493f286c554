"""The numbers that a worker reports, as messages: bounded, plain JSON, and checked where they arrive.

Each is ``{"series": [part, …]}``, and a part is ``[name, whether the highest value is the best, number of values before
thinning, steps, values]``. Steps and values are texts: little-endian 64-bit floats in base 64, which is exact, and half
as long as decimal digits.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from primwidgets._progress.recorder import SeriesRecorder
from primwidgets.series import INTEGER_LIMIT, NAME_LIMIT, SERIES_LIMIT

#: The most values in one message, over all series: with their steps 22 kB.
MESSAGE_VALUES: Final = 1_000
#: The most values that a worker keeps until it sends them; more are thinned, see ``SeriesRecorder``.
PROMPT_VALUES: Final = 40_000
#: Likewise where messages are dear: Dask's scheduler keeps the latest thousand.
OTHER_VALUES: Final = 400

Message = Mapping[str, Any]
Part = list[Any]


def series_messages(recorder: SeriesRecorder) -> Iterator[Message]:
    """What was reported since the last time, in messages; the recorder is empty afterwards."""
    parts: list[Part] = []
    room = MESSAGE_VALUES
    for name, series in recorder.take().items():
        start, uncounted = 0, series.count - len(series.values)
        while start < len(series.values):
            end = start + room
            values = series.values[start:end]
            steps = series.steps[start:end]
            count, uncounted = len(values) + uncounted, 0
            parts.append([name[:NAME_LIMIT], series.highest_is_best, count, _packed(steps), _packed(values)])
            start, room = end, room - len(values)
            if room == 0:
                yield {"series": parts}
                parts, room = [], MESSAGE_VALUES
    if parts:
        yield {"series": parts}


def take_series(parts: object, recorder: SeriesRecorder) -> None:
    """Add what a message says to a recorder; what is malformed is ignored."""
    if not isinstance(parts, Sequence) or isinstance(parts, str | bytes):
        return
    for part in parts[:SERIES_LIMIT]:
        if isinstance(part, Sequence) and not isinstance(part, str | bytes) and len(part) == 5:
            _take_part(part, recorder)


def _take_part(part: Sequence[Any], recorder: SeriesRecorder) -> None:
    name, highest, count = part[:3]
    steps, values = _unpacked(part[3]), _unpacked(part[4])
    if not isinstance(name, str) or len(name) > NAME_LIMIT or not isinstance(highest, bool):
        return
    if not values or len(steps) != len(values) or not all(0 <= step <= INTEGER_LIMIT for step in steps):
        return
    if isinstance(count, int) and not isinstance(count, bool) and len(values) <= count <= INTEGER_LIMIT:
        recorder.extend(name, steps, values, count, highest_is_best=highest)


def _packed(numbers: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}d", *numbers)).decode()


def _unpacked(text: object) -> Sequence[float]:
    if not isinstance(text, str) or len(text) > 12 * MESSAGE_VALUES:
        return ()
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return ()
    return struct.unpack(f"<{len(data) // 8}d", data) if len(data) % 8 == 0 else ()
