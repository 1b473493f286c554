"""What a picture of a result is on the wire: a few panels, each a histogram or a row of expectation values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, TypedDict

from primwidgets.wire import INTEGER_LIMIT, WORD_LIMIT, Choice, Constant, Many, Number, OrNone, Text, record_of

LABEL_LIMIT: Final = 160
PANEL_LIMIT: Final = 6
BAR_LIMIT: Final = 16
POINT_LIMIT: Final = 64
#: The largest value that is drawn: the difference of two of them is finite.
VALUE_LIMIT: Final = 1e300

Count = Annotated[int, Number(0, INTEGER_LIMIT, whole=True)]
Label = Annotated[str, Text(LABEL_LIMIT)]
Title = Annotated[str, Text(WORD_LIMIT)]


class CountsBar(TypedDict):
    """How often one outcome was seen."""

    label: Label
    count: Count


class CountsPanel(TypedDict):
    """One histogram: the most frequent outcomes, and what was left out."""

    title: Title
    shots: Count
    bars: Annotated[Sequence[CountsBar], Many(record_of(CountsBar), BAR_LIMIT)]
    other_outcomes: Count
    other_count: Count


class ExpectationPoint(TypedDict):
    """One expectation value; ``std`` is its standard error, where it is known."""

    label: Label
    value: Annotated[float, Number(-VALUE_LIMIT, VALUE_LIMIT)]
    std: Annotated[float, OrNone(Number(0, VALUE_LIMIT))]


class ExpectationPanel(TypedDict):
    """A row of expectation values."""

    title: Title
    points: Annotated[Sequence[ExpectationPoint], Many(record_of(ExpectationPoint), POINT_LIMIT)]
    more_points: Count


class CountsPreview(TypedDict):
    """Histograms."""

    kind: Annotated[str, Constant("counts")]
    panels: Annotated[Sequence[CountsPanel], Many(record_of(CountsPanel), PANEL_LIMIT)]
    more_panels: Count


class ExpectationPreview(TypedDict):
    """Expectation values."""

    kind: Annotated[str, Constant("expectation_values")]
    panels: Annotated[Sequence[ExpectationPanel], Many(record_of(ExpectationPanel), PANEL_LIMIT)]
    more_panels: Count


#: A picture of a result, small enough to be sent with the state.
RESULT_PREVIEW: Final = Choice(
    {"counts": record_of(CountsPreview), "expectation_values": record_of(ExpectationPreview)}
)
