"""The service: takes background calls from a queue and runs each in a process of its own.

``python -m primwidgets.engines.background`` is started by the engine in a session of its own, so it survives
the kernel. There is one for each Python environment of a user. It ends when it has had nothing to do for a while.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from contextvars import Context
from functools import partial
from typing import Any, Final

from filelock import FileLock, Timeout
from huey import SqliteHuey

from primwidgets._threads import start_daemon
from primwidgets.engines._remote.pickled import pickled_error
from primwidgets.engines.background.files import JobFiles, home, make_home, prune
from primwidgets.errors import EngineError, JobCancelled, WorkerDied

#: Calls that run at the same time, unless the environment variable says otherwise.
WORKERS: Final = max(1, (os.cpu_count() or 1))
WORKERS_VARIABLE: Final = "PRIMWIDGETS_BACKGROUND_WORKERS"
#: Seconds without a call after which the service ends, unless the environment variable says otherwise.
IDLE_SECONDS: Final = 600.0
IDLE_VARIABLE: Final = "PRIMWIDGETS_BACKGROUND_IDLE_SECONDS"
#: Seconds that a cancelled call has to reach its next ``track`` or ``report`` before its process is killed.
GRACE_SECONDS: Final = 0.5
#: Seconds in which a service that was started takes its lock.
_START_SECONDS: Final = 5.0
#: Seconds that the service waits at its end for the processes that it has killed.
_END_SECONDS: Final = 2.0
#: Seconds between two looks at a running process, and at the queue.
_LOOK_SECONDS: Final = 0.1
_IDLE_LOOK_SECONDS: Final = 0.5


def service_lock() -> FileLock:
    """Held by the service while it lives."""
    return FileLock(home() / "service.lock")


def is_serving() -> bool:
    """Whether there is a service."""
    if not home().exists():
        return False
    try:
        with service_lock().acquire(timeout=0):
            return False
    except Timeout:
        return True


def service_pid() -> int | None:
    """The process id of the service; ``None`` if there is none, or if it is just starting."""
    try:
        return int((home() / "service.pid").read_text()) if is_serving() else None
    except (OSError, ValueError):
        return None


def ensure_service() -> None:
    """Start the service if there is none. Returns at once."""
    with _starting:
        now = time.monotonic()
        if is_serving() or now - _Start.at < _START_SECONDS:
            return
        _Start.at = now
        with open(os.devnull, "r+b") as nothing:
            process = subprocess.Popen(
                [sys.executable, "-m", "primwidgets.engines.background"],
                stdin=nothing,
                stdout=nothing,
                stderr=nothing,
                start_new_session=True,
                cwd=home(),
            )
        start_daemon("service", partial(_await_end, process), Context())


def open_queue() -> SqliteHuey:
    """The queue of this environment, with the task that runs a call."""
    return SqliteHuey("primwidgets", filename=str(make_home() / "queue.db"), results=False)


def enqueue(job_id: str) -> None:
    """Have the service run a call. Raises ``sqlite3.Error`` if the queue cannot be written."""
    queue = open_queue()
    try:
        _task(queue)(job_id)
    finally:
        queue.storage.close()


def is_queued(job_id: str) -> bool:
    """Whether a call waits in the queue."""
    queue = open_queue()
    try:
        _task(queue)
        return any(task.args == (job_id,) for task in queue.pending())
    finally:
        queue.storage.close()


def run_call(job_id: str) -> None:
    """Run a call in a process of its own until it ends or is cancelled; on a worker thread of the service."""
    files = JobFiles.find(job_id)
    if files is None or files.has_outcome:
        return
    if files.is_cancelled:
        settle(files, JobCancelled("The job was cancelled before it began."))
        return
    arguments = [sys.executable, "-m", "primwidgets.engines.background.runner", str(files.directory)]
    with open(os.devnull, "r+b") as nothing:
        process = subprocess.Popen(arguments, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
    _running.add(process)
    try:
        _wait(process, files)
        if not files.has_outcome:
            settle(files, _end_of(process, files))
    finally:
        _running.discard(process)


def main() -> None:
    """Serve until there has been nothing to do for a while, or until a signal ends it."""
    make_home()
    try:
        with service_lock().acquire(timeout=0):
            (home() / "service.pid").write_text(str(os.getpid()))
            prune()
            _serve()
    except Timeout:
        pass  # another one serves already


def _task(queue: SqliteHuey) -> Any:
    return queue.task(name="run_call")(run_call)


def _serve() -> None:
    queue = open_queue()
    _task(queue)
    workers = int(_number(WORKERS_VARIABLE, WORKERS))
    consumer = queue.create_consumer(workers=workers, periodic=False, initial_delay=0.05, max_delay=0.2)
    threading.Thread(target=_end_when_idle, args=(queue, consumer), daemon=True).start()
    consumer.run()
    for process in tuple(_running):
        _kill(process)
    end = time.monotonic() + _END_SECONDS
    while _running and time.monotonic() < end:  # their threads note how they have ended
        time.sleep(_LOOK_SECONDS)


def _end_when_idle(queue: SqliteHuey, consumer: Any) -> None:
    seconds = _number(IDLE_VARIABLE, IDLE_SECONDS)
    busy_at = time.monotonic()
    while time.monotonic() - busy_at < seconds:
        time.sleep(_IDLE_LOOK_SECONDS)
        if _running or queue.pending_count():
            busy_at = time.monotonic()
    consumer.stop_flag.set()


def _wait(process: subprocess.Popen[bytes], files: JobFiles) -> None:
    """Wait for the end of the process; kill it when a cancelled call goes on."""
    while True:
        try:
            process.wait(_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            if files.is_cancelled:
                break
        else:
            return
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(process)
        process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process with its children."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except OSError:  # it has ended
        pass


def _end_of(process: subprocess.Popen[bytes], files: JobFiles) -> EngineError | JobCancelled | WorkerDied:
    if files.is_cancelled:
        return JobCancelled("The job was cancelled; its process was killed.")
    code = process.returncode
    return WorkerDied(f"The process ended before the function did, with exit code {code}.", code)


def withdraw(files: JobFiles) -> bool:
    """Cancel a call that has not begun; whether that was possible."""
    return files.withdraw(pickle.dumps(pickled_error(JobCancelled("The job was cancelled before it began."))))


def settle(files: JobFiles, error: BaseException) -> None:
    """Store ``error`` as the outcome of a call."""
    files.write_outcome(pickle.dumps(pickled_error(error)))


def _number(variable: str, default: float) -> float:
    try:
        return float(os.environ[variable])
    except (KeyError, ValueError):
        return default


def _await_end(process: subprocess.Popen[bytes]) -> None:
    """Collect the exit code of a service, if it ends before this process."""
    process.wait()


class _Start:
    """When this process last started a service, in monotonic seconds."""

    at = float("-inf")


_starting: Final = threading.Lock()
_running: Final[set[subprocess.Popen[bytes]]] = set()
