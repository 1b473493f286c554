"""Where a stranger's code ends: a provider, an observer, a ``__str__`` may raise anything, and nobody of ours falls.

A ``KeyboardInterrupt`` on the main thread is the user's own and is never kept from the user. On every other thread it
is an exception like any other, since Python delivers interrupts to the main thread alone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, ParamSpec, TypeVar

from primwidgets.snapshot import MESSAGE_LIMIT, clip

_LOG: Final = logging.getLogger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Returned(Generic[_T]):
    """A call that came back.

    Attributes:
        value: what it returned.
    """

    value: _T


@dataclass(frozen=True, slots=True)
class Raised:
    """A call that raised.

    Attributes:
        error: what it raised, ``SystemExit`` and the like included.
    """

    error: BaseException

    @property
    def text(self) -> str:
        """The class of the error and its message, as bounded text."""
        return text_of(self.error)


def call(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> Returned[_T] | Raised:
    """Call a stranger's code and contain whatever it raises.

    Raises:
        KeyboardInterrupt: the user interrupted the main thread.
    """
    try:
        return Returned(function(*args, **kwargs))
    except BaseException as error:
        if is_users_interrupt(error):
            raise
        return Raised(error)


def is_users_interrupt(error: BaseException) -> bool:
    """Whether ``error`` is the user's interrupt of the main thread, which must get through."""
    return isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread()


def text_of(error: BaseException) -> str:
    """``error`` as its class and its message, whatever its ``__str__`` does; at most ``MESSAGE_LIMIT`` characters."""
    message = message_of(error)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def message_of(error: BaseException) -> str:
    """What ``str(error)`` says, bounded; empty if that raises, or gives something that is no text."""
    said = call(str, error)
    return clip(str.__str__(said.value), MESSAGE_LIMIT) if isinstance(said, Returned) else ""


class Complaints:
    """What is logged once and then no more, however often it happens: a log is printed into the user's cell.

    Not for hot paths. Any thread.
    """

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: tuple[str, ...] = ()

    def make(self, kind: str, text: str, *args: object, error: BaseException, level: int = logging.WARNING) -> None:
        """Log ``text % args`` with the traceback of ``error``; the next one of this ``kind`` is for debugging only."""
        level = logging.DEBUG if kind in self._made else level
        self._made = (*self._made, kind) if level != logging.DEBUG else self._made
        call(_LOG.log, level, text, *args, exc_info=error)
