"""The keeper: one thread that starts worker processes, gives them calls, hears them, and ends them."""

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
from primwidgets.engines.process.bell import Bell
from primwidgets.engines.process.frames import BrokenFrame
from primwidgets.engines.process.job import ProcessJob
from primwidgets.engines.process.opener import OutcomeOpener
from primwidgets.engines.process.spawning import worker_died
from primwidgets.engines.process.worker import Worker
from primwidgets.errors import EngineError, JobCancelled

_LOG: Final = logging.getLogger(__name__)
#: How long a cancelled call may tidy up, at its next ``track`` or ``report``, before its process is killed.
GRACE_SECONDS: Final = 0.25
#: How often it is looked for a process that has ended, or that is to be killed: until it is gone, and else.
_GONE_SECONDS: Final = 0.005
_STOP_SECONDS: Final = 0.02
_LOOK_SECONDS: Final = 1.0
#: How long a process that hung up may take to end before it is killed.
_LEAVE_SECONDS: Final = 0.5
#: So many processes may end one after the other before they can work, once others could.
_START_TRIES: Final = 3
#: So often a call is given to a process, if that ends before it begins to work on it.
_TRIES: Final = 2
#: So many of those that wait are told at once that they moved up; the others see it when they are read next.
_NEXT_IN_LINE: Final = 8
#: How long ``close`` waits for the keeper.
_CLOSE_SECONDS: Final = 2.0

GUARD: Final = (
    'What a script does has to be under `if __name__ == "__main__":`, because every process imports the script first.'
)


