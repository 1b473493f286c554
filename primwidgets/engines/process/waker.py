"""Wakes a thread that waits for pipes (the self-pipe technique)."""

from __future__ import annotations

import multiprocessing
import threading


class Waker:
    """``wake`` may be called on any thread; the pipe stays readable until ``clear``.

    Attributes:
        pipe: to be passed to ``multiprocessing.connection.wait``.
    """

    def __init__(self) -> None:
        self.pipe, self._writer = multiprocessing.Pipe(duplex=False)
        self._is_set = False
        self._lock = threading.RLock()  # a finaliser may call ``wake`` while its thread does

    def wake(self) -> None:
        """Wake the thread, now or at its next wait."""
        with self._lock:
            if not self._is_set:
                self._is_set = True
                self._writer.send_bytes(b"!")

    def clear(self) -> bool:
        """Reset; whether it was set."""
        with self._lock:
            rang, self._is_set = self._is_set, False
            if rang:
                self.pipe.recv_bytes()
        return rang

    def close(self) -> None:
        """Close both ends."""
        self.pipe.close()
        self._writer.close()
