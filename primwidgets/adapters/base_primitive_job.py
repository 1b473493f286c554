"""Any other ``BasePrimitiveJob``, ours or Qiskit's, and whatever has the same methods."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from primwidgets.adapters.base import Adapter
from primwidgets.adapters.describe import describe_metadata, describe_status, package_of
from primwidgets.adapters.results import preview_result
from primwidgets.adapters.words import state_of
from primwidgets.snapshot import JobError, JobSnapshot, JobState


class BasePrimitiveJobAdapter(Adapter[Any]):
    """A job of which the interface alone is known.

    Its status is free-form, so the word is shown and the booleans are believed. Only where the status is a member of
    Qiskit's ``JobStatus`` or our ``JobState``, which have one meaning, is it enough to ask for that.
    """

    provider = "primitive job"

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = package_of(job)
        self.budget_key = type(self), type(job)  # the jobs of many providers are read by this adapter

    def job_id(self) -> str:
        """See ``Adapter.job_id``."""
        return str(self.job.job_id())

    def read(self, last: JobSnapshot) -> JobSnapshot:
        """See ``Adapter.read``; asks up to four booleans more where the status does not settle the state."""
        status = self.job.status()
        state = state_of(status) if _is_job_status(status) else None
        state = state or self._state_of_booleans(status, last.state)
        return last.evolve(
            state=state,
            status_text=describe_status(status),
            error=self._error(last) if state is JobState.ERROR else None,
            can_cancel=not state.is_final,
            can_preview=state is JobState.DONE,
            metadata=describe_metadata(getattr(self.job, "metadata", None)),
        )

    def preview(self, result: Any) -> Mapping[str, Any] | None:
        """See ``Adapter.preview``."""
        return preview_result(result)

    def _state_of_booleans(self, status: Any, last: JobState) -> JobState:
        if self.job.running():
            return JobState.RUNNING
        if not self.job.in_final_state():
            return _state_before_the_end(status, last)
        if self.job.done():
            return JobState.DONE
        return JobState.CANCELLED if self.job.cancelled() else JobState.ERROR

    def _error(self, last: JobSnapshot) -> JobError:
        """The reason, as far as it is to be had without ``result()``, which may be a download."""
        if last.error is not None:
            return last.error
        tell = getattr(self.job, "error_message", None)
        message = tell() if callable(tell) else None
        return JobError("JobError", str(message or "The job failed; result() says why."))


def _is_job_status(status: Any) -> bool:
    return isinstance(status, JobState) or (isinstance(status, Enum) and type(status).__name__ == "JobStatus")


def _state_before_the_end(status: Any, last: JobState) -> JobState:
    """Neither running nor over: waiting, in a way that only the word can tell; an unknown word changes nothing."""
    named = state_of(status)
    if named in (JobState.INITIALIZING, JobState.QUEUED):
        return named
    return JobState.QUEUED if last.is_final else last
