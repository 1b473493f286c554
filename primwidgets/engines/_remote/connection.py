"""The connection to the worker of one call, and its socket; the ``server`` has them all."""

from __future__ import annotations

import contextlib
import json
import math
import os
import socket
import time
from collections.abc import Callable

from primwidgets.engines._remote.channel import MESSAGE_BYTES, Address, Message, SocketChannel

#: Has a callable called when a connection has ended, or after so many seconds.
End = Callable[["WorkerConnection", float, Callable[[], None]], None]


class WorkerConnection:
    """The kernel's end of the connection to one call. All methods may be called on any thread.

    Attributes:
        channel: the worker's end, which travels with the call.
        connected: whether a worker has called.
        ended: whether it said that the call has ended, or hung up.
        said_end: whether it said so.
        pid: the number of its process.
    """

    def __init__(
        self, end: End, token: str, address: Address, claim: str | None, hear: Callable[[Message], None]
    ) -> None:
        self.channel = SocketChannel(address, token, claim)
        self.connected = False
        self.ended = False
        self.said_end = False
        self.pid: int | None = None
        self.hear = hear
        self.token = token
        self.peer: socket.socket | None = None
        self.deadline = math.inf
        self.then: list[Callable[[], None]] = []
        self._cancels = False
        self._claim = claim
        self._end = end

    def withhold(self) -> bool:
        """Have the call never begin, if it has not; whether that is sure, given a worker that sees the same files."""
        if self._claim is None:
            return False
        try:
            os.mkdir(self._claim)
        except OSError:
            return False
        return True

    def forget_claim(self) -> None:
        """Let go of what tells who was first."""
        if self._claim is not None:
            for remove in (os.unlink, os.rmdir):
                with contextlib.suppress(OSError):  # there is one of the two, or none
                    remove(self._claim)

    def cancel(self) -> None:
        """Ask the call to stop: now, or as soon as it calls."""
        self._cancels = True
        self.tell()

    def tell(self) -> None:
        """Send what the worker has to know, if it is there."""
        if self._cancels and (peer := self.peer) is not None:
            with contextlib.suppress(OSError):  # it hangs up, or a stopped worker's buffer is full
                peer.send(b'{"cancel": true}\n')

    def when_ended(self, seconds: float, then: Callable[[], None]) -> None:
        """Have ``then`` called when all was heard: when the call has ended, or after so many ``seconds``."""
        self._end(self, seconds, then)

    def close(self) -> None:
        """Hear nothing more."""
        self._end(self, 0.0, _nothing)


class Peer:
    """Who has connected.

    Attributes:
        connection: the call that it is; ``None`` until it has said so.
        since: when it connected, in monotonic seconds.
    """

    def __init__(self, socket: socket.socket) -> None:
        self.socket = socket
        self.connection: WorkerConnection | None = None
        self.since = time.monotonic()
        self._rest = b""

    def receive(self) -> list[Message] | None:
        """What it says; ``None`` if it hung up or talks nonsense."""
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
