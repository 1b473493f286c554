"""From a click in JupyterLab to the provider's ``cancel()``, beside a stock button in the same page.

A click begins when the page dispatches it, and has arrived when ``cancel()`` of the job, or the handler of
``ipywidgets.Button``, is called in Python. The kernel is idle, or busy with a cell that ends when all clicks are done.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Final

from playwright.sync_api import expect

from benchmarks.lab import blocked, open_lab, printed_json
from benchmarks.table import Row, Spread, number, print_table
from tests.browser.lab import NotebookPage

CLICKS: Final = 30
TARGET_MS: Final = 50.0
#: Between two clicks, so that none meets what the one before still stirs up in the page and on the server.
_PAUSE_MS: Final = 100.0

_SETUP: Final = "from benchmarks.subjects import Buttons\nbuttons = Buttons()\ndisplay(buttons.card, buttons.stock)"
_REPORT: Final = 1
_CELLS: Final = [_SETUP, "buttons.report()", "import time; time.sleep(600)", "buttons.card.result()"]
#: The cell that blocks the kernel, if any, and what the row says.
_SITUATIONS: Final = ((None, "kernel idle"), (2, "cell in time.sleep()"), (3, "cell in job.result()"))

# Date.now() is the clock that Python's time.time() reads, in whole milliseconds.
_LISTEN: Final = """() => {
    window.clicked = {ours: [], peer: []};
    document.addEventListener('click', event => {
        const ours = event.target.closest('.primwidgets-JobCard') !== null;
        window.clicked[ours ? 'ours' : 'peer'].push(Date.now() / 1000);
    }, {capture: true});
}"""
_TAKE_CLICKS: Final = """() => {
    const {ours, peer} = window.clicked;
    return {ours: ours.splice(0), peer: peer.splice(0)};
}"""


def main() -> None:
    """Measure and print."""
    with open_lab(_CELLS) as notebook:
        notebook.run(0)
        notebook.page.evaluate(_LISTEN)
        rows = [_measure(notebook, cell, situation) for cell, situation in _SITUATIONS]
    print_table("Click → Python, ms: p50 / p95 (samples); peer: ipywidgets.Button, which waits for the cell", rows)


def _measure(notebook: NotebookPage, cell: int | None, situation: str) -> Row:
    with nullcontext() if cell is None else blocked(notebook, cell):
        _click(notebook)
    began = notebook.page.evaluate(_TAKE_CLICKS)
    arrived = printed_json(notebook, _REPORT)
    ours, peer = (_latencies(began[which], arrived[which]) for which in ("ours", "peer"))
    target = None if cell is None else TARGET_MS
    return Row(
        f"click → cancel(), {situation}",
        str(ours),
        str(peer),
        number(ours.p50 / peer.p50),
        "" if target is None else f"p95 ≤ {number(target)} ms",
        None if target is None else ours.p95 <= target,
    )


def _click(notebook: NotebookPage) -> None:
    cancel = notebook.output(0).get_by_role("button", name="Cancel", exact=True)
    stock = notebook.output(0).get_by_role("button", name="Stock", exact=True)
    for _ in range(CLICKS):
        cancel.click()
        expect(cancel).to_be_enabled()  # the refusal is here: the card can be asked again
        notebook.page.wait_for_timeout(_PAUSE_MS)
        stock.click()
        notebook.page.wait_for_timeout(_PAUSE_MS)


def _latencies(began: list[float], arrived: list[float]) -> Spread:
    """Milliseconds from the start to the end of each click.

    Raises:
        RuntimeError: clicks were lost, or counted twice.
    """
    if not len(began) == len(arrived) == CLICKS:
        raise RuntimeError(f"{CLICKS} clicks were made, {len(began)} began and {len(arrived)} arrived")
    return Spread([(end - start) * 1000 for start, end in zip(began, arrived, strict=True)])
