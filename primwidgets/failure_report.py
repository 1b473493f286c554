"""The wire form of a failure: the exception and what caused it, each with the frames of its traceback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, TypedDict

from primwidgets.wire import INTEGER_LIMIT, WORD_LIMIT, Many, Number, OrNone, Text, record_of

#: Exceptions of a chain, frames of one of them, and source lines of a frame.
CHAIN_LIMIT: Final = 5
FRAME_LIMIT: Final = 20
SOURCE_LIMIT: Final = 5
SOURCE_LINE_LIMIT: Final = 200
REASON_LIMIT: Final = 2_000

_LINE: Final = Number(0, INTEGER_LIMIT, whole=True)


class FailureFrame(TypedDict):
    """One frame; ``own`` says that it is the user's code, ``cell`` is the number of the cell that it is of."""

    file: Annotated[str, Text(WORD_LIMIT)]
    cell: Annotated[int | None, OrNone(_LINE)]
    line: Annotated[int, _LINE]
    function: Annotated[str, Text(WORD_LIMIT)]
    own: bool
    first_line: Annotated[int, _LINE]
    source: Annotated[Sequence[str], Many(Text(SOURCE_LINE_LIMIT), SOURCE_LIMIT)]


class FailureStep(TypedDict):
    """One exception of a chain; ``caused`` says that the one before it in the chain was raised ``from`` it."""

    type: Annotated[str, Text(WORD_LIMIT)]
    message: Annotated[str, Text(REASON_LIMIT)]
    caused: bool
    frames: Annotated[Sequence[FailureFrame], Many(record_of(FailureFrame), FRAME_LIMIT)]
    left_out: Annotated[int, _LINE]


#: The exception that was raised, then what caused it, and so on.
CHAIN: Final = Many(record_of(FailureStep), CHAIN_LIMIT)
