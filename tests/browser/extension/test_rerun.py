"""*Run again* in JupyterLab: where the new card is, and what the notebook's file has of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.card import Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend, NotebookPage

pytestmark = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])

FLAKY = """
from primwidgets import submit
runs = []
def fit(x):
    runs.append(x)
    if len(runs) == 1:
        raise ValueError("no luck")
    return x + len(runs)
job = submit(fit, 40)
job
"""
BLOCKER = "import threading\nthreading.Event().wait()"


def card(notebook: NotebookPage, index: int) -> Card:
    return Card(_outputs(notebook), index)


def _outputs(notebook: NotebookPage) -> Locator:
    return notebook.output(0)


def expect_cards(notebook: NotebookPage, count: int) -> None:
    expect(_outputs(notebook).locator(".primwidgets-JobCard")).to_have_count(count)


def test_the_new_card_is_below_the_old_one_also_while_a_cell_blocks(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FLAKY, BLOCKER])
    notebook.run(0)
    card(notebook, 0).expect_state("Failed")
    notebook.start(1)

    card(notebook, 0).press("Run again")

    card(notebook, 1).expect_state("Done")
    card(notebook, 1).expect_text("run 2")
    card(notebook, 1).expect_text("= 42")
    card(notebook, 0).expect_state("Failed")
    assert notebook.is_running(1)
    notebook.interrupt_kernel()
    notebook.wait_until_idle(1)
    assert notebook.ask("print(job.latest_run.result())") == "42"
    assert notebook.complaints == []


def test_a_page_that_was_loaded_again_shows_the_new_card_below_the_old_one_and_stores_it(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([FLAKY])
    notebook.run(0)
    card(notebook, 0).expect_state("Failed")
    notebook.save()
    notebook.reload()
    card(notebook, 0).press("Run again")
    card(notebook, 1).expect_state("Done")
    card(notebook, 1).press("Run again")
    card(notebook, 2).expect_text("= 43")
    expect_cards(notebook, 3)

    stored = notebook.save()[0]["outputs"]
    assert ["".join(one["data"]["text/plain"]).split(" · ")[-1].split()[0] for one in stored] == [
        "Failed",
        "Done",
        "Done",
    ]
    assert notebook.complaints == []
