"""Calls in other processes: how a function is sent there, and how it reports progress from there.

Messages from a worker are plain JSON objects. Only known, well-formed fields are used::

    {"started": epoch seconds, "place": text}
    {"fraction": 0..1 or null, "text": text or null, "message": text or null, "rate": text or null,
     "ends_at": epoch seconds or null}
    {"printed": text}, with {"raw": bytes} where the process has written that much past Python's streams before
    {"bar": text}, the last line of a bar, where no card shows it
    {"series": [part, …]}, see ``series_messages``
"""

from __future__ import annotations

import contextlib
import os
import platform
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from contextvars import Context
from dataclasses import asdict
from typing import Any, ClassVar, Final, Protocol

from typing_extensions import override

from primwidgets._progress.recorder import SeriesRecorder
from primwidgets._progress.stdout import echo_for
from primwidgets._progress.track import CallContext, Progress
from primwidgets._threads import start_daemon
from primwidgets.engines._remote.series_messages import OTHER_VALUES, PROMPT_VALUES, series_messages, take_series
from primwidgets.engines.base import FunctionCall, inside
from primwidgets.errors import EngineError
from primwidgets.snapshot import LAST_MOMENT

#: Seconds between two progress messages of a worker.
REPORT_SECONDS: Final = 0.1
#: Last lines of bars between two such messages: the latest.
_BARS_KEPT: Final = 100

Message = Mapping[str, Any]
Send = Callable[[Message], None]


class Channel(Protocol):
    """How a worker reaches the kernel. It travels with the call, so it can be pickled.

    Attributes:
        prompt: whether messages are cheap, so that printed text is sent at once and survives a crash of the worker;
            otherwise it is sent together with the progress.
    """

    prompt: bool

    def open(self, context: CallContext) -> AbstractContextManager[Send]:
        """In the worker: connect, for the time of the call.

        Args:
            context: its ``cancelled`` is to be set when the kernel asks for that.

        Returns:
            the function that sends a message, from any thread. It never raises: a call goes on without a listener.
        """


class RemoteCall:
    """A task and its channel, to be pickled by whatever an engine uses, and called in the worker.

    The function travels by ``cloudpickle``, so it may be one of a notebook. primwidgets has to be installed there.

    Raises:
        EngineError: something of the task cannot be pickled, or cloudpickle is missing.
    """

    def __init__(self, task: FunctionCall, channel: Channel) -> None:
        self._call = _pickled(task)
        self._channel = channel
        self._is_shown_nowhere = echo_for(task.name) is not None

    def __call__(self) -> Any:
        """In the worker: call the function and report its progress."""
        import cloudpickle  # what has got here was pickled with it

        context = _WorkerContext(PROMPT_VALUES if self._channel.prompt else OTHER_VALUES)
        with self._channel.open(context) as send:
            context.send_at_once = send if self._channel.prompt else None
            context.is_shown_nowhere = self._is_shown_nowhere
            context.begin(f"{platform.node()}, process {os.getpid()}")
            send({"started": context.started_at, "place": context.place})
            with _reporting(context, send), inside(context):
                return cloudpickle.loads(self._call)()


class RemoteContext(CallContext):
    """The kernel's end: what the messages of a call in another process have said so far."""

    def __init__(self) -> None:
        super().__init__()
        self._progress = Progress()

    @override
    def progress(self) -> Progress:
        return self._progress

    def handle_message(self, message: object) -> None:
        """Use a message of the worker; malformed parts are ignored. Any thread."""
        if not isinstance(message, Mapping):
            return
        if isinstance(started := message.get("started"), float):
            self.series.clear()  # some engines begin a call once more when its worker is lost
            self.started_at = started
            self.place = _text(message.get("place"))
        if "fraction" in message:
            fraction = message["fraction"]
            known = isinstance(fraction, (int, float)) and 0 <= fraction <= 1
            self._progress = Progress(
                float(fraction) if known else None,
                _text(message.get("text")),
                _text(message.get("message")),
                _text(message.get("rate")),
                _moment(message.get("ends_at")),
            )
        if "series" in message:
            take_series(message["series"], self.series)
        with contextlib.suppress(Exception):  # the stream may be closed; this thread serves other calls, too
            if isinstance(bar := message.get("bar"), str):
                self.leave_bar(bar)
        if isinstance(printed := message.get("printed"), str):
            up_to = message.get("raw")
            self.take_raw_output(up_to if isinstance(up_to, int) else None)
            self.add(printed)
            if self.echo is not None:
                with contextlib.suppress(Exception):
                    self.echo(printed)


class _WorkerContext(CallContext):
    """The worker's end: buffers what has not been sent yet.

    Attributes:
        is_shown_nowhere: whether no card in the kernel shows the call.
    """

    is_elsewhere: ClassVar[bool] = True

    def __init__(self, values: int) -> None:
        super().__init__()
        self.series = SeriesRecorder(values)
        self.send_at_once: Send | None = None
        self.is_shown_nowhere = False
        self._told = Progress()
        self._unsent: list[str] = []
        self._bars: deque[str] = deque(maxlen=_BARS_KEPT)
        self._sending = threading.Lock()

    @override
    def write(self, text: str) -> None:
        self.take_raw_output()
        if self.send_at_once is not None:
            self.send_at_once({"printed": text})
        else:
            with self._sending:
                self._unsent.append(text)

    @override
    def take_raw_output(self, up_to: int | None = None) -> None:
        if (take := self.raw_output) is not None and (text := take(up_to)):
            self.write(text)

    @override
    @property
    def leaves_bars(self) -> bool:
        return self.is_shown_nowhere

    @override
    def leave_bar(self, line: str) -> None:
        with self._sending:
            self._bars.append(line)

    def flush(self, send: Send) -> None:
        """Send what changed since the last call."""
        self.take_raw_output()
        with self._sending:
            printed, self._unsent = "".join(self._unsent), []
            bars = tuple(self._bars)
            self._bars.clear()
            progress = self.progress()
            new, self._told = progress != self._told, progress
        if printed:
            send({"printed": printed})
        for bar in bars:
            send({"bar": bar})
        for message in series_messages(self.series):
            send(message)
        if new:
            send(asdict(progress))


@contextlib.contextmanager
def _reporting(context: _WorkerContext, send: Send) -> Iterator[None]:
    """Send messages every ``REPORT_SECONDS``, and at the end."""
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(REPORT_SECONDS):
            context.flush(send)

    start_daemon("context", repeat, Context())
    try:
        yield
    finally:
        over.set()
        context.flush(send)


def _pickled(task: FunctionCall) -> bytes:
    try:
        import cloudpickle
    except ImportError:
        raise EngineError("Functions are sent to other processes with cloudpickle: pip install cloudpickle") from None
    try:
        pickled: bytes = cloudpickle.dumps(task)
    except Exception as error:
        raise EngineError(
            f"{task.name} cannot be sent to another process: {str(error).rstrip('.')}. Pass what it needs as plain "
            "arguments, open files and connections inside the function, or run it on threads (engine=None)."
        ) from error
    return pickled


def _moment(value: object) -> float | None:
    is_one = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= LAST_MOMENT
    return float(value) if is_one else None  # type: ignore[arg-type]  # which was just checked


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
