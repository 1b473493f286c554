"""Unpickles outcomes and settles jobs on threads of their own, since both run foreign code."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from primwidgets._threads import Workers
from primwidgets.engines._remote.pickled import PickledOutcome
from primwidgets.engines.process.job import ProcessJob
from primwidgets.errors import JobCancelled

#: Number of threads that settle jobs; number of extra threads while others take longer than ``_SLOW_SECONDS``.
_THREADS: Final = 4
_SLOW_LIMIT: Final = 256
_SLOW_SECONDS: Final = 0.1


class OutcomeOpener:
    """Settles jobs. ``open`` and ``fail`` return at once; the pool calls ``check``.

    Args:
        grace_seconds: seconds after a cancel for which an outcome that is being unpickled is awaited.
    """

    def __init__(self, grace_seconds: float) -> None:
        self._grace_seconds = grace_seconds
        self._workers = Workers(limit=_THREADS, hung_limit=_SLOW_LIMIT)
        self._in_progress: set[_Settling] = set()
        self._lock = threading.Lock()

    def open(self, job: ProcessJob, outcome: PickledOutcome) -> None:
        """Settle ``job`` with what is in ``outcome``."""
        self._submit(job, lambda: job.settle(*outcome.open()))

    def fail(self, job: ProcessJob, error: BaseException) -> None:
        """Settle ``job`` with ``error``."""
        self._submit(job, partial(job.settle, None, error))

    def check(self, now: float) -> bool:
        """Replace slow threads and end cancelled jobs; whether another check is needed soon."""
        with self._lock:
            for settling in self._in_progress:
                if not settling.is_slow and settling.began_at is not None and now - settling.began_at >= _SLOW_SECONDS:
                    settling.is_slow = True
                    self._workers.replace_worker()
            under_way = list(self._in_progress)
        for settling in under_way:
            if settling.job.context.cancelled and not settling.is_abandoned and not settling.job.future.done():
                self._cancel_late(settling, now)
        return bool(under_way)

    def _cancel_late(self, settling: _Settling, now: float) -> None:
        settling.stop_at = settling.stop_at or now + self._grace_seconds
        if now >= settling.stop_at:
            settling.is_abandoned = True
            self.fail(settling.job, JobCancelled("The job was cancelled while its result was being read."))

    def _submit(self, job: ProcessJob, settle: Callable[[], None]) -> None:
        settling = _Settling(job)
        with self._lock:
            self._in_progress.add(settling)
        self._workers.submit(partial(self._settle, settling, settle))

    def _settle(self, settling: _Settling, settle: Callable[[], None]) -> None:
        settling.began_at = time.monotonic()
        try:
            settle()
        finally:
            with self._lock:
                self._in_progress.discard(settling)
                if settling.is_slow:
                    self._workers.worker_returned()


class _Settling:
    """A job that is being settled."""

    def __init__(self, job: ProcessJob) -> None:
        self.job = job
        self.began_at: float | None = None
        self.stop_at: float | None = None
        self.is_slow = False
        self.is_abandoned = False
