"""The first lesson, as a newcomer goes through it."""

from __future__ import annotations

import json

from playwright.sync_api import Locator, expect

from tests.browser.card import Card
from tests.browser.conftest import OpenContent
from tests.browser.server import CHECKOUT

QUICKSTART = (CHECKOUT / "notebooks" / "01_quickstart.ipynb").read_text(encoding="utf-8")
CELLS = [cell["id"] for cell in json.loads(QUICKSTART)["cells"]]


def test_the_quickstart_runs_from_top_to_bottom(open_content: OpenContent) -> None:
    notebook = open_content(QUICKSTART)

    def output(cell: str) -> Locator:
        return notebook.output(CELLS.index(cell))

    notebook.start_all()
    sampler = Card(output("real-job"))
    sampler.expect_state("Done")
    sampler.press("Show result")
    expect(sampler.picture).to_have_count(2)
    expect(sampler.element.get_by_role("rowheader")).to_have_text(["000", "111"])
    Card(output("cancel-job")).press("Cancel")
    notebook.wait_until_all_idle()

    Card(output("queue-job")).expect_state("Done")
    Card(output("cancel-job")).expect_state("Cancelled")
    expect(output("cancel-job")).to_contain_text("Cancelled, while this cell was waiting for the result.")
    Card(output("futures-job"), 0).expect_state("Done")
    Card(output("futures-job"), 1).expect_state("Failed")
    expect(output("futures-states")).to_contain_text("('DONE', 'ERROR')")
    assert notebook.complaints == []
