"""The kernel's end of the connection to one call; ``server`` owns all of them."""

from __future__ import annotations

import contextlib
import json
import math
import os
import socket
import time
from collections.abc import Callable

from primwidgets.engines._remote.channel import MESSAGE_BYTES, Address, Message, SocketChannel

#: Calls a function when a connection has ended, or after a number of seconds.
End = Callable[["WorkerConnection", float, Callable[[], None]], None]


class WorkerConnection:
    """The kernel's end of the connection to one call. All methods may be called on any thread.

    Attributes:
        channel: the worker's end, which travels with the call.
        connected: whether a worker has connected.
        ended: whether the worker announced the end of the call, or closed the connection.
        said_end: whether it announced the end.
        pid: process id of the worker.
    """

    def __init__(
        self, end: End, token: str, address: Address, claim: str | None, on_message: Callable[[Message], None]
    ) -> None:
        self.channel = SocketChannel(address, token, claim)
        self.connected = False
        self.ended = False
        self.said_end = False
        self.pid: int | None = None
        self.on_message = on_message
        self.token = token
        self.peer: socket.socket | None = None
        self.deadline = math.inf
        self.then: list[Callable[[], None]] = []
        self._cancels = False
        self._claim = claim
        self._end = end

    def prevent_start(self) -> bool:
        """Keep the call from starting; whether that is certain, given a worker on the same file system."""
        if self._claim is None:
            return False
        try:
            os.mkdir(self._claim)
        except OSError:
            return False
        return True

    def remove_claim(self) -> None:
        """Remove the file or directory that decided whether the call starts."""
        if self._claim is not None:
            for remove in (os.unlink, os.rmdir):
                with contextlib.suppress(OSError):  # there is one of the two, or none
                    remove(self._claim)

    def cancel(self) -> None:
        """Ask the call to stop: now, or as soon as it connects."""
        self._cancels = True
        self.tell()

    def tell(self) -> None:
        """Send a pending cancel, if the worker is connected."""
        if self._cancels and (peer := self.peer) is not None:
            with contextlib.suppress(OSError):  # the worker closed the connection, or is stopped and its buffer is full
                peer.send(b'{"cancel": true}\n')

    def when_ended(self, seconds: float, then: Callable[[], None]) -> None:
        """Call ``then`` when all messages have arrived: when the call has ended, or after ``seconds``."""
        self._end(self, seconds, then)

    def close(self) -> None:
        """Stop receiving messages."""
        self._end(self, 0.0, _nothing)


class Peer:
    """A process that has connected.

    Attributes:
        connection: the call it belongs to; ``None`` until it has sent a valid token.
        since: when it connected, in monotonic seconds.
    """

    def __init__(self, socket: socket.socket) -> None:
        self.socket = socket
        self.connection: WorkerConnection | None = None
        self.since = time.monotonic()
        self._rest = b""

    def receive(self) -> list[Message] | None:
        """The messages that have arrived; ``None`` if it closed the connection or sent something malformed."""
        try:
            data = self.socket.recv(65_536)
        except BlockingIOError:
            return []
        except OSError:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        if not data or len(self._rest) > MESSAGE_BYTES:
            return None
        try:
            messages = [json.loads(line) for line in lines]
        except (ValueError, RecursionError):
            return None
        return messages if all(isinstance(message, dict) for message in messages) else None


def _nothing() -> None:
    """Nothing is to be done."""
