"""Tracebacks as data: made where an exception was raised, whose source files may be nowhere else.

What is foreign here (``__str__``, ``__notes__``, the loaders of modules) is contained, and everything is bounded.
"""

from __future__ import annotations

import linecache
import re
import sysconfig
import textwrap
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from types import TracebackType
from typing import Any, Final

from primwidgets import _border as border
from primwidgets.failure_report import (
    CHAIN,
    CHAIN_LIMIT,
    FRAME_LIMIT,
    REASON_LIMIT,
    SOURCE_LINE_LIMIT,
    FailureFrame,
    FailureStep,
)
from primwidgets.snapshot import clean, clip
from primwidgets.wire import UnfitError

#: Frames that are kept at the beginning of a long traceback, where the user's code mostly is; the others at its end.
_FIRST_FRAMES: Final = 8
#: Source lines before and after the one that failed.
_BEFORE, _AFTER = 2, 1
#: The most frames of a traceback that are looked at.
_FOLLOWED: Final = 10_000
#: What of a path says that its file is of a library.
_LIBRARY_PARTS: Final = ("/site-packages/", "/dist-packages/")
_STANDARD_LIBRARY: Final = tuple(
    path for name in ("stdlib", "platstdlib") if (path := sysconfig.get_path(name) or "") != ""
)

#: The file of a function of a notebook, as cloudpickle sends it to a worker.
_DYNAMIC: Final = "<dynamic-code>"

Cell = tuple[str, int]


class _Cells:
    """What knows the names of the files that cells are compiled as.

    Attributes:
        name: gives the name and the number of a cell by its file; ``None`` for the file of no cell.
    """

    name: Callable[[str], Cell | None] = staticmethod(lambda _: None)


def use_cells(name: Callable[[str], Cell | None]) -> None:
    """Have the files of cells named by ``name``; it is called on any thread."""
    _Cells.name = staticmethod(name)


def chain_of(error: BaseException) -> Sequence[FailureStep]:
    """``error`` and what caused it, as far as the bounds allow. Any thread."""
    return [_step(one, caused) for one, caused in islice(_causes(error), CHAIN_LIMIT)]


def read_chain(data: object) -> Sequence[FailureStep]:
    """What ``chain_of`` made in another process, with what only this one knows of it; empty for anything else."""
    try:
        chain: list[FailureStep] = CHAIN.read(data)
    except UnfitError:
        return []
    for step in chain:
        for frame in step["frames"]:
            if not frame["source"] or frame["cell"] is None:
                _complete(frame)
    return chain


def _complete(frame: FailureFrame) -> None:
    """Fill in the lines and the name of a cell's frame: a worker knows neither."""
    path = frame["file"] if frame["file"] != _DYNAMIC else _defining_cell(frame["function"], frame["line"])
    if (cell := _cell(path)) is None:
        return
    frame["file"], frame["cell"] = cell
    frame["own"] = True
    if not frame["source"]:
        frame["first_line"], frame["source"] = _source(path, frame["line"], None, own=True)


def _defining_cell(function: str, line: int) -> str:
    """The file of the latest cell that has a function of that name around that line; empty if there is none."""
    heading = re.compile(rf"\s*(async\s+)?def\s+{re.escape(function.rpartition('.')[2])}\b")
    for path in reversed(list(linecache.cache)):
        lines = linecache.getlines(path)[:line] if _cell(path) is not None else []
        if len(lines) == line and any(map(heading.match, lines)):
            return path
    return ""


def _causes(error: BaseException) -> Iterator[tuple[BaseException, bool]]:
    """The exception and those behind it, each with whether it is the cause of the one before."""
    seen: set[int] = set()
    one: BaseException | None = error
    caused = False
    while one is not None and id(one) not in seen:
        yield one, caused
        seen.add(id(one))
        caused = one.__cause__ is not None
        one = one.__cause__ if caused or one.__suppress_context__ else one.__context__


def _step(error: BaseException, caused: bool) -> FailureStep:
    first: list[FailureFrame] = []
    last: deque[FailureFrame] = deque(maxlen=FRAME_LIMIT - _FIRST_FRAMES)
    count, before = 0, None
    for trace in islice(_frames(_start(error.__traceback__)), _FOLLOWED):
        count += 1
        place = trace.tb_frame.f_code, trace.tb_lineno
        if place == before:  # a recursion
            continue
        before = place
        made = border.call(_frame, trace)
        if isinstance(made, border.Returned):
            (first if len(first) < _FIRST_FRAMES else last).append(made.value)
    frames = [*first, *last]
    return {
        "type": clean(clip(type(error).__name__)),
        "message": clean(clip(_message(error), REASON_LIMIT)),
        "caused": caused,
        "frames": frames,
        "left_out": count - len(frames),
    }


def _start(trace: TracebackType | None) -> TracebackType | None:
    """The first frame of the user's code after those that only passed the call on, or that raised its error again."""
    start = None
    for one in islice(_frames(trace), _FOLLOWED):
        module = str(one.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] == "primwidgets":
            start = None
        elif start is None and (_cell(path := one.tb_frame.f_code.co_filename) or not is_library(path, module)):
            start = one
    return start or trace


def _message(error: BaseException) -> str:
    """What the exception says, and the notes that were added to it."""
    notes = getattr(error, "__notes__", ())
    added = [note for note in notes if isinstance(note, str)] if isinstance(notes, list | tuple) else []
    return "\n".join([border.message_of(error), *added])


def _frames(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _frame(trace: TracebackType) -> FailureFrame:
    code, names = trace.tb_frame.f_code, trace.tb_frame.f_globals
    path, line, cell = code.co_filename, trace.tb_lineno or 0, _cell(code.co_filename)
    own = cell is not None or not is_library(path, str(names.get("__name__", "")))
    first_line, source = _source(path, line, names, own=own)
    file, number = (path, None) if cell is None else cell
    return {
        "file": clean(clip(file, tail=True)),
        "cell": number,
        "line": line,
        "function": clean(clip(code.co_qualname)),
        "own": own,
        "first_line": first_line,
        "source": source,
    }


def _source(path: str, line: int, names: dict[str, Any] | None, *, own: bool) -> tuple[int, list[str]]:
    """The number of the first line that is shown, and the lines; of a library's code only the line itself."""
    made = border.call(linecache.getlines, path, names)
    lines = made.value if isinstance(made, border.Returned) else []
    if not 0 < line <= len(lines):
        return line, []
    first, last = (max(1, line - _BEFORE), line + _AFTER) if own else (line, line)
    text = textwrap.dedent("\n".join(line.rstrip().expandtabs(4) for line in lines[first - 1 : last]))
    return first, [clean(clip(line, SOURCE_LINE_LIMIT)) for line in text.split("\n")]


def _cell(path: str) -> Cell | None:
    named = border.call(_Cells.name, path)
    return named.value if isinstance(named, border.Returned) else None


def is_library(path: str, module: str) -> bool:
    """Whether a file is of a library, of Python itself, or of this package.

    Args:
        path: the file.
        module: the name of the module; empty where it is not known.
    """
    of_jupyter = module.partition(".")[0] in ("primwidgets", "IPython", "ipykernel")
    if of_jupyter or path.startswith("<frozen "):
        return True
    path = path.replace("\\", "/")
    in_standard_library = path.startswith(tuple(f"{root}/" for root in _STANDARD_LIBRARY))
    return in_standard_library or any(part in path for part in _LIBRARY_PARTS)
