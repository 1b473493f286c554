"""Delivers the snapshots of a job: to the listener at once, to the user's observers on threads of their own."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from inspect import ismethod
from typing import Any
from weakref import ref

from primwidgets import _border as border
from primwidgets.snapshot import JobSnapshot

Listener = Callable[[JobSnapshot], object]
Callback = Callable[[], None]


class Delivery:
    """The half of ``TrackedJob`` that calls the listener and the observers.

    Args:
        snapshot: what the listener knows from the start.
        listener: called with each new snapshot, one call at a time. A bound method is held weakly.

    Attributes:
        closed: whether nothing is delivered any more.
    """

    __slots__ = (
        "__weakref__",
        "_at_delivery",
        "_at_end",
        "_delivered",
        "_deliverer",
        "_function",
        "_interrupted",
        "_later",
        "_lock",
        "_observers_pending",
        "_receiver",
        "_teller",
        "closed",
    )

    def __init__(self, snapshot: JobSnapshot, listener: Listener) -> None:
        self.closed = False
        # A ``WeakMethod`` does the same, but takes five times as long to make.
        self._receiver: ref[Any] | None = ref(listener.__self__) if ismethod(listener) else None
        self._function: Callable[..., object] = listener.__func__ if ismethod(listener) else listener
        self._later: Callable[[Callback], None] = _at_once
        self._lock = threading.RLock()  # a finalizer of this thread may bring news while it is held
        self._deliverer: int | None = None
        self._delivered = snapshot
        self._interrupted = False
        self._observers_pending = False
        self._teller: int | None = None
        self._at_end: list[Callback] | None = None
        self._at_delivery: list[Callback] | None = None

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

    def at_end(self, callback: Callback) -> Callback:
        """Have ``callback`` called, on any thread, when the listener knows of the end of the job, or this is closed.

        It is called at once if that is so already, or if the caller is the listener or an observer, which must not wait
        for itself.

        Returns:
            a function that withdraws the callback.
        """
        callbacks = self._callbacks(within_observer=self._teller == threading.get_ident())
        callbacks.append(callback)
        if self._has_ended():
            self._release()

        def withdraw() -> None:
            with contextlib.suppress(ValueError):
                callbacks.remove(callback)

        return withdraw

    def _callbacks(self, *, within_observer: bool) -> list[Callback]:
        """The callbacks that wait for the end; made here, since most jobs have none."""
        with self._lock:
            if within_observer:
                self._at_delivery = self._at_delivery if self._at_delivery is not None else []
                return self._at_delivery
            self._at_end = self._at_end if self._at_end is not None else []
            return self._at_end

    def deliver(self) -> None:
        """Call the listener with the newest snapshot. If another thread is doing that, it delivers this one, too."""
        while self._claim_delivery():
            snapshot = self._delivered
            try:
                self._call_listener(snapshot)
            except BaseException:  # the user's interrupt: a worker delivers that snapshot again
                self._interrupted = True
                self._deliverer = None
                self._later(self.deliver)
                raise
            self._deliverer = None
            if snapshot.is_final:
                self._release_after_delivery()

    def note_observers_pending(self) -> bool:
        """Note that observers have to be called; whether ``call_observers`` has to be started for that."""
        with self._lock:
            new, self._observers_pending = not self._observers_pending and self._teller is None, True
            return new

    def call_observers(self, observers: Callback) -> None:
        """Call the observers, one call at a time. While another thread is doing that, that thread does this, too."""
        while self._claim_observers():
            try:
                called = border.call(observers)
            finally:
                self._teller = None
            if isinstance(called, border.Raised):
                self.complain("observers", "The observers of job %s failed", called, logging.ERROR)
            if self._has_ended():
                self._release()

    def _call_listener(self, snapshot: JobSnapshot) -> None:
        if self.closed:
            return
        if self._receiver is None:
            called = border.call(self._function, snapshot)
        elif (receiver := self._receiver()) is not None:
            called = border.call(self._function, receiver, snapshot)
        else:
            return
        if isinstance(called, border.Raised):
            self.complain("listener", "The card of job %s failed", called, logging.ERROR)

    def _claim_delivery(self) -> bool:
        with self._lock:
            newest = self.snapshot
            if self._deliverer is not None:
                return False
            if not self._interrupted and (newest is self._delivered or newest == self._delivered):
                return False
            self._deliverer = threading.get_ident()
            self._delivered = newest
            self._interrupted = False
            return True

    def _claim_observers(self) -> bool:
        with self._lock:
            if self._teller is not None or not self._observers_pending:
                return False
            self._teller = threading.get_ident()
            self._observers_pending = False
            return True

    def _has_ended(self) -> bool:
        me = threading.get_ident()
        with self._lock:
            delivered = self._delivered.is_final and not self._interrupted and self._deliverer in (None, me)
            told = self._teller == me or (self._teller is None and not self._observers_pending)
            return (delivered and told) or self.closed

    def _release_after_delivery(self) -> None:
        """Release the observers that wait, and all other waiters if no observer has to be called."""
        _call_all(self._at_delivery)
        if self._has_ended():
            self._release()

    def _release(self) -> None:
        _call_all(self._at_delivery)
        _call_all(self._at_end)


def _call_all(callbacks: list[Callback] | None) -> None:
    """Call and remove them all."""
    while callbacks:
        with contextlib.suppress(IndexError):  # another thread took the last one
            callbacks.pop()()


def _at_once(task: Callback) -> None:
    task()
