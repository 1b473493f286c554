"""A call that is started again when it fails, or stopped when it runs too long: one job, whose attempts are jobs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeGuard

from typing_extensions import override

from primwidgets import _border as border
from primwidgets._progress.track import waiting_for_another_job
from primwidgets.engines.alarms import Alarm, alarms
from primwidgets.engines.base import Engine, FunctionCall, FunctionJob
from primwidgets.engines.relay import RelayJob
from primwidgets.engines.time_limit import TimeLimit
from primwidgets.errors import CallTimedOut, EngineError, JobCancelled, JobTimeoutError
from primwidgets.snapshot import WORD_LIMIT, AttemptSummary, JobState, clip

#: The errors of this many earlier attempts are shown.
_ERRORS_SHOWN: Final = 8


_Start = Callable[[], FunctionJob[Any]]


@dataclass(frozen=True, slots=True)
class AttemptRules:
    """How often a call is started, and how long it may run.

    Attributes:
        retries: how many times a call that failed is started again.
        delay: seconds before it is.
        timeout: seconds that each attempt may run; ``None`` for no limit.
    """

    retries: int = 0
    delay: float = 0.0
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class _End:
    """How a call ended.

    Attributes:
        state: its final state.
        error: what ``result()`` raises, if that is not for the last attempt to say.
    """

    state: JobState
    error: BaseException | None = None


class AttemptsJob(RelayJob):
    """A call that is started again on its engine while it fails, as one job.

    It shows the progress and the output of its current attempt, and ends as its last one. Between two attempts it is
    QUEUED. A cancelled attempt is the last one, and so is one that failed with an ``EngineError``, since another one
    would fail alike. The time limit counts from the start of each attempt.

    Args:
        first: the first attempt.
        call: what the attempts call; dropped at the end.
        engine: starts the further attempts.
        rules: how many there may be, and how long each may run.
    """

    def __init__(self, first: FunctionJob[Any], call: FunctionCall, engine: Engine, rules: AttemptRules) -> None:
        super().__init__(call)
        self._rules = rules
        # In the caller's context, since an engine may ask who that is. Dropped at the end: it holds the arguments.
        self._start: _Start | None = partial(copy_context().run, engine.start, call)
        self._attempt = first
        self._is_between = self._is_cancelled = False
        self._limit: TimeLimit | None = None
        self._pause: Alarm | None = None
        self._starts_at: float | None = None
        self._began_at: float | None = None
        self._summary = AttemptSummary(1, rules.retries + 1)
        self._latest: _End | None = None
        self._end: _End | None = None
        self._over = threading.Event()
        self._lock = threading.RLock()
        self.show(first)
        self._follow(first)

    @override
    @property
    def attempts(self) -> AttemptSummary:
        return self._summary

    @override
    @property
    def starts_at(self) -> float | None:
        return self._starts_at

    @override
    @property
    def started_at(self) -> float | None:
        return self._began_at or super().started_at

    @override
    def state(self) -> JobState:
        with self._lock:
            if self._end is not None:
                return self._end.state
            if self._is_between:
                return JobState.QUEUED
            attempt = self._attempt
        state = attempt.state()
        if not state.is_final:
            return state
        return JobState.QUEUED if self.started_at is None else JobState.RUNNING  # its end is handled in a moment

    @override
    def result(self, timeout: float | None = None) -> Any:
        deadline = None if timeout is None else time.monotonic() + timeout
        with waiting_for_another_job():
            if not self._over.wait(timeout):
                raise JobTimeoutError(f"No result within {timeout} s.")
        if self._end is not None and self._end.error is not None:
            raise self._end.error
        return self._attempt.result(None if deadline is None else max(0.0, deadline - time.monotonic()))

    @override
    def exception_now(self) -> BaseException | None:
        if self._end is None:
            return None
        return self._end.error or self._attempt.exception_now()

    @override
    def cancel(self) -> bool | None:
        """Cancel the current attempt, and start no other one."""
        with self._lock:
            if self._end is not None:
                return False
            self._is_cancelled = True
            attempt = None if self._is_between else self._attempt
            limit, pause = self._limit, self._pause
        if attempt is not None:
            if limit is not None and not limit.is_over:
                limit.end()
            return attempt.cancel()
        if pause is not None and alarms().cancel(pause):
            self._finish(_End(JobState.CANCELLED, _cancelled_between()))
        return True  # else the next attempt is just being started, and will be cancelled

    def announce_end(self, last: FunctionJob[Any], error: BaseException | None) -> None:
        """Announce the end to those who wait for this job as for a future.

        Args:
            last: the last attempt.
            error: what ``result()`` raises, if that is not for the last attempt to say.
        """

    def _follow(self, attempt: FunctionJob[Any]) -> None:
        """Handle the changes of ``attempt``."""
        changed = partial(self._note_change, attempt)
        _ = attempt.add_listener(changed)
        if self._rules.timeout is not None:
            self._limit = TimeLimit(attempt, self._rules.timeout, partial(self._note_late, attempt))
            self._limit.begin()  # once it is known here, since the time may be over at once
        changed()  # what was missed meanwhile

    def _note_change(self, attempt: FunctionJob[Any]) -> None:
        """Handle a change of an attempt. On any thread, which must not be blocked."""
        state = attempt.state()
        end = None
        with self._lock:
            if attempt is not self._attempt or self._is_between or self._end is not None:
                return
            self._began_at = self._began_at or attempt.started_at
            if state.is_final:
                end = self._end_or_plan_next(attempt, state)
        if end is None:
            self.notify_listeners()
        else:
            self._finish(end)

    def _end_or_plan_next(self, attempt: FunctionJob[Any], state: JobState) -> _End | None:
        """How the call ended with ``attempt``; ``None`` if another attempt follows. The lock is held."""
        self._latest, error = _End(state), attempt.exception_now()
        if state is JobState.CANCELLED and self._is_late and not self._is_cancelled:
            error = CallTimedOut(f"{self.name} ran longer than its timeout of {self._rules.timeout:g} s.")
            self._latest = _End(JobState.ERROR, error)
        if not self._is_repeated(error):
            return self._latest
        self._summary = replace(self._summary, number=self._summary.number + 1, problem=None)
        self._is_between, self._starts_at = True, time.time() + self._rules.delay
        alarms().after(0, partial(self._pause_before_next, error))  # also when it is cancelled: it notes the error
        return None

    @property
    def _is_late(self) -> bool:
        return self._limit is not None and self._limit.is_over

    def _is_repeated(self, error: BaseException | None) -> TypeGuard[Exception]:
        """Whether another attempt follows one that failed with ``error``."""
        if self._is_cancelled or self._summary.number >= self._summary.most:
            return False
        return isinstance(error, Exception) and not isinstance(error, EngineError)

    def _pause_before_next(self, error: Exception) -> None:
        """Show why an attempt failed, and start the next one in time; on a thread of the alarms."""
        text = clip(border.text_of(error), WORD_LIMIT)  # a stranger's text, so not on the thread of the engine
        with self._lock:
            errors = [*self._summary.errors.items(), (str(self._summary.number - 1), text)]
            self._summary = replace(self._summary, errors=dict(errors[-_ERRORS_SHOWN:]))
            is_pausing = self._rules.delay > 0 and not self._is_cancelled
            if is_pausing:
                self._pause = alarms().after(self._rules.delay, self._start_next)
        if is_pausing:
            self.notify_listeners()
        else:
            self._start_next()

    def _start_next(self) -> None:
        """Start another attempt, on a thread of the alarms."""
        start = self._start
        if self._is_cancelled or start is None:
            self._finish(_End(JobState.CANCELLED, _cancelled_between()))
            return
        started = border.call(start)
        if isinstance(started, border.Raised):  # a broken executor, or a closed client
            self._give_up(started.text)
            return
        with self._lock:
            self._attempt = started.value
            self.show(self._attempt)
            self._is_between, self._starts_at, self._limit, self._pause = False, None, None, None
            is_cancelled = self._is_cancelled
        self._follow(self._attempt)
        if is_cancelled:
            border.call(self._attempt.cancel)
        self.notify_listeners()

    def _give_up(self, reason: str) -> None:
        """End as the last attempt did, since no other one can be started."""
        number = self._summary.number
        problem = f"Attempt {number} could not be started: {reason}"
        self._summary = replace(self._summary, number=number - 1, problem=problem)
        self._finish(self._latest or _End(JobState.ERROR))

    def _note_late(self, attempt: FunctionJob[Any], problem: str) -> None:
        """Show that an attempt has run for too long and was asked to stop."""
        with self._lock:
            if attempt is self._attempt and not self._is_between and self._end is None:
                self._summary = replace(self._summary, problem=problem)
        self.notify_listeners()

    def _finish(self, end: _End) -> None:
        with self._lock:
            if self._end is not None:
                return
            if self._is_late and not self._is_between:
                late = f"It ended after its timeout of {self._rules.timeout:g} s." if end.error is None else None
                self._summary = replace(self._summary, problem=late)
            self._end, self._start, self._starts_at = end, None, None
        self._over.set()
        self.announce_end(self._attempt, end.error)
        self.notify_listeners()


def _cancelled_between() -> JobCancelled:
    return JobCancelled("The job was cancelled between two attempts.")
