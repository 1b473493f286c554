"""What a job prints goes to its log, and not to whatever cell happens to run; in a script, to the terminal as well.

The streams themselves are switched while jobs run, and not only the names in ``sys``: a handler of ``logging``, or
other code that took a reference to a stream long ago, writes to the same object.
"""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final

from typing_extensions import override

from primwidgets._progress.notebook_io import running_shell
from primwidgets._progress.switches import Names, Switches
from primwidgets._progress.terminal_line import print_above
from primwidgets._progress.terminal_text import last_state
from primwidgets._progress.track import CallContext, current_context, printing_context, running

_STREAMS: Final = ("stdout", "stderr")
_ORIGINAL_STREAMS: Final = ("__stdout__", "__stderr__")
#: A line longer than this many characters is passed on before it has ended.
_LINE_LIMIT: Final = 10_000
#: Most characters of the name that stands before each line.
_NAME_LIMIT: Final = 60
#: The last stand-ins that were put away: ``print`` of another thread may just be using one, and does not hold it.
_put_away: Final[deque[Any]] = deque(maxlen=64)


def prints_to_log() -> AbstractContextManager[None]:
    """While anybody is in here, what the thread of a job prints goes to the log of its ``CallContext``.

    Everything else goes on as before. The streams are as they were when the last one leaves.
    """
    return _SWITCHES.inside()


class Echo:
    """Passes on what a job prints where no card shows it, each line with the job's name in front. Any thread.

    Lines are passed on whole, so that those of several jobs do not mix. A line that is written over comes as it was
    last.

    Args:
        name: of the job.
        write: takes whole lines, and the stream that they were printed to.
    """

    def __init__(self, name: str, write: Callable[[str, Any], None]) -> None:
        self._prefix = f"[{' '.join(name.split())[:_NAME_LIMIT]}] "
        self._write = write
        self._begun: dict[int, tuple[Any, str]] = {}
        self._lock = threading.RLock()

    def __call__(self, text: str, stream: Any = None) -> None:
        """Pass on ``text``, that the job printed to ``stream``; without one, to the standard output of this moment."""
        with self._lock:
            *lines, rest = (self._begun.get(id(stream), (None, ""))[1] + text).split("\n")
            if len(rest) > _LINE_LIMIT:
                lines, rest = [*lines, rest], ""
            self._begun[id(stream)] = stream, rest
            if lines:
                self._write("".join(f"{self._prefix}{last_state(line)}\n" for line in lines), stream)

    def close(self) -> None:
        """Pass on lines that have not ended."""
        with self._lock:
            for stream in [stream for stream, rest in self._begun.values() if rest]:
                with contextlib.suppress(Exception):  # the stream may have been closed
                    self("\n", stream)
            self._begun.clear()


def echo_for(name: str) -> Echo | None:
    """Where a job that begins now has to pass on what it prints, besides its log; ``None`` for nowhere.

    A job of a script passes it on to the script's streams, and one that was started by a job in another process to
    that job.
    """
    outer = current_context()
    if outer is not None and outer.is_elsewhere:
        return Echo(name, lambda lines, _: outer.write(lines))
    return None if _frontend[0]() else Echo(name, _print_lines)


def ask_for_frontend(has_frontend: Callable[[], bool]) -> None:
    """Have it be known whether a frontend shows cards. Until then, as in worker processes, nothing is passed on."""
    _frontend[0] = has_frontend


def has_frontend() -> bool:
    """Whether a frontend shows cards, as far as that is known."""
    return _frontend[0]()


_frontend: Final[list[Callable[[], bool]]] = [lambda: True]


def _print_lines(lines: str, stream: Any) -> None:
    stream = sys.stdout if stream is None else stream
    if stream is not None:  # as where a program has no console

        def write() -> None:
            stream.write(lines)
            stream.flush()

        with running(None):  # what is written now, the line included, is not the job's
            print_above(write)


def _to_log(context: CallContext, stream: Any, text: str) -> int:
    context.write(text)
    if context.echo is not None:
        context.echo(text, stream)
    return len(text)


def _switch_streams(switches: Switches) -> None:
    for name in _STREAMS:
        stream = getattr(sys, name)
        if stream is None or isinstance(stream, _StandIn) or switches.put_in_class(stream, _IN_JOB):
            continue
        if not switches.put(stream, _IN_JOB) or running_shell() is not None:  # IPython sets methods on its streams, too
            setattr(sys, name, stand_in := _StandIn(stream))
            _KEPT.append(stand_in)
            switches.at_end(stand_in, partial(_put_back, name))
    for name in _ORIGINAL_STREAMS:
        if (stream := getattr(sys, name)) is not None and not switches.put_in_class(stream, _IN_JOB):
            switches.put(stream, _IN_JOB)


_IN_JOB: Final[Names] = (
    ("write", lambda context, stream, write, text: _to_log(context, stream, text)),
    ("flush", lambda context, stream, flush: None),
    ("isatty", lambda context, stream, isatty: False),
)
_SWITCHES: Final = Switches(_switch_streams)
#: The last ones, kept since ``print`` of older Pythons does not hold the stream that it takes from ``sys``.
_KEPT: Final[deque[_StandIn]] = deque(maxlen=16)


class _StandIn(io.TextIOBase):
    """Stands in ``sys`` before a stream whose methods cannot be switched."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    @override
    def write(self, text: str) -> int:
        context = printing_context()
        if context is None:
            written: int = self.stream.write(text)
            return written
        return _to_log(context, self.stream, text)

    @override
    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    @override
    def flush(self) -> None:
        if printing_context() is None:
            self.stream.flush()

    @override
    def isatty(self) -> bool:
        return printing_context() is None and bool(self.stream.isatty())

    @override
    @property
    def encoding(self) -> Any:  # type: ignore[override]  # the class of the base has it, so __getattr__ is not asked
        return getattr(self.stream, "encoding", None)

    @override
    @property
    def errors(self) -> Any:  # type: ignore[override]
        return getattr(self.stream, "errors", None)

    @override
    def fileno(self) -> int:
        number: int = self.stream.fileno()
        return number

    @override
    def close(self) -> None:
        """Do nothing: the stream belongs to other code."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _put_back(name: str, stand_in: _StandIn) -> None:
    if getattr(sys, name) is stand_in:  # else other code captures it now, and restores it later
        setattr(sys, name, stand_in.stream)
        _put_away.append(stand_in)
