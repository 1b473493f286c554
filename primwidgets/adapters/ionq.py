"""IonQ's jobs for Qiskit."""

from __future__ import annotations

from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters._common.outcomes import is_job_failure
from primwidgets.adapters.qiskit_jobs import JobV1Adapter
from primwidgets.snapshot import JobSnapshot


class IonqAdapter(JobV1Adapter):
    """A job of IonQ's cloud. It raises why it failed only once, in the first call that asks, which is a read.

    After that its ``result()`` returns ``None``; here it raises what the job would have raised.
    """

    provider = "IonQ"
    rechecks: ClassVar[tuple[float, ...]] = ()

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = "IonQ"
        self._failure: Exception | None = None

    @override
    def look(self, last: JobSnapshot) -> JobSnapshot:
        try:
            return super().look(last)
        except Exception as error:
            if is_job_failure(error):
                self._failure = error
            raise

    @override
    def result(self, timeout: float | None = None, **kwargs: Any) -> Any:
        result = super().result(timeout, **kwargs)
        if result is None and self._failure is not None:
            raise self._failure
        return result
