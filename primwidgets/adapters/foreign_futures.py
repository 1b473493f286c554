"""Futures of other packages: what has the methods of a future, or derives from it, and looks for itself.

Their methods differ. ``done()`` of some is a request to a server, some lack ``running()`` or
``cancelled()``, and some start a thread that polls for ever when they get a callback.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets import _border as border
from primwidgets._forwarding import forwards
from primwidgets.adapters._common.describe import describe, describe_error, describe_status, package_of
from primwidgets.adapters._common.handles import STATUS_NAMES, ask, has, id_at_hand, id_of, implements, must_be_awaited
from primwidgets.adapters._common.outcomes import is_cancelled, is_no_outcome
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters._common.status_words import is_cancelling, state_of
from primwidgets.adapters.base import CancelReport, Pace, takes_keyword
from primwidgets.adapters.concurrent_futures import given_up, inherits_cancel
from primwidgets.adapters.polled import NO_CANCEL, PolledAdapter, being_cancelled, reason_of
from primwidgets.errors import JobFailed
from primwidgets.snapshot import JobSnapshot, JobState

#: Packages whose futures begin to poll, with no end and no budget, when a callback is added.
_POLL_FOR_CALLBACKS: Final = ("google",)
_STATUS_NAMES: Final = (*STATUS_NAMES, "task_status")


class ForeignFutureAdapter(PolledAdapter[Any]):
    """A future of which only the methods are known. It is read on worker threads, by those methods that it has."""

    provider = "future"
    pace = Pace(first=0.25, ceiling=5.0, requests_per_second=2.0)
    #: It is polled in all other states, since it is unknown whether callbacks are really called.
    pushed: ClassVar[frozenset[JobState]] = frozenset({JobState.INITIALIZING})

    @override
    @classmethod
    def suits(cls, kind: type) -> bool:
        """A subclass of this adapter may know how to await."""
        return cls is not ForeignFutureAdapter or not must_be_awaited(kind)

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        kind = type(job)
        if _polls_for_callbacks(kind):
            self.pushed = frozenset()  # type: ignore[misc]  # as this job has it
        self.provider = package_of(job)
        self.budget_key = type(self), kind  # the jobs of many providers are read by this adapter
        self.cancels_locally = issubclass(kind, Future) and inherits_cancel(kind)
        self._can_be_cancelled = implements(job, "cancel")
        self._id: str | None = None

    @override
    def job_id(self) -> str:
        """What is known without asking, until a read has asked: that may be a request."""
        return self._id or id_at_hand(self.job)

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        read = super().read(last)
        if self._id is None:
            self._id = id_of(self.job)
        return read if read.job_id == self._id else read.evolve(job_id=self._id)

    @override
    def look(self, last: JobSnapshot) -> JobSnapshot:
        """Asks two to four questions, each of which may be a request."""
        over = bool(ask(self.job, "done"))
        read = self._after_the_end(last) if over else self._before_the_end(last)
        if self.cancels_locally and read.state is JobState.CANCELLED:
            return given_up(last).evolve(status_text=read.status_text)
        can_cancel = read.can_cancel and self._can_be_cancelled
        detail = None if can_cancel or self._can_be_cancelled or over else NO_CANCEL
        return read.evolve(can_cancel=can_cancel, cancel_detail=detail, can_preview=read.state is JobState.DONE)

    @override
    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        if _polls_for_callbacks(type(self.job)):
            return None
        listeners = [changed]  # a callback cannot be taken back, so it gets a list that can be emptied

        def tell(*_: object) -> None:
            for listener in tuple(listeners):
                listener()

        self.job.add_done_callback(tell)
        return listeners.clear

    @override
    @forwards
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        report = super().cancel(*args, **kwargs)
        refused = report.accepted is False and report.detail is None
        return replace(report, detail="The future can no longer be cancelled.") if refused else report

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result)

    def _before_the_end(self, last: JobSnapshot) -> JobSnapshot:
        status = self._status()
        if is_cancelling(status):
            return being_cancelled(last).evolve(status_text=describe_status(status))
        told = state_of(status)
        if told is None or told.is_final:  # the word may be one of the task's, and not of the future's
            status, told = None, None
        state = told or self._state_by_running(last.state)
        word = describe_status(status) or ("running" if state is JobState.RUNNING else "pending")
        return last.evolve(state=state, status_text=word, can_cancel=True, error=None)

    def _state_by_running(self, last: JobState) -> JobState:
        """What a future that cannot tell is taken to do; one that ran does not wait again."""
        return (
            JobState.QUEUED if last is not JobState.RUNNING and self._answer("running") is False else JobState.RUNNING
        )

    def _answer(self, question: str) -> bool | None:
        """The answer of the future; ``None`` if it lacks the question, or only declares it."""
        with contextlib.suppress(NotImplementedError):
            return bool(ask(self.job, question)) if has(self.job, question) else None
        return None

    def _after_the_end(self, last: JobSnapshot) -> JobSnapshot:
        over = last.evolve(can_cancel=False, error=None)
        if self._answer("cancelled"):
            return over.evolve(state=JobState.CANCELLED, status_text="cancelled")
        status = self._status()
        told = state_of(status)
        error = self._exception()
        word = "finished" if told is None or not told.is_final else describe_status(status)
        if error is not None and is_cancelled(error):
            return over.evolve(state=JobState.CANCELLED, status_text=word)
        if error is not None:
            return over.evolve(state=JobState.ERROR, status_text=word, error=last.error or describe_error(error))
        if told is JobState.ERROR:
            return over.evolve(state=told, status_text=word, error=reason_of(self.job, last))
        return over.evolve(state=JobState.CANCELLED if told is JobState.CANCELLED else JobState.DONE, status_text=word)

    def _status(self) -> Any:
        return next((ask(self.job, name) for name in _STATUS_NAMES if has(self.job, name)), None)

    def _exception(self) -> BaseException | None:
        """What the finished future raises; ``None`` if nothing. One that cannot say it is asked for its result.

        Raises:
            Exception: what speaks of the asking, such as a network error; or it is not over after all.
        """
        if has(self.job, "exception"):
            with contextlib.suppress(NotImplementedError):  # a method that is only declared
                return _as_error(self._outcome("exception"))
        outcome = self._outcome("result")
        return outcome.error if isinstance(outcome, border.Raised) else None

    def _outcome(self, name: str) -> border.Returned[Any] | border.Raised:
        """What an attribute holds, or a method of that name returns or raises of the job."""
        tell = getattr(self.job, name)
        if not callable(tell):
            return border.Returned(tell)
        timeout = {"timeout": 0} if takes_keyword(tell, "timeout") else {}
        try:
            return border.Returned(tell(**timeout))
        except Exception as error:
            if is_no_outcome(error):
                raise
            return border.Raised(error)


def _as_error(outcome: border.Returned[Any] | border.Raised) -> BaseException | None:
    """The error that ``exception`` told; some libraries have its class there, or its text."""
    if isinstance(outcome, border.Raised):
        return outcome.error
    told = outcome.value
    if isinstance(told, type) and issubclass(told, BaseException):
        return JobFailed("", told.__name__)
    if isinstance(told, str) and told:
        return JobFailed(describe(told))
    return told if isinstance(told, BaseException) else None


def _polls_for_callbacks(kind: type) -> bool:
    return any(ancestor.__module__.partition(".")[0] in _POLL_FOR_CALLBACKS for ancestor in kind.__mro__)
