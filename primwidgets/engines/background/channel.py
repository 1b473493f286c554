"""How a background call reports to kernels that may come and go: it appends messages to a file."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from pathlib import Path
from typing import IO, Any, Final

from typing_extensions import override

from primwidgets._progress.track import CallContext
from primwidgets._threads import start_daemon
from primwidgets.engines._remote.call import Channel, Message, RemoteContext
from primwidgets.engines._remote.series_messages import series_messages
from primwidgets.engines.background.files import JobFiles

#: Size of the file of messages, in bytes, from which on it is replaced by a short one that says the same.
_FILE_LIMIT: Final = 4 * 1024 * 1024
#: Seconds between two looks for a request to cancel.
_LOOK_SECONDS: Final = 0.1
#: Characters of one message that prints.
_PIECE: Final = 16_000


class FileChannel(Channel):
    """The runner's end.

    Args:
        directory: of the job's files.

    Attributes:
        prompt: see ``Channel``.
        connected: the messages are in the file before the outcome is.
    """

    prompt = True
    connected = False

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @override
    @contextlib.contextmanager
    def open(self, context: CallContext) -> Iterator[Callable[[Message], None]]:
        files, over = JobFiles(self._directory), threading.Event()

        def look() -> None:
            while not context.cancelled and not over.wait(_LOOK_SECONDS):
                context.cancelled = files.is_cancelled

        start_daemon("cancel", look, Context())
        with MessageFile(files.messages) as messages:
            try:
                yield messages.append
            finally:
                over.set()


class MessageFile:
    """The file of messages, one JSON object a line. Its first message, ``{"reset": true}``, starts afresh.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._lock = threading.Lock()
        self._state = RemoteContext()

    def __enter__(self) -> MessageFile:
        with self._lock:
            self._begin([])
        return self

    def __exit__(self, *_raised: object) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
            self._file = None

    def append(self, message: Message) -> None:
        """Append a message; any thread. Never raises: a call goes on when the disk is full."""
        with self._lock, contextlib.suppress(OSError):
            for part in _in_pieces(message):
                self._state.handle_message(part)
                if self._file is None:
                    return
                self._file.write(_line(part))
                if self._file.tell() > _FILE_LIMIT:
                    self._shorten()

    def _begin(self, messages: list[Message]) -> None:
        """Replace the file by one with these messages. The lock is held."""
        part = self._path.with_name(f"{self._path.name}.part")
        file = open(part, "wb", buffering=0)  # noqa: SIM115  (it stays open)
        file.write(b"".join(map(_line, [{"reset": True}, *messages])))
        os.replace(part, self._path)
        if self._file is not None:
            self._file.close()
        self._file = file

    def _shorten(self) -> None:
        """Replace all messages by few that say the same. The lock is held."""
        summary = list(self._summary(self._state))
        self._state = RemoteContext()  # a summary takes the numbers out of the old one
        for message in summary:
            self._state.handle_message(message)
        self._begin(summary)

    def _summary(self, state: RemoteContext) -> Iterator[Message]:
        yield {"started": state.started_at, "place": state.place}
        if state.log:
            yield {"printed": state.log}
        yield from series_messages(state.series)
        progress = state.progress()
        yield {"fraction": progress.fraction, "text": progress.text, "message": progress.message}


class MessageReader:
    """A kernel's end: follows the file.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = 0
        self._file: int | None = None
        self._rest = b""

    def read(self) -> list[dict[str, Any]]:
        """The messages since the last call; empty if there are none, or no file. What is malformed is left out."""
        with contextlib.suppress(OSError), open(self._path, "rb") as file:
            number = os.fstat(file.fileno()).st_ino
            if number != self._file:
                self._file, self._at, self._rest = number, 0, b""
            file.seek(self._at)
            data = file.read(2 * _FILE_LIMIT)
            self._at += len(data)
            *lines, self._rest = (self._rest + data).split(b"\n")
            return [message for line in lines if (message := _parsed(line)) is not None]
        return []


def _in_pieces(message: Message) -> Iterator[Message]:
    printed = message.get("printed")
    if not isinstance(printed, str):
        yield message
        return
    for start in range(0, len(printed), _PIECE):
        yield {"printed": printed[start : start + _PIECE]}


def _line(message: Message) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None
