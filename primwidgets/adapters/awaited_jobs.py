"""Jobs of asynchronous providers: their methods are coroutines, which only the provider's event loop can run."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from concurrent.futures import CancelledError
from functools import partial
from typing import Any, Final

from typing_extensions import override

from primwidgets._forwarding import forwards
from primwidgets.adapters._common.describe import package_of
from primwidgets.adapters._common.handles import id_of, must_be_awaited
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters.base import CancelReport, Pace, report_cancel
from primwidgets.adapters.base_primitive_job import BasePrimitiveJobAdapter
from primwidgets.adapters.foreign_futures import ForeignFutureAdapter
from primwidgets.adapters.polled import PolledAdapter
from primwidgets.adapters.qiskit_jobs import JobV1Adapter
from primwidgets.snapshot import JobSnapshot

#: How long a reader waits for an answer, in seconds. The loop may be blocked by a cell.
_PATIENCE: Final = 10.0


class AwaitedJobAdapter(PolledAdapter[Any]):
    """A job with a ``status``, ``result`` or ``cancel`` that has to be awaited.

    Callers get what the provider's methods return, and await it. The card is read on worker threads, which have the
    provider's coroutines run on the event loop that ran where the job was wrapped, or first awaited.
    """

    provider = "asynchronous"
    pace = Pace(first=0.25, ceiling=5.0, requests_per_second=2.0)

    @override
    @classmethod
    def suits(cls, kind: type) -> bool:
        """A class with coroutine methods."""
        return must_be_awaited(kind)

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = package_of(job)
        self.budget_key = type(self), type(job)  # the jobs of many providers are read by this adapter
        self._loop = _running_loop()
        self._reader = _reader(_Awaiting(self))

    @override
    def job_id(self) -> str:
        return id_of(self.job)

    @override
    def look(self, last: JobSnapshot) -> JobSnapshot:
        """Asks what is asked of a job of the same interface without coroutines.

        Raises:
            ConnectionError: the event loop of the job does not run.
            TimeoutError: it does not get to the question.
        """
        read = self._reader.look(last)
        return read if callable(getattr(self.job, "cancel", None)) else read.evolve(can_cancel=False)

    @override
    @property
    def must_be_awaited(self) -> bool:
        """Not on a thread of its own, while the loop runs on another one."""
        here = _running_loop()
        self._loop = self._loop or here
        return self._loop is here or not self._runs()

    @override
    @property
    def is_awaited_itself(self) -> bool:
        return self.must_be_awaited

    @override
    @forwards
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """On the thread of an event loop the caller awaits what the provider's method returns."""
        if _running_loop() is not None:
            return report_cancel(self.job.cancel, *args, **kwargs)
        return report_cancel(lambda: self.answer(self.job.cancel(*args, **kwargs)))

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result)

    def answer(self, told: Any) -> Any:
        """``told``, or what it gives when the loop of the job awaits it; blocks until then. On a worker thread.

        Raises:
            ConnectionError: that loop does not run, or on this very thread.
            TimeoutError: it does not get to it.
        """
        if not inspect.isawaitable(told):
            return told
        loop = self._loop
        if loop is None or not self._runs() or _running_loop() is not None:
            _close_unstarted(told)
            raise ConnectionError("The event loop of this job does not run.")
        # A coroutine goes there itself: one around it could be cancelled before it begins to await this one.
        answer = asyncio.run_coroutine_threadsafe(told if inspect.iscoroutine(told) else _await(told), loop)
        try:
            return answer.result(_PATIENCE)
        except (TimeoutError, CancelledError) as error:
            if not answer.done():
                answer.cancel()
                if not loop.is_running():
                    _close_unstarted(told)
                raise TimeoutError("The event loop of this job is blocked.") from error
            raise

    def _runs(self) -> bool:
        return self._loop is not None and self._loop.is_running()


class _Awaiting:
    """The job as a reader on a worker thread sees it: what has to be awaited is awaited by the job's loop meanwhile."""

    def __init__(self, adapter: AwaitedJobAdapter) -> None:
        self._adapter = adapter

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._adapter.job, name)
        return partial(self._ask, value) if callable(value) else self._adapter.answer(value)

    def _ask(self, method: Any, *args: Any, **kwargs: Any) -> Any:
        return self._adapter.answer(method(*args, **kwargs))


def _reader(job: _Awaiting) -> PolledAdapter[Any]:
    """What reads a job with the methods of ``job``."""
    kind = type(job._adapter.job)
    if hasattr(kind, "in_final_state"):
        return BasePrimitiveJobAdapter(job)
    return ForeignFutureAdapter(job) if hasattr(kind, "add_done_callback") else JobV1Adapter(job)


async def _await(told: Any) -> Any:
    return await told


def _close_unstarted(told: Any) -> None:
    """Close a coroutine that nobody will await, or Python warns of it."""
    if inspect.iscoroutine(told) and inspect.getcoroutinestate(told) == inspect.CORO_CREATED:
        told.close()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
