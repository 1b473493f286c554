"""``subprocess.Popen`` and the process of ``asyncio.create_subprocess_exec``."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets.adapters._common.local_processes import Ending, OutputFile, outcome_of, word_of
from primwidgets.adapters.base import CancelReport, Pace, report_cancel
from primwidgets.adapters.foreign_process import beginning_of
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.errors import JobTimeoutError, StoppedWaiting
from primwidgets.snapshot import JobSnapshot, JobState

#: How long an exit code may take to arrive on a running event loop after the process is gone, in seconds.
_EXIT_CODE_SECONDS: Final = 2.0


class PopenAdapter(ReportedAdapter[Any]):
    """A process. ``result()`` is ``wait()``: the exit code.

    Output that goes to a file is on the card. A pipe belongs to the code that made it: nothing is read from it.
    """

    provider = "subprocess"
    remote = False
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.05, ceiling=0.5)
    rechecks: ClassVar[tuple[float, ...]] = ()
    holds_result = True
    result_tells_end = False
    fetch = "wait"

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self._ending = Ending(job, self._has_ended_within)
        self._output: OutputFile | None = None

    @override
    def job_id(self) -> str:
        return f"process-{self.job.pid}"

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        if self._output is None:
            self._output = OutputFile(self.job.pid)
        exit_code = self._exit_code()
        state, error = (JobState.RUNNING, None) if exit_code is None else outcome_of(exit_code, self._ending.asked)
        return StatusReport(word_of(exit_code), state=state, error=error, log=self._output.tail())

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """Ask the process to end (SIGTERM); one that is still there five seconds later is killed."""
        return report_cancel(self._ending.begin)

    @override
    def locate(self) -> Mapping[str, str] | None:
        """Its number, and when it began: processes go on when their kernel ends."""
        began = beginning_of(self.job.pid)
        return None if began is None else {"provider": "popen", "pid": str(self.job.pid), "began": began}

    def _exit_code(self) -> int | None:
        code: int | None = self.job.poll()
        return code

    def _has_ended_within(self, seconds: float) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.job.wait(seconds)
            return True
        return False


class AsyncProcessAdapter(PopenAdapter):
    """A process of ``asyncio``, whose exit code arrives on the event loop that started it."""

    provider = "asyncio subprocess"
    fetch_waits = False

    @override
    def result(self, timeout: float | None = None, **kwargs: Any) -> Any:
        """The exit code.

        Raises:
            StoppedWaiting: the process has ended, but its exit code does not arrive, since the caller
                blocks the event loop. Await the job instead.
        """
        give_up_at = None if timeout is None else time.monotonic() + timeout
        gone_since: float | None = None
        while self._exit_code() is None:
            now = time.monotonic()
            if give_up_at is not None and now >= give_up_at:
                raise JobTimeoutError(f"The process has not ended after {timeout} seconds.")
            gone_since = (gone_since or now) if _is_gone(self.job.pid) else None
            if gone_since is not None and now - gone_since > _EXIT_CODE_SECONDS:
                raise StoppedWaiting("The process has ended, but its exit code is not known yet. Use `await job`.")
            time.sleep(0.05)
        return self._exit_code()

    @override
    def _exit_code(self) -> int | None:
        code: int | None = self.job.returncode
        return code

    @override
    def _has_ended_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._exit_code() is None:
            time.sleep(min(0.1, left))
        return self._exit_code() is not None


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
