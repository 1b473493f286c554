"""A runner of the monitor's work that does nothing by itself, so that a test decides what happens when."""

from __future__ import annotations

from collections import deque
from typing import Final

from primwidgets.testing import ManualClock
from primwidgets.workers import Pump, Task

#: Steps of the clock at least, in seconds, so that rounding cannot make it stand still just before a due time.
_TICK: Final = 1e-6


class FakeRunner:
    """A ``Runner`` on the test's own thread and a clock turned by hand.

    Args:
        clock: the monitor's clock.

    Attributes:
        running: whether the pump is to be called again.
        hanging: tasks that were begun and do not come back.
        hung: workers that were made up for and did not come back.
    """

    def __init__(self, clock: ManualClock) -> None:
        self.running = False
        self.hanging: list[Task] = []
        self.hung = 0
        self._clock = clock
        self._pump: Pump = lambda: None
        self._pump_at = 0.0
        self._tasks: deque[Task] = deque()
        self._to_hang = 0

    def start(self, pump: Pump) -> None:
        self._pump = pump
        self.running = True
        self.wake()

    def wake(self) -> None:
        self._pump_at = self._clock.monotonic()

    def submit(self, task: Task) -> None:
        self._tasks.append(task)

    def replace_worker(self) -> None:
        self.hung += 1

    def worker_returned(self) -> None:
        self.hung -= 1

    def hang_next(self, count: int = 1) -> None:
        """Have the next ``count`` tasks not come back before ``let_return``."""
        self._to_hang += count

    def let_return(self) -> None:
        """Have all tasks that hang come back."""
        while self.hanging:
            self.hanging.pop(0)()
        self.run_due()

    def pump(self) -> int:
        """Only start what is due now; the number of tasks that wait for a worker."""
        self._turn()
        return len(self._tasks)

    def run_due(self) -> None:
        """Do everything that is due now."""
        while self._tasks or (self.running and self._pump_at <= self._clock.monotonic()):
            if not self._tasks:
                self._turn()
            elif self._to_hang:
                self._to_hang -= 1
                self.hanging.append(self._tasks.popleft())
            else:
                self._tasks.popleft()()

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass, with everything that becomes due at its time."""
        until = self._clock.monotonic() + seconds
        self.run_due()
        while self.running and self._pump_at <= until:
            self._clock.advance(max(_TICK, self._pump_at - self._clock.monotonic()))
            self.run_due()
        self._clock.advance(max(0.0, until - self._clock.monotonic()))

    def _turn(self) -> None:
        delay = self._pump()
        self.running = delay is not None
        self._pump_at = self._clock.monotonic() + (delay or 0.0)
