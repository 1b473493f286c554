"""Who is told what is known of a job: the listener at once, the user's observers in their own time."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from inspect import ismethod
from weakref import WeakMethod

from primwidgets import _border as border
from primwidgets.snapshot import JobSnapshot

Listener = Callable[[JobSnapshot], object]


class Delivery:
    """The telling half of ``Watch``.

    Args:
        snapshot: what the listener knows from the start.
        listener: called with each new snapshot, one call at a time. A bound method is held weakly.

    Attributes:
        closed: whether nobody is to be told any more.
    """

    def __init__(self, snapshot: JobSnapshot, listener: Listener) -> None:
        self.closed = False
        self._listener = WeakMethod(listener) if ismethod(listener) else lambda: listener
        self._later: Callable[[Callable[[], None]], None] = _at_once
        self._lock = threading.RLock()  # a finalizer of this thread may bring news while it is held
        self._deliverer: int | None = None
        self._delivered = snapshot
        self._interrupted = False
        self._owed = False
        self._teller: int | None = None
        self._at_end: list[Callable[[], None]] = []
        self._at_delivery: list[Callable[[], None]] = []

    @property
    def snapshot(self) -> JobSnapshot:
        """What is known now."""
        raise NotImplementedError

    def complain(self, kind: str, text: str, raised: border.Raised, level: int = logging.WARNING) -> None:
        """Log what a stranger's code raised: once of each ``kind``.

        Args:
            kind: names the place.
            text: what to say, with ``%s`` for the job's id.
            raised: what was raised.
            level: of the first time.
        """
        raise NotImplementedError

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

    def deliver(self) -> None:
        """Tell the listener the newest snapshot; who comes while somebody is at it leaves it to them."""
        while self._claim_delivery():
            snapshot = self._delivered
            try:
                self._call_listener(snapshot)
            except BaseException:  # the user's interrupt: what was being told is told again, by a worker
                self._interrupted = True
                self._deliverer = None
                self._later(self.deliver)
                raise
            self._deliverer = None
            if snapshot.is_final:
                self._release_after_delivery()

    def owe(self) -> bool:
        """Note that the listener left something to ``tell``; whether nobody is about to do that yet."""
        with self._lock:
            new, self._owed = not self._owed and self._teller is None, True
            return new

    def tell(self, observers: Callable[[], None]) -> None:
        """Call what the listener left, one call at a time; who comes while somebody is at it leaves it to them."""
        while self._claim_telling():
            try:
                told = border.call(observers)
            finally:
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
