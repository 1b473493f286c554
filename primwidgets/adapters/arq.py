"""Jobs of arq, an asynchronous queue on Redis."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from primwidgets.adapters._common.describe import describe_error
from primwidgets.adapters._common.outcomes import is_cancelled
from primwidgets.adapters.awaited_jobs import AwaitedJobAdapter
from primwidgets.adapters.base import CancelReport, report_cancel
from primwidgets.adapters.polled import gone
from primwidgets.snapshot import JobError, JobSnapshot, JobState


class ArqAdapter(AwaitedJobAdapter):
    """A job of arq. Its ``complete`` says nothing about success, so what is kept of its end is read, too."""

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = "arq"

    @override
    def job_id(self) -> str:
        return str(self.job.job_id)

    @override
    def look(self, last: JobSnapshot) -> JobSnapshot:
        """Makes one request; when it meets the end of the job, one more."""
        word = str(self.answer(self.job.status()).value)
        read = last.evolve(status_text=word, error=None)
        if word == "complete":
            return self._ended(read)
        if word == "not_found":
            return gone(read)
        return read.evolve(state=_STATES.get(word, last.state), can_cancel=True)

    def _ended(self, read: JobSnapshot) -> JobSnapshot:
        info = self.answer(self.job.result_info())
        read = read.evolve(can_cancel=False)
        if info is None:
            return gone(read)
        read = read.evolve(started_at=info.start_time.timestamp(), finished_at=info.finish_time.timestamp())
        if info.success:
            return read.evolve(state=JobState.DONE, can_preview=True)
        if isinstance(info.result, BaseException):
            if is_cancelled(info.result):
                return read.evolve(state=JobState.CANCELLED)
            return read.evolve(state=JobState.ERROR, error=describe_error(info.result))
        return read.evolve(state=JobState.ERROR, error=JobError("JobError", str(info.result)))

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """Ask the worker to abort, without the wait for that; it does so if it was started with ``allow_abort_jobs``.

        On the thread of an event loop the caller awaits what ``abort()`` returns.
        """
        if self.must_be_awaited:
            return report_cancel(self.job.abort, *args, **kwargs)
        return report_cancel(self._request_abort, *args, **kwargs)

    def _request_abort(self, *args: Any, **kwargs: Any) -> None:
        try:
            self.answer(self.job.abort(*args, **{"timeout": 0, **kwargs}))
        except TimeoutError:  # it was asked for; the reads tell what becomes of it
            return


_STATES = {"deferred": JobState.QUEUED, "queued": JobState.QUEUED, "in_progress": JobState.RUNNING}
