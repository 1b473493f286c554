"""Qiskit's own primitives, which run on a thread here: statevector, backend and Aer samplers and estimators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters._common.describe import describe_metadata
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters.concurrent_futures import HeldFutureAdapter
from primwidgets.snapshot import JobSnapshot, JobState


class PrimitiveJobAdapter(HeldFutureAdapter):
    """A ``PrimitiveJob``, read through the future it holds.

    Its ``status()`` is never asked: asked before the thread has picked the work up it says ERROR, and says so ever
    after, also when the result is fine.
    """

    cannot_stop: ClassVar[str] = "A local primitive cannot be stopped while it runs."

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = "Qiskit"

    @override
    def change_mark(self) -> object:
        return super().change_mark()  # its future tells all changes of what is read below

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        read = self._read_without_future(last) if self.future is None else super().read(last)
        word = "PENDING" if read.state is JobState.QUEUED else read.state.value
        return read.evolve(status_text=word, metadata=describe_metadata(self.job.metadata))

    def _read_without_future(self, last: JobSnapshot) -> JobSnapshot:
        if getattr(self.job, "_result", None) is None:
            return last.evolve(state=JobState.INITIALIZING, cancel_detail="The job has not been submitted.")
        return last.evolve(state=JobState.DONE, can_preview=True)

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result, lambda: self.job._args[0])
