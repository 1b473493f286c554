"""A job on somebody else's machine asks once more, in the card, before it is cancelled."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.card import IMPORTS, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend

#: The same code draws and obeys in Notebook 7.
ONLY_LAB = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
pytestmark = ONLY_LAB

REMOTE = IMPORTS + "job = WidgetJob(run(queue=0, seconds=600, remote=True))\njob"
QUESTION = "Cancel this job?"


def test_escape_and_keep_running_keep_the_job_and_only_the_answer_cancels_it(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([REMOTE])
    card = Card(notebook.output(0))
    notebook.run(0)

    # The second click of a double click must not be taken for the answer.
    card.button("Cancel").dblclick()
    expect(card.element.get_by_role("group", name=QUESTION)).to_be_visible()
    expect(card.button("Keep running")).to_be_focused()
    notebook.page.keyboard.press("Escape")
    expect(card.button("Cancel")).to_be_focused()

    card.press("Cancel")
    card.press("Keep running")
    expect(card.button("Cancel")).to_be_focused()
    assert notebook.ask("print(job.state, job.cancel_state)") == "RUNNING NONE"

    card.press("Cancel")
    card.press("Cancel job")
    card.expect_state("Cancelled")
    assert notebook.complaints == []
