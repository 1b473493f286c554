"""Cards live in the frontends that show widgets without a notebook."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Final

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.frontends.application import APPS, Application, application

#: Milliseconds.
OPEN: Final = 40_000
SOON: Final = 15_000

LOCAL: Final = "--host=127.0.0.1 --port={port}"
#: How each is started, and where its page is.
COMMANDS: Final = {
    "voila": ("voila page.ipynb --no-browser --port={port} --ServerApp.allow_root=True", ""),
    "panel": (
        "panel serve panel_app.py --port={port} --address=127.0.0.1 --allow-websocket-origin=127.0.0.1:{port}",
        "/panel_app",
    ),
    "solara": (f"solara run solara_app.py {LOCAL} --no-open --production", ""),
    "shiny": (f"shiny run shiny_app.py {LOCAL}", ""),
    "marimo": (f"marimo -q run marimo_app.py --headless --no-token {LOCAL}", ""),
}


@pytest.fixture(scope="module", params=list(COMMANDS))
def name(request: pytest.FixtureRequest) -> str:
    """Each of the frontends in turn."""
    chosen: str = request.param
    return chosen


@pytest.fixture(scope="module")
def server(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder = tmp_path_factory.mktemp(name)
    shutil.copytree(APPS, folder, dirs_exist_ok=True)
    cells = (APPS / "voila_cells.py").read_text("utf-8").split("# %%\n")[1:]
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), folder / "page.ipynb")
    command, page = COMMANDS[name]
    with application(command.split(), page, folder) as server:
        yield server


@pytest.fixture
def page(server: Application, browser_context: BrowserContext) -> Iterator[Page]:
    page = browser_context.new_page()
    page.goto(server.url, timeout=OPEN)
    yield page
    page.close()
    assert "Traceback" not in server.log


def card(page: Page, title: str) -> Locator:
    return page.locator(".primwidgets-JobCard", has_text=title).first


def state(card: Locator) -> Locator:
    return card.locator(".primwidgets-JobCard-state")


def test_cards_are_drawn_and_move(page: Page) -> None:
    for title in ("Simulated", "Function", "Waited for"):
        expect(state(card(page, title))).to_have_text("Running", timeout=OPEN)
    progress = card(page, "Function").get_by_role("progressbar")
    before = progress.get_attribute("aria-valuenow") or ""
    expect(progress).not_to_have_attribute("aria-valuenow", before, timeout=SOON)


def test_a_job_is_cancelled(page: Page) -> None:
    simulated = card(page, "Simulated")
    expect(state(simulated)).to_have_text("Running", timeout=OPEN)
    simulated.get_by_role("button", name="Cancel", exact=True).click()
    expect(state(simulated)).to_have_text("Cancelled", timeout=SOON)


def test_a_job_is_cancelled_while_the_application_waits_for_it_or_says_so(page: Page, name: str) -> None:
    waited = card(page, "Waited for")
    expect(state(waited)).to_have_text("Running", timeout=OPEN)
    page.get_by_role("button", name="Block").click()
    page.wait_for_timeout(1_000)
    waited.get_by_role("button", name="Cancel", exact=True).click()
    if name != "voila":  # the others take commands only where the application listens
        expect(waited).to_contain_text("handles the request when the running cell ends", timeout=SOON)
    expect(state(waited)).to_have_text("Cancelled", timeout=5_000 if name == "voila" else 2 * SOON)


def test_a_visitor_who_leaves_takes_nothing_from_the_next_one(page: Page, server: Application) -> None:
    expect(state(card(page, "Function"))).to_have_text("Running", timeout=OPEN)
    other = page.context.new_page()
    other.goto(server.url, timeout=OPEN)
    expect(card(other, "Function")).to_be_visible(timeout=OPEN)
    other.close()
    progress = card(page, "Function").get_by_role("progressbar")
    before = progress.get_attribute("aria-valuenow") or ""
    expect(progress).not_to_have_attribute("aria-valuenow", before, timeout=SOON)


def test_a_page_that_is_loaded_again_has_its_cards(page: Page) -> None:
    expect(card(page, "Function")).to_be_visible(timeout=OPEN)
    page.reload()
    expect(state(card(page, "Function"))).to_have_text("Running", timeout=OPEN)
