"""Code consoles: their jobs are live, listed and cancelled as those of notebooks are."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.blocking import SLEEP
from tests.browser.card import IMPORTS, RUN_LONG, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.console import Console
from tests.browser.lab import Frontend
from tests.browser.sidebar import Sidebar

pytestmark = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])

LONG = f"{IMPORTS}job = WidgetJob({RUN_LONG}, name='Long')\n"


def test_a_job_of_a_console_is_live_in_its_output_and_listed_under_the_console(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["1"])
    console = Console(notebook)
    console.run(f"{LONG}job")
    card = Card(console.output(-1))
    card.expect_progress_to_grow()
    sidebar = Sidebar(notebook)
    expect(sidebar.headings).to_have_text([console.name])
    sidebar.card("Long").expect_progress_to_grow()

    card.press("Cancel")

    for one in (card, sidebar.card("Long")):
        one.expect_state("Cancelled")
    console.run("print(job.state, job.cancel_state)")
    expect(console.output(-1)).to_contain_text("CANCELLED CONFIRMED")
    assert notebook.complaints == []


def test_a_job_of_a_console_is_cancelled_from_the_sidebar_while_a_cell_runs(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["1"])
    console = Console(notebook)
    console.start(f"{LONG}{SLEEP}")
    sidebar = Sidebar(notebook)
    sidebar.card("Long").expect_progress_to_grow()

    sidebar.card("Long").press("Cancel")

    sidebar.card("Long").expect_state("Cancelled")
    expect(console.prompt(-1)).to_contain_text("*")
    console.interrupt()
    expect(console.output(-1)).to_contain_text("KeyboardInterrupt")
    assert notebook.complaints == []


def test_a_job_leads_to_its_console_and_the_cell_there(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["1"])
    console = Console(notebook)
    console.run(LONG)
    console.run("print('\\n' * 200)")  # nothing of the first cell is in sight any more
    sidebar = Sidebar(notebook)
    sidebar.card("Long").expect_state("Running")
    notebook.page.get_by_role("tab", name="notebook-").click()
    expect(console.element).to_be_hidden()

    sidebar.row("Long").get_by_role("button", name="Go to the cell of Long").click()

    expect(console.prompt(0)).to_be_in_viewport()
    expect(notebook.page.locator(".Toastify__toast")).to_have_count(0)
    assert notebook.complaints == []
