"""Any other ``BasePrimitiveJob``, ours or Qiskit's, and whatever has the same methods."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from typing_extensions import override

from primwidgets.adapters._common.describe import describe_metadata, describe_status, package_of
from primwidgets.adapters._common.handles import STATUS_NAMES, ask, has, id_of, implements, must_be_awaited
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters._common.status_words import is_cancelling, state_of
from primwidgets.adapters.base import Pace
from primwidgets.adapters.polled import NO_CANCEL, PolledAdapter, being_cancelled, reason_of
from primwidgets.snapshot import JobSnapshot, JobState


class BasePrimitiveJobAdapter(PolledAdapter[Any]):
    """A job of which the interface alone is known.

    Its status is free-form, so the word is shown and the booleans are believed. Only where the status is a member of
    Qiskit's ``JobStatus`` or our ``JobState``, which have one meaning, is it enough to ask for that. It may run
    on a remote machine, so it is read as seldom as a job of a cloud.
    """

    provider = "primitive job"
    #: A read may be five requests.
    pace = Pace(first=0.25, ceiling=5.0, requests_per_second=2.0)

    @override
    @classmethod
    def suits(cls, kind: type) -> bool:
        """A subclass of this adapter may know how to await."""
        return cls is not BasePrimitiveJobAdapter or not must_be_awaited(kind)

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = package_of(job)
        self.budget_key = type(self), type(job)  # the jobs of many providers are read by this adapter

    @override
    def job_id(self) -> str:
        return id_of(self.job)

    @override
    def look(self, last: JobSnapshot) -> JobSnapshot:
        """Asks up to four booleans more where the status does not settle the state."""
        status = ask(self.job, *STATUS_NAMES)
        state = state_of(status) if _is_job_status(status) else None
        state = state or self._state_of_booleans(status, last.state)
        read = last.evolve(
            status_text=describe_status(status), metadata=describe_metadata(getattr(self.job, "metadata", None))
        )
        if not state.is_final and is_cancelling(status):
            return being_cancelled(read)
        can_cancel = not state.is_final and implements(self.job, "cancel")
        return read.evolve(
            state=state,
            error=reason_of(self.job, last) if state is JobState.ERROR else None,
            can_cancel=can_cancel,
            cancel_detail=None if can_cancel or state.is_final else NO_CANCEL,
            can_preview=state is JobState.DONE,
        )

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result)

    def _state_of_booleans(self, status: Any, last: JobState) -> JobState:
        """The state by the job's booleans; a job that lacks one of them has its word for it."""
        if self._says("running"):
            return JobState.RUNNING
        if not self._says("in_final_state"):
            return _state_before_the_end(status, last)
        if self._says("done"):
            return JobState.DONE
        if self._says("cancelled"):
            return JobState.CANCELLED
        told = state_of(status)
        lacks_one = not (has(self.job, "done") and has(self.job, "cancelled"))
        return told if lacks_one and told is not None and told.is_final else JobState.ERROR

    def _says(self, question: str) -> bool:
        return has(self.job, question) and bool(ask(self.job, question))


def _is_job_status(status: Any) -> bool:
    return isinstance(status, JobState) or (isinstance(status, Enum) and type(status).__name__ == "JobStatus")


def _state_before_the_end(status: Any, last: JobState) -> JobState:
    """Neither running nor over: waiting, in a way that only the word can tell; an unknown word changes nothing."""
    named = state_of(status)
    if named in (JobState.INITIALIZING, JobState.QUEUED):
        return named
    return JobState.QUEUED if last.is_final else last
