"""Ray's object references: what a remote function returns at once."""

from __future__ import annotations

import sys
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets.adapters._common.outcomes import is_cancelled
from primwidgets.adapters.base import CancelReport, Pace, report_cancel
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot, JobState

#: A larger object is a result and no error, and is not fetched to find that out.
_ERROR_BYTES: Final = 1_000_000


class ObjectRefAdapter(ReportedAdapter[Any]):
    """A reference. Whether its task waits or runs is not known here: Ray's State API needs the dashboard.

    ``result()`` is ``ray.get``.
    """

    provider = "Ray"
    remote = False  # a cluster of one's own: a click cancels
    pace = Pace(first=0.1, ceiling=2.0)
    rechecks: ClassVar[tuple[float, ...]] = ()

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self._reference = job  # Ray takes nothing that only stands for a reference

    @override
    def job_id(self) -> str:
        return str(self.job.task_id().hex())

    @property
    def _ray(self) -> Any:
        return sys.modules["ray"]  # the reference came from there

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        ready, _ = self._ray.wait([self._reference], timeout=0, fetch_local=False)
        if not ready:
            return StatusReport("pending", state=JobState.RUNNING)
        error = self._error()
        if error is None:
            return StatusReport("ready", state=JobState.DONE)
        if is_cancelled(error):
            return StatusReport("cancelled", state=JobState.CANCELLED)
        return StatusReport("failed", state=JobState.ERROR, error=error)

    @property
    @override
    def takes_timeout(self) -> bool:
        return True

    @override
    def result(self, timeout: float | None = None, **kwargs: Any) -> Any:
        return self._ray.get(self._reference, timeout=timeout)

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """Interrupt the task at its next bytecode; ``force=True`` ends its worker."""
        return report_cancel(self._ray.cancel, self._reference, *args, **kwargs)

    def _error(self) -> BaseException | None:
        where = self._ray.experimental.get_object_locations([self._reference]).get(self._reference, {})
        if (where.get("object_size") or 0) > _ERROR_BYTES:
            return None
        try:
            self._ray.get(self._reference, timeout=1)
        except self._ray.exceptions.GetTimeoutError:
            raise
        except Exception as error:  # noqa: BLE001  (it is what the task raised)
            return error
        return None
