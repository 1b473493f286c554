"""Dask: futures that the user submitted to Dask, and whole collections that are being computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from distributed import Client, Future, futures_of
from typing_extensions import override

from primwidgets._forwarding import forwards
from primwidgets.adapters._common.describe import NO_REASON, describe, describe_error
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters.base import Adapter, CancelReport, Pace, report_cancel
from primwidgets.errors import EngineError, NotAJobError
from primwidgets.primitive_job import BasePrimitiveJob
from primwidgets.snapshot import JobError, JobSnapshot, JobState

#: Dask's client cannot tell a task that waits from one that runs: both are "pending".
_STATES: Final[Mapping[str, JobState]] = {
    "pending": JobState.QUEUED,
    "lost": JobState.QUEUED,  # its worker was lost, and with it the result; Dask computes it again
    "finished": JobState.DONE,
    "error": JobState.ERROR,
    "cancelled": JobState.CANCELLED,
}
_RUNS_ON: Final = "Tasks that were already running continue to their end; their results are discarded."

#: Dask would throw away the result of what has finished.
_IS_OVER: Final = CancelReport(accepted=False, detail="The job has ended.")


class DaskFutureAdapter(Adapter["Future[Any]"]):
    """A Dask future. It tells when it has ended, not when it starts."""

    provider = "Dask"
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.1, ceiling=2.0)
    pushed: ClassVar[frozenset[JobState]] = frozenset({JobState.QUEUED})
    rechecks: ClassVar[tuple[float, ...]] = (2.0, 10.0, 60.0)  # ``Future.retry()`` has a failed task run again
    stand_in_bases: ClassVar[tuple[type, ...]] = (Future,)  # gather() and graphs ask issubclass(type(x), …)
    travels_bare: ClassVar[bool] = True

    @override
    def job_id(self) -> str:
        return describe(self.job.key)

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        """Reads what the client knows; sends no request."""
        if _was_done(str(self.job.status), last):
            return last
        read = _read(self.job, last)
        return read.evolve(can_preview=read.state is JobState.DONE)

    @override
    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        """``changed`` is called on the thread of the client's event loop.

        Dask's own callback would hold the future until its end, and with it the task, which the cluster drops with the
        last reference.
        """
        listeners = [changed]
        state: Any = getattr(self.job, "_state", None)

        async def tell_end() -> None:
            while state.status == "pending":
                await state.wait()
            for listener in tuple(listeners):
                listener()

        if state is None:  # a future without a client
            return None
        self.job.client.loop.add_callback(tell_end)
        return listeners.clear

    @override
    def when_ended(self, ended: Callable[[], None]) -> bool:
        """Not with an asynchronous client, whose futures give coroutines as results."""
        return not self.must_be_awaited and self.subscribe(ended) is not None

    @override
    @property
    def must_be_awaited(self) -> bool:
        return bool(self.job.client.asynchronous)

    @override
    @property
    def is_awaited_itself(self) -> bool:
        """A future of a synchronous client has ``__await__`` as well, which blocks and then fails."""
        return self.must_be_awaited

    @override
    @forwards
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """Dask's own, which also takes the result of a future that has ended off the cluster."""
        return report_cancel(self.job.cancel, *args, **kwargs)

    @override
    def cancel_from_card(self) -> CancelReport:
        return _IS_OVER if self.job.done() else self.cancel()

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result)


class CollectionJob(BasePrimitiveJob[Any, str]):
    """A whole Dask collection (array, bag, data frame, delayed) that is being computed, as one job.

    It reaches a final state when all its parts are there, or as soon as one of them fails or is cancelled.

    Attributes:
        collection: what ``persist()`` returned.
        futures: its parts.

    Raises:
        NotAJobError: nothing of the collection is being computed.
    """

    def __init__(self, collection: Any) -> None:
        self.collection = collection
        self.futures: list[Future[Any]] = futures_of(collection)
        if not self.futures:
            raise NotAJobError(
                f"This {type(collection).__name__} is not being computed on a Dask cluster yet: "
                "WidgetJob(x.persist()), with a distributed.Client around."
            )
        super().__init__(f"{type(collection).__name__}-{describe(self.futures[0].key)}")

    def statuses(self) -> list[str]:
        """Dask's word for each part."""
        return [str(future.status) for future in self.futures]

    @override
    def status(self) -> str:
        """Dask's word for the whole."""
        return _decisive(self.statuses())

    @override
    def done(self) -> bool:
        """Whether all of it was computed."""
        return self.status() == "finished"

    @override
    def running(self) -> bool:
        """Whether some of it was computed, and some is still to come."""
        return self.status() in ("pending", "lost") and "finished" in self.statuses()

    @override
    def cancelled(self) -> bool:
        """Whether it was cancelled."""
        return self.status() == "cancelled"

    @override
    def in_final_state(self) -> bool:
        """Whether all of it was computed, or some of it failed or was cancelled."""
        return self.status() not in ("pending", "lost")

    @override
    def result(self, timeout: float | None = None) -> Any:
        """The computed value, put together on the cluster; blocks until then.

        Raises:
            TimeoutError: ``timeout`` seconds have passed.
        """
        return self.futures[0].client.compute(self.collection).result(timeout)

    @override
    def cancel(self) -> None:
        """Ask Dask to forget all parts."""
        self.futures[0].client.cancel(self.futures)


