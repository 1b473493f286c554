"""What one step of a loop costs that shows its progress: ``track`` in a job, beside other progress bars in a cell.

Measured in one kernel, by turns, with loops that do nothing else. ``track`` runs in a job whose card is shown; the
others draw where a notebook's user sees them. What counts is the processor's time, of all threads of the kernel: what a
bar leaves to another thread costs as well, and what else the machine does costs nothing.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from IPython.display import clear_output, display

from benchmarks.table import Row, Spread, number, print_table
from primwidgets import submit, track
from tests.kernel.driver import real_kernel

ROUNDS: Final = 15
STEPS: Final = 300_000
#: Rounds before the first that counts: they import, fill caches and start threads.
_WARM_UP: Final = 2

Samples = dict[str, list[float]]
Bar = Callable[[Iterable[Any]], Iterable[Any]]

#: The most that ``track`` should take, in steps of the peer.
_TARGETS: Final = {"bare loop": None, "tqdm": 1.0, "tqdm.notebook": 0.25, "rich.progress.track": None}


def main() -> None:
    """Measure and print."""
    with real_kernel(sys.executable) as kernel:
        printed = kernel.run("from benchmarks import progress; progress.measure()")
    samples: Samples = json.loads(printed.splitlines()[-1])
    spreads = {name: Spread(values) for name, values in samples.items()}
    rows = [_row("track", spreads["track"], name, spreads[name], target) for name, target in _TARGETS.items()]
    rows.append(_row("tqdm in a job", spreads["tqdm in a job"], "tqdm", spreads["tqdm"], 1.0))
    print_table("A step of a loop with a progress bar, ns: p50 / p95 (samples)", rows)


def measure() -> None:
    """Print, as JSON, the nanoseconds of a step with each bar, in each round."""
    from rich.progress import track as rich_track
    from tqdm import tqdm
    from tqdm.notebook import tqdm as tqdm_notebook

    in_a_cell: dict[str, Bar] = {
        "bare loop": iter,
        "tqdm": tqdm,
        "tqdm.notebook": tqdm_notebook,
        "rich.progress.track": rich_track,
    }
    in_a_job: dict[str, Bar] = {"track": track, "tqdm in a job": tqdm}
    samples: Samples = {name: [] for name in [*in_a_cell, *in_a_job]}
    for _ in range(_WARM_UP + ROUNDS):
        for name, bar in in_a_cell.items():
            samples[name].append(step_ns(bar))
        for name, bar in in_a_job.items():
            job = submit(step_ns, bar)
            display(job)  # type: ignore[no-untyped-call]
            samples[name].append(job.result())
        clear_output()  # type: ignore[no-untyped-call]
    print(f"\n{json.dumps({name: values[_WARM_UP:] for name, values in samples.items()})}")


def step_ns(bar: Bar) -> float:
    """Nanoseconds of the processor for a step in a loop with ``bar``, on average."""
    steps = bar(range(STEPS))
    begin = time.process_time()
    for _ in steps:
        pass
    return (time.process_time() - begin) / STEPS * 1e9


def _row(what: str, ours: Spread, peer_name: str, peer: Spread, target: float | None) -> Row:
    ratio = ours.p50 / peer.p50
    return Row(
        f"{what}, beside {peer_name}",
        str(ours),
        str(peer),
        number(ratio),
        "" if target is None else f"ratio ≤ {number(target)}",
        None if target is None else ratio <= target,
    )
