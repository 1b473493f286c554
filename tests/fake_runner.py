"""A runner of the monitor's work that does nothing by itself, so that a test decides what happens when."""

from __future__ import annotations

from collections import deque
from typing import Final

from primwidgets._threads import Action, Pump, Work
from primwidgets.testing import ManualClock

#: Steps of the clock at least, in seconds, so that rounding cannot make it stand still just before a due time.
_TICK: Final = 1e-6
#: The work that may hang, since a provider is in it.
CALLS: Final = (Work.COMMAND, Work.READ, Work.PICTURE)


class FakeRunner:
    """A ``Runner`` on the test's own thread and a clock turned by hand.

    Args:
        clock: the monitor's clock.

    Attributes:
        running: whether the pump is to be called again.
        hanging: tasks that were begun and do not come back.
    """

    def __init__(self, clock: ManualClock) -> None:
        self.running = False
        self.hanging: list[Action] = []
        self._clock = clock
        self._pump: Pump = lambda: None
        self._pump_at = 0.0
        self._tasks: deque[tuple[Action, Work]] = deque()
        self._to_hang = 0

    def start(self, pump: Pump) -> None:
        self._pump = pump
        self.running = True
        self.wake()

    def wake(self) -> None:
        self._pump_at = self._clock.monotonic()

    def submit(self, task: Action, work: Work = Work.OWN) -> None:
        self._tasks.append((task, work))

    def hang_next(self, count: int = 1) -> None:
        """Have the next ``count`` calls of providers not come back before ``let_return``."""
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
            else:
                self._begin(*self._tasks.popleft())

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass, with everything that becomes due at its time."""
        until = self._clock.monotonic() + seconds
        self.run_due()
        while self.running and self._pump_at <= until:
            self._clock.advance(max(_TICK, self._pump_at - self._clock.monotonic()))
            self.run_due()
        self._clock.advance(max(0.0, until - self._clock.monotonic()))

    def _begin(self, task: Action, work: Work) -> None:
        if self._to_hang and work in CALLS:
            self._to_hang -= 1
            self.hanging.append(task)
        else:
            task()

    def _turn(self) -> None:
        delay = self._pump()
        self.running = delay is not None
        self._pump_at = self._clock.monotonic() + (delay or 0.0)
