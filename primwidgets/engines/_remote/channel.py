"""The worker's end of the socket connection between a call and the kernel.

A worker connects when its call starts, sends the secret token of the call, and then JSON objects, one per line. The
kernel's end is in ``server``.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextvars import Context
from functools import partial
from typing import Any, Final

from typing_extensions import override

from primwidgets._progress.track import CallContext
from primwidgets._threads import start_daemon
from primwidgets.engines._remote.call import Channel
from primwidgets.errors import JobCancelled

#: Maximum length of a message in bytes; the kernel closes a connection that exceeds it.
MESSAGE_BYTES: Final = 256 * 1024
#: Printed text is sent in pieces of this many characters; JSON encodes each as at most twelve bytes.
_PIECE: Final = 16_000
#: Seconds a worker waits for a kernel that does not read; after that it goes on without a connection.
_SEND_TIMEOUT: Final = 30.0

Message = Mapping[str, Any]
Address = str | tuple[str, int]


class SocketChannel(Channel):
    """The worker's end: a ``Channel``.

    Args:
        address: of the kernel's socket.
        token: of the call.
        claim: a path that decides a race. If the worker creates a file there first, the call starts; if the kernel
            creates a directory there first, it never does.

    Attributes:
        prompt: see ``Channel``.
        connected: in the worker, whether the kernel could be reached.
    """

    prompt = True

    def __init__(self, address: Address, token: str, claim: str | None = None) -> None:
        self.connected = False
        self._claim = claim
        self._address = address
        self._token = token

    @override
    @contextlib.contextmanager
    def open(self, context: CallContext) -> Iterator[Callable[[Message], None]]:
        """Connect to the kernel; if it cannot be reached, nothing is sent.

        Raises:
            JobCancelled: the kernel cancelled the call before it started.
        """
        if not _claimed(self._claim):
            raise JobCancelled("The job was cancelled before it began.")
        connection = self._connect()
        if connection is None:
            yield lambda _: None
            return
        self.connected = True
        sender = _Sender(connection)
        sender.send({"token": self._token, "pid": os.getpid()})
        start_daemon("channel", partial(_receive_cancel, connection, context), Context())
        try:
            yield sender.send
        finally:
            sender.end()

    def _connect(self) -> socket.socket | None:
        unix = isinstance(self._address, str)
        connection = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        connection.settimeout(_SEND_TIMEOUT)
        try:
            connection.connect(self._address)
        except OSError:  # another machine, or the kernel is gone
            connection.close()
            return None
        return connection


class _Sender:
    def __init__(self, connection: socket.socket) -> None:
        self._connection: socket.socket | None = connection
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        for part in _in_pieces(message):
            self._send(json.dumps(part).encode() + b"\n")

    def end(self) -> None:
        self.send({"ended": True})
        with self._lock, contextlib.suppress(OSError):
            if self._connection is not None:
                self._connection.shutdown(
                    socket.SHUT_WR
                )  # ``_receive_cancel`` closes it when the kernel has read everything
            self._connection = None

    def _send(self, data: bytes) -> None:
        with self._lock:
            if self._connection is None:
                return
            try:
                self._connection.sendall(data)
            except OSError:  # the kernel is gone, or does not read: half a message must not be followed by another
                with contextlib.suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)
                self._connection = None


def _claimed(path: str | None) -> bool:
    if path is None:
        return True
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return not os.path.isdir(path)  # a file was made by an earlier attempt of the same call
    except OSError:  # another machine, or the kernel is gone
        return True
    return True


def _in_pieces(message: Message) -> Iterator[Message]:
    printed = message.get("printed")
    if isinstance(printed, str):
        for start in range(0, len(printed), _PIECE):
            yield {"printed": printed[start : start + _PIECE]}
    else:
        yield {key: value[:_PIECE] if isinstance(value, str) else value for key, value in message.items()}


def _receive_cancel(connection: socket.socket, context: CallContext) -> None:
    """Wait for the kernel's cancel, until it closes the connection."""
    with connection:
        while True:
            try:
                data = connection.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            if not data:
                return
            context.cancelled = True  # the only message that the kernel sends
