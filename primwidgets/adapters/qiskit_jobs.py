"""Qiskit's circuit jobs: ``JobV1`` of any provider, and those of Aer and the basic simulator, which run right here."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from primwidgets.adapters.base import Adapter, Pace
from primwidgets.adapters.concurrent_futures import HeldFutureAdapter
from primwidgets.adapters.describe import describe, describe_metadata, describe_status, package_of
from primwidgets.adapters.results import preview_result
from primwidgets.adapters.words import state_of
from primwidgets.snapshot import JobError, JobSnapshot, JobState

_PROVIDERS: Final[Mapping[str, str]] = {"qiskit": "Qiskit", "qiskit_aer": "Qiskit Aer"}


class JobV1Adapter(Adapter[Any]):
    """A ``JobV1`` of which nothing else is known: it may run far away, so it is asked seldom; a cancel is confirmed."""

    provider = "Qiskit"
    remote = True
    pace = Pace(first=0.5, ceiling=10.0, requests_per_second=2.0)

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = _provider(job)
        self.budget_key = type(self), type(job)  # the jobs of many providers are read by this adapter

    def job_id(self) -> str:
        """See ``Adapter.job_id``."""
        return str(self.job.job_id())

    def read(self, last: JobSnapshot) -> JobSnapshot:
        """See ``Adapter.read``; makes the one request that ``status()`` makes."""
        return _read_status(self.job, last)

    def preview(self, result: Any) -> Mapping[str, Any] | None:
        """See ``Adapter.preview``."""
        return preview_result(result)


class LocalJobAdapter(HeldFutureAdapter):
    """A circuit job of this process.

    With Aer it is a future in a pool of one thread, where jobs really queue; one of the basic simulator holds none, as
    it was finished before it was handed out.
    """

    cannot_stop: ClassVar[str] = (
        "A simulation cannot be stopped once it runs; only one that is queued can be cancelled."
    )

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = _provider(job)

    def read(self, last: JobSnapshot) -> JobSnapshot:
        """See ``Adapter.read``. A simulation that failed is DONE to the provider, and ERROR here."""
        read = _read_status(self.job, last) if self.future is None else self._read_future(last)
        if read.state is not JobState.DONE:
            return read
        result = self.job.result()
        if getattr(result, "success", True):
            return read
        error = JobError(type(result).__name__, describe(getattr(result, "status", "The simulation failed.")))
        return read.evolve(state=JobState.ERROR, error=error, can_preview=False)

    def _read_future(self, last: JobSnapshot) -> JobSnapshot:
        """The future knows more than the status: which jobs wait in the pool, and why one failed."""
        read = super().read(_read_rest(self.job, last))
        return read.evolve(status_text=describe_status(self.job.status()))  # asked last, or a final word may be missed


def _read_status(job: Any, last: JobSnapshot) -> JobSnapshot:
    status = job.status()
    state = state_of(status) or last.state
    return _read_rest(job, last).evolve(
        state=state,
        status_text=describe_status(status),
        error=last.error or _UNTOLD if state is JobState.ERROR else None,
        can_cancel=not state.is_final,
        can_preview=state is JobState.DONE,
    )


def _read_rest(job: Any, last: JobSnapshot) -> JobSnapshot:
    metadata = describe_metadata(getattr(job, "metadata", None))
    return last.evolve(backend=last.backend or _backend_name(job), metadata=metadata)


_UNTOLD: Final = JobError("JobError", "The job failed; result() says why.")


def _provider(job: Any) -> str:
    package = package_of(job)
    return _PROVIDERS.get(package, package)


def _backend_name(job: Any) -> str | None:
    with contextlib.suppress(Exception):  # a job without a backend raises instead of saying so
        name = job.backend().name
        return describe(name() if callable(name) else name)
    return None
