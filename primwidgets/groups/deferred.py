"""Calls that are given to an engine later: a bounded number of them at the same time."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import CancelledError
from typing import Any

from typing_extensions import override

from primwidgets import _border as border
from primwidgets._progress.track import waiting_for_another_job
from primwidgets.engines import Engine, FunctionCall, FunctionJob, Recipe
from primwidgets.engines.relay import RelayJob
from primwidgets.errors import JobTimeoutError
from primwidgets.snapshot import JobState


class StartLimit:
    """Gives calls to an engine, at most ``most`` at the same time. Any thread.

    Args:
        engine: runs them.
        most: the number.

    Attributes:
        example: the first job that the engine made; the others are of its kind.
    """

    def __init__(self, engine: Engine, most: int) -> None:
        self._engine = engine
        self._free = most
        self._queue: deque[DeferredJob] = deque()
        self._starting = False
        self._is_closed = False
        self.example: FunctionJob[Any] | None = None
        self._lock = threading.RLock()

    def start(self, recipe: Recipe) -> DeferredJob:
        """Have the call of ``recipe`` run once there is room."""
        job = DeferredJob(recipe.call, self)
        job.recipe = recipe
        with self._lock:
            self._queue.append(job)
        self._start_next()
        return job

    def place(self, job: DeferredJob) -> int | None:
        """How many calls are started before this one, and it; ``None`` if it was started."""
        with self._lock:
            return next((place for place, one in enumerate(self._queue, 1) if one is job), None)

    def withdraw(self, job: DeferredJob) -> bool:
        """Take back a call that was not started; whether it could be taken back."""
        with self._lock:
            if job not in self._queue:
                return False
            self._queue.remove(job)
            return True

    def close(self) -> None:
        """Start no more calls: those that wait are about to be cancelled."""
        with self._lock:
            self._is_closed = True

    def release(self) -> None:
        """Note that a call that was started has ended."""
        with self._lock:
            self._free += 1
        self._start_next()

    def _start_next(self) -> None:
        """Start the calls for which there is room. While another thread is doing that, it starts these, too."""
        while (job := self._take_next()) is not None:
            job.start(self._engine)
            with self._lock:
                self._starting = False

    def _take_next(self) -> DeferredJob | None:
        with self._lock:
            if self._is_closed or self._starting or self._free <= 0 or not self._queue:
                return None
            self._starting = True
            self._free -= 1
            return self._queue.popleft()


class DeferredJob(RelayJob):
    """A call that waits here until it is given to an engine; then it is what the engine's job is.

    Args:
        call: the function and its arguments.
        limit: starts it.
    """

    engine = "Waiting to be submitted"

    def __init__(self, call: FunctionCall, limit: StartLimit) -> None:
        super().__init__(call)
        self._call: FunctionCall | None = call
        self._limit = limit
        self._error: BaseException | None = None
        self._withdrawn = False
        self._decided = threading.Event()
        self._ended = threading.Lock()
        if limit.example is not None:
            self.resemble(limit.example)

    def start(self, engine: Engine) -> None:
        """Give the call to ``engine``; where that refuses it, the job has failed."""
        call, self._call = self._call, None
        started = border.call(engine.start, call) if call is not None else None
        if isinstance(started, border.Returned):
            inner = started.value
            self._limit.example = self._limit.example or inner
            self.show(inner)
            inner.add_listener(self._note_change)
        elif started is not None:
            self._error = started.error
        self._decided.set()
        self._note_change()

    @override
    def state(self) -> JobState:
        if self._withdrawn:
            return JobState.CANCELLED
        if self._error is not None:
            return JobState.ERROR
        return JobState.QUEUED if self._shown is None else self._shown.state()

    @override
    def result(self, timeout: float | None = None) -> Any:
        deadline = None if timeout is None else time.monotonic() + timeout
        with waiting_for_another_job():
            if not self._decided.wait(timeout):
                raise JobTimeoutError(f"No result within {timeout} s.")
        if self._withdrawn:
            raise CancelledError
        if self._error is not None:
            raise self._error
        assert self._shown is not None
        return self._shown.result(None if deadline is None else max(0.0, deadline - time.monotonic()))

    @override
    def exception_now(self) -> BaseException | None:
        return self._error if self._shown is None else self._shown.exception_now()

    @override
    def cancel(self) -> bool | None:
        if self._limit.withdraw(self):
            self._withdrawn, self._call = True, None
            self._decided.set()
            self.notify_listeners()
            return True
        self._decided.wait()  # it is just being started
        return False if self._shown is None else self._shown.cancel()

    @override
    @property
    def queue_position(self) -> int | None:
        return self._limit.place(self) if self._shown is None else super().queue_position

    def _note_change(self) -> None:
        self.notify_listeners()
        if self.in_final_state() and self._ended.acquire(blocking=False):
            self._limit.release()
