"""The card by keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.card import FAKE, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import NotebookPage

#: More stops than the applications have before the first output.
MOST_STOPS = 80


def tab_to(notebook: NotebookPage, target: Locator) -> None:
    """Press Tab until ``target`` has the focus."""
    for _ in range(MOST_STOPS):
        notebook.page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("the Tab key does not lead there")


def test_tab_enter_and_letters_reach_the_card_and_not_the_notebook(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FAKE + "fake.ignore_cancel()\njob", ""])
    keyboard, card = notebook.page.keyboard, Card(notebook.output(0))
    notebook.run(0)

    tab_to(notebook, card.button("Cancel"))
    keyboard.press("Enter")
    expect(card.button("Cancel requested…")).to_be_focused()
    # In a notebook's command mode these cut, add and delete cells.
    for key in ("x", "b", "d", "d"):
        keyboard.press(key)
    expect(notebook.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(2)

    tab_to(notebook, card.details)
    keyboard.press("Space")
    expect(card.details).to_have_attribute("aria-expanded", "true")
    expect(card.element).to_contain_text("Timeline")
    keyboard.press("Enter")
    expect(card.details).to_have_attribute("aria-expanded", "false")
    assert notebook.complaints == []


def test_the_focus_stays_on_the_card_when_the_job_ends_and_its_output_is_drawn_anew(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([FAKE + "job"])
    card = Card(notebook.output(0))
    notebook.run(0)

    card.button("Cancel").focus()
    notebook.page.keyboard.press("Enter")
    card.expect_state("Cancelled")
    notebook.wait_for_stored(0, "Cancelled")

    expect(card.details).to_be_focused()
    assert notebook.complaints == []


def test_an_open_fold_stays_open_when_the_job_ends(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FAKE + "job"])
    card = Card(notebook.output(0))
    notebook.run(0)

    card.details.click()
    notebook.ask("fake.finish()")
    notebook.wait_for_stored(0, "Done")

    card.expect_state("Done")
    expect(card.details).to_have_attribute("aria-expanded", "true")
    expect(card.details).to_be_focused()
