"""State transitions of a job: pure functions from snapshot to snapshot.

An adapter returns what the provider reports. These functions combine it with the previous snapshot, above all after a
cancel, which providers report in many ways and some of them too early.
"""

from __future__ import annotations

from dataclasses import replace

from primwidgets.adapters._common.outcomes import is_unexplained
from primwidgets.snapshot import CancelState, JobSnapshot, JobState, ResultReport


def merge_read(known: JobSnapshot, read: JobSnapshot, now: float) -> JobSnapshot:
    """The snapshot after a read.

    Args:
        known: the snapshot when the read ends; owns what no provider reports (name, cancel, waiting, preview).
        read: what the adapter returned; may be based on an older snapshot than ``known``.
        now: epoch seconds, for times that the provider does not report.
    """
    if known.result_report is not None:
        read = _believe(known.result_report, read)
    refused = known.cancel_state is CancelState.REFUSED
    # An adapter whose provider is cancelling says REQUESTED, whoever asked for it.
    cancel_state = read.cancel_state if known.cancel_state is CancelState.NONE else known.cancel_state
    return read.evolve(
        name=known.name,
        group_id=known.group_id,
        run=known.run,
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
        result_report=None if known.result_report is None else read.result_report,
    )


def merge_result(known: JobSnapshot, report: ResultReport, now: float) -> JobSnapshot:
    """The snapshot after ``result()`` returned or raised.

    What the provider itself calls DONE or ERROR stays so, and only a missing reason is filled in; but some call DONE
    whatever is over, and ``result()`` then says that the job failed. What a provider calls CANCELLED is DONE if there
    is a result all the same. A later read that still says what the provider said before does
    not undo what `result()` showed; another state does.

    Args:
        known: the current snapshot.
        report: what follows from the outcome of ``result()``.
        now: epoch seconds.
    """
    if known.state is JobState.ERROR and not known.gone:
        return known.evolve(error=report.error or known.error) if is_unexplained(known.error) else known
    if _is_false_end(report, known):
        return merge_read(known.evolve(result_report=report), known, now)
    if known.is_final:
        return known
    # After a successful cancel, result() may raise any exception.
    firm = report.firm and not (report.state is JobState.ERROR and known.cancel_state is CancelState.REQUESTED)
    if report.state is None or not firm:
        return known.evolve(result_report=report)
    settled = merge_read(known.evolve(result_report=report), known, now)
    return settled.evolve(result_report=report)  # the provider has not been read since


def request_cancel(known: JobSnapshot) -> JobSnapshot:
    """The snapshot after a request to cancel, before the provider is asked."""
    if known.is_final:
        return known.evolve(cancel_state=_after_the_end(known))
    return known.evolve(cancel_state=CancelState.REQUESTED, cancel_detail=None)


def refuse_cancel(known: JobSnapshot, reason: str) -> JobSnapshot:
    """The snapshot after the provider refused. For a job that has ended in the meantime the request was too late."""
    if known.is_final:
        return known.evolve(cancel_state=_after_the_end(known))
    return known.evolve(cancel_state=CancelState.REFUSED, cancel_detail=reason)


def count_rerun(known: JobSnapshot) -> JobSnapshot:
    """The call was run again: its card counts that."""
    run = known.run
    return known if run is None else known.evolve(run=replace(run, reruns=run.reruns + 1, problem=None))


def note_rerun_problem(problem: str, known: JobSnapshot) -> JobSnapshot:
    """The call could not be run again: the card says why."""
    return known if known.run is None else known.evolve(run=replace(known.run, problem=problem))


def _believe(report: ResultReport, read: JobSnapshot) -> JobSnapshot:
    """``read``, corrected by what the outcome of ``result()`` proves."""
    if read.state is JobState.ERROR and (read.gone or is_unexplained(read.error)):
        read = read.evolve(error=report.error or read.error)
    moved = report.despite is not None and report.despite is not read.state
    ended_itself = read.is_final and report.despite is not read.state and not _is_false_end(report, read)
    if report.state is None or moved or ended_itself:
        return read.evolve(result_report=report if report.state is None and not read.is_final else None)
    return read.evolve(
        state=report.state,
        error=read.error or report.error if report.state is JobState.ERROR else None,
        can_preview=report.state is JobState.DONE,
        gone=False,
        result_report=replace(report, despite=read.state),
    )


def _is_false_end(report: ResultReport, read: JobSnapshot) -> bool:
    """Whether ``result()`` has disproved the final state that the provider reported first.

    For a job that its provider has deleted, only ``result()`` can show how it ended.
    """
    has_result = report.state is JobState.DONE and report.firm and read.state is JobState.CANCELLED
    is_known_after_all = read.gone and report.state is not None and report.firm
    return report.despite is None and (
        is_known_after_all or has_result or (report.certain and read.state is JobState.DONE)
    )


_BEFORE_RUNNING = (JobState.INITIALIZING, JobState.QUEUED)


def _cancel_state(known: CancelState, state: JobState) -> CancelState:
    """Only a later report of the provider confirms a request or makes it too late, and it may revoke either."""
    if known is CancelState.NONE:
        return known
    if state is JobState.CANCELLED:
        return CancelState.CONFIRMED
    if known is CancelState.REFUSED:
        return known
    return CancelState.TOO_LATE if state.is_final else CancelState.REQUESTED


def _after_the_end(known: JobSnapshot) -> CancelState:
    return known.cancel_state if known.state is JobState.CANCELLED else CancelState.TOO_LATE


def _when(reported: float | None, known: float | None, now: float, reached: bool) -> float | None:
    if reported is not None:
        return reported
    return now if known is None and reached else known
