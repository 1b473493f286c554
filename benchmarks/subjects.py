"""What is measured, on the kernel's side: a job and stock widgets that note when things happen to them."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from ipywidgets import Button, IntProgress

from primwidgets import WidgetJob
from primwidgets.snapshot import JobState
from primwidgets.testing import FakeJob


class ReluctantJob(FakeJob):
    """Notes when it is asked to cancel, and refuses, so that it can be asked again."""

    def __init__(self) -> None:
        super().__init__("measured")
        self.asked_at: list[float] = []
        self.move_to(JobState.RUNNING)

    def cancel(self) -> Any:
        """Refuse."""
        self.asked_at.append(time.time())
        raise RuntimeError("It is still being measured.")


class Buttons:
    """A card and a stock button, for clicks."""

    def __init__(self) -> None:
        self._job = ReluctantJob()
        self._pressed_at: list[float] = []
        self.card: WidgetJob[Any, Any] = WidgetJob(self._job)
        self.stock = Button(description="Stock")
        self.stock.on_click(lambda _: self._pressed_at.append(time.time()))

    def report(self) -> None:
        """Print, as JSON, when the provider's ``cancel()`` and the stock handler were called since the last report."""
        print(json.dumps({"ours": self._job.asked_at, "peer": self._pressed_at}))
        self._job.asked_at.clear()
        self._pressed_at.clear()


class Bars:
    """A card and a stock progress bar, which change in turn, in a thread. Their values only grow, from 0 to 100."""

    def __init__(self) -> None:
        self._job = ReluctantJob()
        self._value = 0
        self._changed_at: dict[str, list[tuple[int, float]]] = {"ours": [], "peer": []}
        self.card: WidgetJob[Any, Any] = WidgetJob(self._job)
        self.stock = IntProgress()

    def play(self, steps: int, gap: float) -> None:
        """Have both take ``steps`` more values, one each ``gap`` seconds; returns at once."""
        threading.Thread(target=self._play, args=(steps, gap), daemon=True).start()

    def report(self) -> None:
        """Print, as JSON, the values and when they were set since the last report."""
        print(json.dumps(self._changed_at))
        for changes in self._changed_at.values():
            changes.clear()

    def _play(self, steps: int, gap: float) -> None:
        for _ in range(steps):
            self._value += 1
            time.sleep(gap / 2)
            self._note("ours")
            self._job.move_to(JobState.RUNNING, progress=(self._value + 0.5) / 100)  # the card rounds down
            time.sleep(gap / 2)
            self._note("peer")
            self.stock.value = self._value

    def _note(self, which: str) -> None:
        self._changed_at[which].append((self._value, time.time()))
