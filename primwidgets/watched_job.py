"""One job under watch: its adapter, what is known of it, and who wants to hear of it."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from inspect import ismethod
from typing import Any, Final
from weakref import WeakMethod

from primwidgets import border
from primwidgets._runtime import instances
from primwidgets.adapters.base import Adapter
from primwidgets.lane import Ticket
from primwidgets.snapshot import JobSnapshot
from primwidgets.transitions import refuse_cancel

#: How long a cancel waits for a read that is under way. After that the read is taken to hang, and cancel goes ahead.
TURN_SECONDS: Final = 2.0

Listener = Callable[[JobSnapshot], object]
Change = Callable[[JobSnapshot], JobSnapshot]
#: How the monitor holds a watch: weakly, but for a cancel, which is carried out even if nobody sees the job any more.
Holder = Callable[[], "Watch | None"]


class Watch:
    """What the monitor knows of one job. The monitor itself holds it weakly: who drops the job ends the watch.

    Args:
        adapter: reads the job.
        snapshot: what is known at the start.
        listener: called with each new snapshot, on worker threads, one call at a time. A bound method is held weakly.
            What may block, such as the user's observers, it leaves to ``tell``.

    Attributes:
        calls: calls to the provider under way, but for those that hang.
        news: whether the provider reported a change that no read has looked at yet.
        interval: seconds to the next read.
        cancel_pending: whether a cancel was requested that no worker has taken on yet.
        asked: how many questions were put to the provider so far.
        result: gives the result that a picture is to be drawn of.
        later: runs a task on a worker.
        complaints: what was logged of this job.
    """

    def __init__(self, adapter: Adapter[Any], snapshot: JobSnapshot, listener: Listener) -> None:
        self.adapter = adapter
        self.ticket: Ticket[Holder] | None = None
        self.calls = 0
        self.news = False
        self.interval = adapter.pace.first
        self.rechecks = iter(adapter.rechecks)
        self.last_read = 0.0
        self.cancel_pending = False
        self.asked = 0
        self.result: Callable[[], Any] | None = None
        self.later: Callable[[Callable[[], None]], None] = _at_once
        self.complaints = border.Complaints()
        self.unsubscribe: Callable[[], None] | None = None
        self.subscribed = False
        self.closed = False
        self._known = snapshot
        self._refusal: tuple[int, str] | None = None
        self._stale: tuple[float, str] | None = None
        self._answered = 0
        self._answered_at: float | None = None
        self._listener = WeakMethod(listener) if ismethod(listener) else lambda: listener
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._deliverer: int | None = None
        self._delivered = snapshot
        self._interrupted = False
        self._owed = False
        self._teller: int | None = None
        self._at_end: list[Callable[[], None]] = []
        self._at_delivery: list[Callable[[], None]] = []
        _watches.add(self)

    @property
    def known(self) -> JobSnapshot:
        """What the provider said last, without the stale mark: what an adapter's next read starts from."""
        return self._known

    @property
    def snapshot(self) -> JobSnapshot:
        """What is known now."""
        stale = self._stale  # once, for it may change meanwhile
        return self._known if stale is None else self._known.evolve(stale_since=stale[0], message=stale[1])

    @property
    def is_stale(self) -> bool:
        """Whether the provider did not answer when it was asked last."""
        return self._stale is not None

    def ask(self) -> int:
        """The number of the question that is about to be put to the provider."""
        with self._lock:
            self.asked += 1
            return self.asked

    def answered(self, question: int, change: Change, now: float) -> None:
        """Take over what an answer makes of the snapshot, and tell the listener. A late answer undoes no newer one.

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
        """Note that there was no answer to ``question`` or a later one, and tell the listener."""
        with self._lock:
            if question <= self._answered:
                return
            since = self._stale[0] if self._stale else self._answered_at or self._known.created_at or now
            self._stale = since, reason
            self._settle_refusal(question)
        self.deliver()

    def refused(self, reason: str) -> None:
        """Note that the provider refused to cancel. The next question tells whether it was only too late."""
        with self._lock:
            self._refusal = self.asked, reason

    def _settle_refusal(self, question: int) -> None:
        """Show a refusal, once a question that was put after it has an answer, or will have none. The lock is held."""
        if self._refusal is not None and question > self._refusal[0]:
            (_, reason), self._refusal = self._refusal, None
            self._known = refuse_cancel(self._known, reason)

    def change(self, change: Change) -> None:
        """Take over a change that did not come from the provider, and tell the listener."""
        self.note(change)
        self.deliver()

    def note(self, change: Change) -> None:
        """Take over a change, for who may not call the listener; somebody has to call ``deliver`` later."""
        with self._lock:
            self._known = change(self._known)

    def at_end(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have ``callback`` called, on any thread, when the listener knows of the end of the job, or this is closed.

        It is called at once if that is so already, or if the listener or an observer itself asks: it must not wait for
        itself.

        Returns:
            how to take that back.
        """
        callbacks = self._at_delivery if self._teller == threading.get_ident() else self._at_end
        callbacks.append(callback)
        if self._has_ended():
            self._release()

        def take_back() -> None:
            with contextlib.suppress(ValueError):
                callbacks.remove(callback)

        return take_back

    def close(self) -> None:
        """Have no more reads and let go of everybody who waits. May come from ``__del__``, so it takes no lock."""
        self.closed = True
        self.end_subscription()
        self._release()

    def leave_to_parent(self) -> None:
        """In a forked child: end it without a word to the provider, whose locks a thread of the parent may hold."""
        self.closed = True
        self.ticket = self.unsubscribe = self._deliverer = None
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._at_end.clear()

    def end_subscription(self) -> None:
        """Have the provider push no more."""
        unsubscribe, self.unsubscribe = self.unsubscribe, None
        if unsubscribe is None:
            return
        if isinstance(done := border.call(unsubscribe), border.Raised):
            self.complain("unsubscribe", "Job %s could not be unsubscribed from", done)

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only one who calls the provider about this job, unless the one before does not come back."""
        mine = self._turn.acquire(timeout=TURN_SECONDS)
        try:
            yield
        finally:
            if mine:
                self._turn.release()

    def complain(self, kind: str, text: str, raised: border.Raised, level: int = logging.WARNING) -> None:
        """Log what a stranger's code raised: once of each ``kind``.

        Args:
            kind: names the place.
            text: what to say, with ``%s`` for the job's id.
            raised: what was raised.
            level: of the first time.
        """
        self.complaints.make(kind, text, self._known.job_id, error=raised.error, level=level)

    def deliver(self) -> None:
        """Tell the listener the newest snapshot; who comes while somebody is at it leaves it to them."""
        while self._claim_delivery():
            snapshot = self._delivered
            try:
                self._call_listener(snapshot)
            except BaseException:  # the user's interrupt: what was being told is told again, by a worker
                self._interrupted = True
                self._deliverer = None
                self.later(self.deliver)
                raise
            self._deliverer = None
            if snapshot.is_final:
                self._release_after_delivery()

    def owe(self) -> None:
        """Note that the listener left something to ``tell``."""
        with self._lock:
            self._owed = True

    def tell(self, observers: Callable[[], None]) -> None:
        """Call what the listener left, one call at a time; who comes while somebody is at it leaves it to them."""
        while self._claim_telling():
            told = border.call(observers)
            self._teller = None
            if isinstance(told, border.Raised):
                self.complain("observers", "The observers of job %s failed", told, logging.ERROR)
            if self._has_ended():
                self._release()

    def _call_listener(self, snapshot: JobSnapshot) -> None:
        listener = self._listener()
        if listener is None or self.closed:
            return
        told = border.call(listener, snapshot)
        if isinstance(told, border.Raised):
            self.complain("listener", "The card of job %s failed", told, logging.ERROR)

    def _claim_delivery(self) -> bool:
        with self._lock:
            newest = self.snapshot
            if self._deliverer is not None or (newest == self._delivered and not self._interrupted):
                return False
            self._deliverer = threading.get_ident()
            self._delivered = newest
            self._interrupted = False
            return True

    def _claim_telling(self) -> bool:
        with self._lock:
            if self._teller is not None or not self._owed:
                return False
            self._teller = threading.get_ident()
            self._owed = False
            return True

    def _has_ended(self) -> bool:
        me = threading.get_ident()
        with self._lock:
            delivered = self._delivered.is_final and not self._interrupted and self._deliverer in (None, me)
            told = self._teller == me or (self._teller is None and not self._owed)
            return (delivered and told) or self.closed

    def _release_after_delivery(self) -> None:
        """Let go of the observers that wait, and of everybody else if there is no observer to be told."""
        _call_all(self._at_delivery)
        if self._has_ended():
            self._release()

    def _release(self) -> None:
        _call_all(self._at_delivery)
        _call_all(self._at_end)


def _call_all(callbacks: list[Callable[[], None]]) -> None:
    """Call and remove them all."""
    while callbacks:
        with contextlib.suppress(IndexError):  # somebody else took the last one
            callbacks.pop()()


def _at_once(task: Callable[[], None]) -> None:
    task()


_watches: Final = instances(in_child=Watch.leave_to_parent)
