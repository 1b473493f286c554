"""The ledger's file: damage, newer versions, full disks, several writers, kills during a write."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from primwidgets import JobState, LedgerError, history
from primwidgets._ledger import store
from primwidgets._ledger.store import LedgerFile
from tests.ledgers import entry, recorder, snapshot
from tests.monitored import PATIENCE


@pytest.mark.parametrize("place", ["/proc/jobs.sqlite", "/dev/full/jobs.sqlite", "/dev/full"])
def test_a_directory_that_cannot_be_written_to_is_logged_once_and_tried_again_later(
    place: str, caplog: pytest.LogCaptureFixture
) -> None:
    notes, later = recorder(Path(place))
    notes.note(snapshot())
    delays = [later.run() for _ in range(4)]
    assert delays[1:] == sorted(delays[1:])
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


def test_a_full_disk_loses_no_job_that_is_still_pending(ledger_path: Path) -> None:
    LedgerFile(ledger_path).write([entry("a")])
    with sqlite3.connect(ledger_path) as database:
        pages = database.execute("PRAGMA page_count").fetchone()[0]
    limited = LedgerFile(ledger_path)
    connect = sqlite3.connect

    def full(*arguments: Any, **keywords: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(*arguments, **keywords)
        database.execute(f"PRAGMA max_page_count = {pages}")
        return database

    notes, later = recorder(ledger_path)
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
    ledger_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    ledger_path.parent.mkdir(parents=True)
    ledger_path.write_text(damage)
    notes, later = recorder(ledger_path)
    notes.note(snapshot())
    later.run()
    assert [one.uid for one in LedgerFile(ledger_path).read()] == ["u-1"]
    aside = list(ledger_path.parent.glob("*.damaged-*"))
    assert [one.read_text() for one in aside] == ([damage] if damage else [])
    assert ("was damaged" in caplog.text) == bool(damage)


def test_a_file_that_is_damaged_in_its_middle_is_moved_aside(ledger_path: Path) -> None:
    LedgerFile(ledger_path).write([entry(f"u-{number}", name="x" * 300) for number in range(100)])
    with sqlite3.connect(ledger_path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(ledger_path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    ledger_path.write_bytes(content)
    assert LedgerFile(ledger_path).write([entry("new")]) is not None
    assert [one.uid for one in LedgerFile(ledger_path).read()] == ["new"]


def test_a_damaged_file_is_an_error_for_who_reads_it(ledger_path: Path) -> None:
    ledger_path.parent.mkdir(parents=True)
    ledger_path.write_text("not a database" * 100)
    with pytest.raises(LedgerError):
        history()


def test_a_file_of_a_newer_version_is_left_as_it_is(ledger_path: Path) -> None:
    LedgerFile(ledger_path).write([entry("a")])
    with sqlite3.connect(ledger_path) as database:
        database.execute(f"PRAGMA user_version = {store.SCHEMA_VERSION + 1}")
    with pytest.raises(LedgerError, match="newer version"):
        LedgerFile(ledger_path).write([entry("b")])
    assert [one.uid for one in LedgerFile(ledger_path).read()] == ["a"]


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


def test_four_processes_write_a_thousand_jobs_each(ledger_path: Path) -> None:
    commands = [[sys.executable, "-c", WRITER, str(ledger_path), str(number)] for number in range(4)]
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


def test_a_kill_during_a_write_leaves_whole_transactions(ledger_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(ledger_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(5):
        written = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)
    process.stdout.close()
    uids = [one.uid for one in LedgerFile(ledger_path).read()]
    assert len(uids) >= written * 50
    assert len(uids) % 50 == 0
    assert LedgerFile(ledger_path).write([entry("after")]) is None


def test_a_row_that_cannot_be_understood_is_left_out(ledger_path: Path) -> None:
    LedgerFile(ledger_path).write([entry("a"), entry("b")])
    with sqlite3.connect(ledger_path) as database:
        database.execute("UPDATE jobs SET state = 'MELTED', locator = '[' WHERE uid = 'a'")
    assert [one.uid for one in history()] == ["b"]
