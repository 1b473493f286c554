"""What a saved notebook tells a reader who has no kernel."""

from __future__ import annotations

import re

import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import expect

from tests.browser.card import FAKE, IMPORTS, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend

JOB = f"{IMPORTS}WidgetJob(run(queue=0, seconds=1), name='Bell pair')"
TOOK = re.compile(r"Done in 1\.\d s")


@pytest.mark.own_page  # goes to another address
def test_a_saved_notebook_and_its_web_page_tell_the_end_and_the_duration(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([JOB])
    notebook.run(0)
    Card(notebook.output(0)).expect_state("Done")
    notebook.wait_for_stored(0, "Done")
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


BOXED = f"{FAKE}from ipywidgets import HBox, Output\nout = Output()\nbox = HBox([job])"
#: The output widget is told after the job's waiters.
UNTIL_CAPTURED = """import time
until = time.monotonic() + 30
while "Done in" not in str(out.outputs) and time.monotonic() < until: time.sleep(0.05)"""
SHOWN = {
    "box": "box",
    "box in an output widget": "with out: display(box)\nout",
    "output widget": "with out: display(job)\nout",
}


@pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
@pytest.mark.parametrize("shown", SHOWN)
def test_the_end_of_a_job_in_a_box_or_in_an_output_widget_is_saved(open_notebook: OpenNotebook, shown: str) -> None:
    notebook = open_notebook([BOXED, SHOWN[shown]])
    notebook.run(0)
    notebook.run(1)
    Card(notebook.output(1)).expect_state("Running")
    notebook.ask("fake.finish()")
    Card(notebook.output(1)).expect_state("Done")

    if shown == "box":
        notebook.wait_for_stored(1, "Done")
        assert "Done in" in "".join(notebook.save()[1]["outputs"][0]["data"]["text/html"])
    else:
        assert notebook.ask(f"{UNTIL_CAPTURED}\nprint('Done in' in str(out.outputs))") == "True"
    expect(notebook.output(1).locator(".primwidgets-JobCard")).to_have_count(1)
    assert notebook.complaints == []
