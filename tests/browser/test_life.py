"""Cards come back after a reload, and leave nothing behind when they go."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.card import FAKE, IMPORTS, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import NotebookPage

#: The application adds and drops a few listeners of its own meanwhile.
NOISE = 30
COUNT = 20
JOBS = f"""{IMPORTS}
fakes = [FakeJob(str(number)) for number in range({COUNT})]
jobs = [WidgetJob(fake) for fake in fakes]
"""


def finish_half(notebook: NotebookPage) -> None:
    """Let the first half of the jobs end, and wait until their outputs are drawn anew."""
    notebook.ask(f"for fake in fakes[:{COUNT // 2}]: fake.finish()")
    expect(notebook.page.locator(".primwidgets-JobCard[data-state=DONE]")).to_have_count(COUNT // 2)
    notebook.wait_for_stored(0, "DONE")


def test_no_listener_of_a_view_stays_when_the_outputs_are_cleared(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["display(*jobs)"])
    notebook.ask(JOBS)
    cards = notebook.page.locator(".primwidgets-JobCard")

    def show_and_clear() -> tuple[int, int]:
        notebook.run(0)
        expect(cards).to_have_count(COUNT)
        shown = notebook.listener_count()
        notebook.clear_outputs()
        expect(cards).to_have_count(0)
        return shown, notebook.listener_count()

    _, start = show_and_clear()
    shown, end = show_and_clear()

    assert shown - start > 2 * NOISE
    assert abs(end - start) < NOISE
    assert notebook.complaints == []


def test_closing_takes_all_of_a_card_away_also_of_one_that_was_drawn_anew(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{JOBS}display(*jobs)"])
    cards = notebook.page.locator(".primwidgets-JobCard")

    def show_finish_and_close() -> tuple[int, int]:
        notebook.run(0)
        expect(cards).to_have_count(COUNT)
        finish_half(notebook)
        shown = notebook.listener_count()
        notebook.ask("for job in jobs: job.close()")
        expect(cards).to_have_count(0)
        return shown, notebook.listener_count()

    _, start = show_finish_and_close()
    shown, end = show_finish_and_close()

    assert shown - start > 2 * NOISE
    assert abs(end - start) < NOISE
    assert notebook.complaints == []


def test_after_a_reload_the_card_is_back_and_cancels(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{FAKE}job"])
    notebook.run(0)
    Card(notebook.output(0)).expect_state("Running")
    notebook.save()

    notebook.reload()
    card = Card(notebook.output(0))
    card.expect_state("Running")
    notebook.ask("fake.move_to(JobState.RUNNING, progress=0.5)")
    expect(card.progress).to_have_attribute("aria-valuenow", "50")
    card.press("Cancel")

    card.expect_state("Cancelled")
    assert notebook.ask("print(job.state, fake.cancels)") == "CANCELLED 1"
    assert notebook.complaints == []
