"""Calls that are started again, or run too long, in JupyterLab: what their cards say, and what Cancel does."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.card import Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend
from tests.browser.sidebar import Sidebar

pytestmark = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])

#: The first attempt fails when the test lets it, the second one goes on until the test lets it.
FLAKY = """
import threading
from primwidgets import report, submit
first, second, attempts = threading.Event(), threading.Event(), []
def fit():
    attempts.append(1)
    report(message="looking for the server")
    (first if len(attempts) == 1 else second).wait()
    if len(attempts) == 1:
        raise ConnectionError("The server did not answer.")
    return 42
"""
LONG_PAUSE = "job = submit.options(retries=2, retry_delay=3600, tags=['night'])(fit)\njob"
NO_PAUSE = "job = submit.options(retries=2, tags=['night'])(fit)\njob"
BLOCKER = "threading.Event().wait()"
FAILURE = "Attempt 1: ConnectionError: The server did not answer."


@pytest.mark.own_page  # what is searched for in the sidebar is kept
def test_a_card_shows_its_attempts_and_the_sidebar_finds_it_by_its_tag(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FLAKY, NO_PAUSE])
    notebook.run(0)
    notebook.run(1)
    card = Card(notebook.output(1))
    card.expect_text("attempt 1 of 3")
    notebook.ask("first.set()")
    card.expect_text("attempt 2 of 3")
    card.expect_state("Running")
    card.expect_text(FAILURE)
    card.expect_text("looking for the server")

    sidebar = Sidebar(notebook)
    sidebar.search.fill("night")
    sidebar.expect_jobs(["fit"])
    sidebar.search.fill("nothing like that")
    sidebar.expect_jobs([])
    sidebar.search.fill("")

    notebook.ask("second.set()")
    card.expect_state("Done")
    card.expect_text("attempt 2 of 3")
    card.press("Details")
    expect(card.element.get_by_role("group", name="Earlier attempts")).to_contain_text("The server did not answer.")
    expect(card.element.get_by_role("group", name="Metadata")).to_contain_text("night")
    assert notebook.complaints == []


def test_a_call_that_waits_for_its_next_attempt_is_cancelled_while_a_cell_blocks(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FLAKY, LONG_PAUSE, BLOCKER])
    notebook.run(0)
    notebook.run(1)
    card = Card(notebook.output(1))
    notebook.ask("first.set()")
    card.expect_state("Queued")
    card.expect_text("attempt 2 of 3")
    card.expect_text("starts in about ")
    card.expect_text(FAILURE)
    notebook.start(2)
    card.press("Cancel")
    card.expect_state("Cancelled")
    assert notebook.is_running(2)
    notebook.interrupt_kernel()
    notebook.wait_until_idle(2)
    assert notebook.ask("print(len(attempts))") == "1"
    assert notebook.complaints == []
