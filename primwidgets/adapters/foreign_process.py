"""A process of this machine that an earlier kernel started, which is gone."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets.adapters._common.local_processes import Ending, OutputFile
from primwidgets.adapters.base import CancelReport, Pace, report_cancel
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.errors import NotAJobError
from primwidgets.snapshot import JobSnapshot, JobState

#: Where the moment at which a process began stands, after its name: the 22nd field of all.
_BEGAN_FIELD: Final = 19
_CHECK_SECONDS: Final = 0.1


def beginning_of(pid: int | None) -> str | None:
    """When a process began, in the system's own count; ``None`` if that cannot be known, or if the process has ended.

    The system reuses the numbers of processes that have ended; number and start together identify one process.
    """
    with contextlib.suppress(OSError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else fields[_BEGAN_FIELD]
    return None


class ForeignProcess:
    """A process by its number. Only the parent of a process receives its exit code, so it is unknown here."""

    def __init__(self, pid: int, began: str) -> None:
        self.pid = pid
        self.began = began

    @classmethod
    def found(cls, pid: int, began: str) -> ForeignProcess:
        """The process with that number, if it is still the one that began then.

        Raises:
            NotAJobError: it has ended.
        """
        process = cls(pid, began)
        if not process.is_alive():
            raise NotAJobError(f"Process {pid} has ended.")
        return process

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return beginning_of(self.pid) == self.began

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._signal(signal.SIGKILL)

    def ends_within(self, seconds: float) -> bool:
        """Block for at most ``seconds``, or until it has ended; whether it has."""
        end = time.monotonic() + seconds
        while self.is_alive() and time.monotonic() < end:
            time.sleep(_CHECK_SECONDS)
        return not self.is_alive()

    def _signal(self, number: int) -> None:
        if self.is_alive():
            os.kill(self.pid, number)


class ForeignProcessAdapter(ReportedAdapter[ForeignProcess]):
    """A process that was found again. Its exit code is unknown: at its end it is DONE, unless it was cancelled."""

    provider = "subprocess"
    remote = False
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.1, ceiling=1.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    result_tells_end = False
    fetch = None

    def __init__(self, job: ForeignProcess) -> None:
        super().__init__(job)
        self._ending = Ending(job, job.ends_within)
        self._output = OutputFile(job.pid)

    @override
    def job_id(self) -> str:
        return f"process-{self.job.pid}"

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        if self.job.is_alive():
            return StatusReport("running", state=JobState.RUNNING, log=self._output.tail())
        state = JobState.CANCELLED if self._ending.asked else JobState.DONE
        return StatusReport("ended, exit code unknown", state=state, log=self._output.tail())

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """Ask the process to end; one that is still there five seconds later is killed."""
        return report_cancel(self._ending.begin)

    @override
    def locate(self) -> dict[str, str]:
        return {"provider": "popen", "pid": str(self.job.pid), "began": self.job.began}
