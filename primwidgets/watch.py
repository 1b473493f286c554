"""One job under watch: its adapter, what is known of it, and who wants to hear of it."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from inspect import ismethod
from typing import Any, Final
from weakref import WeakMethod, ref

from primwidgets.adapters.base import Adapter
from primwidgets.lane import Ticket
from primwidgets.snapshot import JobSnapshot

_LOG: Final = logging.getLogger(__name__)
#: How long a cancel waits for a read that is under way. After that the read is taken to hang, and cancel goes ahead.
TURN_SECONDS: Final = 2.0

Listener = Callable[[JobSnapshot], None]
Change = Callable[[JobSnapshot], JobSnapshot]


class Watch:
    """What the monitor knows of one job. The monitor itself holds it weakly: who drops the job ends the watch.

    Args:
        adapter: reads the job.
        snapshot: what is known at the start.
        listener: called with each new snapshot, on worker threads, one call at a time. A bound method is held weakly.

    Attributes:
        calls: calls to the provider under way.
        news: whether the provider reported a change while a call was under way.
        interval: seconds to the next read.
        refusal: the provider's answer to a cancel, until the next read tells whether it was only too late.
    """

    def __init__(self, adapter: Adapter[Any], snapshot: JobSnapshot, listener: Listener) -> None:
        self.adapter = adapter
        self.ticket: Ticket[ref[Watch]] | None = None
        self.calls = 0
        self.news = False
        self.interval = adapter.pace.first
        self.rechecks = iter(adapter.rechecks)
        self.last_read = 0.0
        self.cancel_pending = False
        self.refusal: str | None = None
        self.unsubscribe: Callable[[], None] | None = None
        self.subscribed = False
        self.closed = False
        self._known = snapshot
        self._stale: tuple[float, str] | None = None
        self._answered_at: float | None = None
        self._listener = WeakMethod(listener) if ismethod(listener) else lambda: listener
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._delivering = False
        self._delivered = snapshot
        self._at_end: list[Callable[[], None]] = []

    @property
    def known(self) -> JobSnapshot:
        """What the provider said last, without the stale mark: what an adapter's next read starts from."""
        return self._known

    @property
    def snapshot(self) -> JobSnapshot:
        """What is known now."""
        if self._stale is None:
            return self._known
        since, reason = self._stale
        return replace(self._known, stale_since=since, message=reason)

    def answered(self, change: Change, now: float) -> None:
        """Take over what the answer of the provider makes of the snapshot, and tell the listener.

        Args:
            change: from what is known to what is known now.
            now: epoch seconds.
        """
        with self._lock:
            self._known = change(self._known)
            self._answered_at = now
            self._stale = None
        self._deliver()

    def unanswered(self, reason: str, now: float) -> None:
        """Note that the provider did not answer, and tell the listener."""
        with self._lock:
            since = self._stale[0] if self._stale else self._answered_at or self._known.created_at or now
            self._stale = since, reason
        self._deliver()

    def change(self, change: Change) -> None:
        """Take over a change that did not come from the provider, and tell the listener."""
        with self._lock:
            self._known = change(self._known)
        self._deliver()

    def at_end(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have ``callback`` called, on any thread, when the job is final or closed (at once if it is).

        Returns:
            how to take that back.
        """
        with self._lock:
            ended = self._known.is_final or self.closed
            if not ended:
                self._at_end.append(callback)
        if ended:
            callback()

        def take_back() -> None:
            with contextlib.suppress(ValueError):
                self._at_end.remove(callback)

        return take_back

    def close(self) -> None:
        """Have no more reads and let go of everybody who waits. May come from ``__del__``, so it takes no lock."""
        self.closed = True
        self.end_subscription()
        self._release()

    def end_subscription(self) -> None:
        """Have the provider push no more."""
        unsubscribe, self.unsubscribe = self.unsubscribe, None
        if unsubscribe is not None:
            unsubscribe()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only one who calls the provider about this job, unless the one before does not come back."""
        mine = self._turn.acquire(timeout=TURN_SECONDS)
        try:
            yield
        finally:
            if mine:
                self._turn.release()

    def _deliver(self) -> None:
        """Tell the listener the newest snapshot; who comes while somebody is at it leaves it to them."""
        if self._known.is_final:
            self._release()
        while self._claim_delivery():
            listener = self._listener()
            try:
                if listener is not None and not self.closed:
                    listener(self._delivered)
            except Exception:  # noqa: BLE001  (an observer of the user's; this card and all others go on)
                _LOG.exception("An observer of job %s failed", self._delivered.job_id)
            finally:
                self._delivering = False

    def _claim_delivery(self) -> bool:
        with self._lock:
            newest = self.snapshot
            if self._delivering or newest == self._delivered:
                return False
            self._delivering = True
            self._delivered = newest
            return True

    def _release(self) -> None:
        while self._at_end:
            with contextlib.suppress(IndexError):  # somebody else released the last one
                self._at_end.pop()()
