"""The outputs of a notebook: what is stored in them, and their views."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.card import FAKE, IMPORTS, Card
from tests.browser.chromium import PATIENCE
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend, NotebookPage

#: For what does not depend on the application.
ONLY_LAB = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])


MIME = "application/vnd.primwidgets.job+json"


#: Ends its job when there is a file of the name ``away``, and makes one of the name ``ended`` then.
AWAY = f"""{FAKE}
import threading, time
from pathlib import Path
def end():
    while not Path({{away!r}}).exists(): time.sleep(0.05)
    fake.finish()
    job.result()
    Path({{ended!r}}).touch()
threading.Thread(target=end, daemon=True).start()
job
"""


def wait_for_file(path: Path) -> None:
    """Wait until the kernel has made the file: no page is there to tell."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not path.exists():
        assert time.monotonic() < deadline, f"there is no {path.name}"
        time.sleep(0.05)


def stored(notebook: NotebookPage, cell: int) -> dict[str, Any]:
    """The MIME bundle of a cell's first output in the notebook's file."""
    bundle: dict[str, Any] = notebook.save()[cell]["outputs"][0]["data"]
    return bundle


def expect_stored_end(notebook: NotebookPage, cell: int) -> None:
    notebook.wait_for_stored(cell, "Done")
    bundle = stored(notebook, cell)
    assert bundle[MIME]["snapshot"]["state"] == "DONE"
    assert "Done in" in "".join(bundle["text/html"])
    assert "Done in" in "".join(bundle["text/plain"])


@pytest.mark.own_page
def test_the_end_is_stored_although_the_page_was_loaded_again(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{FAKE}job"])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_state("Running")
    assert stored(notebook, 0)[MIME]["snapshot"]["state"] == "RUNNING"

    notebook.reload()
    expect(card.button("Cancel")).to_be_enabled()
    notebook.ask("fake.finish()")

    card.expect_state("Done")
    expect_stored_end(notebook, 0)
    assert notebook.complaints == []


@pytest.mark.own_page
def test_the_end_is_stored_although_the_page_was_away_when_it_came(open_notebook: OpenNotebook, tmp_path: Path) -> None:
    away, ended = tmp_path / "away", tmp_path / "ended"
    notebook = open_notebook([AWAY.format(away=str(away), ended=str(ended))])
    notebook.run(0)
    notebook.save()
    address = notebook.page.url
    notebook.page.goto("about:blank")
    away.touch()
    wait_for_file(ended)

    notebook.page.goto(address)

    Card(notebook.output(0)).expect_state("Done")
    expect_stored_end(notebook, 0)
    assert notebook.complaints == []


@ONLY_LAB
def test_saving_stores_what_is_known_of_a_job_that_runs(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{FAKE}job"])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_state("Running")

    notebook.ask("fake.move_to(JobState.RUNNING, progress=0.5)")
    expect(card.progress).to_have_attribute("aria-valuenow", "50")

    bundle = stored(notebook, 0)
    assert bundle[MIME]["snapshot"]["progress"] == 0.5
    assert "Running 50 %" in "".join(bundle["text/plain"])
    card.expect_state("Running")
    assert notebook.complaints == []


@pytest.mark.parametrize("frontend", [Frontend.LAB])
def test_a_new_view_of_the_output_is_as_live_as_the_first(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{FAKE}job"])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_state("Running")

    notebook.command("notebook:create-output-view")
    view = Card(notebook.page.locator(".jp-LinkedOutputView"))
    view.expect_state("Running")
    view.details.click()
    expect(card.details).to_have_attribute("aria-expanded", "true")
    view.press("Cancel")

    for one in (card, view):
        one.expect_state("Cancelled")
    notebook.prompt(0).click()  # back to the notebook
    assert notebook.ask("print(fake.cancels)") == "1"
    assert notebook.complaints == []


@pytest.mark.own_page
@ONLY_LAB
def test_nothing_stays_of_outputs_that_are_cleared(open_notebook: OpenNotebook) -> None:
    jobs = f"{IMPORTS}jobs = [WidgetJob(FakeJob(str(number))) for number in range(40)]\ndisplay(*jobs)"
    notebook = open_notebook([jobs])
    cards = notebook.page.locator(".primwidgets-JobCard")

    listeners = notebook.page_listeners()

    notebook.run(0)
    expect(notebook.output(0).get_by_role("button", name="Cancel")).to_have_count(40)
    notebook.clear_outputs()
    notebook.ask("for job in jobs: job.close()")
    expect(cards).to_have_count(0)

    assert notebook.leaked_elements("[class*=primwidgets]") == 0
    assert notebook.page_listeners() - listeners < 40  # the application adds a few of its own
    assert notebook.complaints == []
