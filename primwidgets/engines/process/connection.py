"""The kernel's end of the pipe to a worker process. Nothing here blocks the thread of the pool."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections import deque
from contextvars import Context
from multiprocessing.connection import Connection
from typing import Final

from primwidgets._threads import start_daemon
from primwidgets.engines.process.frames import WORKER_BYTES, Frame, FrameReader, packed, read_some, write_some

#: Seconds after which a blocked sender checks again whether the connection was closed.
_LOOK_SECONDS: Final = 1.0


class WorkerConnection:
    """The kernel's end. ``send`` and ``close`` may be called on any thread, ``receive`` on one at a time.

    Args:
        pipe: this end of a duplex pipe.

    Attributes:
        pipe: to be passed to ``multiprocessing.connection.wait``.
    """

    def __init__(self, pipe: Connection) -> None:
        if os.name != "nt":
            os.set_blocking(pipe.fileno(), False)
        self.pipe = pipe
        self._reader = FrameReader(WORKER_BYTES)
        self._unsent: deque[memoryview] = deque()
        self._is_sending = False
        self._is_closed = False
        self._lock = threading.Lock()

    def receive(self) -> list[Frame]:
        """The frames that have arrived completely; empty if there are none.

        Raises:
            EOFError: the worker's end was closed.
            OSError: the pipe is broken.
            BrokenFrame: the data is not a frame.
        """
        if os.name == "nt" and not self.pipe.poll():
            return []
        try:
            data = read_some(self.pipe)
        except BlockingIOError:
            return []
        return self._reader.feed(data)

    def send(self, kind: bytes, payload: bytes = b"") -> None:
        """Send a frame, in the order of the calls. A thread sends what the worker does not take at once.

        The end of a worker is detected by its sentinel, not here.
        """
        with self._lock:
            self._unsent.append(memoryview(packed(kind, payload)))
            if self._is_sending or (os.name != "nt" and self._flushed()):
                return
            self._is_sending = True
        start_daemon("sender", self._send_rest, Context())

    def close(self) -> None:
        """Close this end."""
        with self._lock:
            self._is_closed = True
            if not self._is_sending:
                self.pipe.close()

    def _flushed(self) -> bool:
        """Send as much as the worker takes; whether everything was sent. The lock is held."""
        while self._unsent:
            data = self._unsent[0]
            try:
                sent = write_some(self.pipe, data)
            except BlockingIOError:
                return False
            except OSError:  # the worker has ended
                self._unsent.clear()
                return True
            if sent == len(data):
                self._unsent.popleft()
            else:
                self._unsent[0] = data[sent:]
        return True

    def _send_rest(self) -> None:
        while True:
            with self._lock:
                if self._is_closed or self._flushed():
                    self._is_sending = False
                    if self._is_closed:
                        self.pipe.close()
                    return
            with contextlib.suppress(OSError, AttributeError):
                poll = select.poll()
                poll.register(self.pipe.fileno(), select.POLLOUT)
                poll.poll(_LOOK_SECONDS * 1000)
