"""Jobs that are asked how they are, over a network as far as is known; and what their exceptions mean."""

from __future__ import annotations

import contextlib
from typing import Any, ClassVar, Final, TypeVar

from typing_extensions import override

from primwidgets.adapters._common.describe import NO_REASON, describe_error
from primwidgets.adapters._common.handles import ask, has
from primwidgets.adapters._common.outcomes import is_job_failure, is_no_outcome, is_not_found, is_unexplained, word_in
from primwidgets.adapters._common.status_words import is_cancelling, is_deleted, state_of
from primwidgets.adapters.base import Adapter, Pace
from primwidgets.snapshot import CancelState, JobError, JobSnapshot, JobState

JobT = TypeVar("JobT")

#: After this many consecutive answers that the provider does not know a job, the job is gone. Fewer may only mean that
#: a new job is not known on all servers of the provider yet.
GONE_AFTER: Final = 3
GONE: Final = JobError("JobGone", "The provider no longer knows this job. How it ended is unknown.")
NO_CANCEL: Final = "This provider cannot cancel jobs."


class PolledAdapter(Adapter[JobT]):
    """Reads jobs whose provider answers questions and pushes nothing. A subclass says how: ``look``.

    It takes nothing for granted: the job may run far away, so that a cancel is to be confirmed and questions are
    rationed, and a final state is looked at again, since some providers take theirs back.
    """

    remote: bool = True
    pace = Pace(first=0.5, ceiling=10.0, requests_per_second=2.0)
    rechecks: ClassVar[tuple[float, ...]] = (2.0, 10.0, 60.0)

    def __init__(self, job: JobT) -> None:
        super().__init__(job)
        self._not_found = 0
        self._raised: Exception | None = None

    def look(self, last: JobSnapshot) -> JobSnapshot:
        """The job as it is now; what ``Adapter.read`` says of ``read``. What it raises is judged by ``read``."""
        raise NotImplementedError

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        """Look at the job, and judge what is raised: a failure of the job, or an outage.

        If the provider says several times in a row that it does not know the job, the job is gone.
        """
        if GONE.message in (last.message, last.error and last.error.message):  # a job may be found again
            last = last.evolve(error=None, message=None)
        last = last.evolve(being_cancelled=False, gone=False)
        try:
            read = self.look(last)
        except Exception as error:  # noqa: BLE001  (it is raised again if it tells nothing)
            return self._understand(error, last)
        raised, self._raised, self._not_found = self._raised, None, 0
        if read.state is JobState.ERROR and raised is not None and is_unexplained(read.error):
            return read.evolve(error=describe_error(raised))  # some tell the reason once, in this way
        return _in_its_words(read)

    def _understand(self, error: Exception, last: JobSnapshot) -> JobSnapshot:
        """What ``error`` tells of the job. Raises it if it tells nothing."""
        if (word := word_in(error)) is not None:
            return live(last, word)
        if is_job_failure(error):
            return last.evolve(state=JobState.ERROR, error=describe_error(error), can_cancel=False, can_preview=False)
        self._not_found = self._not_found + 1 if is_not_found(error, self.job_id()) else 0
        if self._not_found >= GONE_AFTER:
            return gone(last)
        if not is_no_outcome(error):
            self._raised = error
        raise error


def reason_of(job: Any, last: JobSnapshot) -> JobError:
    """Why ``job`` failed, as far as it is to be had without ``result()``, which may be a download. Asked once."""
    if last.error is not None:
        return last.error
    with contextlib.suppress(Exception):  # the failure is known; its reason is an extra
        if has(job, "error_message") and (message := ask(job, "error_message")):
            return JobError("JobError", str(message))
    return JobError("JobError", NO_REASON)


def live(last: JobSnapshot, word: str) -> JobSnapshot:
    """``last`` after the provider said ``word`` for the state, which is known to be a state's."""
    if is_cancelling(word):
        return being_cancelled(last).evolve(status_text=word)
    return last.evolve(state=state_of(word), status_text=word)


def being_cancelled(last: JobSnapshot) -> JobSnapshot:
    """``last`` after the provider said that the job is being cancelled, which does not mean that it had begun."""
    state = last.state
    if state.is_final:  # it was too early to say so
        state = JobState.QUEUED if last.started_at is None else JobState.RUNNING
    return last.evolve(
        state=state, cancel_state=CancelState.REQUESTED, being_cancelled=True, can_cancel=False, error=None
    )


def gone(last: JobSnapshot) -> JobSnapshot:
    """``last`` after the provider has forgotten the job; a job that had ended before stays what it was."""
    if last.is_final:
        return last.evolve(message=GONE.message, can_cancel=False, can_preview=False)
    return last.evolve(
        state=JobState.ERROR, error=GONE, gone=True, being_cancelled=False, can_cancel=False, can_preview=False
    )


def _in_its_words(read: JobSnapshot) -> JobSnapshot:
    """``read`` with what no state expresses, but the provider's word does: that a job was deleted."""
    return gone(read) if is_deleted(read.status_text) and not read.is_final else read
