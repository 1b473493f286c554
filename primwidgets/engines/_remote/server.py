"""The server that the workers of executors connect to; ``channel`` is their end.

The kernel listens on one socket with one thread for all calls, and closes both when there are no calls. Nothing that
arrives is unpickled, and a peer that sends half a message does not delay others.
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
#: Handshake timeout in seconds; maximum number of unauthenticated connections.
_HANDSHAKE_SECONDS: Final = 5.0
_UNAUTHENTICATED_LIMIT: Final = 64
#: Seconds for which socket and thread are kept without calls, since creating them costs more than a short call.
_IDLE_SECONDS: Final = 5.0
#: Prefix of the socket's directory in the temporary directory; name of the socket in it.
_PREFIX: Final = "primwidgets-"
_SOCKET: Final = "line"


class WorkerServer:
    """The listening socket of the kernel and the thread that serves it."""

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
        self._waker: socket.socket | None = None
        self._wake_receiver: socket.socket | None = None

    def open_connection(self, on_message: Callable[[Message], None]) -> WorkerConnection:
        """Register a call; ``on_message`` gets each message, and an empty one when the worker disconnects.

        It is called on the server's thread and must not block.
        """
        token = secrets.token_hex(16)
        with self._lock:
            if self._socket is None:
                self._open()
            claim = None if self._directory is None else os.path.join(self._directory, token)
            connection = self._connections[token] = WorkerConnection(self.end, token, self._address, claim, on_message)
        return connection

    def end(self, connection: WorkerConnection, seconds: float, then: Callable[[], None]) -> None:
        with self._lock:
            known = connection.token in self._connections
            if known:
                connection.then.append(then)
                connection.deadline = min(connection.deadline, time.monotonic() + seconds)
                self._ending.append(connection)
                self._wake()
        if not known:  # already closed
            then()

    def _wake(self) -> None:
        """Wake the server's thread. The lock is held."""
        if self._waker is not None:
            with contextlib.suppress(OSError):  # it is awake already
                self._waker.send(b"!")

    def forget(self) -> None:
        """In a forked child: close the copies of the parent's sockets and start afresh."""
        for held in [*self._peers, self._waker, self._wake_receiver, self._socket]:
            if held is not None:
                held.close()
        self._begin()

    def remove_directory(self) -> None:
        """At exit: remove the socket's directory, which would outlive the process."""
        _remove(self._directory)

    def _open(self) -> None:
        self._waker, self._wake_receiver = socket.socketpair()
        self._waker.setblocking(False)
        self._wake_receiver.setblocking(False)
        self._socket, self._address, self._directory = _listen()
        start_daemon("server", self._serve, Context())

    def _serve(self) -> None:
        listener, rung = self._socket, self._wake_receiver
        assert listener is not None
        assert rung is not None
        quiet_since = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(rung, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select(self._timeout()):
                    if key.fileobj is listener:
                        self._accept(listener, selector)
                    elif key.fileobj is rung:
                        with contextlib.suppress(OSError):
                            rung.recv(4096)
                    else:
                        self._receive(self._peers[key.fileobj], selector)  # type: ignore[index]  # sockets alone
                self._end_connections(selector)
                self._drop_unauthenticated(selector)
                with self._lock:
                    if self._connections:
                        quiet_since = time.monotonic()
                    elif time.monotonic() - quiet_since >= _IDLE_SECONDS:
                        self._close(selector)
                        return

    def _timeout(self) -> float:
        """Seconds until the next deadline."""
        with self._lock:
            soonest = min((connection.deadline for connection in self._ending), default=math.inf)
        return min(_IDLE_SECONDS, max(0.0, soonest - time.monotonic()))

    def _accept(self, listener: socket.socket, selector: selectors.BaseSelector) -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            if sum(peer.connection is None for peer in self._peers.values()) >= _UNAUTHENTICATED_LIMIT:
                connection.close()
                return
            connection.setblocking(False)
            self._peers[connection] = Peer(connection)
            selector.register(connection, selectors.EVENT_READ)

    def _receive(self, peer: Peer, selector: selectors.BaseSelector) -> None:
        messages = peer.receive()
        for message in messages or ():
            if peer.connection is not None:
                _handle_message(peer.connection, message)
            elif not self._authenticate(peer, message):
                messages = None
                break
        if messages is None:
            self._hang_up(peer, selector)

    def _authenticate(self, peer: Peer, message: Message) -> bool:
        """Check the first message of a peer; whether it holds the token of a call."""
        with self._lock:
            connection = self._connections.get(str(message.get("token")))
        if connection is not None:
            peer.connection, connection.peer, connection.connected = connection, peer.socket, True
            connection.ended = False  # the executor retries the call
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
            _handle_message(connection, {})

    def _end_connections(self, selector: selectors.BaseSelector) -> None:
        now = time.monotonic()
        with self._lock:
            over = {connection for connection in self._ending if connection.ended or now >= connection.deadline}
            self._ending = [connection for connection in self._ending if connection not in over]
            for connection in over:
                del self._connections[connection.token]
        for connection in over:
            if connection.peer is not None:
                self._hang_up(self._peers[connection.peer], selector)
            connection.remove_claim()
            for task in connection.then:
                _guarded(task)

    def _drop_unauthenticated(self, selector: selectors.BaseSelector) -> None:
        late = time.monotonic() - _HANDSHAKE_SECONDS
        for peer in [peer for peer in self._peers.values() if peer.connection is None and peer.since < late]:
            self._hang_up(peer, selector)

    def _close(self, selector: selectors.BaseSelector) -> None:
        for peer in list(self._peers.values()):
            self._hang_up(peer, selector)
        for held in (self._waker, self._wake_receiver, self._socket):
            if held is not None:
                held.close()
        self._waker = self._wake_receiver = self._socket = None
        _remove(self._directory)


def _listen() -> tuple[socket.socket, Address, str | None]:
    if hasattr(socket, "AF_UNIX"):
        _remove_stale()
        directory = tempfile.mkdtemp(prefix=_PREFIX)  # only this user may enter it
        path = os.path.join(directory, _SOCKET)
        unix = socket.socket(socket.AF_UNIX)
        try:
            unix.bind(f"{path}~")
        except OSError:  # the path is too long for a socket
            unix.close()
            _remove(directory)
        else:
            listener = _ready(unix)
            os.rename(f"{path}~", path)  # only now: under this name, a socket without a listener is stale
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
    """Remove the directories that killed processes of this user have left."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_SOCKET}"):
        with contextlib.suppress(OSError):
            if path.stat().st_uid == os.getuid() and _nobody_listens(path):
                _remove(str(path.parent))


def _nobody_listens(path: Path) -> bool:
    """Whether the process that made a socket has ended; also right for processes of another container."""
    with socket.socket(socket.AF_UNIX) as caller:
        caller.setblocking(False)
        try:
            caller.connect(str(path))
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False


def _handle_message(connection: WorkerConnection, message: Message) -> None:
    if message.get("ended") is True:
        connection.said_end = connection.ended = True
    _guarded(partial(connection.on_message, message))


def _guarded(task: Callable[[], None]) -> None:
    try:
        task()
    except Exception:  # noqa: BLE001  (a defect of one call must not stop the messages of others)
        _LOG.exception("A message of a worker could not be handled")


_server: Final = once_per_process(WorkerServer)
_servers: Final = instances(in_child=WorkerServer.forget, at_exit=WorkerServer.remove_directory)


def open_connection(on_message: Callable[[Message], None]) -> WorkerConnection:
    """A connection of this process; see ``WorkerServer.open_connection``."""
    return _server().open_connection(on_message)
