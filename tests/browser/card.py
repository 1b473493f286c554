"""One card as its reader sees it and uses it."""

from __future__ import annotations

import re
import time
from typing import Final

from playwright.sync_api import Locator, expect

#: Milliseconds: a job that has to run first, on a busy machine of two cores.
PATIENCE: Final = 60_000

#: For the first cell of a notebook. A place in the queue takes about a third of a second.
IMPORTS: Final = """
from IPython.display import display
from primwidgets import WidgetJob
from primwidgets.simulated import SimulatedProvider
from primwidgets.testing import FakeJob
from primwidgets.snapshot import JobState
run = SimulatedProvider(seed=1, seconds_per_place=0.3).run
"""

#: A job that runs until the test says otherwise through ``fake``.
FAKE: Final = f"{IMPORTS}fake = FakeJob()\nfake.move_to(JobState.RUNNING)\njob = WidgetJob(fake, name='Fake')\n"


class Card:
    """A card on the page. What it says is waited for.

    Args:
        place: the output, or any other element, in which the card is.
        index: which of the cards there, counted from 0.
    """

    def __init__(self, place: Locator, index: int = 0) -> None:
        self.element = place.locator(".primwidgets-JobCard").nth(index)
        self.progress = self.element.get_by_role("progressbar")
        self.details = self.button("Details")
        self.picture = self.element.locator("table svg")

    def button(self, name: str) -> Locator:
        """The button with that name, whether it can be pressed or not."""
        return self.element.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        """Click the button with that name once it can be pressed."""
        self.button(name).click()

    def expect_state(self, word: str) -> None:
        """Wait until the card says that the job is in this state."""
        expect(self.element.locator(".primwidgets-JobCard-state")).to_have_text(word, timeout=PATIENCE)

    def seconds_until(self, word: str) -> float:
        """Wait until the card says that the job is in this state; how long that took."""
        began = time.monotonic()
        self.expect_state(word)
        return time.monotonic() - began

    def expect_text(self, text: str) -> None:
        """Wait until the card contains ``text``."""
        expect(self.element).to_contain_text(text, timeout=PATIENCE)

    def expect_progress_to_grow(self) -> None:
        """Wait until the progress bar has a higher value than now."""
        expect(self.progress).to_have_attribute("aria-valuenow", re.compile(r"\d"), timeout=PATIENCE)
        before = self.percentage()
        expect(self.progress).not_to_have_attribute("aria-valuenow", str(before), timeout=PATIENCE)
        assert self.percentage() > before

    def percentage(self) -> int:
        """What the progress bar tells a screen reader now."""
        return int(self.progress.get_attribute("aria-valuenow") or -1)

    def size(self) -> tuple[float, float]:
        """Width and height in CSS pixels."""
        box = self.element.bounding_box()
        assert box is not None, "the card is not on the page"
        return box["width"], box["height"]
