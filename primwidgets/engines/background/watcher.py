"""The thread that reads the files of the background jobs of this process."""

from __future__ import annotations

import logging
import threading
import time
from contextvars import Context
from typing import Final, Protocol
from weakref import WeakSet

from primwidgets._runtime import once_per_process
from primwidgets._threads import start_daemon

_LOG: Final = logging.getLogger(__name__)
#: Seconds between two looks at the files of a job.
LOOK_SECONDS: Final = 0.1


class Watched(Protocol):
    """A job whose files are read."""

    def look(self) -> bool:
        """Read what is new; whether the job has ended."""


class _Watcher:
    """One thread for all jobs; it ends with the last of them. A job that nobody refers to is forgotten."""

    def __init__(self) -> None:
        self._jobs: WeakSet[Watched] = WeakSet()
        self._lock = threading.Lock()
        self._has_thread = False

    def add(self, job: Watched) -> None:
        with self._lock:
            self._jobs.add(job)
            if not self._has_thread:
                start_daemon("background", self._run, Context())
                self._has_thread = True  # set last, since the system may refuse a thread

    def _run(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            with self._lock:
                jobs = list(self._jobs)
                if not jobs:
                    self._has_thread = False
                    return
            for job in jobs:
                if _look(job):
                    with self._lock:
                        self._jobs.discard(job)
            del jobs, job


def _look(job: Watched) -> bool:
    try:
        return job.look()
    except Exception:  # noqa: BLE001  (one job must not stop the others)
        _LOG.exception("The files of a background job could not be read")
        return False


_watcher: Final = once_per_process(_Watcher)


def watch(job: Watched) -> None:
    """Have ``job.look`` called until it returns ``True``."""
    _watcher().add(job)
