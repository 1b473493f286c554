"""The ledger's file: SQLite, written by any number of processes at once."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from primwidgets._ledger.entry import COLUMNS, LedgerEntry
from primwidgets.errors import LedgerError

#: Rises when a column changes its meaning, or an older version could not write the file any more.
SCHEMA_VERSION: Final = 1
#: The most jobs that are kept, and the most days; the oldest ones are deleted.
MOST_ROWS: Final = 20_000
MOST_DAYS: Final = 180
#: How long a write waits for those of other processes.
_BUSY_SECONDS: Final = 10.0

_NUMBERS: Final = ("pid", "created_at", "started_at", "finished_at", "seen_at")
_TABLE: Final = "CREATE TABLE IF NOT EXISTS jobs ({}, PRIMARY KEY (uid)) WITHOUT ROWID".format(
    ", ".join(f"{name} {'REAL' if name in _NUMBERS else 'TEXT'}" for name in COLUMNS)
)
_INDEX: Final = "CREATE INDEX IF NOT EXISTS jobs_by_time ON jobs (created_at)"
_WRITE: Final = f"INSERT OR REPLACE INTO jobs ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
_READ: Final = f"SELECT {', '.join(COLUMNS)} FROM jobs"


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """A ledger's file. Each call opens it anew, so that nothing is shared with a forked child. Any thread.

    Attributes:
        path: the file; its directory is made when something is written.
    """

    path: Path

    def write(self, entries: Iterable[LedgerEntry], *, prune: bool = False) -> Path | None:
        """Note entries in one transaction: after a crash there are all of them or none.

        Args:
            entries: later ones replace those of the same job.
            prune: whether to forget old jobs, too.

        Returns:
            where a file was moved that could not be read; ``None`` if all was well.

        Raises:
            LedgerError: it cannot be written: no space, no right, locked for too long; or the file was written by a
                newer version, and is left as it is.
            OSError: its directory cannot be made.
        """
        rows = [entry.to_row() for entry in entries]
        try:
            self._write(rows, prune)
        except sqlite3.Error as error:
            if not _is_corrupt(error):
                raise LedgerError(str(error)) from error
        else:
            return None
        moved = self._move_aside()
        try:
            self._write(rows, prune)
        except sqlite3.Error as error:
            raise LedgerError(str(error)) from error
        return moved

    def read(self, where: str = "", values: Sequence[Any] = (), limit: int | None = None) -> list[LedgerEntry]:
        """The entries, the latest first; none where there is no file.

        Args:
            where: a condition in SQL on the columns, with ``?`` for each of ``values``.
            values: what is compared.
            limit: the most entries.

        Raises:
            LedgerError: it cannot be read: it is damaged, or a newer version wrote it.
        """
        if not self.path.exists():
            return []
        query = f"{_READ} {f'WHERE {where}' if where else ''} ORDER BY created_at DESC LIMIT ?"
        try:
            with self._opened(f"{self.path.absolute().as_uri()}?mode=ro") as database:
                rows = database.execute(query, (*values, -1 if limit is None else limit)).fetchall()
        except sqlite3.Error as error:
            raise LedgerError(f"The ledger {self.path} cannot be read: {error}") from error
        return [entry for row in rows if (entry := _entry(row)) is not None]

    def delete(self, uids: Iterable[str]) -> int:
        """Forget jobs; how many of them the file had.

        Raises:
            LedgerError: it cannot be written, is damaged, or was written by a newer version; it is left as it is.
        """
        if not self.path.exists():
            return 0
        try:
            with self._opened() as database:
                self._refuse_newer(database)
                with database:
                    return database.executemany("DELETE FROM jobs WHERE uid = ?", [(uid,) for uid in uids]).rowcount
        except sqlite3.Error as error:
            raise LedgerError(f"The ledger {self.path} cannot be written: {error}") from error

    def _write(self, rows: Sequence[tuple[Any, ...]], prune: bool) -> None:
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):  # only its owner may read what ran here
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with self._opened() as database:
            version = self._refuse_newer(database)
            if version < SCHEMA_VERSION:
                database.execute("PRAGMA journal_mode = WAL")
            with database:
                database.execute("BEGIN IMMEDIATE")  # waits for the others now, and not in the middle
                if version < SCHEMA_VERSION:
                    database.execute(_TABLE)
                    database.execute(_INDEX)
                    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                database.executemany(_WRITE, rows)
                if prune:
                    _prune(database)

    def _refuse_newer(self, database: sqlite3.Connection) -> int:
        """The version that wrote the file; an error if it is newer than this one."""
        version: int = database.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise LedgerError(f"{self.path} was written by a newer version of primwidgets.")
        return version

    @contextlib.contextmanager
    def _opened(self, uri: str | None = None) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(
            uri or self.path, timeout=_BUSY_SECONDS, uri=uri is not None, isolation_level=None, check_same_thread=False
        )
        try:
            database.row_factory = sqlite3.Row
            # The last moments before a power cut may be missing; the file is whole all the same.
            database.execute("PRAGMA synchronous = NORMAL")
            yield database
        finally:
            database.close()

    def _move_aside(self) -> Path:
        """Have a damaged file out of the way, where it can be looked at; unless another process has done that."""
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns()}")
        if not self._is_damaged():
            return aside
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.replace(f"{self.path}{suffix}", f"{aside}{suffix}")
        return aside

    def _is_damaged(self) -> bool:
        try:
            with self._opened() as database:
                return bool(database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")
        except sqlite3.DatabaseError as error:
            return _is_corrupt(error)


def _prune(database: sqlite3.Connection) -> None:
    database.execute("DELETE FROM jobs WHERE seen_at < ?", (time.time() - MOST_DAYS * 86_400,))
    database.execute(
        "DELETE FROM jobs WHERE uid IN (SELECT uid FROM jobs ORDER BY seen_at DESC LIMIT -1 OFFSET ?)", (MOST_ROWS,)
    )


def _is_corrupt(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def _entry(row: sqlite3.Row) -> LedgerEntry | None:
    try:
        return LedgerEntry.from_row({name: row[name] for name in COLUMNS})
    except (TypeError, ValueError):  # a state that this version does not know
        return None
