"""Counts of the members of a group, brought up to date by one change at a time, at a cost that does not grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Final

from primwidgets.snapshot import GroupMember, GroupSummary, JobError, JobSnapshot, JobState

#: The order in which members are listed: what needs attention first.
_LISTED: Final = (JobState.ERROR, JobState.RUNNING, JobState.INITIALIZING, JobState.QUEUED, JobState.CANCELLED)
#: Members that are listed in a snapshot of the group; all of them are counted.
MEMBERS_LISTED: Final = 50


class Tally:
    """The newest snapshot of each member, and what they add up to. Not thread-safe: its owner holds a lock.

    Attributes:
        created_at: when the first member was submitted; epoch seconds.
        started_at: when the first member began to run; likewise.
        finished_at: when the last member that has ended did so; likewise.
        last_seconds: how long it took, from its submission.
    """

    def __init__(self) -> None:
        self._known: dict[str, JobSnapshot] = {}
        self._by_state: dict[JobState, dict[str, None]] = {state: {} for state in JobState}
        self._retired: Counter[JobState] = Counter()
        self._progress = 0.0
        self._cancellable = 0
        self._remote = 0
        self._providers: Counter[str] = Counter()
        self.created_at: float | None = None
        self.started_at: float | None = None
        self.finished_at: float | None = None
        self.last_seconds: float | None = None

    def __len__(self) -> int:
        return len(self._known) + self._retired.total()

    def count(self, *states: JobState) -> int:
        """How many members are in one of ``states``."""
        return sum(len(self._by_state[state]) + self._retired[state] for state in states)

    def retire(self, uid: str) -> bool:
        """Go on counting a member that succeeded, but let go of the rest; whether that could be done."""
        known = self._known.get(uid)
        if known is None or known.state is not JobState.DONE:
            return False
        del self._known[uid]
        self._by_state[JobState.DONE].pop(uid)
        self._retired[JobState.DONE] += 1
        return True

    def take(self, snapshot: JobSnapshot) -> bool:
        """Take over what is known of a member now; whether the group looks different."""
        before = self._known.get(snapshot.uid)
        if before is not None:
            if _looks(before) == _looks(snapshot):
                return False
            self._add(before, -1)
            if before.state is not snapshot.state:
                self._by_state[before.state].pop(snapshot.uid)
        self._known[snapshot.uid] = snapshot
        self._by_state[snapshot.state].setdefault(snapshot.uid)
        self._add(snapshot, +1)
        self._note_times(snapshot)
        return True

    @property
    def all_final(self) -> bool:
        """Whether every member has ended."""
        return self.ended == len(self)

    @property
    def ended(self) -> int:
        """How many members have ended, in whatever way."""
        return self.count(JobState.DONE, JobState.ERROR, JobState.CANCELLED)

    @property
    def progress(self) -> float | None:
        """The part of all work that is done, 0..1; ``None`` without members."""
        return self._progress / len(self) if len(self) else None

    @property
    def can_cancel(self) -> bool:
        """Whether there is a member that can be cancelled now."""
        return self._cancellable > 0

    @property
    def remote(self) -> bool:
        """Whether a member runs on a remote machine."""
        return self._remote > 0

    @property
    def place(self) -> str | None:
        """Where the members run; of more than two providers, how many they are."""
        providers = sorted(provider for provider, count in self._providers.items() if count and provider)
        return ", ".join(providers) if len(providers) <= 2 else f"{len(providers)} providers"

    def state(self, *, is_open: bool) -> JobState:
        """The state of the group.

        Args:
            is_open: whether members may still be added.
        """
        if self.all_final and not is_open:
            return self._final_state()
        if self.count(JobState.RUNNING) or self.ended:
            return JobState.RUNNING
        return JobState.QUEUED if self.count(JobState.QUEUED) else JobState.INITIALIZING

    def first_failure(self) -> tuple[JobSnapshot, JobError] | None:
        """The member that failed first, and why."""
        for uid in self._by_state[JobState.ERROR]:
            failed = self._known[uid]
            return failed, failed.error or JobError("Error", "It failed for an unknown reason.")
        return None

    def summary(self, *, is_open: bool) -> GroupSummary:
        """The counts, and the members that are listed."""
        listed = islice(self._in_order(), MEMBERS_LISTED)
        return self.counts(is_open=is_open, members=tuple(_member(self._known[uid]) for uid in listed))

    def counts(self, *, is_open: bool, members: Sequence[GroupMember]) -> GroupSummary:
        """The counts, with a list of ``members`` that was made before."""
        return GroupSummary(
            total=len(self),
            done=self.count(JobState.DONE),
            failed=self.count(JobState.ERROR),
            cancelled=self.count(JobState.CANCELLED),
            running=self.count(JobState.RUNNING),
            waiting=self.count(JobState.INITIALIZING, JobState.QUEUED),
            is_open=is_open,
            members=members,
        )

    def _in_order(self) -> Iterator[str]:
        """Failures first, then what is under way; of the others those that finished last."""
        return chain(
            chain.from_iterable(self._by_state[state] for state in _LISTED), reversed(self._by_state[JobState.DONE])
        )

    def _final_state(self) -> JobState:
        for state in (JobState.ERROR, JobState.CANCELLED):
            if self._by_state[state]:
                return state
        return JobState.DONE

    def _add(self, snapshot: JobSnapshot, sign: int) -> None:
        self._progress += sign * (1.0 if snapshot.is_final else snapshot.progress or 0.0)
        self._cancellable += sign * _can_be_cancelled(snapshot)
        self._remote += sign * snapshot.remote
        self._providers[snapshot.provider] += sign

    def _note_times(self, snapshot: JobSnapshot) -> None:
        self.created_at = _earlier(self.created_at, snapshot.created_at)
        self.started_at = _earlier(self.started_at, snapshot.started_at)
        finished = snapshot.finished_at
        if finished is not None and finished >= (self.finished_at or 0.0):
            self.finished_at = finished
            self.last_seconds = None if snapshot.created_at is None else max(0.0, finished - snapshot.created_at)


def counts_text(group: GroupSummary) -> str:
    """What a group consists of, in words: ``"37 of 50 done · 2 failed · 11 running"``."""
    done = f"{group.done:,} done so far" if group.is_open else f"{group.done:,} of {group.total:,} done"
    return " · ".join([done, *others_text(group)])


def others_text(group: GroupSummary) -> list[str]:
    """The counts of the members that did not succeed, as far as there are any: ``["2 failed", "11 running"]``."""
    counts = {
        "failed": group.failed,
        "cancelled": group.cancelled,
        "running": group.running,
        "waiting": group.waiting,
    }
    return [f"{count:,} {word}" for word, count in counts.items() if count]


def _looks(snapshot: JobSnapshot) -> tuple[object, ...]:
    """What of a member shows in its group."""
    return (
        snapshot.state,
        snapshot.name,
        snapshot.progress,
        snapshot.can_cancel,
        snapshot.error,
        snapshot.started_at,
        snapshot.finished_at,
        snapshot.cancel_state,
    )


def _can_be_cancelled(snapshot: JobSnapshot) -> bool:
    return snapshot.can_cancel and not snapshot.is_final


def _member(snapshot: JobSnapshot) -> GroupMember:
    error = snapshot.error
    return GroupMember(
        uid=snapshot.uid,
        name=snapshot.name or snapshot.job_id,
        state=snapshot.state,
        progress=None if snapshot.is_final else snapshot.progress,
        seconds=_seconds(snapshot),
        note=None if error is None else f"{error.type}: {error.message}",
    )


def _seconds(snapshot: JobSnapshot) -> float | None:
    """How long a member that has ended ran."""
    if snapshot.finished_at is None or snapshot.started_at is None:
        return None
    return max(0.0, snapshot.finished_at - snapshot.started_at)


def _earlier(known: float | None, new: float | None) -> float | None:
    return known if new is None else new if known is None else min(known, new)
