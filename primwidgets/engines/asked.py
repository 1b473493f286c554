"""Futures for jobs that cannot tell when they have finished, as submitit's: a few threads ask all of them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextvars import Context
from typing import Any, Final

from primwidgets.errors import JobCancelled
from primwidgets.workers import Workers, start_daemon

#: How often each job is asked.
ASK_SECONDS: Final = 0.3
#: How often it is looked at closely after a cancel; on a cluster, that is a command of the scheduler.
_LOOK_SECONDS: Final = 3.0


class AskedFuture(Future[Any]):
    """The future of a job that has ``done``, ``result`` and ``cancel``.

    Its ``cancel`` asks the job's, which may end the work; that it has ended is told once the job says so.

    Args:
        job: the job.
        is_running: whether it runs.
        is_done: as the job's ``done``, but looks closely, which costs more; asked now and then after a cancel, since a
            job that was killed leaves nothing behind that tells it.
        has_result: whether a job that has ended left a result; the job's own ``result`` may wait for one in vain.
    """

    def __init__(
        self,
        job: Any,
        is_running: Callable[[], bool],
        is_done: Callable[[], bool],
        has_result: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__()
        self._has_result = has_result
        self.is_being_asked = False
        self._look_closely = is_done
        self._looked_at = 0.0
        self._job = job
        self._is_running = is_running
        self._cancel_asked = False
        _Asker.add(self)

    def running(self) -> bool:
        """Whether the job says that it runs."""
        return not self.done() and self._is_running()

    def cancel(self) -> bool:
        """Ask the job to stop; ``False``, since it has not yet."""
        self._cancel_asked = True
        self._job.cancel()
        return False

    def ask(self) -> None:
        """Ask the job whether it has finished."""
        try:
            if not self._has_ended():
                return
            if self._cancel_asked and not self._has_result():
                raise JobCancelled("The job was cancelled.")
            result = self._job.result()
        except Exception as error:  # noqa: BLE001  (it is raised where the result is asked for)
            cancelled = JobCancelled("The job was cancelled.") if self._cancel_asked else None
            with contextlib.suppress(InvalidStateError):
                self.set_exception(cancelled or error)
        else:
            with contextlib.suppress(InvalidStateError):
                self.set_result(result)
        finally:
            self.is_being_asked = False

    def _has_ended(self) -> bool:
        if self._job.done():
            return True
        now = time.monotonic()
        if not self._cancel_asked or now - self._looked_at < _LOOK_SECONDS:
            return False
        self._looked_at = now
        return self._look_closely()


class _Asker:
    """The thread, which ends when there is nobody to ask. A job that takes long to answer keeps no other waiting."""

    lock = threading.Lock()
    futures: Final[list[AskedFuture]] = []
    workers: Final = Workers(limit=8)
    alive = False

    @classmethod
    def add(cls, future: AskedFuture) -> None:
        with cls.lock:
            cls.futures.append(future)
            if not cls.alive:
                start_daemon("asker", cls.work, Context())
                cls.alive = True  # afterwards: the system may have refused a thread

    @classmethod
    def work(cls) -> None:
        while True:
            time.sleep(ASK_SECONDS)
            with cls.lock:
                cls.futures[:] = [future for future in cls.futures if not future.done()]
                if not cls.futures:
                    cls.alive = False
                    return
                idle = [future for future in cls.futures if not future.is_being_asked]
            for future in idle:
                future.is_being_asked = True
                cls.workers.submit(future.ask)
