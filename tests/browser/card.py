"""One card as its reader sees it and uses it."""

from __future__ import annotations

import re
from typing import Final

from playwright.sync_api import Locator, expect

#: For the first cell of a notebook. A place in the queue takes about a third of a second.
IMPORTS: Final = """
from IPython.display import display
from primwidgets import WidgetJob
from primwidgets.simulated import SimulatedProvider
from primwidgets.testing import FakeJob
from primwidgets.snapshot import JobState
run = SimulatedProvider(seed=1, seconds_per_place=0.3).run
"""

#: Makes a job that outlasts every test and has progress several times in a second.
RUN_LONG: Final = "run(queue=0, seconds=3600, circuits=36_000)"

#: A job that runs until the test says otherwise through ``fake``.
FAKE: Final = f"{IMPORTS}fake = FakeJob()\nfake.move_to(JobState.RUNNING)\njob = WidgetJob(fake, name='Fake')\n"


_CIRCUITS: Final = re.compile(r"(\d+) of \d+ circuits")


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
        expect(self.element.locator(".primwidgets-JobCard-state")).to_have_text(word)

    def expect_text(self, text: str) -> None:
        """Wait until the card contains ``text``."""
        expect(self.element).to_contain_text(text)

    def expect_progress_to_grow(self) -> None:
        """Wait until the progress bar tells of more circuits than now: the job is one of the simulated provider."""
        expect(self.progress).to_have_attribute("aria-valuetext", _CIRCUITS)
        before = self.progress.get_attribute("aria-valuetext") or ""
        expect(self.progress).not_to_have_attribute("aria-valuetext", before)
        assert _circuits(self.progress.get_attribute("aria-valuetext")) > _circuits(before)

    def size(self) -> tuple[float, float]:
        """Width and height in CSS pixels."""
        box = self.element.bounding_box()
        assert box is not None, "the card is not on the page"
        return box["width"], box["height"]


def _circuits(text: str | None) -> int:
    """How many circuits are done, as the progress bar tells a screen reader."""
    found = _CIRCUITS.search(text or "")
    assert found is not None, f"no progress: {text}"
    return int(found[1])
