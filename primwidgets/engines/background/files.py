"""The directory of a background job: everything that the kernel, the service and the runner exchange.

The kernel writes ``info.json`` and ``call``, and later ``cancel``; the runner writes ``messages``, and at last
``outcome``, and holds ``lock`` while it lives. The directories are readable for their user only, since ``call`` and
``outcome`` are pickled: whoever can write there can run code as the user anyway.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout
from jupyter_core.paths import jupyter_data_dir

#: Finished jobs that are kept, and for how long, in seconds.
KEPT_JOBS: Final = 1_000
KEPT_SECONDS: Final = 30 * 24 * 3600.0
#: Characters of the name of a job.
_NAME_LIMIT: Final = 300
_JOB_ID: Final = re.compile(r"bg-[0-9a-f]{32}", re.ASCII)


def home() -> Path:
    """The directory of the jobs of this Python environment, so that its workers find the same packages."""
    environment = hashlib.sha256(f"{sys.prefix} {sys.version}".encode()).hexdigest()[:12]
    return Path(jupyter_data_dir()) / "primwidgets" / "background" / environment


def make_home() -> Path:
    """``home``, which only this user may enter: the queue in it holds pickles, too. Raises OSError."""
    path = home()
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


class JobFiles:
    """The files of one job.

    Args:
        directory: where they are.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.job_id = directory.name
        self.messages = directory / "messages"
        self._call = directory / "call"
        self._outcome = directory / "outcome"
        self._cancel = directory / "cancel"
        self._info = directory / "info.json"

    @classmethod
    def create(cls, name: str) -> JobFiles:
        """Make the directory of a new job. Raises OSError where that is impossible."""
        files = cls(make_home() / "jobs" / f"bg-{secrets.token_hex(16)}")
        files.directory.mkdir(parents=True, mode=0o700)
        info = {"name": name[:_NAME_LIMIT], "created_at": time.time(), "cwd": _cwd(), "path": list(sys.path)}
        _write(files._info, json.dumps(info).encode())
        return files

    @classmethod
    def find(cls, job_id: str) -> JobFiles | None:
        """The files of a job of this environment; ``None`` if there are none."""
        if not _JOB_ID.fullmatch(job_id):  # it may come from a notebook, and must not name any other directory
            return None
        files = cls(home() / "jobs" / job_id)
        return files if files._info.exists() else None

    @classmethod
    def all(cls) -> list[JobFiles]:
        """The files of all jobs of this environment, in the order of submission."""
        jobs = [cls(path) for path in (home() / "jobs").glob("bg-*") if _JOB_ID.fullmatch(path.name)]
        return sorted(jobs, key=lambda job: job.created_at)

    @property
    def info(self) -> dict[str, Any]:
        """Name, time of submission, working directory and import path; empty if the file cannot be read."""
        try:
            info = json.loads(self._info.read_bytes())
        except (OSError, ValueError):
            return {}
        return info if isinstance(info, dict) else {}

    @property
    def name(self) -> str:
        """The name of the job."""
        return str(self.info.get("name", ""))[:_NAME_LIMIT]

    @property
    def created_at(self) -> float:
        """When it was submitted, in epoch seconds."""
        moment = self.info.get("created_at")
        return float(moment) if isinstance(moment, int | float) else 0.0

    @property
    def call(self) -> bytes | None:
        """The pickled call; ``None`` once it has ended."""
        with contextlib.suppress(OSError):
            return self._call.read_bytes()
        return None

    def write_call(self, call: bytes) -> None:
        """Store the call."""
        _write(self._call, call)

    @property
    def outcome(self) -> bytes | None:
        """The pickled ``PickledOutcome``; ``None`` while there is none."""
        with contextlib.suppress(OSError):
            return self._outcome.read_bytes()
        return None

    @property
    def has_outcome(self) -> bool:
        """Whether the call has ended."""
        return self._outcome.exists()

    def write_outcome(self, outcome: bytes) -> None:
        """Store the outcome; only the first one counts. The arguments are dropped."""
        if not self.has_outcome:
            _write(self._outcome, outcome)
        self._call.unlink(missing_ok=True)

    def request_cancel(self) -> None:
        """Ask the service and the runner to stop the call."""
        self._cancel.touch()

    def withdraw(self, outcome: bytes) -> bool:
        """Store ``outcome`` of a call that has not begun, which then never does; whether that was possible."""
        try:
            with FileLock(self.directory / "lock", timeout=0):  # a runner that comes now waits, and finds the outcome
                if self.has_outcome or self.messages.exists():
                    return False
                self.write_outcome(outcome)
        except Timeout:  # it runs
            return False
        return True

    def remove(self) -> None:
        """Delete the directory."""
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def is_cancelled(self) -> bool:
        """Whether a cancel was requested."""
        return self._cancel.exists()

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """In the runner: be recognised as the process that runs the call, until this ends or the process does."""
        with FileLock(self.directory / "lock"):
            yield

    @property
    def is_running(self) -> bool:
        """Whether a runner holds the lock."""
        try:
            with FileLock(self.directory / "lock", timeout=0):
                return False
        except Timeout:
            return True


def prune() -> None:
    """Delete what finished jobs have left: all but the newest, and what is old."""
    ended = [files for files in JobFiles.all() if files.has_outcome and not files.is_running]
    too_old = time.time() - KEPT_SECONDS
    for place, files in enumerate(reversed(ended)):
        if place >= KEPT_JOBS or files.created_at < too_old:
            files.remove()


def _cwd() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was deleted
        return None


def _write(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    os.replace(part, path)
