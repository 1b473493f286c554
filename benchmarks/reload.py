"""From a reload of the page to a live card while the kernel is busy, beside a stock progress bar on the same page.

The card is live when it has heard from its kernel and can cancel the job. The stock bar is there when its model has
been fetched from the kernel, which answers that when the running cell has ended: how long the peer takes is how long
the cell goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from playwright.sync_api import expect

from benchmarks.lab import open_lab
from benchmarks.table import Row, Spread, number, print_table
from tests.browser.lab import NotebookPage
from tests.browser.reload import reload_and_time, time_reloads

ROUNDS: Final = 5
#: How long the cell runs, in seconds: longer than this page takes to load on a busy machine.
CELL_SECONDS: Final = 12
TARGET_MS: Final = 1000.0

_CELLS: Final = [
    "from benchmarks.subjects import Bars\nbars = Bars()\nbars.play(10_000, 0.3)\ndisplay(bars.card, bars.stock)",
    f"import time; time.sleep({CELL_SECONDS})",
]


def main() -> None:
    """Measure and print."""
    with open_lab(_CELLS, extension=True) as notebook:
        notebook.run(0)
        notebook.page.wait_for_selector(".primwidgets-JobCard")
        notebook.page.wait_for_selector(".widget-hprogress")
        notebook.save()
        time_reloads(notebook)
        seen = [_reload_while_busy(notebook) for _ in range(ROUNDS)]
    rows = [
        _row("reload", seen),
        _row("connection", [_since("connected", one) for one in seen], TARGET_MS),
        Row("first cell → card as it was stored", str(Spread([one["card"] - one["cell"] for one in seen]))),
    ]
    title = f"A page loaded again while a cell runs for {CELL_SECONDS} s, ms: p50 / p95 (samples)"
    print_table(f"{title}; peer: ipywidgets.IntProgress, which waits for the cell", rows)


def _reload_while_busy(notebook: NotebookPage) -> dict[str, float]:
    notebook.start(1)
    seen = reload_and_time(notebook, until="stock")
    expect(notebook.kernel_indicator()).to_have_attribute("data-status", "idle")
    return seen


def _since(start: str, seen: dict[str, float]) -> dict[str, float]:
    return {name: at - seen[start] for name, at in seen.items()}


def _row(start: str, seen: Iterable[dict[str, float]], target: float | None = None) -> Row:
    seen = list(seen)
    ours, peer = (Spread([one[which] for one in seen]) for which in ("live", "stock"))
    return Row(
        f"{start} → live, cell in time.sleep()",
        str(ours),
        str(peer),
        number(ours.p50 / peer.p50),
        "" if target is None else f"p95 ≤ {number(target / 1000)} s",
        None if target is None else ours.p95 <= target,
    )
