"""From a change of a job's state to the card that shows it, beside a stock progress bar in the same page.

A change begins when the provider's job changes, in a thread. It is painted when the page has drawn a frame after
the new value, or a newer one, came into the document; the movement of either bar towards it goes on after that. In a
burst the card shows about ten values a second, and a value that is skipped counts as painted with the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Final, NamedTuple

from benchmarks.lab import blocked, open_lab, printed_json
from benchmarks.table import Row, Spread, number, print_table
from tests.browser.lab import NotebookPage

STEPS: Final = 33
TARGET_MS: Final = 150.0
_TIMEOUT_MS: Final = 60_000

_SETUP: Final = "from benchmarks.subjects import Bars\nbars = Bars()\ndisplay(bars.card, bars.stock)"
_REPORT: Final = 1


class _Situation(NamedTuple):
    """What the kernel does meanwhile.

    Attributes:
        name: what the row says.
        gap: seconds between two changes.
        blocks: whether the cell goes on until it is interrupted.
    """

    name: str
    gap: float
    blocks: bool


_SITUATIONS: Final = (
    _Situation("kernel idle", 0.3, False),
    _Situation("cell in time.sleep()", 0.3, True),
    _Situation("cell in time.sleep(), 25/s", 0.04, True),
)
_PLAYS: Final = [
    f"import time\nbars.play({STEPS}, {gap})" + "\ntime.sleep(600)" * blocks for _, gap, blocks in _SITUATIONS
]

# Two animation frames: the first callback comes before the frame is drawn, the second after it. Date.now() is the clock
# that Python's time.time() reads, in whole milliseconds.
_WATCH: Final = """() => {
    const watch = (selector, read) => {
        const element = document.querySelector(selector), painted = [];
        let last = null;
        new MutationObserver(() => {
            const value = read(element);
            if (value !== last) {
                last = value;
                requestAnimationFrame(() => requestAnimationFrame(() => painted.push([value, Date.now() / 1000])));
            }
        }).observe(element, {attributes: true, childList: true, characterData: true, subtree: true});
        return painted;
    };
    window.painted = {
        ours: watch('.primwidgets-JobCard', card =>
            Number(card.querySelector('[role=progressbar]').getAttribute('aria-valuenow'))),
        peer: watch('.widget-hprogress', bar => parseFloat(bar.querySelector('.progress-bar').style.width)),
    };
}"""
_IS_PAINTED: Final = """value => Object.values(window.painted).every(painted => painted.at(-1)?.[0] === value)"""


def main() -> None:
    """Measure and print."""
    with open_lab([_SETUP, "bars.report()", *_PLAYS]) as notebook:
        notebook.run(0)
        notebook.page.wait_for_selector(".primwidgets-JobCard")
        notebook.page.wait_for_selector(".widget-hprogress")
        notebook.page.evaluate(_WATCH)
        rows = [_measure(notebook, index, situation) for index, situation in enumerate(_SITUATIONS)]
    print_table("Change → painted, ms: p50 / p95 (samples); peer: ipywidgets.IntProgress", rows)


def _measure(notebook: NotebookPage, index: int, situation: _Situation) -> Row:
    cell = index + _REPORT + 1
    if not situation.blocks:
        notebook.run(cell)
    with blocked(notebook, cell) if situation.blocks else nullcontext():
        notebook.page.wait_for_function(_IS_PAINTED, arg=(index + 1) * STEPS, polling=200, timeout=_TIMEOUT_MS)
    painted = notebook.page.evaluate("window.painted")
    changed = printed_json(notebook, _REPORT)
    ours, peer = (_latencies(changed[which], painted[which]) for which in ("ours", "peer"))
    return Row(
        f"change → painted, {situation.name}",
        str(ours),
        str(peer),
        number(ours.p50 / peer.p50),
        f"p95 ≤ {number(TARGET_MS)} ms",
        ours.p95 <= TARGET_MS,
    )


def _latencies(changed: Sequence[tuple[int, float]], painted: Sequence[tuple[int, float]]) -> Spread:
    """Milliseconds from each change until its value, or a newer one, was painted."""
    return Spread([1000 * (next(at for seen, at in painted if seen >= value) - since) for value, since in changed])
