"""One thread that starts worker processes, sends them calls, handles their messages, and stops them."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections import deque
from contextvars import Context
from multiprocessing import connection as pipes
from typing import Any, Final

from primwidgets._threads import start_daemon
from primwidgets.engines._remote.pickled import PickledOutcome
from primwidgets.engines.position_queue import PositionQueue
from primwidgets.engines.process.frames import BrokenFrame
from primwidgets.engines.process.job import ProcessJob
from primwidgets.engines.process.opener import OutcomeOpener
from primwidgets.engines.process.spawning import worker_died
from primwidgets.engines.process.waker import Waker
from primwidgets.engines.process.worker import Worker
from primwidgets.errors import EngineError, JobCancelled

_LOG: Final = logging.getLogger(__name__)
#: Seconds a cancelled call has to tidy up, at its next ``track`` or ``report``, before its process is killed.
GRACE_SECONDS: Final = 0.25
#: Seconds between two checks: of a process that is ending, of a cancelled call, and of a process that is working.
_EXIT_POLL_SECONDS: Final = 0.005
_STOP_POLL_SECONDS: Final = 0.02
_LOOK_SECONDS: Final = 1.0
#: Seconds that a process has to exit after it closed its pipe, before it is killed.
_EXIT_SECONDS: Final = 0.5
#: Number of consecutive failed starts after which queued calls fail, once any process has started.
_START_TRIES: Final = 3
#: Number of processes a call is sent to, if they end before starting it.
_TRIES: Final = 2
#: Number of queued calls that are notified at once when they move up; the others show it at their next read.
_NEXT_IN_LINE: Final = 8
#: Seconds that ``close`` waits for the thread.
_CLOSE_SECONDS: Final = 2.0

GUARD: Final = (
    'What a script does has to be under `if __name__ == "__main__":`, because every process imports the script first.'
)


class WorkerPool:
    """Worker processes, started on demand and stopped after some idle time.

    ``wake``, ``close`` and ``finish`` may be called on any thread; everything else runs on the thread of the pool.

    Args:
        limit: maximum number of processes.
        queue: the queued calls.
        idle_seconds: seconds for which idle processes are kept.
    """

    def __init__(self, limit: int, queue: PositionQueue[ProcessJob], idle_seconds: float) -> None:
        self._limit = limit
        self._queue = queue
        self._idle_seconds = idle_seconds
        self._workers: list[Worker] = []
        self._again: deque[ProcessJob] = deque()
        self._opener = OutcomeOpener(GRACE_SECONDS)
        self._waker = Waker()
        self._lock = threading.RLock()
        self._starting = threading.Lock()
        self._closed: threading.Event | None = None
        self._has_thread = False
        self._is_finished = False
        self._has_worked = False
        self._failed_starts = 0
        self._busy_at = 0.0

    def wake(self) -> None:
        """Wake the thread, and start it if necessary.

        Raises:
            EngineError: this process is shutting down.
        """
        with self._lock:
            if self._is_finished:
                raise EngineError("This process is ending: it starts no others.")
            self._waker.wake()
            if not self._has_thread:
                start_daemon("processes", self._run, Context())
                self._has_thread = True  # set last, since the system may refuse a thread

    def close(self) -> None:
        """Kill all processes; running and queued calls end with an error. Later calls get new processes."""
        with self._lock:
            if not self._has_thread or self._is_finished:
                return
            closed = self._closed = self._closed or threading.Event()
            self._waker.wake()
        closed.wait(_CLOSE_SECONDS)

    def finish(self) -> None:
        """At exit: kill all processes, start no others, and leave the jobs as they are."""
        self._is_finished = True
        with self._starting:
            for worker in self._workers:
                worker.kill()

    def abandon(self) -> None:
        """In a forked child: close the copies of the parent's pipes."""
        with contextlib.suppress(OSError):
            self._waker.close()
            for worker in self._workers:
                worker.close()

    def _run(self) -> None:
        self._busy_at = time.monotonic()
        while not self._is_finished:
            try:
                self._iterate()
            except Exception:  # noqa: BLE001  (one defect must not stop all calls)
                _LOG.exception("The thread of the worker processes failed and goes on")
                time.sleep(_STOP_POLL_SECONDS)
            if not self._workers and self._stop_if_unused():
                return

    def _stop_if_unused(self) -> bool:
        """End the thread when there is nothing to do."""
        if self._queue or self._again or self._opener.check(time.monotonic()):
            return False
        with self._lock:
            if self._waker.clear():
                self._waker.wake()
                return False
            self._has_thread = False
        return True

    def _iterate(self) -> None:
        listening = [worker for worker in self._workers if worker.exited_at is None]
        sources = [worker.connection.pipe for worker in listening], [worker.process.sentinel for worker in listening]
        ready = set(pipes.wait([self._waker.pipe, *sources[0], *sources[1]], self._timeout()))
        self._waker.clear()
        if self._is_finished:
            return
        now = time.monotonic()
        for worker in listening:
            self._receive(worker, ready, now)
        for worker in list(self._workers):
            self._check(worker, now)
        self._opener.check(now)
        self._close_if_asked(now)
        self._assign_calls(now)
        self._start_workers()
        self._stop_idle_workers(now)

    def _timeout(self) -> float:
        """Seconds until the next check, if no pipe becomes readable before."""
        if any(worker.exited_at is not None for worker in self._workers):
            return _EXIT_POLL_SECONDS
        if any(worker.stop_at is not None for worker in self._workers):
            return _STOP_POLL_SECONDS
        if self._opener.check(time.monotonic()):
            return _STOP_POLL_SECONDS
        if any(worker.job is not None for worker in self._workers):
            return _LOOK_SECONDS
        return max(0.0, self._busy_at + self._idle_seconds - time.monotonic())

    def _receive(self, worker: Worker, ready: set[Any], now: float) -> None:
        outcome = None
        if worker.connection.pipe in ready:
            try:
                outcome = worker.receive()
            except (EOFError, OSError, BrokenFrame):
                worker.exited_at = now
        if outcome is not None:
            self._finish_call(worker, outcome)
        if worker.process.sentinel in ready:
            worker.exited_at = now
        if worker.is_ready and not worker.was_ready:
            worker.was_ready = self._has_worked = True
            self._failed_starts = 0

    def _finish_call(self, worker: Worker, outcome: PickledOutcome) -> None:
        job, worker.job, worker.stop_at = worker.job, None, None
        if job is not None:
            self._queue.release()
            self._opener.open(job, outcome)

    def _check(self, worker: Worker, now: float) -> None:
        if worker.exited_at is not None:
            if not worker.process.is_alive():
                self._remove_dead(worker)
            elif now - worker.exited_at >= _EXIT_SECONDS:
                worker.kill()
        elif worker.job is not None:
            if worker.job.context.cancelled:
                self._stop(worker, now)
            elif now >= worker.check_at:  # children of the function may hold the pipes of a process that has ended
                worker.check_at = now + _LOOK_SECONDS
                worker.exited_at = None if worker.process.is_alive() else now

    def _stop(self, worker: Worker, now: float) -> None:
        """Ask the call to stop; if it goes on, kill its process."""
        if worker.stop_at is None:
            worker.stop_at = now + GRACE_SECONDS
            worker.request_stop()
        elif now >= worker.stop_at:
            worker.is_killed = True
            worker.exited_at = now
            worker.kill()

    def _remove_dead(self, worker: Worker) -> None:
        """Remove a process that has ended and settle its call."""
        self._workers.remove(worker)
        outcome, exit_code = worker.drain(), worker.process.exitcode
        worker.close()
        job = worker.job
        if outcome is not None:
            self._finish_call(worker, outcome)
        elif job is not None:
            self._handle_lost_call(worker, job, exit_code)
        elif not worker.is_ready and not worker.is_killed:
            self._note_failed_start()

    def _handle_lost_call(self, worker: Worker, job: ProcessJob, exit_code: int | None) -> None:
        if job.context.started_at is None and not job.context.cancelled and job.tries < _TRIES:
            self._again.append(job)  # it has not begun
            return
        self._queue.release()
        if worker.is_killed:
            self._opener.fail(job, JobCancelled("The job was cancelled; its process was killed."))
        else:
            self._opener.fail(job, worker_died(exit_code))

    def _note_failed_start(self) -> None:
        self._failed_starts += 1
        if not self._has_worked or self._failed_starts >= _START_TRIES:
            self._failed_starts = 0
            self._fail_all(f"The processes end before they can work. {GUARD}")

    def _fail_all(self, reason: str) -> None:
        while (job := self._next_job()) is not None:
            self._queue.release()
            self._opener.fail(job, EngineError(reason))

    def _next_job(self) -> ProcessJob | None:
        return self._again.popleft() if self._again else self._queue.pop_first()

    def _assign_calls(self, now: float) -> None:
        handed = False
        for worker in [worker for worker in self._workers if worker.is_idle]:
            while worker.is_idle and (job := self._next_job()) is not None:
                handed = True
                self._assign(worker, job, now)
        if handed:
            for job in self._queue.first(_NEXT_IN_LINE):
                job.tell()

    def _assign(self, worker: Worker, job: ProcessJob, now: float) -> None:
        call = job.call
        if call is None or job.context.cancelled:  # cancelled in the meantime
            self._queue.release()
            self._opener.fail(job, JobCancelled("The job was cancelled before it began."))
            return
        job.tries += 1
        worker.check_at = now + _LOOK_SECONDS
        worker.assign(job, call)

    def _start_workers(self) -> None:
        waiting = len(self._queue) + len(self._again)
        coming = sum(worker.job is None and worker.exited_at is None for worker in self._workers)
        for _ in range(min(waiting - coming, self._limit - len(self._workers))):
            if not self._start_worker():
                return

    def _start_worker(self) -> bool:
        with self._starting:
            if self._is_finished:
                return False
            try:
                self._workers.append(Worker(max(1, (os.cpu_count() or 1) // self._limit)))
            except Exception as error:  # noqa: BLE001  (the system, or a start method that somebody changed)
                if not self._workers:
                    self._fail_all(f"No process can be started: {error}")
                return False
        return True

    def _stop_idle_workers(self, now: float) -> None:
        """Kill the processes after the idle time."""
        if self._queue or self._again or any(worker.job is not None for worker in self._workers):
            self._busy_at = now
        elif now - self._busy_at >= self._idle_seconds:
            self._kill_all(now)

    def _close_if_asked(self, now: float) -> None:
        with self._lock:
            closed, self._closed = self._closed, None
        if closed is None:
            return
        for worker in self._workers:
            job, worker.job = worker.job, None
            if job is not None:
                self._queue.release()
                self._opener.fail(job, EngineError("The processes were stopped."))
        self._fail_all("The processes were stopped.")
        self._kill_all(now)
        closed.set()

    def _kill_all(self, now: float) -> None:
        for worker in self._workers:
            if worker.exited_at is None:
                worker.is_killed, worker.exited_at = True, now
                worker.kill()
