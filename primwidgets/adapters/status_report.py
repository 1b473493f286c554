"""What most providers say of a job in one answer, and the adapter that makes a snapshot of it.

An adapter for a provider that is asked and pushes nothing names the id, the report and the way to the result::

    class AcmeAdapter(ReportedAdapter):
        provider = "Acme"
        fetch = "get_output"  # the provider's method for the result; it does not wait
        fetch_waits = False

        def report(self, last):
            run = self.job.refresh()  # one request
            return StatusReport(run.status, queue_position=run.place, error=run.reason, created_at=run.submitted)
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar, Final, Literal, TypeVar

from typing_extensions import override

from primwidgets import _border as border
from primwidgets.adapters._common.describe import (
    METADATA_LIMIT,
    NO_REASON,
    describe,
    describe_error,
    describe_metadata,
    describe_status,
)
from primwidgets.adapters._common.handles import id_of
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters._common.status_words import is_cancelling, state_of
from primwidgets.adapters._common.times import epoch
from primwidgets.adapters.base import CancelReport, takes_keyword
from primwidgets.adapters.polled import NO_CANCEL, PolledAdapter, being_cancelled
from primwidgets.errors import JobFailed, JobTimeoutError
from primwidgets.snapshot import UNKNOWN, JobError, JobSnapshot, JobState

JobT = TypeVar("JobT")

#: What a provider can cancel: a job in any state that is not final, only one that has not begun, or none.
Cancels = Literal["any", "queued", "none"]


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What a provider says of a job. Unknown is ``None``; what is ``None`` stays as it was known before.

    Attributes:
        status: the provider's word, in any form that ``state_of`` takes: a text, an enum, an object with a ``status``.
        state: the state, where the word alone does not tell it.
        cancelling: whether the provider says that the job is being cancelled, where the word does not tell it.
        progress: fraction done, 0..1, or a pair of what is done and of how much.
        progress_text: what the fraction counts.
        queue_position: as the provider says it; say in the text from where it counts if that is not obvious.
        estimated_start_at: a moment in any form that ``times.epoch`` takes, like all moments here.
        message: a short message.
        error: why the job failed: the exception, its text, or a ``JobError``; counts in state ERROR only.
        log: the end of what the job printed.
        backend: the device or pool.
        created_at: when it was submitted.
        queued_at: when it entered the queue.
        started_at: when it began to run.
        finished_at: when it ended.
        can_cancel: whether asking to cancel can help now, where the adapter's ``cancels`` does not tell it.
        details: further facts for the card's details, such as usage, cost, or the address of the provider's page;
            entries that are ``None`` are left out.
    """

    status: Any = None
    state: JobState | None = None
    cancelling: bool = False
    progress: float | tuple[float, float] | None = None
    progress_text: str | None = None
    queue_position: Any = None
    estimated_start_at: Any = None
    message: Any = None
    error: BaseException | JobError | str | None = None
    log: str | None = None
    backend: Any = None
    created_at: Any = None
    queued_at: Any = None
    started_at: Any = None
    finished_at: Any = None
    can_cancel: bool | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class ReportedAdapter(PolledAdapter[JobT]):
    """Reads jobs by a ``StatusReport``, and gets results in the way that the provider has for it.

    Attributes:
        states: what words mean that ``state_of`` does not know, or that mean something else to this provider.
        cancels: what the provider can cancel.
        cannot_cancel: what the card says while a job cannot be cancelled.
        fetch: the job's method that gives the result; ``None`` if there is none: the result is ``None`` then.
        fetch_waits: whether that method waits for the end. If not, the job is read until it is final first.
        fetch_timeout: what that method calls its time-out; ``None`` if it has none.
        raises: whether ``result()`` raises ``JobFailed`` or ``CancelledError`` by itself for a job that ended so, since
            the provider's method would not; counts only where ``fetch_waits`` is false.
    """

    states: ClassVar[Mapping[str, JobState]] = {}
    cancels: ClassVar[Cancels] = "any"
    cannot_cancel: ClassVar[str] = NO_CANCEL
    fetch: ClassVar[str | None] = "result"
    fetch_waits: ClassVar[bool] = True
    fetch_timeout: ClassVar[str | None] = "timeout"
    raises: ClassVar[bool] = False

    def __init__(self, job: JobT) -> None:
        super().__init__(job)
        self._latest: JobSnapshot | None = None
        self._changed = threading.Condition()
        self._reading = threading.Lock()
        self._looked_at = 0.0

    def report(self, last: JobSnapshot) -> StatusReport:
        """What the provider says now; what ``PolledAdapter.look`` says of requests and exceptions holds."""
        raise NotImplementedError

    @override
    def job_id(self) -> str:
        return id_of(self.job)

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        with self._reading:
            read = super().read(last)
        with self._changed:
            self._latest, self._looked_at = read, time.monotonic()
            self._changed.notify_all()
        return read

    @override
    def look(self, last: JobSnapshot) -> JobSnapshot:
        report = self.report(last)
        state = report.state or self._state_of(report.status)
        read = last.evolve(status_text=describe_status(report.status) or last.status_text, **_facts(report, last))
        if report.cancelling or (state is None and is_cancelling(report.status)):
            return being_cancelled(read)
        state = state or last.state
        can_cancel = not state.is_final and (
            self._can_cancel(state) if report.can_cancel is None else report.can_cancel
        )
        return read.evolve(
            state=state,
            error=_error(report.error, last) if state is JobState.ERROR else None,
            can_cancel=can_cancel,
            cancel_detail=None if can_cancel or state.is_final else self.cannot_cancel,
            can_preview=state is JobState.DONE and self.fetch is not None,
        )

    @property
    @override
    def takes_timeout(self) -> bool:
        if self.fetch is None or not self.fetch_waits or self.fetch_timeout is None:
            return False
        return takes_keyword(getattr(self.job, self.fetch), self.fetch_timeout)

    @override
    def result(self, timeout: float | None = None, **kwargs: Any) -> Any:
        if self.fetch is not None and self.fetch_waits:
            if timeout is not None and self.fetch_timeout is not None:
                kwargs[self.fetch_timeout] = timeout
            return getattr(self.job, self.fetch)(**kwargs)
        ended = self.wait_until_final(timeout)
        if self.raises:
            raise_end(ended)
        return self.fetch_result(**kwargs)

    def fetch_result(self, **kwargs: Any) -> Any:
        """The result of a job that has ended, where the provider's method does not wait."""
        return None if self.fetch is None else getattr(self.job, self.fetch)(**kwargs)

    def wait_until_final(self, timeout: float | None = None) -> JobSnapshot:
        """Block until any read finds the job in a final state. Reads it by itself only if the monitor does not.

        Raises:
            JobTimeoutError: ``timeout`` seconds have passed.
            Exception: the provider cannot be asked.
        """
        give_up_at = None if timeout is None else time.monotonic() + timeout
        interval = self.pace.first
        while (latest := self._latest) is None or not latest.is_final:
            now = time.monotonic()
            if give_up_at is not None and now >= give_up_at:
                raise JobTimeoutError(f"The job has not ended after {timeout} seconds.")
            if now - self._looked_at >= interval + _GRACE_SECONDS or latest is None:
                self.read(latest or UNKNOWN.evolve(uid="result", job_id=self.job_id(), provider=self.provider))
                interval = min(interval * 1.25, self.pace.ceiling)
                continue
            with self._changed:
                left = interval + _GRACE_SECONDS if give_up_at is None else give_up_at - now
                if self._latest is latest:
                    self._changed.wait(min(left, interval + _GRACE_SECONDS))
        return latest

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        if self.cancels == "none":
            return CancelReport(accepted=False, detail=self.cannot_cancel, error=NotImplementedError(NO_CANCEL))
        return super().cancel(*args, **kwargs)

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result)

    def _state_of(self, status: Any) -> JobState | None:
        word = describe_status(status)
        known = None if word is None else self.states.get(word)
        return state_of(status) if known is None else known

    def _can_cancel(self, state: JobState) -> bool:
        return self.cancels == "any" or (self.cancels == "queued" and state is not JobState.RUNNING)


