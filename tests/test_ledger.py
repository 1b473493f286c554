"""The ledger: which jobs there were, in a file that survives whatever happens to its writers."""

from __future__ import annotations

import stat
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import primwidgets
from primwidgets import JobState, WidgetJob, history
from primwidgets._ledger import places, store
from primwidgets._ledger.entry import entry_of
from primwidgets._ledger.store import LedgerFile
from primwidgets._settings import settings
from primwidgets.snapshot import JobError
from primwidgets.testing import FakeJob
from tests.ledgers import entry, recorder, snapshot
from tests.monitored import PATIENCE

# What is remembered.


def test_a_job_is_in_the_ledger_with_what_it_was_where_when_and_how_it_ended(
    ledger_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "work/fit.ipynb")
    future: Future[int] = Future()
    job = WidgetJob(future, name="fit")
    future.set_exception(ValueError("no such qubit\nand more"))
    assert job.wait(PATIENCE)
    (found,) = history(name="fit")
    assert (found.name, found.job_id, found.state) == ("fit", job.job_id(), JobState.ERROR)
    assert (found.error, found.notebook, found.provider) == (
        "ValueError: no such qubit",
        "work/fit.ipynb",
        "concurrent.futures",
    )
    assert found.created_at is not None
    assert found.finished_at is not None


def test_neither_results_nor_what_was_printed_nor_tracebacks_are_in_the_file(ledger_path: Path) -> None:
    told = snapshot(
        log="printed",
        state=JobState.ERROR,
        error=JobError("E", "reason", "secret traceback"),
        result_preview={"secret": "picture"},
        metadata={"token": "secret"},
        message="secret message",
    )
    LedgerFile(ledger_path).write([entry_of(told, None, "host", 1, 1.0)])
    assert b"secret" not in ledger_path.read_bytes()
    assert b"printed" not in ledger_path.read_bytes()


def test_jobs_are_found_by_state_name_provider_notebook_and_time(ledger_path: Path) -> None:
    LedgerFile(ledger_path).write(
        [
            entry("a", name="Fit %", state=JobState.DONE, created_at=1.0),
            entry("b", name="scan", provider="Other", created_at=2.0),
            entry("c", name="fit_2", state=JobState.ERROR, created_at=3.0, error=JobError("E", "x")),
        ]
    )

    def found(**wanted: Any) -> list[str]:
        return [one.uid for one in history(**wanted)]

    assert found() == ["c", "b", "a"]
    assert found(name="FIT") == ["c", "a"]
    assert found(name="%") == ["a"]
    assert found(name="_") == ["c"]
    assert found(state="live") == ["b"]
    assert found(state="error", provider="acme") == ["c"]
    assert found(since=2.0) == ["c", "b"]
    assert found(notebook="a.ip", limit=1) == ["c"]
    with pytest.raises(ValueError, match="NONSENSE"):
        history(state="nonsense")


def test_it_is_shown_as_a_table_and_html_is_text(ledger_path: Path) -> None:
    LedgerFile(ledger_path).write([entry("a", name="<b>x</b>", state=JobState.DONE), entry("b", name="left")])
    listed = history()
    assert "RUNNING when last seen" in repr(listed)
    assert "<b>x" not in listed._repr_html_()
    assert "&lt;b&gt;x" in listed._repr_html_()


def test_it_becomes_a_table_of_pandas(ledger_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pandas: Any = ModuleType("pandas")
    pandas.DataFrame = lambda rows, columns: {name: [row[name] for row in rows] for name in columns}
    pandas.to_datetime = lambda column, **how: [(value, how["unit"], how["utc"]) for value in column]
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    LedgerFile(ledger_path).write([entry("a", created_at=5.0)])
    table = history().to_dataframe()
    assert (table["job_id"], table["created_at"]) == (["a"], [(5.0, "s", True)])


def test_only_its_owner_may_read_it(ledger_path: Path) -> None:
    LedgerFile(ledger_path).write([entry()])
    assert stat.S_IMODE(ledger_path.stat().st_mode) == 0o600


# When it is written.


def test_changes_within_a_tick_are_one_transaction_and_what_says_nothing_new_is_none(ledger_path: Path) -> None:
    notes, later = recorder(ledger_path)
    notes.note(snapshot())
    notes.note(snapshot("u-2"))
    notes.note(snapshot(state=JobState.DONE))
    assert later.run() == 1.0
    assert {(one.uid, one.state) for one in LedgerFile(ledger_path).read()} == {("u-1", "DONE"), ("u-2", "RUNNING")}
    notes.note(snapshot(state=JobState.DONE, progress=0.5))
    assert later.tasks == []


def test_off_by_the_setting_or_the_variable_nothing_is_written(
    ledger_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ledger = False
    jobs: list[Any] = [WidgetJob(FakeJob())]
    assert history() == []
    settings.ledger = True
    monkeypatch.setenv(places.VARIABLE, "off")
    jobs.append(WidgetJob(FakeJob()))
    assert history() == []
    assert not ledger_path.exists()


def test_without_the_variable_it_is_in_jupyters_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_core import paths

    monkeypatch.delenv(places.VARIABLE)
    assert places.ledger_path() == Path(paths.jupyter_data_dir()) / "primwidgets" / "jobs.sqlite"
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    assert places.ledger_path() == tmp_path / "primwidgets" / "jobs.sqlite"


def test_the_oldest_jobs_are_forgotten(ledger_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_ROWS", 3)
    old = entry_of(snapshot("old"), None, "host", 1, time.time() - store.MOST_DAYS * 86_400 - 1)
    rows = [entry_of(snapshot(f"u-{n}", created_at=float(n)), None, "host", 1, time.time() + n) for n in range(5)]
    LedgerFile(ledger_path).write([old, *rows], prune=True)
    assert [one.uid for one in LedgerFile(ledger_path).read()] == ["u-4", "u-3", "u-2"]


# What may happen to it.


# Attaching.


def test_it_is_public() -> None:
    assert primwidgets.history is history
