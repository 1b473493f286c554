"""After the page is loaded again, cards are back, and live while the kernel is busy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.blocking import LOOP, SLEEP
from tests.browser.card import IMPORTS, RUN_LONG, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.server import JupyterServer

pytestmark = pytest.mark.own_page

SHOW = f"{IMPORTS}job = WidgetJob({RUN_LONG})\njob"
#: Withholds the end of JupyterLab's wait for a kernel's first answer, 3000 ms, after which it sends what it has queued.
WITHHOLD_QUEUE = """() => {
    const setTimer = window.setTimeout;
    window.withheld = 0;
    window.setTimeout = (action, delay, ...rest) => {
        if (delay !== 3000) return setTimer(action, delay, ...rest);
        window.withheld += 1;
        return 0;
    };
}"""
WAIT = "try:\n    job.result()\nexcept BaseException as error:\n    raised = type(error).__name__"


def test_a_card_is_live_though_the_queue_of_messages_waits_for_the_busy_kernel(
    open_notebook: OpenNotebook, server: JupyterServer
) -> None:
    """How soon it is live is measured by ``make bench``."""
    notebook = open_notebook([SHOW, SLEEP])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_progress_to_grow()
    notebook.save()
    notebook.start(1)
    notebook.page.add_init_script(f"({WITHHOLD_QUEUE})()")

    notebook.reload(kernel_busy=True)
    card.expect_progress_to_grow()
    card.press("Cancel")

    card.expect_state("Cancelled")
    assert [kernel["execution_state"] for kernel in server.request("GET", "api/kernels")] == ["busy"]
    assert notebook.page.evaluate("() => window.withheld") > 0
    assert notebook.complaints == []


@pytest.mark.parametrize("blocker", [SLEEP, LOOP], ids=["sleep", "loop"])
def test_after_a_reload_a_job_is_cancelled_while_the_cell_goes_on(open_notebook: OpenNotebook, blocker: str) -> None:
    notebook = open_notebook([SHOW, blocker])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_progress_to_grow()
    notebook.save()
    notebook.start(1)

    notebook.reload(kernel_busy=True)
    card.expect_progress_to_grow()
    card.press("Cancel")
    card.expect_state("Cancelled")
    expect(notebook.kernel_indicator()).to_have_attribute("data-status", "busy")
    notebook.interrupt_kernel()

    expect(notebook.kernel_indicator()).to_have_attribute("data-status", "idle")
    assert notebook.ask("print(job.state, job.cancel_state)") == "CANCELLED CONFIRMED"
    assert notebook.complaints == []


def test_cancel_after_a_reload_ends_the_cell_that_waits_for_the_result(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SHOW, WAIT])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_progress_to_grow()
    notebook.save()
    notebook.start(1)

    notebook.reload(kernel_busy=True)
    card.press("Cancel")
    card.expect_state("Cancelled")

    assert notebook.ask("print(raised)") == "CancelledError"
    assert notebook.complaints == []


def test_a_card_that_was_never_saved_is_back_under_its_cell_while_the_cell_goes_on(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["1 + 1", f"{SHOW}\ndisplay(job)\n{WAIT}"])
    card = Card(notebook.output(1))
    notebook.start(1)
    card.expect_progress_to_grow()

    notebook.reload(kernel_busy=True)

    card.expect_progress_to_grow()
    expect(notebook.page.locator(".primwidgets-JobOutput")).to_have_count(1)
    card.press("Cancel")
    card.expect_state("Cancelled")
    assert notebook.ask("print(job.state)") == "CANCELLED"
    assert notebook.complaints == []
