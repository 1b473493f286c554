"""Time as something that is handed in, so that tests and lessons can turn it by hand."""

from __future__ import annotations

import threading
import time
from typing import Final, Protocol


class Clock(Protocol):
    """Where the monitor and the simulated provider get the time from."""

    def now(self) -> float:
        """Epoch seconds, for what people read."""

    def monotonic(self) -> float:
        """Seconds that never run backwards, for what is scheduled."""

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """Wait on a held ``condition`` until it is notified or ``seconds`` of this clock have passed."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        condition.wait(seconds)


SYSTEM_CLOCK: Final = SystemClock()
