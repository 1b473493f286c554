"""Calls third-party code (a provider, an observer, a ``__str__``) and contains whatever it raises.

A ``KeyboardInterrupt`` on the main thread comes from the user and is always passed on. On other threads it is an
ordinary exception, since Python delivers interrupts to the main thread only.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, ParamSpec, TypeVar

from primwidgets._forwarding import forwards
from primwidgets.snapshot import MESSAGE_LIMIT, clip

_LOG: Final = logging.getLogger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(slots=True)  # not frozen: making a frozen one takes twice the time, and each read of a job makes several
class Returned(Generic[_T]):
    """The outcome of a call that returned.

    Attributes:
        value: what it returned.
    """

    value: _T


@dataclass(frozen=True, slots=True)
class Raised:
    """The outcome of a call that raised.

    Attributes:
        error: what it raised, including ``SystemExit`` and other ``BaseException``s.
    """

    error: BaseException

    @property
    def text(self) -> str:
        """Class and message of the error, as bounded text."""
        return text_of(self.error)


@forwards
def call(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> Returned[_T] | Raised:
    """Call third-party code and contain whatever it raises.

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
    """Class and message of ``error``, even if its ``__str__`` raises; at most ``MESSAGE_LIMIT`` characters."""
    message = message_of(error)
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def message_of(error: BaseException) -> str:
    """The bounded text of ``str(error)``; empty if that raises or returns something other than text."""
    said = call(str, error)
    return clip(str.__str__(said.value), MESSAGE_LIMIT) if isinstance(said, Returned) else ""


class LogOnce:
    """Logs each kind of problem once, since log records are printed into the user's cell.

    Not for hot paths. Any thread.
    """

    __slots__ = ("_logged",)

    def __init__(self) -> None:
        self._logged: tuple[str, ...] = ()

    def log(self, kind: str, text: str, *args: object, error: BaseException, level: int = logging.WARNING) -> None:
        """Log ``text % args`` with the traceback of ``error``; further ones of this ``kind`` at level DEBUG."""
        level = logging.DEBUG if kind in self._logged else level
        self._logged = (*self._logged, kind) if level != logging.DEBUG else self._logged
        call(_LOG.log, level, text, *args, exc_info=error)
