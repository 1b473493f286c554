"""Starts and kills worker processes, and describes how one has ended. The kernel's side."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections.abc import Iterator
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnProcess

from typing_extensions import override

from primwidgets.errors import WorkerDied


class WorkerProcess(SpawnProcess):
    """A worker process with a process group of its own, so that its children are killed with it.

    In a forked child of the process that started it, a copy of this object does nothing.
    """

    @override
    def start(self) -> None:
        """Start the process. An interrupt of the kernel does not reach it, not even while it starts.

        Raises:
            OSError: the system refuses another process.
        """
        self._starter = os.getpid()
        with _without_interrupts():
            super().start()

    @override
    def is_alive(self) -> bool:
        """Whether the process exists; also right when other code, such as psutil, has collected its exit code."""
        return self._is_ours() and super().is_alive() and _exists(self.pid)

    @override
    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, but not in a forked child of its starter, where ``multiprocessing`` calls this at exit."""
        if self._is_ours():
            super().join(timeout)

    @override
    def terminate(self) -> None:
        """Kill it with SIGKILL: C code ignores SIGTERM, and the function has had time to tidy up."""
        if not self._is_ours():
            return
        if self.is_alive() and self.pid is not None and hasattr(os, "killpg"):
            with contextlib.suppress(OSError):  # it has no group yet
                os.killpg(self.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.kill()

    def _is_ours(self) -> bool:
        return self._starter == os.getpid()


def is_being_imported() -> bool:
    """Whether this process is a worker that still imports the main script of its parent, as spawned ones do."""
    return bool(getattr(multiprocessing.current_process(), "_inheriting", False))


def worker_died(exit_code: int | None) -> WorkerDied:
    """The error for a worker that ended with ``exit_code`` before its function did."""
    if exit_code is None:
        how = "exit code unknown"
    elif exit_code >= 0:
        how = f"it ended itself with exit code {exit_code}"
    else:
        how = f"it was killed by {_signal_name(-exit_code)}"
        if -exit_code == getattr(signal, "SIGKILL", None):
            how += ", perhaps because memory ran out"
    return WorkerDied(f"The process ended before the function did: {how}.", exit_code)


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Block SIGINT on this thread, as a process that is started here inherits; another thread takes it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # ``multiprocessing`` starts it with the first process, and unblocks SIGINT then
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _exists(pid: int | None) -> bool:
    if pid is None or os.name != "posix":  # on Windows, os.kill would end it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
