"""``WidgetJob.attach``: jobs of earlier kernels found again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from primwidgets import JobState, NotAJobError, WidgetJob, history
from primwidgets._ledger.store import LedgerFile
from tests.ledgers import entry
from tests.monitored import PATIENCE


def attach(known: Any, **credentials: Any) -> Any:
    return WidgetJob.attach(known, **credentials)


def test_a_job_that_cannot_be_found_again_says_why(ledger_path: Path) -> None:
    LedgerFile(ledger_path).write([entry("a")])
    for known in ("a", history()[0]):
        with pytest.raises(NotAJobError, match="ended with its kernel"):
            attach(known)
    with pytest.raises(NotAJobError, match="no job 'unknown' in the ledger"):
        attach("unknown")
    with pytest.raises(NotAJobError, match="cannot be found again"):
        attach({"provider": "os", "job_id": "system"})


def test_a_client_that_is_needed_is_asked_for() -> None:
    with pytest.raises(NotAJobError, match="connection="):
        attach({"provider": "rq", "job_id": "7"})


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(NotAJobError, match="submitit"):
        attach({"provider": "submitit", "job_id": "7", "folder": "x"})


def test_a_process_is_found_again_by_another_kernel(ledger_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        started = WidgetJob(process, name="server")
        (found,) = history(name="server")
        again = WidgetJob.attach(json.loads(json.dumps(dict(found.locator))))
        assert again.snapshot.state is JobState.RUNNING
        assert attach(found).snapshot.name == "server"
        again.cancel()
        assert again.wait(PATIENCE)
        assert started.wait(PATIENCE)
        assert process.wait(PATIENCE) == -signal.SIGTERM
        with pytest.raises(NotAJobError, match="has ended"):
            attach(found)
    finally:
        process.kill()
        process.wait(PATIENCE)
        if process.stdin is not None:
            process.stdin.close()


def test_another_process_with_the_same_number_is_not_taken_for_it(ledger_path: Path) -> None:
    with pytest.raises(NotAJobError, match="has ended"):
        attach({"provider": "popen", "pid": str(os.getpid()), "began": "1"})
