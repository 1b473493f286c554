"""A ledger for tests: its file, entries, and a recorder that writes when the test says so."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from primwidgets import JobState
from primwidgets._ledger.entry import LedgerEntry, entry_of
from primwidgets._ledger.recorder import Recorder
from primwidgets.snapshot import JobSnapshot


def snapshot(uid: str = "u-1", **more: Any) -> JobSnapshot:
    known = {"job_id": uid, "provider": "Acme", "state": JobState.RUNNING, "created_at": 1000.0, **more}
    return JobSnapshot(uid=uid, **known)


def entry(uid: str = "u-1", **more: Any) -> LedgerEntry:
    return entry_of(snapshot(uid, **more), "a.ipynb", "host", 1, time.time())


class Later:
    """Tasks that run when the test says so."""

    def __init__(self) -> None:
        self.tasks: list[tuple[float, Any]] = []

    def __call__(self, seconds: float, task: Any) -> None:
        self.tasks.append((seconds, task))

    def run(self) -> float:
        seconds, task = self.tasks.pop(0)
        task()
        return seconds


def recorder(path: Path | None) -> tuple[Recorder, Later]:
    later = Later()
    return Recorder(later, lambda: path), later
