"""Calls whose outcome comes back sealed: as bytes, so that no result and no exception can upset an executor's plumbing.

Executors pickle outcomes themselves, but many of them break down, with all their jobs, over one that cannot be
unpickled.
"""

from __future__ import annotations

import contextlib
import traceback
from dataclasses import dataclass
from typing import Any, Final

from primwidgets.engines.base import Task, with_its_own_frames
from primwidgets.engines.remote import Channel, RemoteCall
from primwidgets.errors import EngineError

#: What is sent of a traceback, in characters: the end of it.
_TRACEBACK_CHARACTERS: Final = 40_000


@dataclass(frozen=True, slots=True)
class Sealed:
    """What became of a call, as it travels.

    Attributes:
        data: the pickled result or exception.
        failed: whether it is an exception.
        trace: its traceback, formatted.
        connected: whether the worker had a channel, so that what it told on it may still be under way.
    """

    data: bytes
    failed: bool
    trace: str
    connected: bool

    def open(self) -> tuple[Any, BaseException | None]:
        """The result, or what the function raised; an ``EngineError`` if it cannot be unpickled here."""
        try:
            outcome = _unpickle(self.data)
        except Exception as error:  # noqa: BLE001  (unpickling runs foreign code)
            what = "exception" if self.failed else "result"
            unread = EngineError(f"The {what} of the function cannot be read here: {_words(error)}.")
            unread.__cause__ = error
            return None, unread
        if not self.failed:
            return outcome, None
        with contextlib.suppress(AttributeError, TypeError):  # some exceptions are frozen
            outcome.__cause__ = RemoteTraceback(self.trace)
        return None, outcome


class RemoteTraceback(Exception):
    """Stands for the traceback of an exception in another process, as its cause; as ``concurrent.futures`` does."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


class SealedCall(RemoteCall):
    """A ``RemoteCall`` that never raises and returns its outcome as ``Sealed``."""

    def __init__(self, task: Task, channel: Channel) -> None:
        super().__init__(task, channel)
        self._name = task.name

    def __call__(self) -> Sealed:
        """In the worker: call the function."""
        try:
            result = super().__call__()
        except BaseException as error:  # noqa: BLE001  (it is raised where the result is asked for)
            return self._seal_error(error)
        try:
            return self._sealed(_pickle(result), "")
        except Exception as error:  # noqa: BLE001  (pickling runs foreign code)
            return self._seal_error(
                EngineError(
                    f"{self._name} returned, but its result, a {type(result).__name__}, cannot be sent back: "
                    f"{_words(error)}. Return plain data, or write it to a file and return the file's name."
                )
            )

    def _seal_error(self, error: BaseException) -> Sealed:
        trace = "".join(traceback.format_exception(with_its_own_frames(error)))[-_TRACEBACK_CHARACTERS:]
        try:
            data = _pickle(error)
            _unpickle(data)  # many exceptions can be pickled, but not unpickled
        except Exception as unfit:  # noqa: BLE001
            data = _pickle(EngineError(f"{_words(error)} (this exception cannot be sent here: {_words(unfit)})"))
        return self._sealed(data, trace)

    def _sealed(self, data: bytes, trace: str) -> Sealed:
        return Sealed(data, failed=bool(trace), trace=trace, connected=bool(getattr(self._channel, "connected", False)))


def _pickle(value: object) -> bytes:
    import cloudpickle

    data: bytes = cloudpickle.dumps(value)
    return data


def _unpickle(data: bytes) -> Any:
    import cloudpickle  # what comes from workers was pickled with it

    return cloudpickle.loads(data)


def _words(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  (__str__ is foreign code)
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
