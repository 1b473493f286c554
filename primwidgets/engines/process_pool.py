"""Pebble's pool of processes, with what it lacks.

The end of a cancelled call is told when its process is really gone, and a process that ends without a word is noticed
whatever its exit code.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from primwidgets.engines.worker_process import Depth, WorkerContext, WorkerProcess, died, find_worker, prepare
from primwidgets.errors import EngineError, JobCancelled

if TYPE_CHECKING:
    from primwidgets.engines.process import ProcessJob

#: How long a cancelled call may tidy up, at its next ``track`` or ``report``, before its process is killed.
GRACE_SECONDS: Final = 0.25
#: How long Pebble may take to kill a process, which it does between messages, before it is killed past it.
_KILL_SECONDS: Final = 0.4
#: How long what was told is waited for when the outcome is here; of a crash, nobody knows whether there was more.
_HEAR_SECONDS: Final = 2.0
_HEAR_AFTER_CRASH_SECONDS: Final = 0.5
#: How long Pebble may take to notice that a process is gone, and a worker to reach the kernel.
_NOTICE_SECONDS: Final = 1.0
#: How often it is looked whether Pebble's own threads are alive.
_HEARTBEAT_SECONDS: Final = 2.0


class Flight:
    """A call that the pool has.

    Attributes:
        process: where it runs, once that is known.
        stop_at: when its process is to be killed, in monotonic seconds.
        kill_at: when it is to be killed past Pebble.
        alone_since: since when it has run, or not run, without a line to it.
    """

    def __init__(self, job: ProcessJob) -> None:
        self.job = job
        self.inner: Future[Any] | None = None
        self.process: WorkerProcess | None = None
        self.stop_at: float | None = None
        self.kill_at: float | None = None
        self.alone_since: float | None = None


class Pool:
    """A pool of processes and the calls that it has.

    Args:
        workers: the number of processes.
        look: called, on any thread, when the pool should be tended.

    Attributes:
        has_worked: whether a call has ever begun in it.
        is_suspect: whether a process died where it may have held Pebble's lock, so that others could wait for ever.
    """

    def __init__(self, workers: int, look: Callable[[], None]) -> None:
        from pebble import ProcessPool

        self.has_worked = False
        self.is_suspect = False
        self._broken = False
        self._look = look
        self._flights: dict[Flight, None] = {}
        self._lock = threading.Lock()
        threads = max(1, (os.cpu_count() or 1) // workers)
        arguments = Depth.here + 1, threads
        self._pebble = ProcessPool(workers, context=WorkerContext(), initializer=prepare, initargs=arguments)

    @staticmethod
    def require() -> None:
        """Raise ``EngineError`` if something is not installed."""
        try:
            import pebble  # noqa: F401
        except ImportError:
            raise EngineError(
                'engine="process" keeps its processes with Pebble: pip install "primwidgets[process]"'
            ) from None

    @property
    def flights(self) -> list[Flight]:
        """The calls that it has."""
        with self._lock:
            return list(self._flights)

    @property
    def is_broken(self) -> bool:
        """Whether it can run nothing any more."""
        return self._broken or (bool(self._flights) and not self._pebble.active)

    def patience(self) -> float:
        """Seconds to the next look at the calls, if nothing happens before."""
        flights = self.flights
        if any(flight.stop_at is not None for flight in flights):
            return 0.02
        if any(flight.alone_since is not None for flight in flights):
            return 0.1
        return _HEARTBEAT_SECONDS if flights else math.inf

    def schedule(self, job: ProcessJob) -> None:
        """Have a process call it.

        Raises:
            RuntimeError: the pool is broken.
            OSError: no process can be started.
        """
        call = job.call
        if call is None:  # it is settled
            return
        flight = Flight(job)
        with self._lock:
            self._flights[flight] = None
        try:
            flight.inner = self._pebble.schedule(call)
        except BaseException:
            self._broken = True
            self.forget(flight)
            raise
        flight.inner.add_done_callback(partial(self._landed, flight))

    def forget(self, flight: Flight) -> bool:
        """Take a call out; whether it was there."""
        with self._lock:
            return self._flights.pop(flight, flight) is None

    def end(self, flight: Flight, result: Any = None, error: BaseException | None = None, hear: float = 0.0) -> None:
        """Take a call out and settle it, once what it told was heard, for which ``hear`` seconds may be waited."""
        if self.forget(flight):
            flight.job.line.when_ended(hear, partial(self._settle, flight, result, error))
            self._look()

    def stop(self) -> None:
        """Kill the processes."""
        self._broken = True
        self._pebble.stop()  # type: ignore[no-untyped-call]
        self._pebble.join()

    def tend(self, flight: Flight, now: float) -> None:
        """Do what is due with a call."""
        job = flight.job
        if flight.process is None and job.line.pid is not None:
            flight.process = find_worker(job.line.pid)
        self.has_worked |= job.run.started_at is not None
        if job.run.started_at is None:
            self._see_whether_it_runs(flight, now)
        elif job.run.cancelled:
            self._stop_call(flight, now)
        elif job.line.ended and not job.line.said_end:
            self._see_whether_it_died(flight, now)

    def _see_whether_it_runs(self, flight: Flight, now: float) -> None:
        """Pebble says that it runs, but it does not call; after a while it is believed."""
        if flight.inner is not None and flight.inner.running():
            flight.alone_since = flight.alone_since or now
            if now - flight.alone_since >= _NOTICE_SECONDS:
                flight.alone_since = None
                flight.job.run.begin()
                flight.job.tell_listeners()

    def _see_whether_it_died(self, flight: Flight, now: float) -> None:
        """The line is broken; Pebble does not notice processes that end with exit code 0."""
        process = flight.process
        if process is None or process.is_alive():
            flight.alone_since = None
            return
        flight.alone_since = flight.alone_since or now
        if now - flight.alone_since >= _NOTICE_SECONDS:
            self._cancel_inner(flight)
            self.end(flight, error=died(process.exitcode))

    def _stop_call(self, flight: Flight, now: float) -> None:
        flight.stop_at = flight.stop_at or now + GRACE_SECONDS
        if now < flight.stop_at:
            return
        if flight.kill_at is None:
            if flight.job.line.said_end:  # it is too late
                return
            flight.kill_at = now + _KILL_SECONDS
            self._cancel_inner(flight)
        if flight.inner is None or not flight.inner.cancelled():  # it has just landed
            return
        process = flight.process
        if process is None or not process.is_alive() or flight.job.line.said_end:
            self.end(flight, error=JobCancelled("The job was cancelled; its process was killed."))
        elif now >= flight.kill_at:
            process.terminate()

    def _cancel_inner(self, flight: Flight) -> None:
        if flight.inner is not None:
            flight.inner.cancel()

    def _landed(self, flight: Flight, inner: Future[Any]) -> None:
        """Take the outcome from Pebble; on one of its threads."""
        from pebble import ProcessExpired

        if inner.cancelled():  # its process is still being killed
            return
        error = inner.exception()
        self.has_worked |= error is None
        if isinstance(error, ProcessExpired):
            self.end(flight, error=died(error.exitcode), hear=_HEAR_AFTER_CRASH_SECONDS)
        elif isinstance(error, BrokenProcessPool):
            self._broken = True
            self._look()
        elif error is not None:
            self.end(flight, error=EngineError(f"The call did not reach its process: {error}"))
        else:
            sealed = inner.result()
            result, raised = sealed.open()
            self.end(flight, result, raised, hear=_HEAR_SECONDS if sealed.connected else 0.0)

    def _settle(self, flight: Flight, result: Any, error: BaseException | None) -> None:
        job = flight.job
        if getattr(error, "exit_code", None) and (job.line.said_end or job.run.started_at is None):
            self.is_suspect = True
            self._look()
        job.settle(result, error)
