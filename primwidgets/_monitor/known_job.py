"""What is known of one job: the answers of its provider put together, also those that come late or not at all."""

from __future__ import annotations

from collections.abc import Callable

from typing_extensions import override

from primwidgets._monitor.delivery import Delivery, Listener
from primwidgets._monitor.transitions import refuse_cancel
from primwidgets.snapshot import JobSnapshot

Change = Callable[[JobSnapshot], JobSnapshot]


class KnownJob(Delivery):
    """The part of ``TrackedJob`` that holds the snapshot, and changes it under the lock.

    Each question to the provider has a number, so that a late answer undoes no newer one.

    Args:
        snapshot: what is known at the start.
        listener: called with each new snapshot.
    """

    __slots__ = ("_answered", "_answered_at", "_asked", "_known", "_news", "_read_at", "_refusal", "_stale")

    def __init__(self, snapshot: JobSnapshot, listener: Listener) -> None:
        super().__init__(snapshot, listener)
        self._known = snapshot
        self._news = False
        self._read_at = 0.0
        self._asked = 0
        self._answered = 0
        self._answered_at: float | None = None
        self._refusal: tuple[int, str] | None = None
        self._stale: tuple[float, str] | None = None

    @property
    def last_read(self) -> JobSnapshot:
        """What the provider said last, without the stale mark: what an adapter's next read starts from."""
        return self._known

    @override
    @property
    def snapshot(self) -> JobSnapshot:
        """What is known now."""
        stale = self._stale  # read once, since another thread may change it
        return self._known if stale is None else self._known.evolve(stale_since=stale[0], message=stale[1])

    @property
    def is_stale(self) -> bool:
        """Whether the provider did not answer when it was asked last."""
        return self._stale is not None

    @property
    def has_news(self) -> bool:
        """Whether the provider reported a change that no read has looked at yet."""
        return self._news

    @property
    def read_at(self) -> float:
        """When the last read began, in monotonic seconds."""
        return self._read_at

    @property
    def next_question(self) -> int:
        """The number of the next question to the provider."""
        return self._asked + 1

    def begin(self, snapshot: JobSnapshot) -> None:
        """Take over the first read without calling the listener: it is known from the start."""
        with self._lock:
            self._known = self._delivered = snapshot

    def note_news(self) -> None:
        """Note that the provider reports a change."""
        self._news = True

    def begin_read(self, now: float) -> tuple[int, JobSnapshot]:
        """Note that a read begins. Changes that are reported from now on count as news, since this read may miss them.

        Returns:
            the number of the question, and what is known before it.
        """
        with self._lock:
            self._news = False
            self._read_at = now
            self._asked += 1
            return self._asked, self._known

    def answered(self, question: int, change: Change, now: float) -> None:
        """Take over an answer, and call the listener. A late answer does not replace a newer one.

        Args:
            question: its number.
            change: from what is known to what is known now.
            now: epoch seconds.
        """
        with self._lock:
            if question < self._answered:
                return
            self._known = change(self._known)
            self._settle_refusal(question)
            self._answered = question
            self._answered_at = now
            self._stale = None
        self.deliver()

    def unanswered(self, question: int, reason: str, now: float) -> None:
        """Note that there was no answer to ``question`` or a later one, and call the listener."""
        with self._lock:
            if question <= self._answered:
                return
            since = self._stale[0] if self._stale else self._answered_at or self._known.created_at or now
            self._stale = since, reason
            self._settle_refusal(question)
        self.deliver()

    def refused(self, reason: str) -> None:
        """Note that the provider refused to cancel. The next answer shows whether the request was only too late."""
        with self._lock:
            self._refusal = self._asked, reason

    def _settle_refusal(self, question: int) -> None:
        """Show a refusal, once a question that was put after it has an answer, or will have none. The lock is held."""
        if self._refusal is not None and question > self._refusal[0]:
            (_, reason), self._refusal = self._refusal, None
            self._known = refuse_cancel(self._known, reason)

    def change(self, change: Change) -> None:
        """Take over a change that did not come from the provider, and call the listener."""
        self.note(change)
        self.deliver()

    def note(self, change: Change) -> None:
        """Take over a change without calling the listener; ``deliver`` has to be called later."""
        with self._lock:
            self._known = change(self._known)
