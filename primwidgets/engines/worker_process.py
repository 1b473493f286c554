"""The worker processes of the process engine: how they are made ready, how they are killed, and with whom they end."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from multiprocessing import connection
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, Final
from weakref import WeakValueDictionary

from primwidgets.errors import WorkerDied


class WorkerProcess(SpawnProcess):
    """A worker. It has a process group of its own, so that what it started is killed with it."""

    def start(self) -> None:
        """Start it. An interrupt of the kernel does not reach it, not even while it starts."""
        self.started_by = os.getpid()
        with _without_interrupts():
            super().start()
        if self.pid is not None:
            _started[self.pid] = self

    def is_alive(self) -> bool:
        """Whether it exists, also where somebody else took its exit code from the system, as psutil does."""
        return super().is_alive() and _exists(self.pid)

    def terminate(self) -> None:
        """Kill it, at once: C code does not hear SIGTERM, and the function had its moment to tidy up before."""
        if self.started_by != os.getpid():  # a forked child has a copy of this
            return
        if self.is_alive() and self.pid is not None and hasattr(os, "killpg"):
            with contextlib.suppress(OSError):  # it has no group yet
                os.killpg(self.pid, signal.SIGKILL)
        self.kill()


class WorkerContext(SpawnContext):
    """Spawns ``WorkerProcess``."""

    Process = WorkerProcess


_started: Final[WeakValueDictionary[int, WorkerProcess]] = WeakValueDictionary()


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Block SIGINT on this thread, as a process that is started here inherits; another thread takes it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def find_worker(pid: int | None) -> WorkerProcess | None:
    """The worker of this process that has, or had, ``pid``."""
    return None if pid is None else _started.get(pid)


def _exists(pid: int | None) -> bool:
    if pid is None or os.name != "posix":  # elsewhere, this is how to kill it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def is_being_imported() -> bool:
    """Whether this process is a worker that still imports the main script of its parent, as spawned ones do."""
    return bool(getattr(multiprocessing.current_process(), "_inheriting", False))


#: What numerical libraries read, once, when they are loaded.
_THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Depth:
    """How deep this process is in processes that start processes; 0 in the kernel."""

    here = 0


def prepare(depth: int, threads: int) -> None:
    """Make this process ready to be a worker.

    Args:
        depth: see ``Depth``.
        threads: how many threads the numerical libraries that a function loads may start, unless the user has said so
            already: with as many as there are processors in each of the workers, most of them would only spin.
    """
    Depth.here = depth
    for variable in _THREAD_VARIABLES:
        os.environ.setdefault(variable, str(threads))
    if hasattr(signal, "pthread_sigmask"):  # it is ignored from here on, but what the function starts may want it
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    with contextlib.suppress(AttributeError, OSError):
        os.setpgid(0, 0)
    parent = multiprocessing.parent_process()
    if parent is not None:
        _have_signal_at_end(parent.sentinel)
        threading.Thread(target=_end_with, args=(parent.sentinel,), name="primwidgets-parent", daemon=True).start()
    import primwidgets.engines.sealed  # noqa: F401  (the first call should not have to wait for it)


def died(exit_code: int | None) -> WorkerDied:
    """What to tell of a worker that ended with ``exit_code`` before its function did."""
    if exit_code is None:
        how = "nobody knows how"
    elif exit_code >= 0:
        how = f"it ended itself with exit code {exit_code}"
    else:
        how = f"it was killed by {_signal_name(-exit_code)}"
        if -exit_code == getattr(signal, "SIGKILL", None):
            how += ", perhaps because memory ran out"
    return WorkerDied(f"The process ended before the function did: {how}.", exit_code)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _end_with(sentinel: Any) -> None:
    connection.wait([sentinel])
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _have_signal_at_end(sentinel: Any) -> None:
    """Have SIGIO end this process with its parent also while C code keeps the thread from running. POSIX only."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)
