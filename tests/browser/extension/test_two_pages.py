"""One kernel in two pages: they say the same, and what is done in one is seen in the other."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.blocking import SLEEP
from tests.browser.card import FAKE, IMPORTS, RUN_LONG, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend, NotebookPage
from tests.browser.server import JupyterServer
from tests.browser.sidebar import Sidebar

ONLY_LAB = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
LONG = f"{IMPORTS}job = WidgetJob({RUN_LONG}, name='Long')\njob"


def test_two_pages_of_a_notebook_say_the_same_and_a_cancel_in_one_is_seen_in_both(
    open_notebook: OpenNotebook, second_page: Page
) -> None:
    first = open_notebook([f"{FAKE}fake.ignore_cancel()\njob"])
    first.run(0)
    Card(first.output(0)).expect_state("Running")
    first.save()
    second = first.open_again(second_page)
    cards = Card(first.output(0)), Card(second.output(0))

    for asking, progress in ((first, 25), (second, 75)):
        asking.ask(f"fake.move_to(JobState.RUNNING, progress={progress / 100}, message='At {progress}')")
        for card in cards:
            card.expect_text(f"At {progress}")
            expect(card.progress).to_have_attribute("aria-valuenow", str(progress))
    cards[1].press("Cancel")
    for card in cards:
        expect(card.button("Cancel requested…")).to_be_visible()
    second.ask("fake.move_to(JobState.CANCELLED)")
    for card in cards:
        card.expect_state("Cancelled")

    assert first.ask("print(fake.cancels)") == "1"
    for page in (first, second):
        page.wait_for_stored(0, "Cancelled")
        assert page.complaints == []


@pytest.mark.parametrize("cancels", ["first", "second"])
def test_a_cancel_in_either_page_is_seen_in_both_while_the_cell_goes_on(
    open_notebook: OpenNotebook, second_page: Page, cancels: str
) -> None:
    first = open_notebook([LONG, SLEEP])
    first.run(0)
    Card(first.output(0)).expect_progress_to_grow()
    first.save()
    second = first.open_again(second_page)
    cards = {"first": Card(first.output(0)), "second": Card(second.output(0))}
    first.start(1)
    cards["second"].expect_progress_to_grow()

    cards[cancels].press("Cancel")

    for card in cards.values():
        card.expect_state("Cancelled")
    assert first.is_running(1)
    for page in (first, second):
        expect(page.kernel_indicator()).to_have_attribute("data-status", "busy")
    first.interrupt_kernel()
    first.wait_until_idle(1)
    assert second.ask("print(job.state, job.cancel_state)") == "CANCELLED CONFIRMED"
    assert first.complaints + second.complaints == []


@ONLY_LAB
def test_a_page_cancels_a_job_whose_notebook_only_another_page_has_open(
    open_notebook: OpenNotebook, second_page: Page, server: JupyterServer, frontend: Frontend
) -> None:
    first = open_notebook([LONG, SLEEP])
    first.run(0)
    first.start(1)
    card = Card(first.output(0))
    card.expect_progress_to_grow()
    second = NotebookPage.with_cells(second_page, server, frontend, ["1"])
    listed = Sidebar(second).card("Long")
    listed.expect_progress_to_grow()

    listed.press("Cancel")

    for one in (card, listed):
        one.expect_state("Cancelled")
    assert first.is_running(1)
    expect(first.kernel_indicator()).to_have_attribute("data-status", "busy")
    assert first.complaints + second.complaints == []
