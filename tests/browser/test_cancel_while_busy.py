"""Cancel works while a cell blocks the kernel: what no other button in a notebook does."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.blocking import LOOP, SLEEP
from tests.browser.card import IMPORTS, RUN_LONG, Card
from tests.browser.conftest import OpenNotebook

SHOW = f"{IMPORTS}job = WidgetJob({RUN_LONG})\ndisplay(job)\n"
ASK = "print(job.state, job.cancel_state)"


@pytest.mark.parametrize("blocker", [SLEEP, LOOP], ids=["sleep", "loop"])
def test_cancel_is_done_while_the_cell_goes_on(open_notebook: OpenNotebook, blocker: str) -> None:
    notebook = open_notebook([SHOW + blocker])
    card = Card(notebook.output(0))

    notebook.start(0)
    card.expect_progress_to_grow()
    card.press("Cancel")
    card.expect_state("Cancelled")
    assert notebook.is_running(0)
    expect(notebook.kernel_indicator()).to_have_attribute("data-status", "busy")
    notebook.interrupt_kernel()
    notebook.wait_until_idle(0)

    expect(notebook.kernel_indicator()).to_have_attribute("data-status", "idle")
    assert notebook.ask(ASK) == "CANCELLED CONFIRMED"
    assert notebook.complaints == []


def test_cancel_ends_the_cell_that_waits_for_the_result(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SHOW + "job.result()"])
    card = Card(notebook.output(0))

    notebook.start(0)
    card.expect_progress_to_grow()
    assert notebook.is_running(0)
    card.press("Cancel")
    notebook.wait_until_idle(0)

    card.expect_state("Cancelled")
    expect(notebook.output(0)).to_contain_text("CancelledError")
    expect(notebook.kernel_indicator()).to_have_attribute("data-status", "idle")
    assert notebook.ask(ASK) == "CANCELLED CONFIRMED"
    assert notebook.complaints == []
