"""What noting a job in the ledger costs the thread that made the job, beside one transaction of SQLite for each.

The rows are written later, by a worker, many in one transaction; that is not counted here, since nobody waits for it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.table import Row, Spread, number, print_table
from primwidgets import JobState
from primwidgets._ledger.recorder import Recorder
from primwidgets.snapshot import JobSnapshot

ROUNDS: Final = 10
_JOBS: Final = 1_000
_TRANSACTIONS: Final = 100
_TARGET_US: Final = 20.0


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as directory:
        ours = Spread([_noting(Path(directory) / "ours.sqlite") for _ in range(ROUNDS)])
        peer = Spread([_inserting(Path(directory) / "peer.sqlite") for _ in range(ROUNDS)])
    ratio = number(ours.p50 / peer.p50)
    row = Row("note a job", str(ours), str(peer), ratio, f"≤ {number(_TARGET_US)} µs", ours.p95 <= _TARGET_US)
    print_table("The ledger, on the user's thread, µs a job: p50 / p95 (samples)", [row])


def _noting(path: Path) -> float:
    snapshots = [
        JobSnapshot(uid=f"job-{number}", job_id=str(number), provider="Acme", state=JobState.RUNNING, created_at=1.0)
        for number in range(_JOBS)
    ]
    recorder = Recorder(_never, lambda: path)
    return _microseconds(recorder.note, snapshots)


def _never(_seconds: float, _task: Callable[[], None]) -> None:
    """Run nothing: only the user's side counts."""


def _inserting(path: Path) -> float:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE IF NOT EXISTS jobs (id TEXT, provider TEXT, state TEXT)")

        def insert(row: tuple[str, str, str]) -> None:
            with database:
                database.execute("INSERT INTO jobs VALUES (?, ?, ?)", row)

        return _microseconds(insert, [(str(number), "Acme", "RUNNING") for number in range(_TRANSACTIONS)])


def _microseconds(call: Callable[[Any], object], items: list[Any]) -> float:
    """What ``call`` takes with each of ``items``, on average."""
    begin = time.perf_counter()
    for item in items:
        call(item)
    return (time.perf_counter() - begin) / len(items) * 1e6
