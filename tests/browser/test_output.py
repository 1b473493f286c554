"""What a function prints while it runs as a job appears on its card."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import violations
from tests.browser.card import Card
from tests.browser.conftest import SCREENSHOTS, OpenNotebook
from tests.browser.lab import Frontend, NotebookPage
from tests.browser.test_layout import overflow, squeeze

#: The same code draws and obeys in Notebook 7.
pytestmark = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
HOSTILE = "</pre><img src=x onerror=alert(1)><script>alert(2)</script>"
JOB = f"""
import threading
from primwidgets import report, submit

lines = ["step 1: loss 0.91", "step 2: loss 0.55", {HOSTILE!r}]
go = threading.Event()

def fit():
    print("reading the data")
    go.wait()
    for line in lines:
        print("  1%|  |\\r\\x1b[32m100%|##| done\\x1b[0m\\r", line, sep="", flush=True)
    while not over.wait(0.02):
        report()

over = threading.Event()
job = submit(fit)
job
"""
MORE = "lines += [f'step {number}: nothing new under the sun' for number in range(3, 60)]; go.set()"


def scrolled_to_end(output: Locator) -> bool:
    at_end: bool = output.evaluate("pre => pre.scrollHeight - pre.scrollTop - pre.clientHeight < 8")
    return at_end


def picture(notebook: NotebookPage, card: Card, name: str) -> None:
    """Keep how the card looks, for people."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    card.element.scroll_into_view_if_needed()
    card.element.screenshot(path=SCREENSHOTS / f"output-{name}-{notebook.frontend.name.lower()}.png")


def test_the_prints_of_a_function_appear_on_its_card_live_and_as_text(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([JOB])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.details.click()
    output = card.element.get_by_role("group", name="Output").last
    expect(output).to_have_text("reading the data")

    notebook.ask("go.set()")
    expect(output).to_contain_text(HOSTILE)
    assert output.inner_text().split("\n")[:3] == ["reading the data", "step 1: loss 0.91", "step 2: loss 0.55"]
    expect(card.element.locator("img, script")).to_have_count(0)
    assert "loss" not in notebook.output(0).locator(".jp-RenderedText").all_inner_texts()

    notebook.ask("over.set()")
    card.expect_state("Done")
    notebook.wait_for_stored(0, "step 2: loss 0.55")
    assert notebook.complaints == []


@pytest.mark.own_page
def test_the_end_of_the_output_stays_in_sight_in_either_theme_and_on_a_narrow_card(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([JOB])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.details.click()
    output = card.element.get_by_role("group", name="Output").last
    expect(output).to_have_text("reading the data")

    notebook.ask(MORE)
    expect(output).to_contain_text("step 59")
    assert scrolled_to_end(output)
    output.focus()
    notebook.page.keyboard.press("Home")
    notebook.page.wait_for_function("() => document.activeElement.scrollTop === 0")

    picture(notebook, card, "light")
    assert violations(card.element) == []
    squeeze(notebook, 240)
    picture(notebook, card, "narrow")
    assert overflow(card) == []
    notebook.use_dark_theme()
    picture(notebook, card, "dark")
    assert violations(card.element) == []
    notebook.ask("over.set()")
