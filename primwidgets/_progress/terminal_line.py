"""One line at the bottom of a terminal that tells how far something is, where there is no card: in scripts.

There is at most one in a process. It is drawn over itself on the standard error, and only where that is a terminal.
What is printed meanwhile has to come by ``print_above``, so that it stands above the line. On the thread of a job all
of this is called with ``running(None)``, since what a job writes to the terminal is taken for its prints. Imports
nothing but the standard library, and Rich where that is installed, once there is something to draw.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar

from primwidgets._progress.terminal_text import as_on_a_terminal
from primwidgets._runtime import after_fork_in_child

ResultT = TypeVar("ResultT")

#: The shortest time between two drawings.
REDRAW_SECONDS: Final = 0.1
_BAR_CELLS: Final = 20
#: Most characters of one text that are looked at.
_TEXT_LIMIT: Final = 300


@dataclass(frozen=True, slots=True)
class LineContent:
    """What the line shows.

    Attributes:
        name: of the job or the loop; may be empty.
        fraction: 0..1; ``None`` if that is unknown.
        text: anything else, e.g. ``"3 of 7 files"``.
        seconds: for how long it has been going on.
    """

    name: str
    fraction: float | None
    text: str
    seconds: float


class TerminalLine:
    """The line, held by the code that has claimed it. All methods may be called on any thread, and none raises.

    Args:
        stream: the terminal.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._shown = ""
        self._drawn_at = 0.0

    def show(self, content: LineContent) -> None:
        """Draw, if the last drawing is long enough ago."""
        if time.monotonic() - self._drawn_at >= REDRAW_SECONDS:
            self.draw(content)

    def draw(self, content: LineContent) -> None:
        """Draw in any case."""
        with _place.lock:
            if _place.line is self and not _place.pauses:
                self._drawn_at = time.monotonic()
                self._shown = _rendered(content, _width(self._stream) - 1)
                self._write(f"\r\x1b[2K{self._shown}")

    def wipe(self) -> None:
        """Take what was drawn away."""
        if self._shown:
            self._write("\r\x1b[2K")

    def redraw(self) -> None:
        """Draw again what was wiped away."""
        if self._shown:
            self._write(f"\r\x1b[2K{self._shown}")

    def end(self, *, leave: bool = False) -> None:
        """Let the line go. With ``leave``, what it showed last stays, and what comes next begins below it."""
        with _place.lock:
            if _place.line is self:
                _place.line = None
                if leave and self._shown:
                    self._write("\n")
                else:
                    self.wipe()
                self._shown = ""

    def _write(self, text: str) -> None:
        with contextlib.suppress(Exception):  # the terminal may be gone
            self._stream.write(text)
            self._stream.flush()


def is_terminal(stream: Any) -> bool:
    """Whether ``stream`` is a terminal that can overwrite what it shows."""
    try:
        return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"
    except Exception:  # noqa: BLE001  (it is closed or missing, or an unknown object replaces it)
        return False


def claim_line() -> TerminalLine | None:
    """The line, until its ``end``; ``None`` where it is in use, or the standard error is no terminal."""
    if not is_terminal(sys.stderr):
        return None
    with _place.lock:
        if _place.line is not None:
            return None
        _place.line = TerminalLine(sys.stderr)
        return _place.line


def print_above(write: Callable[[], ResultT]) -> ResultT:
    """Call ``write``, which prints whole lines; they stand above the line, and not among those of other threads."""
    with _place.lock:
        line = _place.line
        if line is None or _place.pauses:
            return write()
        line.wipe()
        try:
            return write()
        finally:
            line.redraw()


@contextlib.contextmanager
def no_line() -> Iterator[None]:
    """Hide the line while a program asks for input on the terminal."""
    with _place.lock:
        _place.pauses += 1
        if _place.line is not None:
            _place.line.wipe()
    try:
        yield
    finally:
        with _place.lock:
            _place.pauses -= 1


class _Place:
    """Which code holds the line, and which code wants it cleared."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.line: TerminalLine | None = None
        self.pauses = 0


_place = _Place()


def _reset_after_fork() -> None:
    global _place
    _place = _Place()  # a forked child draws nothing for its parent, and the lock may be held


after_fork_in_child(_reset_after_fork)


def _width(stream: Any) -> int:
    try:
        return max(20, os.get_terminal_size(stream.fileno()).columns or 80)
    except (OSError, ValueError, AttributeError):
        return 80


def _rendered(content: LineContent, width: int) -> str:
    tail = " ".join(filter(None, (_percentage(content.fraction), _one_line(content.text), _clock(content.seconds))))
    name = _one_line(content.name)
    fill = None if content.fraction is None or width < 3 * _BAR_CELLS else content.fraction
    rich_bar = None if fill is None else _rich_bar()
    if fill is None:
        return _cut(" ".join(filter(None, (name, tail))), width)
    name = _cut(name, width - 2 * _BAR_CELLS)
    drawn = _plain_bar(fill) if rich_bar is None else rich_bar(fill)
    rest = width - _BAR_CELLS - _cells(name) - 2
    return f"{name} {drawn} {_cut(tail, rest)}" if name else f"{drawn} {_cut(tail, rest)}"


def _plain_bar(fraction: float) -> str:
    full = int(fraction * (_BAR_CELLS - 2))
    return f"[{'#' * full}{'.' * (_BAR_CELLS - 2 - full)}]"


@cache
def _rich_bar() -> Callable[[float], str] | None:
    """Draws a bar with Rich; ``None`` where that is not installed."""
    try:
        from rich.console import Console
        from rich.progress_bar import ProgressBar
    except Exception:  # noqa: BLE001  (a broken installation is as good as none)
        return None
    console = Console(file=sys.stderr)

    def draw(fraction: float) -> str:
        with console.capture() as capture:
            console.print(ProgressBar(total=1.0, completed=fraction, width=_BAR_CELLS), end="")
        return capture.get().rstrip("\n")

    return draw


def _percentage(fraction: float | None) -> str:
    if fraction is None:
        return ""
    return "<1 %" if 0 < fraction < 0.01 else f"{int(fraction * 100)} %"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def _one_line(text: str) -> str:
    return " ".join(as_on_a_terminal(text[:_TEXT_LIMIT]).split())


def _cells(text: str) -> int:
    return sum(_width_of(character) for character in text)


def _cut(text: str, cells: int) -> str:
    if _cells(text) <= cells:
        return text
    kept, free = "", cells - 1
    for character in text:
        free -= _width_of(character)
        if free < 0:
            break
        kept += character
    return f"{kept}…" if cells > 0 else ""


def _width_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