class WorkerPool:
    """Worker processes, started when they are needed and let go when they have been idle.

    ``look``, ``close`` and ``finish`` may be called on any thread; all else happens on the keeper's.

    Args:
        limit: most processes.
        queue: the calls that wait.
        idle_seconds: how long processes without work are kept.
    """

    def __init__(self, limit: int, queue: PositionQueue[ProcessJob], idle_seconds: float) -> None:
        self._limit = limit
        self._queue = queue
        self._idle_seconds = idle_seconds
        self._workers: list[Worker] = []
        self._again: deque[ProcessJob] = deque()
        self._opener = OutcomeOpener(GRACE_SECONDS)
        self._bell = Bell()
        self._lock = threading.RLock()
        self._starting = threading.Lock()
        self._closed: threading.Event | None = None
        self._is_kept = False
        self._is_over = False
        self._has_worked = False
        self._failed_starts = 0
        self._busy_at = 0.0

    def look(self) -> None:
        """Have the keeper look what is to be done.

        Raises:
            EngineError: this process is ending.
        """
        with self._lock:
            if self._is_over:
                raise EngineError("This process is ending: it starts no others.")
            self._bell.ring()
            if not self._is_kept:
                start_daemon("processes", self._keep, Context())
                self._is_kept = True  # afterwards: the system may have refused a thread

    def close(self) -> None:
        """Kill all processes; what runs or waits ends as an error. Later calls have new processes."""
        with self._lock:
            if not self._is_kept or self._is_over:
                return
            closed = self._closed = self._closed or threading.Event()
            self._bell.ring()
        closed.wait(_CLOSE_SECONDS)

    def finish(self) -> None:
        """At the exit of this process: kill all processes, start no others, and leave the jobs as they are."""
        self._is_over = True
        with self._starting:
            for worker in self._workers:
                worker.kill()

    def abandon(self) -> None:
        """In a forked child: leave to the parent what is the parent's."""
        with contextlib.suppress(OSError):
            self._bell.close()
            for worker in self._workers:
                worker.close()

    def _keep(self) -> None:
        self._busy_at = time.monotonic()
        while not self._is_over:
            try:
                self._turn()
            except Exception:  # noqa: BLE001  (the calls must not stop moving because of one defect)
                _LOG.exception("The keeper of worker processes failed and goes on")
                time.sleep(_STOP_SECONDS)
            if not self._workers and self._leave():
                return

    def _leave(self) -> bool:
        """End the keeper when nothing is left to do."""
        if self._queue or self._again or self._opener.tend(time.monotonic()):
            return False
        with self._lock:
            if self._bell.clear():
                self._bell.ring()
                return False
            self._is_kept = False
        return True

    def _turn(self) -> None:
        listening = [worker for worker in self._workers if worker.gone_at is None]
        sources = [worker.connection.pipe for worker in listening], [worker.process.sentinel for worker in listening]
        ready = set(pipes.wait([self._bell.pipe, *sources[0], *sources[1]], self._patience()))
        self._bell.clear()
        if self._is_over:
            return
        now = time.monotonic()
        for worker in listening:
            self._hear(worker, ready, now)
        for worker in list(self._workers):
            self._tend(worker, now)
        self._opener.tend(now)
        self._close_if_asked(now)
        self._hand_out(now)
        self._start_workers()
        self._let_go(now)

    def _patience(self) -> float:
        """Seconds to the next look, if nothing happens before."""
        if any(worker.gone_at is not None for worker in self._workers):
            return _GONE_SECONDS
        if any(worker.stop_at is not None for worker in self._workers):
            return _STOP_SECONDS
        if self._opener.tend(time.monotonic()):
            return _STOP_SECONDS
        if any(worker.job is not None for worker in self._workers):
            return _LOOK_SECONDS
        return max(0.0, self._busy_at + self._idle_seconds - time.monotonic())

    def _hear(self, worker: Worker, ready: set[Any], now: float) -> None:
        outcome = None
        if worker.connection.pipe in ready:
            try:
                outcome = worker.hear()
            except (EOFError, OSError, BrokenFrame):
                worker.gone_at = now
        if outcome is not None:
            self._land(worker, outcome)
        if worker.process.sentinel in ready:
            worker.gone_at = now
        if worker.is_ready and not worker.was_ready:
            worker.was_ready = self._has_worked = True
            self._failed_starts = 0

    def _land(self, worker: Worker, outcome: PickledOutcome) -> None:
        job, worker.job, worker.stop_at = worker.job, None, None
        if job is not None:
            self._queue.release()
            self._opener.open(job, outcome)

    def _tend(self, worker: Worker, now: float) -> None:
        if worker.gone_at is not None:
            if not worker.process.is_alive():
                self._bury(worker)
            elif now - worker.gone_at >= _LEAVE_SECONDS:
                worker.kill()
        elif worker.job is not None:
            if worker.job.context.cancelled:
                self._stop(worker, now)
            elif now >= worker.look_at:  # what the function started may hold the pipes of a process that is gone
                worker.look_at = now + _LOOK_SECONDS
                worker.gone_at = None if worker.process.is_alive() else now

    def _stop(self, worker: Worker, now: float) -> None:
        """Ask the call to stop; if it goes on, kill its process, whatever it does at the moment."""
        if worker.stop_at is None:
            worker.stop_at = now + GRACE_SECONDS
            worker.ask_to_stop()
        elif now >= worker.stop_at:
            worker.is_killed = True
            worker.gone_at = now
            worker.kill()

    def _bury(self, worker: Worker) -> None:
        """Settle what a process had that is gone."""
        self._workers.remove(worker)
        outcome, exit_code = worker.hear_the_last(), worker.process.exitcode
        worker.close()
        job = worker.job
        if outcome is not None:
            self._land(worker, outcome)
        elif job is not None:
            self._lose(worker, job, exit_code)
        elif not worker.is_ready and not worker.is_killed:
            self._note_failed_start()

    def _lose(self, worker: Worker, job: ProcessJob, exit_code: int | None) -> None:
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
        return self._again.popleft() if self._again else self._queue.take_first()

    def _hand_out(self, now: float) -> None:
        handed = False
        for worker in [worker for worker in self._workers if worker.is_idle]:
            while worker.is_idle and (job := self._next_job()) is not None:
                handed = True
                self._give(worker, job, now)
        if handed:
            for job in self._queue.first(_NEXT_IN_LINE):
                job.tell()

    def _give(self, worker: Worker, job: ProcessJob, now: float) -> None:
        call = job.call
        if call is None or job.context.cancelled:  # it was cancelled just now
            self._queue.release()
            self._opener.fail(job, JobCancelled("The job was cancelled before it began."))
            return
        job.tries += 1
        worker.look_at = now + _LOOK_SECONDS
        worker.give(job, call)

    def _start_workers(self) -> None:
        waiting = len(self._queue) + len(self._again)
        coming = sum(worker.job is None and worker.gone_at is None for worker in self._workers)
        for _ in range(min(waiting - coming, self._limit - len(self._workers))):
            if not self._start_worker():
                return

    def _start_worker(self) -> bool:
        with self._starting:
            if self._is_over:
                return False
            try:
                self._workers.append(Worker(max(1, (os.cpu_count() or 1) // self._limit)))
            except Exception as error:  # noqa: BLE001  (the system, or a start method that somebody changed)
                if not self._workers:
                    self._fail_all(f"No process can be started: {error}")
                return False
        return True

    def _let_go(self, now: float) -> None:
        """Kill the processes that have been idle for long."""
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
            if worker.gone_at is None:
                worker.is_killed, worker.gone_at = True, now
                worker.kill()
