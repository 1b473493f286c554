"""How late this machine is at the moment: a promise in seconds cannot be kept on one that is busy with other things."""

from __future__ import annotations

import threading
import time
from collections import deque
from types import TracebackType
from typing import Final

_PERIOD_SECONDS: Final = 0.02
_WINDOW_SECONDS: Final = 4.0
#: Threads and processes that follow each other from a change of a job to the last place that shows it.
_HOPS: Final = 6


class Watchdog:
    """A thread that sleeps and notes by how much it woke too late, as every other thread of this process does."""

    def __init__(self) -> None:
        self._late: deque[tuple[float, float]] = deque(maxlen=int(_WINDOW_SECONDS / _PERIOD_SECONDS))
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> Watchdog:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def lag(self) -> float:
        """The seconds by which the machine alone may have delayed something in the last few seconds. Any thread."""
        now = time.monotonic()
        with self._lock:  # a deque cannot be copied while it grows
            latest = tuple(self._late)
        return _HOPS * max((late for at, late in latest if now - at < _WINDOW_SECONDS), default=0.0)

    def _watch(self) -> None:
        due = time.monotonic() + _PERIOD_SECONDS
        while not self._end.wait(max(0.0, due - time.monotonic())):
            now = time.monotonic()
            with self._lock:
                self._late.append((now, now - due))
            due = now + _PERIOD_SECONDS
