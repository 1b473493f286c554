"""How what is known of a job changes: pure functions from snapshot to snapshot.

The adapter says what the provider says; these functions say what that means together with what was known before,
above all for a cancel, where providers answer in many ways and some of them too early.
"""

from __future__ import annotations

from dataclasses import replace

from primwidgets.adapters._common.outcomes import is_untold
from primwidgets.snapshot import CancelState, JobSnapshot, JobState, Learnt


def merge_read(known: JobSnapshot, read: JobSnapshot, now: float) -> JobSnapshot:
    """What is known after a read.

    Args:
        known: the truth at the end of the read; owns what no provider knows (name, cancel, waiting, picture).
        read: what the adapter returned; may rest on an older truth than ``known``.
        now: epoch seconds, for the times that the provider does not tell.
    """
    if known.learnt is not None:
        read = _believe(known.learnt, read)
    refused = known.cancel_state is CancelState.REFUSED
    # An adapter whose provider is cancelling says REQUESTED, whoever asked for it.
    cancel_state = read.cancel_state if known.cancel_state is CancelState.NONE else known.cancel_state
    return read.evolve(
        name=known.name,
        group_id=known.group_id,
        waiting=known.waiting,
        result_preview=known.result_preview or read.result_preview,
        cancel_state=_cancel_state(cancel_state, read.state),
        cancel_detail=known.cancel_detail if refused else read.cancel_detail,
        can_cancel=read.can_cancel and not read.is_final,
        being_cancelled=read.being_cancelled and not read.is_final,
        gone=read.gone and read.state is JobState.ERROR,
        queued_at=_when(read.queued_at, known.queued_at, now, read.state is JobState.QUEUED),
        started_at=_when(read.started_at, known.started_at, now, read.state is JobState.RUNNING),
        finished_at=_when(read.finished_at, known.finished_at, now, True) if read.is_final else None,
        queue_position=read.queue_position if read.state in _BEFORE_RUNNING else None,
        progress=1.0 if read.state is JobState.DONE else read.progress,
        learnt=None if known.learnt is None else read.learnt,
    )


def learn_result(known: JobSnapshot, told: Learnt, now: float) -> JobSnapshot:
    """What is known after ``result()`` returned or raised.

    What the provider itself calls DONE or ERROR stays so, and only a missing reason is filled in; but some call DONE
    whatever is over, and ``result()`` then says that the job failed. What a provider calls CANCELLED is DONE if there
    is a result all the same. A later read that still says what the provider said before does
    not undo what was learnt; another state does.

    Args:
        known: the truth so far.
        told: what ``result()`` told.
        now: epoch seconds.
    """
    if known.state is JobState.ERROR and not known.gone:
        return known.evolve(error=told.error or known.error) if is_untold(known.error) else known
    if _is_false_end(told, known):
        return merge_read(known.evolve(learnt=told), known, now)
    if known.is_final:
        return known
    # Who asked for a cancel may get any exception from result() when it has worked.
    firm = told.firm and not (told.state is JobState.ERROR and known.cancel_state is CancelState.REQUESTED)
    if told.state is None or not firm:
        return known.evolve(learnt=told)
    settled = merge_read(known.evolve(learnt=told), known, now)
    return settled.evolve(learnt=told)  # what the provider says now is still to be asked


def request_cancel(known: JobSnapshot) -> JobSnapshot:
    """After somebody asked for a cancel and before the provider was asked."""
    if known.is_final:
        return known.evolve(cancel_state=_after_the_end(known))
    return known.evolve(cancel_state=CancelState.REQUESTED, cancel_detail=None)


def refuse_cancel(known: JobSnapshot, reason: str) -> JobSnapshot:
    """After the provider said no. A job that has ended meanwhile was not refused: the request came too late."""
    if known.is_final:
        return known.evolve(cancel_state=_after_the_end(known))
    return known.evolve(cancel_state=CancelState.REFUSED, cancel_detail=reason)


def _believe(told: Learnt, read: JobSnapshot) -> JobSnapshot:
    """``read`` as it is in the light of what ``result()`` told."""
    if read.state is JobState.ERROR and (read.gone or is_untold(read.error)):
        read = read.evolve(error=told.error or read.error)
    moved = told.despite is not None and told.despite is not read.state
    ended_itself = read.is_final and told.despite is not read.state and not _is_false_end(told, read)
    if told.state is None or moved or ended_itself:
        return read.evolve(learnt=told if told.state is None and not read.is_final else None)
    return read.evolve(
        state=told.state,
        error=read.error or told.error if told.state is JobState.ERROR else None,
        can_preview=told.state is JobState.DONE,
        gone=False,
        learnt=replace(told, despite=read.state),
    )


def _is_false_end(told: Learnt, read: JobSnapshot) -> bool:
    """Whether the provider named a final state, for the first time it is asked, that ``result()`` has disproved.

    Of a job that its provider has deleted, ``result()`` is the only one that can tell the end.
    """
    has_result = told.state is JobState.DONE and told.firm and read.state is JobState.CANCELLED
    is_known_after_all = read.gone and told.state is not None and told.firm
    return told.despite is None and (is_known_after_all or has_result or (told.certain and read.state is JobState.DONE))


_BEFORE_RUNNING = (JobState.INITIALIZING, JobState.QUEUED)


def _cancel_state(known: CancelState, state: JobState) -> CancelState:
    """A request is confirmed or late only by what the provider says afterwards, and either can be taken back."""
    if known is CancelState.NONE:
        return known
    if state is JobState.CANCELLED:
        return CancelState.CONFIRMED
    if known is CancelState.REFUSED:
        return known
    return CancelState.TOO_LATE if state.is_final else CancelState.REQUESTED


def _after_the_end(known: JobSnapshot) -> CancelState:
    return known.cancel_state if known.state is JobState.CANCELLED else CancelState.TOO_LATE


def _when(told: float | None, known: float | None, now: float, reached: bool) -> float | None:
    if told is not None:
        return told
    return now if known is None and reached else known
