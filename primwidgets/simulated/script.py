"""What is going to happen to a simulated job, and what its status is at any time. Pure: no clock, no thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from typing_extensions import override

from primwidgets.snapshot import JobState

Outcome = Literal["done", "fail"]
CancelManner = Literal["accept", "slow", "refuse", "ignore"]

#: Seconds from the request of a slow cancel to its effect.
SLOW_CANCEL_SECONDS: Final = 2.0
#: The part of its seconds after which a job that is to fail fails.
_FAILS_AFTER: Final = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedStatus:
    """The simulated provider's idea of a status.

    Attributes:
        state: where the job is.
        queue_position: its place in the queue, 1 is next; ``None`` once it has left the queue.
        circuits_done: how many of its circuits have run.
        finished_at: when it ended, in epoch seconds; ``None`` before.
    """

    state: JobState
    queue_position: int | None = None
    circuits_done: int = 0
    finished_at: float | None = None

    @override
    def __str__(self) -> str:
        return self.state.value.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is going to happen to a job. Times are epoch seconds.

    Attributes:
        submitted_at: when it was submitted.
        turns_at: when it moves up in the queue; it starts at the last of them, without any at once.
        seconds: how long it runs.
        circuits: how many circuits it counts its progress in.
        outcome: how it ends if nobody cancels it.
        cancel: whether ``cancel()`` is accepted, accepted but slow, refused with a reason, or ignored.
        outage: from when to when the provider cannot be reached; ``None`` for never.
    """

    submitted_at: float
    turns_at: tuple[float, ...]
    seconds: float
    circuits: int
    outcome: Outcome
    cancel: CancelManner
    outage: tuple[float, float] | None

    @property
    def starts_at(self) -> float:
        """When the job begins to run."""
        return self.turns_at[-1] if self.turns_at else self.submitted_at

    @property
    def ends_at(self) -> float:
        """When it ends if nobody cancels it."""
        return self.starts_at + self.seconds * (1.0 if self.outcome == "done" else _FAILS_AFTER)

    def cancelled_at(self, asked_at: float) -> float | None:
        """When a cancel asked for at that time takes effect; ``None`` if it never does."""
        at = asked_at + (SLOW_CANCEL_SECONDS if self.cancel == "slow" else 0.0)
        return at if self.cancel in ("accept", "slow") and at < self.ends_at else None

    def is_out(self, now: float) -> bool:
        """Whether the provider cannot be reached."""
        return self.outage is not None and self.outage[0] <= now < self.outage[1]

    def status(self, now: float, cancelled_at: float | None = None) -> SimulatedStatus:
        """The status of the job now, if a cancel took or takes effect at that time."""
        if cancelled_at is not None and cancelled_at <= now:
            done = self._circuits_done(cancelled_at)
            return SimulatedStatus(state=JobState.CANCELLED, circuits_done=done, finished_at=cancelled_at)
        if now < self.starts_at:
            return SimulatedStatus(state=JobState.QUEUED, queue_position=sum(now < turn for turn in self.turns_at))
        if now < self.ends_at:
            return SimulatedStatus(state=JobState.RUNNING, circuits_done=self._circuits_done(now))
        state = JobState.DONE if self.outcome == "done" else JobState.ERROR
        done = self._circuits_done(self.ends_at)
        return SimulatedStatus(state=state, circuits_done=done, finished_at=self.ends_at)

    def _circuits_done(self, at: float) -> int:
        if at <= self.starts_at:
            return 0
        return min(self.circuits, int(self.circuits * (at - self.starts_at) / self.seconds))
