"""What a job prints goes to its log, and not to whatever cell happens to run."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections.abc import Iterator
from typing import Any, Final

from primwidgets.progress import current_run

_STREAMS: Final = ("stdout", "stderr")
_lock: Final = threading.Lock()
_users = 0


@contextlib.contextmanager
def prints_to_log() -> Iterator[None]:
    """While anybody is in here, what the thread of a job prints goes to the log of its ``Run``.

    Everything else goes on to the stream that was there before. The streams are put back when the last one leaves.
    """
    _install()
    try:
        yield
    finally:
        _remove()


class _Switch(io.TextIOBase):
    """Stands before a stream of ``sys``."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        run = current_run()
        if run is None:
            written: int = self.stream.write(text)
            return written
        run.write(text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if current_run() is None:
            self.stream.flush()

    def isatty(self) -> bool:
        return current_run() is None and bool(self.stream.isatty())

    @property
    def encoding(self) -> Any:  # type: ignore[override]  # the class of the base has it, so __getattr__ is not asked
        return getattr(self.stream, "encoding", None)

    @property
    def errors(self) -> Any:  # type: ignore[override]
        return getattr(self.stream, "errors", None)

    def fileno(self) -> int:
        number: int = self.stream.fileno()
        return number

    def close(self) -> None:
        """Do nothing: the stream belongs to somebody else."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _install() -> None:
    global _users
    with _lock:
        _users += 1
        for name in _STREAMS:
            stream = getattr(sys, name)
            if not isinstance(stream, _Switch):
                setattr(sys, name, _Switch(stream))


def _remove() -> None:
    global _users
    with _lock:
        _users -= 1
        for name in _STREAMS:
            stream = getattr(sys, name)
            if not _users and isinstance(stream, _Switch):  # else somebody captures at the moment, and puts it back
                setattr(sys, name, stream.stream)
