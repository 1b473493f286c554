"""The engine whose calls outlive the kernel."""

from __future__ import annotations

import os
import pickle
import signal
import sqlite3
from typing import ClassVar, Final

from typing_extensions import override

from primwidgets.engines._remote.pickled import PickledCall
from primwidgets.engines.background.channel import FileChannel
from primwidgets.engines.background.files import JobFiles
from primwidgets.engines.background.job import BackgroundJob
from primwidgets.engines.background.service import enqueue, ensure_service, service_pid
from primwidgets.engines.base import Engine, FunctionCall
from primwidgets.errors import EngineError

#: Why calls have no retries and no timeout here.
_WITHOUT_ATTEMPTS: Final = (
    'Calls of engine="background" go on when this process ends, and then nothing would start them again or count '
    'their time. Retry inside the function, or leave out retries= and timeout=, or use engine="process".'
)


class BackgroundEngine(Engine):
    """Runs calls in processes of a service that goes on when the kernel ends; first come, first served.

    The service is started when it is needed and ends after ten minutes without work. Jobs, with results, are kept in
    Jupyter's data directory: a thousand finished ones, for thirty days at most.

    Attributes:
        without_attempts: why there are no retries and no time-outs.
    """

    without_attempts: ClassVar[str] = _WITHOUT_ATTEMPTS

    @override
    def start(self, task: FunctionCall) -> BackgroundJob:
        files = JobFiles.create(task.name)
        try:
            files.write_call(pickle.dumps(PickledCall(task, FileChannel(files.directory))))
            enqueue(files.job_id)
            ensure_service()
        except EngineError:
            files.remove()
            raise
        except (OSError, sqlite3.Error) as error:
            files.remove()
            raise EngineError(f"{task.name} could not be queued in {files.directory.parent}: {error}") from error
        job = BackgroundJob(files)
        job.tags = task.tags
        return job


def find_background_job(job_id: str) -> BackgroundJob:
    """A background job of this or an earlier kernel.

    Args:
        job_id: its id, as on its card.

    Raises:
        LookupError: there is no such job, any more or in this Python environment.
    """
    files = JobFiles.find(job_id)
    if files is None:
        raise LookupError(
            f"There is no background job {job_id!r} in this Python environment. Finished jobs are kept for 30 days."
        )
    return BackgroundJob(files)


def background_jobs() -> list[BackgroundJob]:
    """All background jobs of this Python environment that are kept, in the order of submission."""
    return [BackgroundJob(files) for files in JobFiles.all()]


def stop_service() -> bool:
    """End the service with all its processes; running calls fail, and queued ones wait for the next service.

    Returns:
        Whether there was one.
    """
    pid = service_pid()
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    return pid is not None
