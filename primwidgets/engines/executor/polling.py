"""Futures for jobs without callbacks, such as submitit's: a few threads poll all of them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextvars import Context
from typing import Any, Final

from typing_extensions import override

from primwidgets._runtime import once_per_process
from primwidgets._threads import Workers, start_daemon
from primwidgets.errors import JobCancelled

#: Seconds between two polls of a job.
POLL_SECONDS: Final = 0.3
#: Seconds between two thorough checks after a cancel; on a cluster, each runs a command of the scheduler.
_LOOK_SECONDS: Final = 3.0


class PollingFuture(Future[Any]):
    """The future of a job that has ``done``, ``result`` and ``cancel``.

    Its ``cancel`` calls the job's ``cancel``; the future ends once the job reports that it has.

    Args:
        job: the job.
        is_running: whether it runs.
        is_done: a thorough, more expensive variant of the job's ``done``; called now and then after a cancel, since a
            killed job leaves no trace of its end.
        has_result: whether an ended job left a result; the job's own ``result`` may wait for it for ever.
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
        self.is_being_polled = False
        self._check_thoroughly = is_done
        self._looked_at = 0.0
        self._job = job
        self._is_running = is_running
        self._cancel_asked = False
        self._poller = _poller()
        self._poller.add(self)

    @override
    def result(self, timeout: float | None = None) -> Any:
        self._ensure_polled()
        return super().result(timeout)

    @override
    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._ensure_polled()
        return super().exception(timeout)

    @override
    def running(self) -> bool:
        """Whether the job reports that it is running."""
        return not self.done() and self._is_running()

    @override
    def cancel(self) -> bool:
        """Ask the job to stop; returns ``False``, since it has not stopped yet."""
        self._cancel_asked = True
        self._job.cancel()
        return False

    def poll(self) -> None:
        """Check whether the job has finished."""
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
            self.is_being_polled = False

    def _ensure_polled(self) -> None:
        """Register with the poller of this process: in a forked child, the parent's thread does not exist."""
        if self._poller is not (poller := _poller()) and not self.done():
            self._poller, self.is_being_polled = poller, False
            poller.add(self)

    def _has_ended(self) -> bool:
        if self._job.done():
            return True
        now = time.monotonic()
        if not self._cancel_asked or now - self._looked_at < _LOOK_SECONDS:
            return False
        self._looked_at = now
        return self._check_thoroughly()


class _Poller:
    """The polling thread, which ends when no future is left. A job that answers slowly delays no other."""

    def __init__(self) -> None:
        self._futures: list[PollingFuture] = []
        self._workers = Workers(limit=8)
        self._lock = threading.Lock()
        self._is_alive = False

    def add(self, future: PollingFuture) -> None:
        """Poll ``future`` until it is done."""
        with self._lock:
            self._futures.append(future)
            if not self._is_alive:
                start_daemon("poller", self._work, Context())
                self._is_alive = True  # afterwards: the system may have refused a thread

    def _work(self) -> None:
        while True:
            time.sleep(POLL_SECONDS)
            with self._lock:
                self._futures[:] = [future for future in self._futures if not future.done()]
                if not self._futures:
                    self._is_alive = False
                    return
                idle = [future for future in self._futures if not future.is_being_polled]
            for future in idle:
                future.is_being_polled = True
                self._workers.submit(future.poll)


_poller: Final = once_per_process(_Poller)