class CollectionAdapter(Adapter[CollectionJob]):
    """A collection, shown as one job whose progress is the parts that are there.

    It is polled: a look at 10,000 parts takes some milliseconds, a callback on each of them some hundred times as long.
    """

    provider = "Dask"
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.1, ceiling=0.5)

    def __init__(self, job: Any) -> None:
        super().__init__(job if isinstance(job, CollectionJob) else CollectionJob(job))

    @override
    def job_id(self) -> str:
        return self.job.job_id()

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        """Reads what the client knows; sends no request."""
        statuses = self.job.statuses()
        finished, total = statuses.count("finished"), len(statuses)
        decisive = _decisive(statuses)
        if _was_done(decisive, last):
            return last
        read = _read(self.job.futures[statuses.index(decisive)], last)
        if read.state is JobState.QUEUED and finished:
            read = read.evolve(state=JobState.RUNNING)
        if read.state is JobState.CANCELLED:  # which takes the finished parts, too
            return read
        return read.evolve(progress=finished / total, progress_text=f"{finished:,} of {total:,} parts")

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        return _IS_OVER if self.job.in_final_state() else report_cancel(self.job.cancel, *args, **kwargs)


def why_lost(client: Client, error: BaseException | None) -> EngineError | None:
    """Why a task counts as cancelled for Dask without a cancel; ``None`` if it was really cancelled.

    Args:
        client: the task's.
        error: with what Dask explains the cancel.
    """
    if (loss := _LOSSES.get(str(getattr(error, "reason", None)))) is not None:
        return EngineError(f"{loss} {_dask_says(error)}".rstrip())
    if client.status not in ("running", "connecting"):
        return EngineError("The Dask client was closed: the call and its result are gone.")
    return None


#: Dask's reasons for the word "cancelled" where there was no cancel.
_LOSSES: Final[Mapping[str, str]] = {
    "scheduler-connection-lost": "The connection to the Dask scheduler was lost. How the call ended is unknown.",
    "scheduler-restart": "The Dask cluster was restarted: its workers were ended, and this call with them.",
    "lost dependencies": "Dask has lost results that this call needs.",
    "already forgotten": "The Dask scheduler no longer knows this call.",
}
#: What Dask gives as the reason where it has none.
_NO_REASONS: Final = ("unknown", "None")


def _dask_says(error: BaseException | None) -> str:
    """The text that came with the cancel, from the user or from Dask; empty if there is none."""
    message = getattr(error, "msg", None)
    return f"Dask says: {message}" if isinstance(message, str) and message else ""


def _why_cancelled(error: BaseException | None) -> str | None:
    """The reason and the text that came with a cancel; ``None`` without either."""
    reason = str(getattr(error, "reason", None))
    told = "" if reason in _NO_REASONS else f"Reason of the cancel: {reason}."
    return " ".join(filter(None, (told, _dask_says(error)))) or None


def _decisive(statuses: list[str]) -> str:
    """The status of a whole whose parts have ``statuses``."""
    return next((word for word in ("error", "cancelled", "lost", "pending") if word in statuses), "finished")


def _was_done(status: str, last: JobSnapshot) -> bool:
    """Whether only the result is gone, as when the client was closed: Dask then calls cancelled what was finished."""
    return status == "cancelled" and last.state is JobState.DONE


def _read(future: Future[Any], last: JobSnapshot) -> JobSnapshot:
    status = str(future.status)
    state, loss, message = _STATES.get(status, last.state), None, None
    if state is JobState.CANCELLED:
        loss, message = why_lost(future.client, error := _exception(future)), _why_cancelled(error)
        state = JobState.CANCELLED if loss is None else JobState.ERROR
    return last.evolve(
        state=state,
        status_text=status,
        error=last.error or _reason(future, loss) if state is JobState.ERROR else None,
        message=message if state is JobState.CANCELLED else None,
        can_cancel=not state.is_final,
        cancel_detail=_RUNS_ON if state is JobState.CANCELLED else None,
    )


def _exception(future: Future[Any]) -> BaseException | None:
    """What the client knows of the failure of ``future``; its own method would ask its event loop, which may block."""
    error = getattr(getattr(future, "_state", None), "exception", None)
    return error if isinstance(error, BaseException) else None


def _reason(future: Future[Any], loss: EngineError | None) -> JobError:
    error = loss or _exception(future)
    if error is None:
        return JobError("Error", NO_REASON)
    trace = getattr(getattr(future, "_state", None), "traceback", None)
    return describe_error(error if loss is not None or trace is None else error.with_traceback(trace))
