"""What one line of numbers of a job is on the wire: a few hundred points that look like all of its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from primwidgets.wire import INTEGER_LIMIT as INTEGER_LIMIT
from primwidgets.wire import Number, Numbers, Text

#: The most series of one job.
SERIES_LIMIT: Final = 16
#: The most points of one series on the wire, and of all series of one job together.
POINT_LIMIT: Final = 500
JOB_POINT_LIMIT: Final = 2_000
#: The longest name of a series, in characters.
NAME_LIMIT: Final = 100
#: The largest value that is drawn: the difference of two of them is finite.
VALUE_LIMIT: Final = 1e300

Count = Annotated[int, Number(0, INTEGER_LIMIT, whole=True)]
Value = Annotated[float, Number(-VALUE_LIMIT, VALUE_LIMIT)]


@dataclass(frozen=True, slots=True)
class Series:
    """The values that a job reported under one name.

    Attributes:
        name: what the numbers are, e.g. ``"energy"``.
        count: how many values there are.
        first: the first value; ``None`` where it is no finite number.
        latest: the last one so far; ``None`` where it is no finite number.
        best: the lowest finite value, or the highest; ``None`` if there is none.
        highest_is_best: whether the best value is the highest one.
        steps: of the points that are drawn, how many reports of the job came before each.
        values: their values; ``None`` interrupts the line, where a value is no finite number.
    """

    name: Annotated[str, Text(NAME_LIMIT)]
    count: Count
    first: Value | None
    latest: Value | None
    best: Value | None
    highest_is_best: bool
    steps: Annotated[Sequence[float], Numbers(POINT_LIMIT, 0, INTEGER_LIMIT)]
    values: Annotated[Sequence[float | None], Numbers(POINT_LIMIT, -VALUE_LIMIT, VALUE_LIMIT, gaps=True)]
