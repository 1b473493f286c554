"""A thousand tasks of Dask on one card, beside Dask's own progress bar for the same tasks.

Measured in one kernel that also runs the cluster's scheduler, whose cost is the same on both sides and in the bare run,
and is subtracted.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from IPython.display import display

from benchmarks.live import percent
from benchmarks.table import Row, Spread, number, print_table
from tests.kernel.driver import real_kernel

TASKS: Final = 1_000
ROUNDS: Final = 3
#: Tasks at the same time, and how long each of them takes, so that a round takes four seconds.
_THREADS: Final = 50
_SECONDS: Final = 0.2
_PATIENCE_SECONDS: Final = 300.0


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder, real_kernel(sys.executable) as kernel:
        results = Path(folder, "results.json")
        kernel.patience = _PATIENCE_SECONDS
        kernel.execute(f"from benchmarks import dask_progress; dask_progress.measure({str(results)!r})")
        kernel.wait_until(results.exists, "the measurement")
        seen: dict[str, list[tuple[float, float]]] = json.loads(results.read_text())
    print_table(f"{TASKS:,} tasks of Dask; peer: distributed.progress", _rows(seen))


def _rows(seen: dict[str, list[tuple[float, float]]]) -> list[Row]:
    bare = [cpu for cpu, _ in seen["bare"]]
    ours, peer = (percent([cpu for cpu, _ in seen[way]], bare) for way in ("ours", "peer"))
    sent, theirs = (Spread([messages for _, messages in seen[way]]) for way in ("ours", "peer"))
    return [
        Row("one card, % of a core", str(ours), str(peer), _ratio(ours, peer)),
        Row(
            "one card, messages/s",
            str(sent),
            str(theirs),
            _ratio(sent, theirs),
            "≤ 20",
            sent.p50 <= 20,
        ),
    ]


def _ratio(ours: Spread, peer: Spread) -> str:
    """Nothing where the peer costs too little to be told from nothing."""
    return number(ours.p50 / peer.p50) if peer.p50 >= 0.1 else ""


def measure(results: str) -> None:
    """Write everything into the file ``results``, as JSON; in the kernel."""
    from distributed import Client, LocalCluster, progress

    from benchmarks.thousands import count_messages
    from primwidgets import WidgetJob

    sent = count_messages()
    ways: dict[str, Callable[[Any], object]] = {
        "bare": lambda futures: None,
        "ours": lambda futures: display(WidgetJob(futures)),  # type: ignore[no-untyped-call]
        "peer": lambda futures: display(progress(futures)),  # type: ignore[no-untyped-call]
    }
    seen: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    with (
        LocalCluster(n_workers=1, threads_per_worker=_THREADS, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        for _ in range(ROUNDS):
            for way, show in ways.items():
                seen[way].append(_round(client, show, sent))
    part = Path(f"{results}.part")
    part.write_text(json.dumps(seen))
    part.rename(results)


def _round(client: Any, show: Callable[[Any], object], sent: list[int]) -> tuple[float, float]:
    from distributed import wait

    before, begin, used = sent[0], time.monotonic(), time.process_time()
    futures = client.map(time.sleep, [_SECONDS] * TASKS, pure=False)
    show(futures)
    wait(futures)
    seconds = time.monotonic() - begin
    return (time.process_time() - used) / seconds, (sent[0] - before) / seconds
