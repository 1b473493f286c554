"""Notes the jobs of this process in the ledger: what changed, in one transaction a tick, on a worker."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from primwidgets import _border as border
from primwidgets._ledger.entry import entry_of
from primwidgets._ledger.places import ledger_path, notebook_path
from primwidgets._runtime import at_exit, instances
from primwidgets._settings import settings
from primwidgets.errors import LedgerError
from primwidgets.snapshot import JobSnapshot

#: Changes within this many seconds are written together.
TICK_SECONDS: Final = 1.0
#: After a failure it is tried again that much later, and each time twice as late.
_RETRY_SECONDS: Final = 5.0
_LONGEST_RETRY_SECONDS: Final = 300.0
#: The most jobs that are kept in memory while they cannot be written.
_MOST_PENDING: Final = 5_000
#: Old jobs are deleted with the first write of a process, and then with every one of this many writes.
_WRITES_TO_PRUNE: Final = 200

Later = Callable[[float, Callable[[], None]], None]


class Recorder:
    """Notes jobs. All methods may be called on any thread and return at once, but for ``flush``.

    Args:
        later: runs a task on a worker after a number of seconds.
        path: of the ledger's file, asked for with each write; ``None`` while nothing is to be written.
    """

    def __init__(self, later: Later, path: Callable[[], Path | None] = ledger_path) -> None:
        self._later = later
        self._path = path
        self._log_once = border.LogOnce()
        self._host = socket.gethostname()
        self._writes = 0
        self._begin_anew()
        _recorders.add(self)

    def _begin_anew(self) -> None:
        self._pending: dict[str, JobSnapshot] = {}
        self._noted: dict[str, tuple[Any, ...]] = {}
        self._planned = False
        self._retry = _RETRY_SECONDS
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def note(self, snapshot: JobSnapshot) -> None:
        """Have what is known of a job written with the next tick, if what the ledger tells of it has changed."""
        known = (snapshot.state, snapshot.job_id, snapshot.name, snapshot.started_at, snapshot.backend, snapshot.error)
        if not settings.ledger or self._noted.get(snapshot.uid) == known:
            return
        with self._lock:
            self._noted[snapshot.uid] = known
            self._pending[snapshot.uid] = snapshot
            plan, self._planned = not self._planned, True
        if plan:
            self._later(TICK_SECONDS, self._tick)

    def forget(self, uid: str) -> None:
        """Note that no more is heard of a job. May come from ``__del__``, so it takes no lock."""
        self._noted.pop(uid, None)

    def flush(self) -> bool:
        """Write what is pending, on this thread; whether that worked."""
        with self._writing:
            return self._write_pending()

    def _tick(self) -> None:
        written = self.flush()
        self._retry = _RETRY_SECONDS if written else min(self._retry * 2, _LONGEST_RETRY_SECONDS)
        with self._lock:
            self._planned = bool(self._pending)
        if self._planned:
            self._later(TICK_SECONDS if written else self._retry, self._tick)

    def _write_pending(self) -> bool:
        with self._lock:
            pending, self._pending = self._pending, {}
        path = self._path()
        if not pending or path is None:
            return True
        try:
            self._write(path, pending)
        except (OSError, ImportError, LedgerError) as error:
            self._log_once.log("write", "Jobs cannot be recorded in the ledger %s: %s", path, error, error=error)
            self._keep(pending)
            return False
        return True

    def _write(self, path: Path, pending: Mapping[str, JobSnapshot]) -> None:
        from primwidgets._ledger.store import LedgerFile  # SQLite may be missing, and is not needed for wrapping a job

        notebook, pid, now = notebook_path(), os.getpid(), time.time()
        entries = (entry_of(snapshot, notebook, self._host, pid, now) for snapshot in pending.values())
        moved = LedgerFile(path).write(entries, prune=self._writes % _WRITES_TO_PRUNE == 0)
        self._writes += 1
        if moved is not None:
            _LOG.warning("The ledger %s was damaged. A new one was created; the old one was moved to %s.", path, moved)

    def _keep(self, unwritten: Mapping[str, JobSnapshot]) -> None:
        """Have what could not be written tried again, as far as there is room for it."""
        with self._lock:
            kept = {**unwritten, **self._pending}
            self._pending = dict(list(kept.items())[-_MOST_PENDING:])


_LOG: Final = logging.getLogger(__name__)
_recorders: Final = instances(in_child=Recorder._begin_anew)


def _flush_all() -> None:
    for recorder in tuple(_recorders):
        recorder.flush()


at_exit(_flush_all)
