"""Tracebacks that come from other processes as text, read back into frames."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import dropwhile
from typing import Any, Final

from primwidgets.failure_report import CHAIN_LIMIT, FRAME_LIMIT, FailureStep
from primwidgets.tracebacks import is_library, read_chain

#: What Python writes between two tracebacks of a chain: the later one was caused by the earlier, or just came after.
_BETWEEN: Final = re.compile(
    r"\n+(The above exception was the direct cause of the following exception:"
    r"|During handling of the above exception, another exception occurred:)\n+"
)
_FRAME: Final = re.compile(
    r'^  File "(?P<file>[^"\n]+)", line (?P<line>\d+), in (?P<function>.+)\n(?:    (?P<source>.+)\n)?', re.M
)
_LAST: Final = re.compile(r"^(?P<type>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?\Z", re.M | re.S)
#: What is looked at of a traceback, in characters: its end.
_LOOKED_AT: Final = 200_000


def chain_in(text: str) -> Sequence[FailureStep]:
    """The exceptions in a traceback as Python writes it; empty where the text is of another form."""
    parts = _BETWEEN.split(text[-_LOOKED_AT:].strip().strip('"').strip())
    steps = [_step(part) for part in parts[::2]]
    for step, words in zip(steps, parts[1::2], strict=False):
        if step is not None:
            step["caused"] = words.startswith("The above")
    known = [step for step in reversed(steps) if step is not None]
    return read_chain(known[:CHAIN_LIMIT]) if len(known) == len(steps) else []


def _step(text: str) -> dict[str, Any] | None:
    frames = [_frame(found) for found in _FRAME.finditer(text)]
    if any(frame["own"] for frame in frames):  # the first ones are of the pool that called the function
        frames = list(dropwhile(lambda frame: not frame["own"], frames))
    ends = [found.end() for found in _FRAME.finditer(text)]
    rest = re.sub(r"^    .*\n", "", text[ends[-1] if ends else 0 :], flags=re.M)  # marks below a line
    last = _LAST.search(rest.strip())
    if not frames or last is None:
        return None
    return {
        "type": last["type"].rpartition(".")[2],
        "message": last["message"] or "",
        "caused": False,
        "frames": frames[-FRAME_LIMIT:],
        "left_out": max(0, len(frames) - FRAME_LIMIT),
    }


def _frame(found: re.Match[str]) -> dict[str, Any]:
    line, source = int(found["line"]), found["source"]
    return {
        "file": found["file"],
        "cell": None,
        "line": line,
        "function": found["function"],
        "own": not is_library(found["file"], ""),
        "first_line": line,
        "source": [] if source is None else [source.strip()],
    }
