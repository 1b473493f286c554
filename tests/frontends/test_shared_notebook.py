"""Two people have one notebook open with jupyter-collaboration: the end of a job is in it once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.frontends.application import Application, application

#: Milliseconds.
OPEN: Final = 90_000
SOON: Final = 20_000
SHOW: Final = """
from primwidgets import WidgetJob
from primwidgets.simulated import SimulatedProvider
WidgetJob(SimulatedProvider(seed=3).run("shared", queue=0, seconds=600), name="Shared")
"""
LAB: Final = (
    "jupyter-lab --no-browser --allow-root --port={port} --ip=127.0.0.1 --IdentityProvider.token= "
    "--ServerApp.password= --LabApp.expose_app_in_browser=True"
)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Application]:
    cells = [new_code_cell(SHOW), new_code_cell("1 + 1")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), tmp_path / "shared.ipynb")
    with application(LAB.split(), "/lab/tree/shared.ipynb?reset", tmp_path) as lab:
        yield lab


def opened(page: Page, lab: Application) -> Page:
    page.goto(lab.url, timeout=OPEN)
    expect(cell(page, 0)).to_be_visible(timeout=OPEN)
    return page


def cell(page: Page, number: int) -> Locator:
    return page.locator(".jp-Notebook .jp-Cell").nth(number)


def test_the_end_of_a_job_is_written_once_by_all_who_have_the_notebook_open(
    lab: Application, browser_context: BrowserContext, tmp_path: Path
) -> None:
    first, second = (opened(browser_context.new_page(), lab) for _ in range(2))
    cell(first, 0).locator(".jp-InputPrompt").click()
    first.keyboard.press("Control+Enter")
    for page in (first, second):
        expect(cell(page, 0).locator(".primwidgets-JobCard-state")).to_have_text("Running", timeout=OPEN)
    for page in (first, second):  # only then does the display id of the output mean nothing to either of them
        page.reload()
        expect(cell(page, 0).locator(".primwidgets-JobCard-state")).to_have_text("Running", timeout=OPEN)
    cell(first, 0).get_by_role("button", name="Cancel", exact=True).click()

    for page in (first, second):
        state = cell(page, 0).locator(".primwidgets-JobCard-state")
        expect(state.first).to_have_text("Cancelled", timeout=SOON)
        expect(state).to_have_count(1, timeout=SOON)
    cell(first, 1).locator(".jp-InputPrompt").click()
    first.keyboard.press("Control+s")
    expect_one_output(first, tmp_path / "shared.ipynb")


def expect_one_output(page: Page, file: Path) -> None:
    """The file comes to hold one output that tells the end."""
    texts: list[str] = []
    for _ in range(SOON // 250):
        outputs = nbformat.read(file, as_version=4).cells[0].outputs
        texts = [output["data"]["text/plain"] for output in outputs]
        if len(texts) == 1 and "Cancelled" in texts[0]:
            return
        page.wait_for_timeout(250)
    raise AssertionError(texts)
