"""The card at its widths: nothing overflows and nothing jumps; and nothing moves for who asked for that."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.card import FAKE, IMPORTS, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend, NotebookPage

#: The same code draws and obeys in Notebook 7.
ONLY_LAB = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
pytestmark = ONLY_LAB

#: CSS pixels that texts in other fonts may take.
TOLERANCE = 2.0
#: CSS pixels: the card of an ended job is lower, where its result has no button.
ONE_LINE = 100.0
JOB = f"{FAKE}fake.move_to(JobState.QUEUED, queue_position='3')\njob"
STEPS = {
    "Running": "fake.move_to(JobState.RUNNING, progress=0.25, progress_text='10 of 40 circuits')",
    "Done": "fake.finish()",
}

#: A simulated job whose time stands still until the test goes on: each step in seconds, and the state after it.
SIMULATED = f"""{IMPORTS}
from primwidgets.testing import ManualClock
clock = ManualClock()
job = WidgetJob(SimulatedProvider(seed=1, clock=clock, seconds_per_place=10).run(queue=2, seconds=1000))
job
"""
LIFE = [(1, "Queued"), (100, "Running"), (300, "Running"), (1000, "Done")]

#: Much text in every place of the card.
NEWS = """
words = 'some words of the provider ' * 20
fake.move_to(JobState.RUNNING, word=words, progress=0.5, progress_text=words, message='Long story: ' + words)
"""


def squeeze(notebook: NotebookPage, width: int) -> None:
    """Give every output of the notebook that many CSS pixels, whatever is drawn there later."""
    notebook.add_style(f".jp-OutputArea-output {{ flex: none !important; width: {width}px; }}")


#: The texts that end in an ellipsis.
CUT_OFF = """card => [...card.querySelectorAll(
    '.primwidgets-JobCard-title, .primwidgets-JobCard-subtitle, .primwidgets-JobCard-facts > *'
)].filter(part => part.scrollWidth > part.clientWidth).map(part => part.outerHTML)"""


def overflow(card: Card) -> list[str]:
    """The parts of the card that reach over its edge, and the card itself if it reaches over the output's."""
    reach: list[str] = card.element.evaluate(
        """card => {
            const right = card.getBoundingClientRect().right;
            const over = [...card.querySelectorAll('*')].filter(part => part.getBoundingClientRect().right > right);
            const output = card.closest('.jp-OutputArea-output');
            return [...over, ...(output.scrollWidth > output.clientWidth ? [card] : [])].map(part => part.outerHTML);
        }"""
    )
    return reach


@pytest.mark.parametrize("width", [240, 900])
def test_the_card_keeps_its_height_until_the_pointer_leaves_it_after_the_end(
    open_notebook: OpenNotebook, width: int
) -> None:
    notebook = open_notebook([JOB])
    squeeze(notebook, width)
    card = Card(notebook.output(0))
    notebook.run(0)

    card.expect_state("Queued")
    card.element.hover()
    heights = [card.size()[1]]
    assert overflow(card) == []
    for state, step in STEPS.items():
        notebook.ask(step)
        card.expect_state(state)
        if state == "Done":
            notebook.wait_for_stored(0, "Done")  # its output was drawn anew
        heights.append(card.size()[1])
        assert overflow(card) == []

    assert max(heights) - min(heights) <= TOLERANCE
    notebook.page.mouse.move(0, 0)
    expect(card.element).to_have_attribute("data-line", "")
    assert card.size()[1] < ONE_LINE
    assert overflow(card) == []
    card.details.click()
    assert overflow(card) == []


@pytest.mark.parametrize("width", [240, 900])
def test_a_click_finds_its_button_though_news_come_between_press_and_release(
    open_notebook: OpenNotebook, width: int
) -> None:
    notebook = open_notebook([f"{FAKE}job"])
    squeeze(notebook, width)
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_state("Running")
    expect(card.button("Cancel")).to_be_enabled()

    card.details.hover()
    notebook.page.mouse.down()
    notebook.ask(NEWS)
    card.expect_text("Long story")
    notebook.page.mouse.up()

    expect(card.details).to_have_attribute("aria-expanded", "true")
    assert card.element.evaluate("card => card.scrollWidth <= card.clientWidth")


def test_a_simulated_job_moves_nothing_on_a_narrow_card(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SIMULATED])
    squeeze(notebook, 240)
    card = Card(notebook.output(0))
    notebook.run(0)
    card.element.hover()
    card.element.evaluate(
        """card => {
            window.heights = [];
            const note = () => card.isConnected && window.heights.push(card.offsetHeight);
            new ResizeObserver(note).observe(card);
        }"""
    )
    for seconds, state in LIFE:
        notebook.ask(f"clock.advance({seconds})")
        card.expect_state(state)

    heights = [*notebook.page.evaluate("() => window.heights"), card.size()[1]]
    assert len(heights) > 1
    assert max(heights) - min(heights) <= TOLERANCE


@pytest.mark.parametrize("width", [100, 240])
def test_a_narrow_card_shows_its_words_whole(open_notebook: OpenNotebook, width: int) -> None:
    notebook = open_notebook([JOB])
    squeeze(notebook, width)
    card = Card(notebook.output(0))
    notebook.run(0)
    for state, step in {
        "Queued": "",
        "Running": "fake.move_to(JobState.RUNNING, progress=0.25)",
        "Failed": "fake.fail(ValueError('no such qubit'))",
    }.items():
        notebook.ask(step)
        card.expect_state(state)
        assert overflow(card) == []
        assert card.element.evaluate(CUT_OFF) == []


FAILS = f"""{IMPORTS}
from primwidgets import submit

def measure():
    raise ValueError("a line of the user's own code that is much longer than the card is wide, and reaches over it")

job = submit(measure)
job"""


def test_the_code_of_a_failure_stays_within_the_card(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FAILS])
    squeeze(notebook, 400)
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_state("Failed")
    card.details.click()
    code = card.element.locator("pre").first.bounding_box()
    outside = card.element.bounding_box()

    assert code is not None
    assert outside is not None
    assert code["x"] + code["width"] <= outside["x"] + outside["width"]


def test_nothing_moves_for_who_asked_for_less_motion(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{FAKE}job"])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_state("Running")
    animations = """card => document.getAnimations().filter(one => card.contains(one.effect.target)).length"""

    assert card.element.evaluate(animations) > 0
    notebook.page.emulate_media(reduced_motion="reduce")
    without = card.element.evaluate(animations)
    notebook.page.emulate_media(reduced_motion="no-preference")
    assert without == 0
