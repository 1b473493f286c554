"""``concurrent.futures.Future``, its subclasses in other packages, and whatever has the same methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets._forwarding import forwards
from primwidgets.adapters._common.describe import describe_error, package_of
from primwidgets.adapters._common.handles import implements
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters.base import Adapter, CancelReport, Pace, takes_keyword
from primwidgets.adapters.polled import NO_CANCEL
from primwidgets.snapshot import CancelState, JobError, JobSnapshot, JobState


class FutureAdapter(Adapter[Any]):
    """A future of this process, or a job that holds one. It tells when it has finished, not when it starts.

    A future's ``done()`` means *finished in whatever way*, unlike a job's. Classes that derive from ``Future`` and have
    look methods of their own are not read here but on worker threads (``foreign_futures``).
    """

    provider = "concurrent.futures"
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.05, ceiling=0.5)
    pushed: ClassVar[frozenset[JobState]] = frozenset({JobState.RUNNING})
    holds_result: bool = True
    cannot_stop: ClassVar[str] = "A running call cannot be stopped; only a queued one can be cancelled."
    _can_be_cancelled: bool = True
    _can_be_stopped: bool = False

    @override
    @classmethod
    def suits(cls, kind: type) -> bool:
        """A subclass of this adapter knows its jobs."""
        looks = ("running", "done", "cancelled", "exception")
        return cls is not FutureAdapter or all(getattr(kind, look, None) is getattr(Future, look) for look in looks)

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.budget_key = type(self), type(job)  # the jobs of many providers are read by this adapter
        kind = type(job)
        if kind is Future:
            self.cancels_locally = hasattr(job, "object_ref")  # Ray's, whose task does not hear of the cancel
            return
        if (package := package_of(job)) != "concurrent":
            self.provider = package
        if issubclass(kind, Future):
            self._can_be_cancelled = implements(job, "cancel")
            self.cancels_locally = inherits_cancel(kind)
            self._can_be_stopped = self._can_be_cancelled and not self.cancels_locally

    @property
    def future(self) -> Any:
        """The future; ``None`` if the job holds none."""
        return self.job

    @override
    def job_id(self) -> str:
        """A name made from the address: futures have no id, and while the adapter holds this one it is unique."""
        return f"future-{id(self.job):x}"

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        state = _look(self.future)
        if self.cancels_locally and state is JobState.CANCELLED and not _was_told_of_cancel(self.future):
            return self._given_up(last)
        return last.evolve(
            state=state,
            status_text=_WORDS[state],
            # Each result() that raises adds to the traceback; the first reading is the one to keep.
            error=last.error or _reason(self.future) if state is JobState.ERROR else None,
            can_cancel=self._can_cancel(state),
            cancel_detail=self._why_no_cancel(state),
            can_preview=state is JobState.DONE,
        )

    @override
    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        """``changed`` is called on the thread that finishes the future."""
        if self.future is None:
            return None
        # A future keeps its callbacks for good, so it gets one that can be emptied of what it refers to.
        listeners = [changed]

        def tell(_future: object) -> None:
            for listener in tuple(listeners):
                listener()

        self.future.add_done_callback(tell)
        return listeners.clear

    @override
    def change_mark(self) -> object:
        return getattr(self.job, "_state", None)

    @override
    def when_ended(self, ended: Callable[[], None]) -> bool:
        """Not of a future with a ``result()`` of its own, which may do more than to wait."""
        kind = type(self.job)
        if issubclass(kind, Future) and kind.result is not Future.result:
            return False
        return self.subscribe(ended) is not None

    @override
    @forwards
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        report = super().cancel(*args, **kwargs)
        refused = report.accepted is False and report.detail is None
        detail = self._why_no_cancel(JobState.RUNNING) if refused else None
        return replace(report, detail=detail) if detail else report

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result)

    def _can_cancel(self, state: JobState) -> bool:
        return (state is JobState.QUEUED and self._can_be_cancelled) or (
            state is JobState.RUNNING and self._can_be_stopped
        )

    def _why_no_cancel(self, state: JobState) -> str | None:
        if state.is_final or self._can_cancel(state):
            return None
        return self.cannot_stop if self._can_be_cancelled else NO_CANCEL

    def _given_up(self, last: JobSnapshot) -> JobSnapshot:
        """The job after its future was cancelled of which its provider did not hear."""
        self.pushed = frozenset(JobState)  # type: ignore[misc]  # nothing more will be seen of this one
        return given_up(last).evolve(status_text=_WORDS[JobState.CANCELLED])


class HeldFutureAdapter(FutureAdapter):
    """A job that has an id and holds its future as ``_future``, once it was submitted in this process."""

    @override
    @property
    def future(self) -> Any:
        return getattr(self.job, "_future", None)

    @override
    def change_mark(self) -> object:
        return getattr(self.future, "_state", None)

    @override
    def job_id(self) -> str:
        return str(self.job.job_id())


_WORDS: Final[Mapping[JobState, str]] = {
    JobState.QUEUED: "pending",
    JobState.RUNNING: "running",
    JobState.CANCELLED: "cancelled",
    JobState.ERROR: "finished",
    JobState.DONE: "finished",
}


def _look(future: Any) -> JobState:
    # The order matters: asked the other way round, one that finishes meanwhile would seem to be queued again.
    if future.running():
        return JobState.RUNNING
    if not future.done():
        return JobState.QUEUED
    if future.cancelled():
        return JobState.CANCELLED
    return JobState.DONE if _exception(future) is None else JobState.ERROR


#: What a cancel means that only a future here knows of.
CANCELLED_HERE_ONLY: Final = (
    "Only the future in this kernel is cancelled: the provider was not asked, the task may run to its end, and its "
    "result will not arrive here."
)


def given_up(last: JobSnapshot) -> JobSnapshot:
    """``last`` after a cancel of which only the handle here knows: what the job does is not to be seen any more."""
    state = last.state if last.state is JobState.RUNNING else JobState.QUEUED
    return last.evolve(
        state=state,
        cancel_state=CancelState.REQUESTED,
        cancel_detail=CANCELLED_HERE_ONLY,
        can_cancel=False,
        can_preview=False,
        error=None,
    )


def inherits_cancel(kind: type) -> bool:
    """Whether ``cancel`` of a class derived from ``Future`` is that of ``Future``, which sends no request."""
    return getattr(kind, "cancel", None) is Future.cancel


def _was_told_of_cancel(future: Any) -> bool:
    """Whether the executor has taken note of the cancel, which it does when the call's turn comes."""
    return getattr(future, "_state", None) == "CANCELLED_AND_NOTIFIED"


def _reason(future: Any) -> JobError | None:
    error = _exception(future)
    return None if error is None else describe_error(error)


def _exception(future: Any) -> BaseException | None:
    """What a finished future raises; never blocks, not even if it takes that back."""
    takes_timeout = isinstance(future, Future) or takes_keyword(future.exception, "timeout")
    error = future.exception(timeout=0) if takes_timeout else future.exception()
    return error if isinstance(error, BaseException) else None
