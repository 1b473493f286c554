"""Qiskit's circuit jobs: ``JobV1`` of any provider, and those of Aer and the basic simulator, which run right here."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets.adapters._common.describe import describe, describe_metadata, describe_status, package_of
from primwidgets.adapters._common.handles import STATUS_NAMES, ask, id_of, implements, must_be_awaited
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters._common.status_words import is_cancelling, state_of
from primwidgets.adapters.concurrent_futures import HeldFutureAdapter
from primwidgets.adapters.polled import NO_CANCEL, PolledAdapter, being_cancelled, reason_of
from primwidgets.snapshot import JobError, JobSnapshot, JobState

_PROVIDERS: Final[Mapping[str, str]] = {"qiskit": "Qiskit", "qiskit_aer": "Qiskit Aer"}


class JobV1Adapter(PolledAdapter[Any]):
    """A ``JobV1`` of which nothing else is known, and any job that has no more than an id, a state and a result."""

    provider = "Qiskit"

    @override
    @classmethod
    def suits(cls, kind: type) -> bool:
        """A subclass of this adapter may know how to await."""
        return cls is not JobV1Adapter or not must_be_awaited(kind)

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = _provider(job)
        self.budget_key = type(self), type(job)  # the jobs of many providers are read by this adapter

    @override
    def job_id(self) -> str:
        return id_of(self.job)

    @override
    def look(self, last: JobSnapshot) -> JobSnapshot:
        """Makes the one request that ``status()`` makes.

        Only a job whose word is unknown, and whose class has questions of its own that settle the state, is asked more.
        """
        return _read_status(self.job, last)

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result)


class LocalJobAdapter(HeldFutureAdapter):
    """A circuit job of this process.

    With Aer it is a future in a pool of one thread, where jobs really queue; one of the basic simulator holds none, as
    it was finished before it was handed out.
    """

    cannot_stop: ClassVar[str] = "A running simulation cannot be stopped; only a queued one can be cancelled."

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = _provider(job)

    @override
    def change_mark(self) -> object:
        return super().change_mark()  # its future tells all changes of what is read below

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        """A simulation that failed is DONE to the provider, and ERROR here."""
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
    status = ask(job, *STATUS_NAMES)
    read = _read_rest(job, last).evolve(status_text=describe_status(status))
    if is_cancelling(status):
        return being_cancelled(read)
    state = state_of(status) or _state_by_questions(job, last.state)
    can_cancel = not state.is_final and implements(job, "cancel")
    return read.evolve(
        state=state,
        error=reason_of(job, last) if state is JobState.ERROR else None,
        can_cancel=can_cancel,
        cancel_detail=None if can_cancel or state.is_final else NO_CANCEL,
        can_preview=state is JobState.DONE,
    )


def _state_by_questions(job: Any, last: JobState) -> JobState:
    """The state after an unknown word, by the questions that the job's own class answers.

    What is inherited from Qiskit compares the status with Qiskit's words, and would say no to all.
    """
    for question, state in _QUESTIONS:
        answers = getattr(type(job), question, None)
        if callable(answers) and answers.__module__ != "qiskit.providers.job" and ask(job, question):
            return state
    return last


#: In this order, since ``done()`` of some is true in every final state.
_QUESTIONS: Final = (
    ("cancelled", JobState.CANCELLED),
    ("running", JobState.RUNNING),
    ("done", JobState.DONE),
)


def _read_rest(job: Any, last: JobSnapshot) -> JobSnapshot:
    metadata = describe_metadata(getattr(job, "metadata", None))
    return last.evolve(backend=last.backend or _backend_name(job), metadata=metadata)


def _provider(job: Any) -> str:
    package = package_of(job)
    return _PROVIDERS.get(package, package)


def _backend_name(job: Any) -> str | None:
    with contextlib.suppress(Exception):  # a job without a backend raises instead of saying so
        name = job.backend().name
        return describe(name() if callable(name) else name)
    return None
