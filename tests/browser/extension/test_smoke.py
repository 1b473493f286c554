"""What the extension is for, in one go: also run on the oldest JupyterLab that it is for."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.card import IMPORTS, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.server import CHECKOUT, JUPYTER
from tests.browser.sidebar import Sidebar

SHOW: Final = f"{IMPORTS}job = WidgetJob(run(queue=0, seconds=600), name='long')\njob"
VERSION: Final = json.loads((CHECKOUT / "package.json").read_text())["version"]


def test_jupyterlab_lists_the_extension_as_compatible() -> None:
    listed = subprocess.run([JUPYTER, "-m", "jupyter", "labextension", "list"], capture_output=True, text=True)
    assert re.search(rf"primwidgets v{re.escape(VERSION)} .*enabled.*OK", listed.stdout + listed.stderr)


@pytest.mark.own_page
def test_a_card_and_the_sidebar_show_a_job_that_is_cancelled_while_a_cell_waits_for_it(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([SHOW, "job.result()"])
    notebook.run(0)
    card = Card(notebook.output(0).locator(".primwidgets-JobOutput"))
    card.expect_state("Running")
    notebook.save()
    notebook.start(1)

    notebook.reload(kernel_busy=True)
    card.expect_state("Running")
    in_sidebar = Sidebar(notebook).card("long")
    in_sidebar.expect_state("Running")
    expect(notebook.kernel_indicator()).to_have_attribute("data-status", "busy")
    card.press("Cancel")

    for shown in (card, in_sidebar):
        shown.expect_state("Cancelled")
    assert notebook.ask("print(job.cancel_state)") == "CONFIRMED"
    assert notebook.complaints == []
