"""Clocks that are passed in, so that tests and lessons can control time."""

from __future__ import annotations

import threading
import time
from typing import Final, Protocol


class Clock(Protocol):
    """The clock of the monitor and of the simulated provider."""

    def now(self) -> float:
        """Epoch seconds, for display."""

    def monotonic(self) -> float:
        """Monotonic seconds, for scheduling."""

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """Wait on a held ``condition`` until it is notified, or for ``seconds`` of this clock."""


class SystemClock:
    """The system clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        condition.wait(seconds)


SYSTEM_CLOCK: Final = SystemClock()