#: A waiting ``result()`` asks by itself when the monitor has not done so for this many seconds beyond its interval.
_GRACE_SECONDS: Final = 0.5


def raise_end(ended: JobSnapshot) -> None:
    """Raise what a result cannot be had for.

    Raises:
        JobFailed: the job failed.
        CancelledError: it was cancelled.
    """
    if ended.state is JobState.CANCELLED:
        raise CancelledError(f"Job {ended.job_id} was cancelled.")
    if ended.state is JobState.ERROR:
        error = ended.error or JobError("JobError", NO_REASON)
        raise JobFailed(error.message, error.type, error.traceback)


def _facts(report: StatusReport, last: JobSnapshot) -> dict[str, Any]:
    """The fields of a snapshot that the report fills in."""
    times = {name: epoch(getattr(report, name)) for name in _MOMENTS}
    words = {name: getattr(report, name) for name in ("queue_position", "message", "backend", "progress_text")}
    facts: dict[str, Any] = {name: at for name, at in times.items() if at is not None}
    facts |= _progress_facts(report.progress)
    facts |= {name: describe(word) for name, word in words.items() if word is not None}
    if report.log is not None:
        log: object = report.log
        facts["log"] = log if isinstance(log, str) else describe(log)
    entries = border.call(_entries, report.details)
    details = describe_metadata(entries.value if isinstance(entries, border.Returned) else None)
    return facts | {"metadata": {**last.metadata, **details}} if details else facts


def _entries(details: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in islice(details.items(), 2 * METADATA_LIMIT) if value is not None}


def _progress_facts(progress: Any) -> dict[str, Any]:
    """The fraction and what it counts. Of a value that is no number, nothing is known."""
    if progress is None:
        return {}
    told = border.call(_counted if isinstance(progress, tuple) else _fraction, progress)
    return told.value if isinstance(told, border.Returned) else {"progress": None}


def _fraction(progress: Any) -> dict[str, Any]:
    return {"progress": float(progress) if math.isfinite(float(progress)) else None}


def _counted(progress: tuple[Any, Any]) -> dict[str, Any]:
    done, of = progress
    if not math.isfinite(done):
        return {"progress": None}
    if not of or not math.isfinite(of):
        return {"progress": None, "progress_text": f"{done:g}"}
    return {"progress": float(done / of), "progress_text": f"{done:g} of {of:g}"}


_MOMENTS: Final = ("estimated_start_at", "created_at", "queued_at", "started_at", "finished_at")


def _error(reason: BaseException | JobError | str | None, last: JobSnapshot) -> JobError:
    if isinstance(reason, JobError):
        return reason
    if isinstance(reason, BaseException):
        return last.error or describe_error(reason)  # each raise adds to the traceback: the first one is kept
    return JobError("JobError", str(reason)) if reason else last.error or JobError("JobError", NO_REASON)
