"""What a saved notebook tells a reader who has no kernel."""

from __future__ import annotations

import re

from nbconvert import HTMLExporter
from playwright.sync_api import expect

from tests.browser.card import IMPORTS, Card
from tests.browser.conftest import OpenNotebook

JOB = f"{IMPORTS}WidgetJob(run(queue=0, seconds=1), name='Bell pair')"
TOOK = re.compile(r"DONE in 1\.\d s")


def test_a_saved_notebook_and_its_web_page_tell_the_end_and_the_duration(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([JOB])
    notebook.run(0)
    Card(notebook.output(0)).expect_state("Done")
    notebook.wait_for_stored(0, "DONE")
    stored = notebook.save()[0]["outputs"][0]["data"]
    html, _ = HTMLExporter().from_filename(str(notebook.file))  # type: ignore[no-untyped-call]
    assert notebook.complaints == []

    assert TOOK.search("".join(stored["text/plain"]))
    assert TOOK.search("".join(stored["text/html"]))
    web_page = notebook.file.with_suffix(".html")
    web_page.write_text(html, encoding="utf-8")
    notebook.page.goto(web_page.as_uri())
    card = notebook.page.locator(".primwidgets-static")
    expect(card).to_contain_text("Bell pair")
    expect(card).to_contain_text(TOOK)
