"""What is known of a process of this machine by its exit code, and how it is ended."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
from collections.abc import Callable
from contextvars import Context
from typing import Final, Protocol

from primwidgets._threads import start_daemon
from primwidgets.snapshot import LOG_LIMIT, JobError, JobState

#: A process that does not end when asked to is killed after this many seconds.
KILL_AFTER_SECONDS: Final = 5.0
#: What shells and programs return when a signal ended them: 128 and the number of the signal.
_SHELL_BASE: Final = 128


class Process(Protocol):
    """A handle of a process of this machine."""

    @property
    def pid(self) -> int | None:
        """The number that the system gave it."""

    def terminate(self) -> object:
        """Ask it to end."""

    def kill(self) -> object:
        """End it."""


class Ending:
    """Ends a process: asks it to, and kills it if it is still there some seconds later. Any thread."""

    def __init__(self, process: Process, wait: Callable[[float], bool]) -> None:
        """``wait`` blocks for at most this many seconds, or until the process has ended, and returns whether it has."""
        self._process = process
        self._wait = wait
        self.asked = False

    def begin(self) -> None:
        """Ask the process to end. What it raises is what ``terminate`` raises."""
        first, self.asked = not self.asked, True
        self._process.terminate()
        if first:
            start_daemon("process-end", self._insist, Context())

    def _insist(self) -> None:
        if not self._wait(KILL_AFTER_SECONDS):
            with contextlib.suppress(OSError, ValueError):  # it has ended meanwhile, or its handle was closed
                self._process.kill()


def outcome_of(exit_code: int, asked_to_end: bool) -> tuple[JobState, JobError | None]:
    """The state of a process that has ended.

    Args:
        exit_code: as Python gives it: negative for the number of a signal.
        asked_to_end: whether it was asked to end here; then a signal that ended it was ours.
    """
    if exit_code == 0:
        return JobState.DONE, None
    number = -exit_code if exit_code < 0 else exit_code - _SHELL_BASE
    if asked_to_end and number in (signal.SIGTERM, getattr(signal, "SIGKILL", 9)):
        return JobState.CANCELLED, None
    if exit_code < 0:
        return JobState.ERROR, JobError("ProcessKilled", f"Ended by the signal {_signal_name(-exit_code)}.")
    return JobState.ERROR, JobError("ExitCode", f"Exit code {exit_code}.")


def word_of(exit_code: int | None) -> str:
    """A process's state as a word."""
    return "running" if exit_code is None else f"exit code {exit_code}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


class OutputFile:
    """The file that a process writes its output to, if it is one; reads nothing from pipes and terminals.

    Found by the process's number where the system has ``/proc``, as long as the process runs; kept open afterwards.
    """

    def __init__(self, pid: int | None) -> None:
        self._file: int | None = None
        if pid is None:
            return
        with contextlib.suppress(OSError):
            path = f"/proc/{pid}/fd/1"
            if stat.S_ISREG(os.stat(path).st_mode):  # before it is opened: opening a pipe may block
                self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def tail(self) -> str | None:
        """The end of what was written; ``None`` if the process writes to no file."""
        if self._file is None:
            return None
        try:
            size = os.fstat(self._file).st_size
            read = os.pread(self._file, 4 * LOG_LIMIT, max(0, size - 4 * LOG_LIMIT))
        except OSError:
            return None
        return read.decode("utf-8", "replace")[-LOG_LIMIT:] or None

    def __del__(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
