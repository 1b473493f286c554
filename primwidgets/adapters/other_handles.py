"""Jobs of unknown classes that have a status and a result under other names than Qiskit's and executors' jobs have."""

from __future__ import annotations

import contextlib
from typing import Any, Final

from typing_extensions import override

from primwidgets.adapters._common.describe import describe, package_of
from primwidgets.adapters._common.handles import ID_NAMES, ask, defines, has, id_of, implements, must_be_awaited
from primwidgets.adapters._common.status_words import state_of
from primwidgets.adapters.base import CancelReport, report_cancel
from primwidgets.adapters.polled import reason_of
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState

_STATUS_NAMES: Final = ("status", "state", "get_status", "get_state", "job_status", "job_state")
_RESULT_NAMES: Final = ("result", "get_result", "results", "get_results", "fetch_result", "get", "get_output", "output")
_ID_NAMES: Final = (*ID_NAMES, "uuid", "run_id", "execution_id", "handle_id", "request_id", "name")
_CANCEL_NAMES: Final = ("cancel", "abort", "stop", "terminate")


class OtherHandleAdapter(ReportedAdapter[Any]):
    """A handle with an id, a status, and a method for the result, of which only the names are known.

    The result is asked for once the job has ended, as that method may not wait.
    """

    provider = "job"
    fetch_waits = False
    raises = True

    @classmethod
    def knows(cls, job: object) -> bool:
        """Whether ``job`` has what is needed. Runs no code of the job."""
        kind = type(job)
        if issubclass(kind, type) or must_be_awaited(kind) or hasattr(kind, "__getitem__"):
            return False  # mappings and sequences have a ``get`` of their own
        callables = any(callable(getattr(kind, name, None)) for name in _RESULT_NAMES)
        return callables and all(any(defines(job, name) for name in names) for names in (_STATUS_NAMES, _ID_NAMES))

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = package_of(job)
        self.budget_key = type(self), type(job)  # the jobs of many providers are read by this adapter
        kind = type(job)
        self.fetch = next(name for name in _RESULT_NAMES if callable(getattr(kind, name, None)))  # type: ignore[misc]
        self._cancel_name = next((name for name in _CANCEL_NAMES if implements(job, name)), None)
        if self._cancel_name is None:
            self.cancels = "none"  # type: ignore[misc]  # as this job has it

    @override
    def job_id(self) -> str:
        for name in _ID_NAMES:
            with contextlib.suppress(Exception):  # a method of that name may be for something else
                if has(self.job, name) and (told := ask(self.job, name)) not in (None, ""):
                    return describe(told)
        return id_of(self.job)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        """Asks one question, which may be a request."""
        status = ask(self.job, *_STATUS_NAMES)
        failed = state_of(status) is JobState.ERROR
        return StatusReport(status, error=reason_of(self.job, last) if failed else None)

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        if self._cancel_name is None:
            return super().cancel()
        return report_cancel(getattr(self.job, self._cancel_name), *args, **kwargs)
