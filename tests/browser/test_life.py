"""Cards come back after a reload, and leave nothing behind when they go."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.card import FAKE, IMPORTS, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import NotebookPage

CARD = ".primwidgets-JobCard"
COUNT = 20
JOBS = f"""{IMPORTS}
fakes = [FakeJob(str(number)) for number in range({COUNT})]
jobs = [WidgetJob(fake) for fake in fakes]
"""


def expect_no_leak(notebook: NotebookPage, show: Callable[[], None], remove: Callable[[], object]) -> None:
    """Show and remove the cards: no element is held, and no listener of theirs is left on the page."""
    cards = notebook.page.locator(CARD)
    listeners = notebook.page_listeners()
    show()
    expect(cards).to_have_count(COUNT)
    remove()
    expect(cards).to_have_count(0)

    assert notebook.leaked_elements("[class*=primwidgets]") == 0
    assert notebook.page_listeners() - listeners < COUNT  # the application adds a few of its own
    assert notebook.complaints == []


@pytest.mark.own_page
def test_nothing_of_a_view_stays_when_the_outputs_are_cleared(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["display(*jobs)"])
    notebook.ask(JOBS)

    expect_no_leak(notebook, lambda: notebook.run(0), notebook.clear_outputs)


@pytest.mark.own_page
def test_closing_takes_all_of_a_card_away_also_of_one_that_was_drawn_anew(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{JOBS}display(*jobs)"])

    def show_and_finish() -> None:
        notebook.run(0)
        expect(notebook.page.locator(CARD)).to_have_count(COUNT)
        notebook.ask("for fake in fakes[::2]: fake.finish()")
        expect(notebook.page.locator(f"{CARD}[data-state=DONE]")).to_have_count(COUNT // 2)
        notebook.wait_for_stored(0, "Done")

    expect_no_leak(notebook, show_and_finish, lambda: notebook.ask("for job in jobs: job.close()"))


@pytest.mark.own_page
def test_after_a_reload_the_card_is_back_and_cancels(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{FAKE}job"])
    notebook.run(0)
    Card(notebook.output(0)).expect_state("Running")
    notebook.save()

    notebook.reload()
    card = Card(notebook.output(0))
    card.expect_state("Running")
    notebook.ask("fake.move_to(JobState.RUNNING, progress=0.5)")
    expect(card.progress).to_have_attribute("aria-valuenow", "50")
    card.press("Cancel")

    card.expect_state("Cancelled")
    assert notebook.ask("print(job.state, fake.cancels)") == "CANCELLED 1"
    assert notebook.complaints == []
