"""What wakes a thread that waits for pipes."""

from __future__ import annotations

import multiprocessing
import threading


class Bell:
    """Any thread rings; who waits sees that until it is ``clear``ed.

    Attributes:
        pipe: to be waited for with ``multiprocessing.connection.wait``.
    """

    def __init__(self) -> None:
        self.pipe, self._writer = multiprocessing.Pipe(duplex=False)
        self._is_rung = False
        self._lock = threading.RLock()  # a finaliser may ring while its thread does

    def ring(self) -> None:
        """Wake the thread, now or when it waits next."""
        with self._lock:
            if not self._is_rung:
                self._is_rung = True
                self._writer.send_bytes(b"!")

    def clear(self) -> bool:
        """Ring no more; whether it rang."""
        with self._lock:
            rang, self._is_rung = self._is_rung, False
            if rang:
                self.pipe.recv_bytes()
        return rang

    def close(self) -> None:
        """Let go of the pipe."""
        self.pipe.close()
        self._writer.close()
