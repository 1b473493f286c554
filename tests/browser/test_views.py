"""A card is a widget: it can be shown more than once, beside other widgets, and linked with them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.card import FAKE, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend

#: The same code draws and obeys in Notebook 7.
ONLY_LAB = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
pytestmark = ONLY_LAB

BOXED = f"""{FAKE}
from ipywidgets import FloatProgress, HBox, VBox, jslink
other = WidgetJob(FakeJob(), name="Other")
bar = FloatProgress(max=1)
fake.move_to(JobState.RUNNING, progress=0)
link = jslink((job, "progress"), (bar, "value"))
VBox([HBox([job, other]), bar])
"""


def test_the_views_of_a_job_stay_in_step(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{FAKE}display(job, job)", "job"])
    notebook.run_all()
    views = [Card(notebook.output(0), 0), Card(notebook.output(0), 1), Card(notebook.output(1))]

    views[0].details.click()
    notebook.ask("fake.move_to(JobState.RUNNING, progress=0.5, message='Halfway')")
    for view in views:
        view.expect_text("Halfway")
        expect(view.progress).to_have_attribute("aria-valuenow", "50")
        expect(view.details).to_have_attribute("aria-expanded", "true")
    views[2].press("Cancel")
    for view in views:
        view.expect_state("Cancelled")

    assert notebook.ask("print(fake.cancels)") == "1"
    assert notebook.complaints == []


def test_cards_share_a_box_and_drive_another_widget(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([BOXED])
    left, right = Card(notebook.output(0), 0), Card(notebook.output(0), 1)
    notebook.run(0)

    left.expect_text("Fake")
    right.expect_text("Other")
    assert abs(left.size()[0] - right.size()[0]) <= 2
    notebook.ask("fake.move_to(JobState.RUNNING, progress=0.5)")
    expect(notebook.output(0).locator(".progress-bar")).to_have_attribute("style", re.compile("width: 50%"))
    notebook.ask("fake.finish()")

    left.expect_state("Done")
    right.expect_state("Queued")
    assert notebook.complaints == []
