"""What a function that runs as a job has printed. Imports only the standard library, since it is loaded in workers."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

#: The last this many characters that a job prints are kept.
LOG_CHARACTERS: Final = 1_000_000
#: The log is kept in pieces of at most this many characters; the oldest pieces are dropped.
_PIECE: Final = 10_000


class Echo(Protocol):
    """Passes on what a job prints, besides its log."""

    def __call__(self, text: str, stream: Any = None) -> None:
        """Pass on ``text`` that was printed to ``stream``; without one, to the standard output."""

    def close(self) -> None:
        """Pass on what is left of it."""


class PrintedLog:
    """The end of what a function printed. All methods may be called on any thread.

    Attributes:
        echo: passes on what is printed, besides the log; ``None`` where that is on a card.
        raw_output: gives what came past Python's streams since it was called last, such as from programs; ``None`` if
            nothing does; called with how many bytes of all may be taken, ``None`` for all. It neither blocks nor
            raises.
    """

    def __init__(self) -> None:
        self.echo: Echo | None = None
        self.raw_output: Callable[[int | None], str] | None = None
        self._log: deque[str] = deque()
        self._log_size = 0
        self._lock = threading.Lock()

    def write(self, text: str) -> None:
        """Add to what the function printed, after what came past Python's streams until now."""
        self.take_raw_output()
        self.add(text)

    def add(self, text: str) -> None:
        """Add to what the function printed."""
        with self._lock:
            self._keep(text)

    def take_raw_output(self, up_to: int | None = None) -> None:
        """Add to the log what came past Python's streams since the last call.

        Args:
            up_to: how much of it, where ``raw_output`` can tell; all by default.
        """
        if (take := self.raw_output) is None:
            return
        with self._lock:
            self._keep(text := take(up_to))
        if text and self.echo is not None:
            with contextlib.suppress(Exception):  # the stream may be closed
                self.echo(text)

    def _keep(self, text: str) -> None:
        """Add to the log; the lock is held."""
        if text:
            for start in range(max(0, len(text) - LOG_CHARACTERS), len(text), _PIECE):
                self._log.append(text[start : start + _PIECE])
                self._log_size += len(self._log[-1])
        while self._log_size > LOG_CHARACTERS:
            self._log_size -= len(self._log.popleft())

    @property
    def log(self) -> str:
        """What the function printed; of very much, the end."""
        self.take_raw_output()
        with self._lock:
            return "".join(self._log)

    def log_tail(self, characters: int) -> str | None:
        """The last ``characters`` that were printed, or some more; ``None`` if nothing was."""
        self.take_raw_output()
        with self._lock:
            wanted: deque[str] = deque()
            size = 0
            for text in reversed(self._log):
                if size > characters:
                    break
                wanted.appendleft(text)
                size += len(text)
        return "".join(wanted) or None
