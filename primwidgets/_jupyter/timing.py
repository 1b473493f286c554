"""How long a job has run, and how long it will."""

from __future__ import annotations

from typing import Final

from primwidgets.snapshot import JobSnapshot, JobState

#: Of a provider that tells only how far its job is, an estimate before so much is done, or so soon, would be a guess.
_ENOUGH_DONE: Final = 0.05
_ENOUGH_SECONDS: Final = 2.0


def elapsed(snapshot: JobSnapshot, now: float) -> float | None:
    """Seconds since the job began to run, or that it ran; ``None`` until it has begun.

    Args:
        snapshot: what is known of the job.
        now: epoch seconds.
    """
    if snapshot.started_at is None:
        return None
    return max(0.0, (now if snapshot.finished_at is None else snapshot.finished_at) - snapshot.started_at)


def remaining(snapshot: JobSnapshot, now: float) -> float | None:
    """Seconds until the job is done; 0 once it is, ``None`` while that would be a guess. See ``elapsed``."""
    if snapshot.is_final:
        return 0.0
    if snapshot.estimated_end_at is not None:
        return max(0.0, snapshot.estimated_end_at - now)
    took, progress = elapsed(snapshot, now), snapshot.progress
    if snapshot.state is not JobState.RUNNING or took is None or progress is None:
        return None
    if progress < _ENOUGH_DONE or took < _ENOUGH_SECONDS:
        return None
    return took * (1 - progress) / progress
