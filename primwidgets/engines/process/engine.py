"""Processes on this machine: Cancel ends the work, and a crash is an error of the job, not of the kernel."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from typing_extensions import override

from primwidgets._runtime import instances
from primwidgets.engines.base import Engine, FunctionCall
from primwidgets.engines.position_queue import QUEUE_LIMIT, PositionQueue
from primwidgets.engines.process.job import ProcessJob
from primwidgets.engines.process.pool import GUARD, WorkerPool
from primwidgets.engines.process.spawning import is_being_imported
from primwidgets.engines.process.worker import processors
from primwidgets.engines.process.worker_server import Nesting
from primwidgets.errors import EngineError

#: Seconds for which idle processes are kept.
IDLE_SECONDS: Final = 300.0
#: Maximum nesting of worker processes that start worker processes.
_DEPTH_LIMIT: Final = 4


class ProcessEngine(Engine):
    """Runs calls on a bounded number of processes, first come, first served. Processes start on demand.

    Args:
        workers: maximum number of processes; by default one for each processor that this process may use.
        queue_limit: maximum number of queued calls.
        idle_seconds: seconds for which idle processes are kept.

    Raises:
        EngineError: cloudpickle is not installed.
    """

    def __init__(
        self, workers: int | None = None, queue_limit: int = QUEUE_LIMIT, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        if find_spec("cloudpickle") is None:
            raise EngineError('engine="process" needs cloudpickle: pip install "primwidgets[process]"')
        self.workers = workers or max(1, processors() >> Nesting.level)  # nested pools must not multiply the load
        self._queue_limit = queue_limit
        self._idle_seconds = idle_seconds
        self._open()
        _engines.add(self)

    def _open(self) -> None:
        self._queue: PositionQueue[ProcessJob] = PositionQueue(self.workers, self._queue_limit)
        self._pool = WorkerPool(self.workers, self._queue, self._idle_seconds)

    @override
    def start(self, task: FunctionCall) -> ProcessJob:
        if is_being_imported():
            raise EngineError(f"A process that is just being started cannot start others. {GUARD}")
        if Nesting.level >= _DEPTH_LIMIT:
            raise EngineError(f"Processes that start processes that start processes end at {_DEPTH_LIMIT}.")
        job = ProcessJob(task, self, self._pool)
        job.number = self._queue.add(job)
        self._pool.wake()
        return job

    def position(self, job: ProcessJob) -> int | None:
        """Queue position of a call, from 1; ``None`` if it is not queued, or if a process is free for it."""
        return self._queue.position(job.number)

    def cancel(self, job: ProcessJob) -> bool:
        """Remove ``job`` from the queue, or have the pool stop its process; whether either is still possible."""
        if self._queue.take(job.number) is not None:
            job.call = None
            return job.mark_cancelled()
        if job.future.done() or job.pool is not self._pool:  # the latter pool belongs to the parent process
            return False
        job.context.cancelled = True
        self._pool.wake()
        return True

    def close(self) -> None:
        """Kill all processes; running and queued calls end with an error. A later call starts new processes."""
        self._pool.close()

    def finish(self) -> None:
        """At exit: kill all processes and start no others."""
        self._pool.finish()

    def reset_after_fork(self) -> None:
        """In a forked child: use a new pool, since the processes belong to the parent."""
        self._pool.abandon()
        self._open()


_engines: Final = instances(in_child=ProcessEngine.reset_after_fork, at_exit=ProcessEngine.finish)
