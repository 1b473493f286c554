"""submitit's jobs: Slurm, and processes of this machine."""

from __future__ import annotations

import pickletools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets.adapters.base import Pace
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.errors import NotAJobError
from primwidgets.snapshot import LOG_LIMIT, JobError, JobSnapshot, JobState

_NO_RESULT: Final = JobError("UncompletedJobError", "The job's process is gone and left no result.")


class SubmititAdapter(ReportedAdapter[Any]):
    """A job of submitit. Its result is a file, and what it prints goes to another one, which is shown.

    A result file is the end, whatever the watcher says; how the job ended is read from the file's first bytes, and the
    result is not loaded. The watcher asks Slurm for all jobs at once, and at times of its own.
    """

    provider = "submitit"
    pace = Pace(first=0.5, ceiling=10.0)
    rechecks: ClassVar[tuple[float, ...]] = ()
    fetch_timeout = None
    #: INTERRUPTED is a local job that was signalled; the name of a state may be followed by the user who cancelled.
    states: ClassVar[Mapping[str, JobState]] = {"NO PROCESS AND NO RESULT": JobState.ERROR}

    @override
    @classmethod
    def accepts(cls, job: object) -> bool:
        """Not a debugging job: asking whether it is done runs its function."""
        if type(job).__name__ == "DebugJob":
            raise NotAJobError("A debugging job runs its function inside result(): call that instead.")
        return True

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.remote = type(job).__name__ != "LocalJob"

    @override
    def job_id(self) -> str:
        return str(self.job.job_id)

    @override
    def report(self, last: JobSnapshot) -> StatusReport:
        outcome = _outcome(self.job.paths.result_pickle)
        state = str(self.job.state) if outcome is None else outcome
        ended = {"success": JobState.DONE, "error": JobState.ERROR}.get(outcome or "")
        error = last.error or (_NO_RESULT if outcome is None else self._error()) if ended is not JobState.DONE else None
        return StatusReport(
            "FINISHED" if ended else state,
            # Without a result file, a local job that is called finished is about to write it.
            state=ended or (JobState.RUNNING if state == "FINISHED" else None),
            error=error,
            log=_tail(self.job.paths.stdout),
            details={"folder": str(self.job.paths.folder)},
        )

    @override
    def locate(self) -> Mapping[str, str] | None:
        """Jobs of a cluster are found again by folder and id; a new object for one of this machine calls it done."""
        if not self.remote:
            return None
        return {"provider": "submitit", "folder": str(self.job.paths.folder), "job_id": self.job_id()}

    def _error(self) -> JobError | None:
        raised = self.job.exception()  # a stored text: the job has ended
        if raised is None:
            return None
        trace = _DASHES.split(str(raised))  # what happened stands between two lines of dashes
        kind, _, message = (trace[1] if len(trace) > 1 else trace[0]).strip().rpartition("\n")[2].partition(": ")
        return JobError(kind or type(raised).__name__, message or str(raised), str(raised))


_DASHES: Final = re.compile(r"^-{5,}$", re.MULTILINE)


def _outcome(path: Path) -> str | None:
    """``"success"`` or ``"error"``, which the pickled pair in the file begins with; ``None`` if there is none yet."""
    try:
        with path.open("rb") as file:
            texts = (argument for _, argument, _ in pickletools.genops(file) if isinstance(argument, str))
            return next(texts, None)
    except (OSError, ValueError):
        return None


def _tail(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - 4 * LOG_LIMIT))
            return file.read().decode("utf-8", "replace")[-LOG_LIMIT:] or None
    except OSError:
        return None
