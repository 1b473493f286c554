"""What a terminal would show of a text that was written to it, as plain text."""

from __future__ import annotations

import re
from typing import Final

#: Colours, movements of the cursor and whatever else an ESC begins (ECMA-48): sequences, strings, single letters.
_ESCAPES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[PX\]^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]"
)
#: Characters that make a terminal do something instead of showing something.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def as_on_a_terminal(text: str) -> str:
    """``text`` without escape sequences and control characters; of a line that was written over, its last state.

    Of a bar that rewrites itself after a carriage return the last version is kept. Such a program rewrites the whole
    line, so the text that it covered is dropped.
    """
    if "\x1b" in text or "\x9b" in text:
        text = _ESCAPES.sub("", text)
    if "\r" in text:
        text = "\n".join(map(last_state, text.split("\n")))
    return CONTROL.sub("", text)


def last_state(line: str) -> str:
    """What a terminal would show of one line that may have been written over after carriage returns."""
    if "\r" not in line:
        return line
    states = [state for state in line.split("\r") if state]
    return states[-1].rstrip() if states else ""
