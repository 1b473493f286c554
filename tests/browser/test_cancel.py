"""What becomes of a cancel, as the card tells it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.card import FAKE, IMPORTS, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend

#: The same code draws and obeys in Notebook 7.
ONLY_LAB = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
pytestmark = ONLY_LAB

TOO_LATE = "Too late: it finished first"


def test_clicking_again_and_again_is_one_request_and_may_come_too_late(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FAKE + "fake.ignore_cancel()\njob"])
    card = Card(notebook.output(0))
    notebook.run(0)

    card.button("Cancel").dblclick()
    requested = card.button("Cancel requested…")
    requested.dispatch_event("click")
    requested.dispatch_event("click")
    notebook.ask("fake.finish()")

    card.expect_state("Done")
    card.expect_text(TOO_LATE)
    assert notebook.ask("print(fake.cancels)") == "1"
    assert notebook.complaints == []


def test_a_refusal_is_shown_with_its_reason_and_can_be_tried_again(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FAKE + "fake.refuse_cancel('The calibration has begun.')\njob"])
    card = Card(notebook.output(0))
    notebook.run(0)

    card.press("Cancel")
    card.expect_text("Cancel refused: The calibration has begun.")
    card.expect_state("Running")
    notebook.ask("fake.ignore_cancel()")
    card.press("Cancel")
    expect(card.button("Cancel requested…")).to_be_visible()
    notebook.ask("fake.move_to(JobState.CANCELLED)")

    card.expect_state("Cancelled")
    expect(card.element).not_to_contain_text("refused")
    assert notebook.ask("print(fake.cancels, job.cancel_state)") == "2 CONFIRMED"


def test_waiting_for_a_job_that_ignores_its_cancel_can_be_stopped(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FAKE + "fake.ignore_cancel()\ndisplay(job)\njob.result()"])
    card = Card(notebook.output(0))
    notebook.start(0)

    card.press("Cancel")
    expect(card.button("Cancel requested…")).to_be_visible()
    card.press("Stop waiting")
    notebook.wait_until_idle(0)

    expect(notebook.output(0)).to_contain_text("StoppedWaiting")
    expect(card.button("Stop waiting")).to_have_count(0)
    card.expect_state("Running")
    notebook.ask("fake.finish()")
    card.expect_text(TOO_LATE)
    assert notebook.complaints == []


def test_a_slow_cancel_is_requested_first_and_cancelled_only_when_the_provider_says_so(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([IMPORTS + "job = WidgetJob(run(queue=0, seconds=600, cancel='slow'))\njob"])
    card = Card(notebook.output(0))
    notebook.run(0)

    card.press("Cancel")
    expect(card.button("Cancel requested…")).to_be_visible()
    card.expect_state("Running")

    card.expect_state("Cancelled")
    expect(card.element.get_by_role("button")).to_have_text(["Details"])


def test_a_call_that_cannot_be_stopped_says_so_and_need_not_be_waited_for(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(
        [
            f"{IMPORTS}import threading\nfrom concurrent.futures import ThreadPoolExecutor\n"
            "begun, finish = threading.Event(), threading.Event()\n"
            "job = WidgetJob(ThreadPoolExecutor().submit(lambda: (begun.set(), finish.wait())))\n"
            "begun.wait()\ndisplay(job)\njob.result()"
        ]
    )
    card = Card(notebook.output(0))
    notebook.start(0)

    card.expect_text("A running call cannot be stopped")
    expect(card.button("Cancel")).to_have_count(0)
    card.press("Stop waiting")
    notebook.wait_until_idle(0)

    expect(notebook.output(0)).to_contain_text("StoppedWaiting")
    notebook.ask("finish.set()")
    card.expect_state("Done")
    assert notebook.complaints == []
