"""``concurrent.futures.Future``, its subclasses in other packages, and whatever has the same methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, ClassVar, Final

from primwidgets.adapters.base import Adapter, CancelReport, Pace, takes_keyword
from primwidgets.adapters.describe import describe_error, package_of
from primwidgets.adapters.results import preview_result
from primwidgets.snapshot import JobError, JobSnapshot, JobState


class FutureAdapter(Adapter[Any]):
    """A future of this process, or a job that holds one. It tells when it has finished, not when it starts.

    A future's ``done()`` means *finished in whatever way*, unlike a job's.
    """

    provider = "concurrent.futures"
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.05, ceiling=0.5)
    pushed: ClassVar[frozenset[JobState]] = frozenset({JobState.RUNNING})
    holds_result: bool = True
    cannot_stop: ClassVar[str] = "A running call cannot be stopped; only one that is still queued can be cancelled."

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.budget_key = type(self), type(job)  # the jobs of many providers are read by this adapter
        if (package := package_of(job)) != "concurrent":
            self.provider = package

    @property
    def future(self) -> Any:
        """The future; ``None`` if the job holds none."""
        return self.job

    def job_id(self) -> str:
        """A name made from the address: futures have no id, and while the adapter holds this one it is unique."""
        return f"future-{id(self.job):x}"

    def read(self, last: JobSnapshot) -> JobSnapshot:
        """See ``Adapter.read``."""
        state = _look(self.future)
        return last.evolve(
            state=state,
            status_text=_WORDS[state],
            # Each result() that raises adds to the traceback; the first reading is the one to keep.
            error=last.error or _reason(self.future) if state is JobState.ERROR else None,
            can_cancel=state is JobState.QUEUED,
            cancel_detail=self.cannot_stop if state is JobState.RUNNING else None,
            can_preview=state is JobState.DONE,
        )

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        """See ``Adapter.subscribe``; ``changed`` is called on the thread that finishes the future."""
        if self.future is None:
            return None
        # A future keeps its callbacks for good, so it gets one that can be emptied of what it refers to.
        listeners = [changed]

        def tell(_future: object) -> None:
            for listener in tuple(listeners):
                listener()

        self.future.add_done_callback(tell)
        return listeners.clear

    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """See ``Adapter.cancel``."""
        report = super().cancel(*args, **kwargs)
        refused = report.accepted is False and report.detail is None
        return replace(report, detail=self.cannot_stop) if refused else report

    def preview(self, result: Any) -> Mapping[str, Any] | None:
        """See ``Adapter.preview``."""
        return preview_result(result)


class HeldFutureAdapter(FutureAdapter):
    """A job that has an id and holds its future as ``_future``, once it was submitted in this process."""

    @property
    def future(self) -> Any:
        """See ``FutureAdapter.future``."""
        return getattr(self.job, "_future", None)

    def job_id(self) -> str:
        """See ``Adapter.job_id``."""
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


def _reason(future: Any) -> JobError | None:
    error = _exception(future)
    return None if error is None else describe_error(error)


def _exception(future: Any) -> BaseException | None:
    """What a finished future raises; never blocks, not even if it takes that back."""
    takes_timeout = isinstance(future, Future) or takes_keyword(future.exception, "timeout")
    error = future.exception(timeout=0) if takes_timeout else future.exception()
    return error if isinstance(error, BaseException) else None
