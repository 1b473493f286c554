"""The ledger: which jobs there were, in a file that survives whatever happens to its writers."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import primwidgets
from primwidgets import JobState, LedgerError, NotAJobError, WidgetJob, history
from primwidgets._jupyter import services
from primwidgets._ledger import places, store
from primwidgets._ledger.entry import LedgerEntry, entry_of
from primwidgets._ledger.recorder import Recorder
from primwidgets._ledger.store import LedgerFile
from primwidgets._settings import settings
from primwidgets.snapshot import JobError, JobSnapshot
from primwidgets.testing import FakeJob

PATIENCE = 60.0


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger of the test's own, which this process writes to."""
    path = tmp_path / "data" / "jobs.sqlite"
    services.recorder().flush()  # what other tests left is not written here
    monkeypatch.setenv(places.VARIABLE, str(path))
    return path


@pytest.fixture(autouse=True)
def on_again() -> Iterator[None]:
    yield
    settings.ledger = True


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


# What is remembered.


def test_a_job_is_in_the_ledger_with_what_it_was_where_when_and_how_it_ended(
    path: Path, monkeypatch: pytest.MonkeyPatch
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


def test_neither_results_nor_what_was_printed_nor_tracebacks_are_in_the_file(path: Path) -> None:
    told = snapshot(
        log="printed",
        state=JobState.ERROR,
        error=JobError("E", "reason", "secret traceback"),
        result_preview={"secret": "picture"},
        metadata={"token": "secret"},
        message="secret message",
    )
    LedgerFile(path).write([entry_of(told, None, "host", 1, 1.0)])
    assert b"secret" not in path.read_bytes()
    assert b"printed" not in path.read_bytes()


def test_jobs_are_found_by_state_name_provider_notebook_and_time(path: Path) -> None:
    LedgerFile(path).write(
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


def test_it_is_shown_as_a_table_and_html_is_text(path: Path) -> None:
    LedgerFile(path).write([entry("a", name="<b>x</b>", state=JobState.DONE), entry("b", name="left")])
    listed = history()
    assert "RUNNING when last seen" in repr(listed)
    assert "<b>x" not in listed._repr_html_()
    assert "&lt;b&gt;x" in listed._repr_html_()


def test_it_becomes_a_table_of_pandas(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pandas: Any = ModuleType("pandas")
    pandas.DataFrame = lambda rows, columns: {name: [row[name] for row in rows] for name in columns}
    pandas.to_datetime = lambda column, **how: [(value, how["unit"], how["utc"]) for value in column]
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    LedgerFile(path).write([entry("a", created_at=5.0)])
    table = history().to_dataframe()
    assert (table["job_id"], table["created_at"]) == (["a"], [(5.0, "s", True)])


def test_only_its_owner_may_read_it(path: Path) -> None:
    LedgerFile(path).write([entry()])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# When it is written.


def test_changes_within_a_tick_are_one_transaction_and_what_says_nothing_new_is_none(path: Path) -> None:
    notes, later = recorder(path)
    notes.note(snapshot())
    notes.note(snapshot("u-2"))
    notes.note(snapshot(state=JobState.DONE))
    assert later.run() == 1.0
    assert {(one.uid, one.state) for one in LedgerFile(path).read()} == {("u-1", "DONE"), ("u-2", "RUNNING")}
    notes.note(snapshot(state=JobState.DONE, progress=0.5))
    assert later.tasks == []


def test_off_by_the_setting_or_the_variable_nothing_is_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ledger = False
    jobs: list[Any] = [WidgetJob(FakeJob())]
    assert history() == []
    settings.ledger = True
    monkeypatch.setenv(places.VARIABLE, "off")
    jobs.append(WidgetJob(FakeJob()))
    assert history() == []
    assert not path.exists()


def test_without_the_variable_it_is_in_jupyters_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jupyter_core import paths

    monkeypatch.delenv(places.VARIABLE)
    assert places.ledger_path() == Path(paths.jupyter_data_dir()) / "primwidgets" / "jobs.sqlite"
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    assert places.ledger_path() == tmp_path / "primwidgets" / "jobs.sqlite"


def test_noting_a_job_costs_its_thread_less_than_20_microseconds(path: Path) -> None:
    notes, _ = recorder(path)
    snapshots = [snapshot(f"u-{number}") for number in range(2000)]
    best = min(_seconds_for(notes, snapshots) for _ in range(5))
    assert best / len(snapshots) < 20e-6


def _seconds_for(notes: Recorder, snapshots: list[JobSnapshot]) -> float:
    for one in snapshots:
        notes.forget(one.uid)
    begin = time.perf_counter()
    for one in snapshots:
        notes.note(one)
    return time.perf_counter() - begin


def test_the_oldest_jobs_are_forgotten(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_ROWS", 3)
    old = entry_of(snapshot("old"), None, "host", 1, time.time() - store.MOST_DAYS * 86_400 - 1)
    rows = [entry_of(snapshot(f"u-{n}", created_at=float(n)), None, "host", 1, time.time() + n) for n in range(5)]
    LedgerFile(path).write([old, *rows], prune=True)
    assert [one.uid for one in LedgerFile(path).read()] == ["u-4", "u-3", "u-2"]


# What may happen to it.


@pytest.mark.parametrize("place", ["/proc/jobs.sqlite", "/dev/full/jobs.sqlite", "/dev/full"])
def test_a_place_that_cannot_be_written_to_is_told_once_and_tried_again_later(
    place: str, caplog: pytest.LogCaptureFixture
) -> None:
    notes, later = recorder(Path(place))
    notes.note(snapshot())
    delays = [later.run() for _ in range(4)]
    assert delays[1:] == sorted(delays[1:])
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


def test_a_full_disk_loses_no_job_that_is_still_pending(path: Path) -> None:
    LedgerFile(path).write([entry("a")])
    with sqlite3.connect(path) as database:
        pages = database.execute("PRAGMA page_count").fetchone()[0]
    limited = LedgerFile(path)
    connect = sqlite3.connect

    def full(*arguments: Any, **keywords: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(*arguments, **keywords)
        database.execute(f"PRAGMA max_page_count = {pages}")
        return database

    notes, later = recorder(path)
    many = [snapshot(f"u-{number}", name="x" * 300) for number in range(200)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", full)
        for one in many:
            notes.note(one)
        later.run()
    assert [one.uid for one in limited.read()] == ["a"]
    later.run()
    assert len(limited.read()) == 201


@pytest.mark.parametrize("damage", ["not a database" * 100, ""])
def test_a_damaged_file_is_moved_aside_and_a_new_one_is_begun(
    path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(damage)
    notes, later = recorder(path)
    notes.note(snapshot())
    later.run()
    assert [one.uid for one in LedgerFile(path).read()] == ["u-1"]
    aside = list(path.parent.glob("*.damaged-*"))
    assert [one.read_text() for one in aside] == ([damage] if damage else [])
    assert ("was damaged" in caplog.text) == bool(damage)


def test_a_file_that_is_damaged_in_its_middle_is_moved_aside(path: Path) -> None:
    LedgerFile(path).write([entry(f"u-{number}", name="x" * 300) for number in range(100)])
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    assert LedgerFile(path).write([entry("new")]) is not None
    assert [one.uid for one in LedgerFile(path).read()] == ["new"]


def test_a_damaged_file_is_an_error_for_who_reads_it(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("not a database" * 100)
    with pytest.raises(LedgerError):
        history()


def test_a_file_of_a_newer_version_is_left_as_it_is(path: Path) -> None:
    LedgerFile(path).write([entry("a")])
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {store.SCHEMA_VERSION + 1}")
    with pytest.raises(LedgerError, match="newer version"):
        LedgerFile(path).write([entry("b")])
    assert [one.uid for one in LedgerFile(path).read()] == ["a"]


WRITER = """
import sys
from pathlib import Path
from primwidgets._ledger.recorder import Recorder
from primwidgets.snapshot import JobSnapshot, JobState
path, number = Path(sys.argv[1]), sys.argv[2]
recorder = Recorder(lambda seconds, task: None, lambda: path)
print("ready", flush=True)
sys.stdin.readline()
for tick in range(20):
    for state in (JobState.RUNNING, JobState.DONE):
        for job in range(50):
            recorder.note(JobSnapshot(uid=f"{number}-{tick}-{job}", state=state, created_at=1.0))
        assert recorder.flush()
"""


def test_four_processes_write_a_thousand_jobs_each(path: Path) -> None:
    commands = [[sys.executable, "-c", WRITER, str(path), str(number)] for number in range(4)]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, stdin=pipe, stdout=pipe) for command in commands]
    assert [_read_line(process) for process in processes] == [b"ready\n"] * 4
    for process in processes:
        process.communicate(b"go\n", PATIENCE)
    assert [process.returncode for process in processes] == [0] * 4
    found = history(limit=None)
    assert len(found) == 4000
    assert {one.state for one in found} == {JobState.DONE}


def _read_line(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    return process.stdout.readline()


KILLED = """
import os, sys
from pathlib import Path
from primwidgets._ledger.entry import entry_of
from primwidgets._ledger.store import LedgerFile
from primwidgets.snapshot import JobSnapshot
file, number = LedgerFile(Path(sys.argv[1])), 0
while True:
    number += 1
    snapshots = (JobSnapshot(uid=f"{number}-{part}", created_at=1.0) for part in range(50))
    file.write([entry_of(one, None, "host", 1, 1.0) for one in snapshots])
    print(number, flush=True)
"""


def test_a_kill_during_a_write_leaves_whole_transactions(path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(5):
        written = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)
    process.stdout.close()
    uids = [one.uid for one in LedgerFile(path).read()]
    assert len(uids) >= written * 50
    assert len(uids) % 50 == 0
    assert LedgerFile(path).write([entry("after")]) is None


def test_a_row_that_nobody_understands_is_left_out(path: Path) -> None:
    LedgerFile(path).write([entry("a"), entry("b")])
    with sqlite3.connect(path) as database:
        database.execute("UPDATE jobs SET state = 'MELTED', locator = '[' WHERE uid = 'a'")
    assert [one.uid for one in history()] == ["b"]


# Attaching.


def attach(known: Any, **credentials: Any) -> Any:
    return WidgetJob.attach(known, **credentials)


def test_a_job_that_cannot_be_found_again_says_why(path: Path) -> None:
    LedgerFile(path).write([entry("a")])
    for known in ("a", history()[0]):
        with pytest.raises(NotAJobError, match="ended with its kernel"):
            attach(known)
    with pytest.raises(NotAJobError, match="is in the ledger"):
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


def test_a_process_is_found_again_by_another_kernel(path: Path) -> None:
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
        with pytest.raises(NotAJobError, match="is over"):
            attach(found)
    finally:
        process.kill()
        process.wait(PATIENCE)
        if process.stdin is not None:
            process.stdin.close()


def test_another_process_with_the_same_number_is_not_taken_for_it(path: Path) -> None:
    with pytest.raises(NotAJobError, match="is over"):
        attach({"provider": "popen", "pid": str(os.getpid()), "began": "1"})


def test_it_is_public() -> None:
    assert primwidgets.history is history
