"""The server that the workers of executors on this machine connect to; ``channel`` is their end.

The kernel listens on one socket, with one thread for all calls, and lets go of both when there are none. Nothing that
arrives is ever unpickled, and a peer that says half a message keeps nobody waiting.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import secrets
import selectors
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from contextvars import Context
from functools import partial
from pathlib import Path
from typing import Final

from primwidgets._runtime import instances, once_per_process
from primwidgets._threads import start_daemon
from primwidgets.engines._remote.channel import Address, Message
from primwidgets.engines._remote.connection import Peer, WorkerConnection

_LOG: Final = logging.getLogger(__name__)
#: How soon who connects has to say the token of a call, and how many may be about to.
_HELLO_SECONDS: Final = 5.0
_STRANGERS: Final = 64
#: How long socket and thread stay without calls, since making them costs more than a short call.
_LINGER_SECONDS: Final = 5.0
#: The name of the directory of the socket in the temporary directory begins like this; the name of the socket in it.
_PREFIX: Final = "primwidgets-"
_SOCKET: Final = "line"


class WorkerServer:
    """The socket on which the kernel listens, and the thread that hears."""

    def __init__(self) -> None:
        self._begin()
        _servers.add(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._connections: dict[str, WorkerConnection] = {}
        self._ending: list[WorkerConnection] = []
        self._peers: dict[socket.socket, Peer] = {}
        self._socket: socket.socket | None = None
        self._address: Address = ""
        self._directory: str | None = None
        self._bell: socket.socket | None = None
        self._rung: socket.socket | None = None

    def open_connection(self, hear: Callable[[Message], None]) -> WorkerConnection:
        """A connection for one call; ``hear`` is called with each message, and an empty one when the worker hangs up.

        That happens on the server's thread, so it must not block.
        """
        token = secrets.token_hex(16)
        with self._lock:
            if self._socket is None:
                self._open()
            claim = None if self._directory is None else os.path.join(self._directory, token)
            connection = self._connections[token] = WorkerConnection(self.end, token, self._address, claim, hear)
        return connection

    def end(self, connection: WorkerConnection, seconds: float, then: Callable[[], None]) -> None:
        with self._lock:
            known = connection.token in self._connections
            if known:
                connection.then.append(then)
                connection.deadline = min(connection.deadline, time.monotonic() + seconds)
                self._ending.append(connection)
                self._ring()
        if not known:  # it was closed
            then()

    def _ring(self) -> None:
        """Have the thread look again. The lock is held."""
        if self._bell is not None:
            with contextlib.suppress(OSError):  # it is ringing already
                self._bell.send(b"!")

    def forget(self) -> None:
        """In a forked child: leave to the parent what is the parent's."""
        for held in [*self._peers, self._bell, self._rung, self._socket]:
            if held is not None:
                held.close()
        self._begin()

    def remove_directory(self) -> None:
        """At the exit: remove what outlives a process."""
        _remove(self._directory)

    def _open(self) -> None:
        self._bell, self._rung = socket.socketpair()
        self._bell.setblocking(False)
        self._rung.setblocking(False)
        self._socket, self._address, self._directory = _listen()
        start_daemon("server", self._serve, Context())

    def _serve(self) -> None:
        listener, rung = self._socket, self._rung
        assert listener is not None
        assert rung is not None
        quiet_since = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(rung, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select(self._patience()):
                    if key.fileobj is listener:
                        self._accept(listener, selector)
                    elif key.fileobj is rung:
                        with contextlib.suppress(OSError):
                            rung.recv(4096)
                    else:
                        self._receive(self._peers[key.fileobj], selector)  # type: ignore[index]  # sockets alone
                self._end_lines(selector)
                self._drop_strangers(selector)
                with self._lock:
                    if self._connections:
                        quiet_since = time.monotonic()
                    elif time.monotonic() - quiet_since >= _LINGER_SECONDS:
                        self._close(selector)
                        return

    def _patience(self) -> float:
        """Seconds for which nothing is due but what arrives."""
        with self._lock:
            soonest = min((connection.deadline for connection in self._ending), default=math.inf)
        return min(_LINGER_SECONDS, max(0.0, soonest - time.monotonic()))

    def _accept(self, listener: socket.socket, selector: selectors.BaseSelector) -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            if sum(peer.connection is None for peer in self._peers.values()) >= _STRANGERS:
                connection.close()
                return
            connection.setblocking(False)
            self._peers[connection] = Peer(connection)
            selector.register(connection, selectors.EVENT_READ)

    def _receive(self, peer: Peer, selector: selectors.BaseSelector) -> None:
        messages = peer.receive()
        for message in messages or ():
            if peer.connection is not None:
                _hear(peer.connection, message)
            elif not self._introduce(peer, message):
                messages = None
                break
        if messages is None:
            self._hang_up(peer, selector)

    def _introduce(self, peer: Peer, message: Message) -> bool:
        """Take the first message; whether it is the token of a call."""
        with self._lock:
            connection = self._connections.get(str(message.get("token")))
        if connection is not None:
            peer.connection, connection.peer, connection.connected = connection, peer.socket, True
            connection.ended = False  # an executor that tries again
            connection.pid = pid if isinstance(pid := message.get("pid"), int) else None
            connection.tell()
        return connection is not None

    def _hang_up(self, peer: Peer, selector: selectors.BaseSelector) -> None:
        if self._peers.pop(peer.socket, None) is None:
            return
        selector.unregister(peer.socket)
        peer.socket.close()
        connection = peer.connection
        if connection is not None and connection.peer is peer.socket:
            connection.peer, connection.ended = None, True
            _hear(connection, {})

    def _end_lines(self, selector: selectors.BaseSelector) -> None:
        now = time.monotonic()
        with self._lock:
            over = {connection for connection in self._ending if connection.ended or now >= connection.deadline}
            self._ending = [connection for connection in self._ending if connection not in over]
            for connection in over:
                del self._connections[connection.token]
        for connection in over:
            if connection.peer is not None:
                self._hang_up(self._peers[connection.peer], selector)
            connection.forget_claim()
            for task in connection.then:
                _guarded(task)

    def _drop_strangers(self, selector: selectors.BaseSelector) -> None:
        late = time.monotonic() - _HELLO_SECONDS
        for peer in [peer for peer in self._peers.values() if peer.connection is None and peer.since < late]:
            self._hang_up(peer, selector)

    def _close(self, selector: selectors.BaseSelector) -> None:
        for peer in list(self._peers.values()):
            self._hang_up(peer, selector)
        for held in (self._bell, self._rung, self._socket):
            if held is not None:
                held.close()
        self._bell = self._rung = self._socket = None
        _remove(self._directory)


def _listen() -> tuple[socket.socket, Address, str | None]:
    if hasattr(socket, "AF_UNIX"):
        _remove_stale()
        directory = tempfile.mkdtemp(prefix=_PREFIX)  # nobody else may enter it
        path = os.path.join(directory, _SOCKET)
        unix = socket.socket(socket.AF_UNIX)
        try:
            unix.bind(f"{path}~")
        except OSError:  # such paths have to be short
            unix.close()
            _remove(directory)
        else:
            listener = _ready(unix)
            os.rename(f"{path}~", path)  # only now: by this name, one to which nobody listens is stale
            return listener, path, directory
    loopback = socket.socket(socket.AF_INET)
    loopback.bind(("127.0.0.1", 0))
    return _ready(loopback), loopback.getsockname(), None


def _ready(listener: socket.socket) -> socket.socket:
    listener.setblocking(False)
    listener.listen(128)
    return listener


def _remove(directory: str | None) -> None:
    if directory is not None:
        shutil.rmtree(directory, ignore_errors=True)


def _remove_stale() -> None:
    """Remove the directories of processes of this user that were killed, so that they could not do it."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_SOCKET}"):
        with contextlib.suppress(OSError):
            if path.stat().st_uid == os.getuid() and _nobody_listens(path):
                _remove(str(path.parent))


def _nobody_listens(path: Path) -> bool:
    """Whether the process is gone that made a socket, be it on this or, in a container, on another process table."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.setblocking(False)
        try:
            caller.connect(str(path))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False


def _hear(connection: WorkerConnection, message: Message) -> None:
    if message.get("ended") is True:
        connection.said_end = connection.ended = True
    _guarded(partial(connection.hear, message))


def _guarded(task: Callable[[], None]) -> None:
    try:
        task()
    except Exception:  # noqa: BLE001  (one call's defect must not make the others mute)
        _LOG.exception("A message of a worker could not be taken")


_server: Final = once_per_process(WorkerServer)
_servers: Final = instances(in_child=WorkerServer.forget, at_exit=WorkerServer.remove_directory)


def open_connection(hear: Callable[[Message], None]) -> WorkerConnection:
    """A connection of this process; see ``WorkerServer.open_connection``."""
    return _server().open_connection(hear)
