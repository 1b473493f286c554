"""Calls whose outcome is returned as bytes.

Executors pickle outcomes themselves, but many of them fail with all their jobs when one outcome cannot be unpickled.
"""

from __future__ import annotations

import contextlib
import json
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from typing_extensions import override

from primwidgets.engines._remote.call import Channel, RemoteCall
from primwidgets.engines.base import FunctionCall, strip_internal_frames
from primwidgets.errors import EngineError
from primwidgets.failure_report import FailureStep
from primwidgets.tracebacks import chain_of, read_chain

#: Maximum length of a traceback: characters (the end is kept), frames per exception, exceptions in the chain.
_TRACEBACK_CHARACTERS: Final = 40_000
_TRACEBACK_FRAMES: Final = 100
_TRACEBACK_CHAIN: Final = 10


@dataclass(frozen=True, slots=True)
class PickledOutcome:
    """The pickled outcome of a call.

    Attributes:
        data: the pickled result or exception.
        failed: whether it is an exception.
        trace: its traceback, as ``_report`` writes it.
        connected: whether the worker had a channel, so that its last messages may still be in transit.
    """

    data: bytes | bytearray
    failed: bool
    trace: str
    connected: bool

    def open(self) -> tuple[Any, BaseException | None]:
        """The result, or what the function raised; an ``EngineError`` if it cannot be unpickled here."""
        try:
            outcome = _unpickle(self.data)
            if self.failed and not isinstance(outcome, BaseException):
                raise TypeError(f"{type(outcome).__name__} is no exception")
        except BaseException as error:  # noqa: BLE001  (unpickling runs foreign code)
            what = "exception" if self.failed else "result"
            unread = EngineError(f"The {what} of the function cannot be read here: {_words(error)}.")
            unread.__cause__ = error
            return None, unread
        if not self.failed:
            return outcome, None
        with contextlib.suppress(AttributeError, TypeError):  # some exceptions are frozen
            outcome.__cause__ = RemoteTraceback(*_read_report(self.trace))
        return None, outcome


class RemoteTraceback(Exception):
    """Stands for the traceback of an exception in another process, as its cause; as ``concurrent.futures`` does.

    Attributes:
        chain: the traceback as data, for the card.
    """

    def __init__(self, text: str, chain: Sequence[FailureStep] = ()) -> None:
        super().__init__(text)
        self.chain = chain

    @override
    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


class PickledCall(RemoteCall):
    """A ``RemoteCall`` that never raises and returns its outcome as ``PickledOutcome``."""

    def __init__(self, task: FunctionCall, channel: Channel) -> None:
        super().__init__(task, channel)
        self._name = task.name

    @override
    def __call__(self) -> PickledOutcome:
        """In the worker: call the function."""
        try:
            result = super().__call__()
        except BaseException as error:  # noqa: BLE001  (it is raised where the result is asked for)
            return pickled_error(error, self._connected)
        try:
            return PickledOutcome(_pickle(result), False, "", self._connected)
        except BaseException as error:  # noqa: BLE001  (pickling runs foreign code)
            unfit = EngineError(
                f"{self._name} returned, but its result, a {type(result).__name__}, cannot be sent back: "
                f"{_words(error)}. Return plain data, or write it to a file and return the file's name."
            )
            return pickled_error(unfit, self._connected)

    @property
    def _connected(self) -> bool:
        return bool(getattr(self._channel, "connected", False))


def pickled_error(error: BaseException, connected: bool = False) -> PickledOutcome:
    """What became of a call that raised ``error``; the chain of exceptions behind a long one is cut."""
    trace = _report(strip_internal_frames(error))
    try:
        data = _pickle(error)
        _unpickle(data)  # many exceptions can be pickled, but not unpickled
    except BaseException as unfit:  # noqa: BLE001
        data = _pickle(EngineError(f"{_words(error)} (this exception cannot be sent here: {_words(unfit)})"))
    return PickledOutcome(data, True, trace, connected)


def _report(error: BaseException) -> str:
    """The traceback as text and as data, in JSON: the source files may be nowhere but here."""
    return json.dumps({"text": _formatted(error), "chain": chain_of(error)})


def _read_report(trace: str) -> tuple[str, Sequence[FailureStep]]:
    """The text and the data of ``_report``; a trace of another form is text."""
    try:
        report = json.loads(trace)
        text = report["text"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return trace, ()
    return str(text), read_chain(report.get("chain"))


def _formatted(error: BaseException) -> str:
    """The traceback as text, with a limited number of frames and exceptions, since an endless one takes long."""
    last: BaseException | None = error
    for _ in range(_TRACEBACK_CHAIN):
        last = last and (last.__cause__ or last.__context__)
    try:
        if last is not None:
            last.__cause__ = last.__context__ = None
        text = "".join(traceback.format_exception(error, limit=-_TRACEBACK_FRAMES))
    except BaseException as unfit:  # noqa: BLE001  (__str__ and __notes__ are foreign code)
        text = f"{type(error).__name__} (its traceback cannot be shown: {_words(unfit)})"
    return text[-_TRACEBACK_CHARACTERS:]


def _pickle(value: object) -> bytes:
    import cloudpickle

    data: bytes = cloudpickle.dumps(value)
    return data


def _unpickle(data: bytes | bytearray) -> Any:
    import cloudpickle  # what comes from workers was pickled with it

    return cloudpickle.loads(data)


def _words(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001  (__str__ is foreign code)
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
