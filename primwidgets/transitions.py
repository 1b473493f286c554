"""How what is known of a job changes: pure functions from snapshot to snapshot.

The adapter says what the provider says; these functions say what that means together with what was known before,
above all for a cancel, where providers answer in many ways and some of them too early.
"""

from __future__ import annotations

from primwidgets.snapshot import CancelState, JobSnapshot, JobState


def settle(known: JobSnapshot, read: JobSnapshot, now: float) -> JobSnapshot:
    """What is known after a read.

    Args:
        known: the truth at the end of the read; owns what no provider knows (name, cancel, waiting, picture).
        read: what the adapter returned; may rest on an older truth than ``known``.
        now: epoch seconds, for the times that the provider does not tell.
    """
    refused = known.cancel_state is CancelState.REFUSED
    return read.evolve(
        name=known.name,
        waiting=known.waiting,
        result_preview=known.result_preview or read.result_preview,
        cancel_state=_cancel_state(known.cancel_state, read.state),
        cancel_detail=known.cancel_detail if refused else read.cancel_detail,
        can_cancel=read.can_cancel and not read.is_final,
        queued_at=_when(read.queued_at, known.queued_at, now, read.state is JobState.QUEUED),
        started_at=_when(read.started_at, known.started_at, now, read.state is JobState.RUNNING),
        finished_at=_when(read.finished_at, known.finished_at, now, True) if read.is_final else None,
        queue_position=read.queue_position if read.state in _BEFORE_RUNNING else None,
        progress=1.0 if read.state is JobState.DONE else read.progress,
    )


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
