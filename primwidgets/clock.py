"""Time as something that is handed in, so that tests and lessons can turn it by hand."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Where the monitor and the simulated provider get the time from."""

    def now(self) -> float:
        """Epoch seconds."""

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """Wait on a held ``condition`` until it is notified or ``seconds`` of this clock have passed."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Epoch seconds."""
        return time.time()

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """See ``Clock.wait``."""
        condition.wait(seconds)


SYSTEM_CLOCK = SystemClock()
