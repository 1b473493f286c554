"""Text from providers and users is shown as text, whatever is in it and however much."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, expect

from tests.browser.card import IMPORTS, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend

#: The same code draws and obeys in Notebook 7.
ONLY_LAB = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
pytestmark = [ONLY_LAB]

IMAGE = "<img src=x onerror=alert(1)>"
SCRIPT = "<script>alert(2)</script>"
JOB = f"""{IMPORTS}
IMAGE, SCRIPT = {IMAGE!r}, {SCRIPT!r}
ODD = IMAGE + SCRIPT + "\\0 \\u202e\\u05e9\\u05dc\\u05d5\\u05dd \\U0001f9ea\\ud800 " + "x" * 1000
fake = FakeJob(ODD, **{{ODD: ODD}})
job = WidgetJob(fake, name=ODD)
fake.move_to(
    JobState.RUNNING, word=ODD, progress=0.5, progress_text=ODD, message=IMAGE + SCRIPT + ODD * 1000
)
fake.refuse_cancel(ODD)
job
"""
FAIL = """
try:
    raise ValueError(IMAGE + SCRIPT + "m" * 1_000_000)
except ValueError as error:
    fake.fail(error)
"""


def test_hostile_text_is_shown_as_text_and_breaks_nothing(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([JOB])
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    notebook.page.on("dialog", dismiss)
    card = Card(notebook.output(0))
    notebook.run(0)

    card.details.click()
    card.press("Cancel")
    card.expect_text(f"Cancel refused: {IMAGE}{SCRIPT}")
    expect(card.element.get_by_role("definition")).not_to_have_count(0)
    assert card.size()[0] <= notebook.output(0).evaluate("output => output.clientWidth")

    notebook.ask(FAIL)
    card.expect_state("Failed")
    card.expect_text(f"ValueError: {IMAGE}{SCRIPT}")
    notebook.wait_for_stored(0, "Failed")
    # The page is alive: it still obeys.
    card.details.click()
    expect(card.details).to_have_attribute("aria-expanded", "false")

    expect(notebook.output(0).locator("img, script")).to_have_count(0)
    assert card.size()[0] <= notebook.output(0).evaluate("output => output.clientWidth")
    notebook.page.remove_listener("dialog", dismiss)
    assert dialogs == []
    assert notebook.complaints == []
    stored = "".join(notebook.save()[0]["outputs"][0]["data"]["text/html"])
    assert "&lt;img" in stored
    assert "<img" not in stored
    assert "<script" not in stored
