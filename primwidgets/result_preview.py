"""The wire form of the preview of a result: counts, expectation values, or what Jupyter would display."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final, TypedDict

from primwidgets.wire import (
    INTEGER_LIMIT,
    WORD_LIMIT,
    Choice,
    Constant,
    Identifier,
    Many,
    Number,
    OrNone,
    Text,
    record_of,
)

LABEL_LIMIT: Final = 160
#: Panels of one preview; a chooser shows one at a time.
PANEL_LIMIT: Final = 24
#: The most bars of a histogram on the wire: twice what is drawn, since earlier versions have stored that many.
BAR_LIMIT: Final = 16
POINT_LIMIT: Final = 64
#: Characters of the one line that stands on the card itself.
SUMMARY_LIMIT: Final = 120
#: Characters of a result as text, as HTML, as an image (in base64) and as a document such as a Plotly figure.
RESULT_TEXT_LIMIT: Final = 8_000
HTML_LIMIT: Final = 60_000
IMAGE_LIMIT: Final = 240_000
DOCUMENT_LIMIT: Final = 240_000
#: The largest value that is drawn: the difference of two of them is finite.
VALUE_LIMIT: Final = 1e300

Count = Annotated[int, Number(0, INTEGER_LIMIT, whole=True)]
Label = Annotated[str, Text(LABEL_LIMIT)]
_TITLE: Final = Text(WORD_LIMIT)
Title = Annotated[str, _TITLE]


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
    """Expectation values: named ones, or with ``axis`` a curve over what that says, such as the parameter set."""

    title: Title
    axis: Annotated[str | None, OrNone(_TITLE)]
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


class ImageFormat(StrEnum):
    """The formats of images that a browser draws."""

    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    WEBP = "webp"
    SVG = "svg+xml"


class ResultImage(TypedDict):
    """An image; ``data`` is base64."""

    format: ImageFormat
    data: Annotated[str, Identifier(IMAGE_LIMIT)]


class ResultDocument(TypedDict):
    """JSON of a MIME type that JupyterLab may have a renderer for."""

    mime_type: Annotated[str, Identifier(WORD_LIMIT)]
    data: Annotated[str, Identifier(DOCUMENT_LIMIT)]


class DisplayPreview(TypedDict):
    """A result as Jupyter would display it. The HTML is untrusted: sanitise or isolate it before it is drawn."""

    kind: Annotated[str, Constant("display")]
    summary: Annotated[str, Text(SUMMARY_LIMIT)]
    text: Annotated[str, Text(RESULT_TEXT_LIMIT)]
    html: Annotated[str | None, OrNone(Identifier(HTML_LIMIT))]
    image: ResultImage | None
    document: ResultDocument | None


#: The preview of a result, small enough to be sent with the state.
RESULT_PREVIEW: Final = Choice(
    {
        "counts": record_of(CountsPreview),
        "expectation_values": record_of(ExpectationPreview),
        "display": record_of(DisplayPreview),
    }
)
