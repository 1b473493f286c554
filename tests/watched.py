"""Watches without a monitor, and listeners to them."""

from __future__ import annotations

import threading
from dataclasses import replace

from primwidgets._monitor.delivery import Listener
from primwidgets._monitor.known_job import Change
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets.snapshot import JobSnapshot, JobState
from primwidgets.testing import FakeAdapter, FakeJob
from tests.monitored import PATIENCE

QUEUED = JobSnapshot(uid="u", state=JobState.QUEUED, created_at=50.0)
#: One answer after the other, for tests that do not care which question it is to.
_questions = iter(range(1, 10_000))


def to(state: JobState, **fields: str) -> Change:
    return lambda known: replace(known, state=state, **fields)  # type: ignore[arg-type]


def answer(watch: TrackedJob, state: JobState, now: float = 100.0) -> None:
    watch.answered(next(_questions), to(state), now)


def watch_with(listener: Listener, known: JobSnapshot = QUEUED) -> TrackedJob:
    return TrackedJob(FakeAdapter(FakeJob()), known, listener)


class Told:
    """A listener that can be made to block."""

    def __init__(self) -> None:
        self.snapshots: list[JobSnapshot] = []
        self.entered = threading.Event()
        self.may_leave = threading.Event()
        self.may_leave.set()

    def __call__(self, snapshot: JobSnapshot) -> None:
        self.snapshots.append(snapshot)
        self.entered.set()
        assert self.may_leave.wait(PATIENCE)

    @property
    def states(self) -> list[str]:
        return [snapshot.state.value for snapshot in self.snapshots]

    def block(self) -> None:
        self.entered.clear()
        self.may_leave.clear()


class Card:
    """Something whose method is the listener, as a widget's is."""

    def __init__(self) -> None:
        self.snapshots: list[JobSnapshot] = []

    def take(self, snapshot: JobSnapshot) -> None:
        self.snapshots.append(snapshot)
