"""Interrupts the call in the main thread of a worker, and never another call."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from contextvars import Context
from types import FrameType
from typing import Any, Final

from primwidgets._progress.track import CallContext
from primwidgets._threads import start_daemon

#: Seconds between two checks whether the call should stop.
LOOK_SECONDS: Final = 0.05
#: Seconds a cancelled call has to reach its next ``track`` or ``report`` before it is interrupted.
GRACE_SECONDS: Final = 0.5


class Stopper:
    """Stops the call that runs in the main thread, and only that one; in another thread a call is only asked to stop.

    Limits: the interrupt may come anywhere in the function, also while it cleans up; a function that catches
    ``KeyboardInterrupt``, or compiled code that ignores signals, goes on.

    Args:
        context: the call; its ``cancelled`` is set first.
        call_id: its id in ``aborted``.
        aborted: ids of the calls to be stopped; another thread adds to it.
    """

    def __init__(self, context: CallContext, call_id: str, aborted: set[str]) -> None:
        self._context = context
        self._call_id = call_id
        self._aborted = aborted
        self._in_main_thread = threading.current_thread() is threading.main_thread()
        self._interruptible = False
        self._interrupted = False
        self._over = threading.Event()
        self._interrupting = threading.Lock()
        self._restore: Callable[[], object] = lambda: None

    def __enter__(self) -> Stopper:
        if self._in_main_thread:
            before = signal.signal(signal.SIGINT, self._on_interrupt)
            self._restore = lambda: signal.signal(signal.SIGINT, before)
        self._look()
        start_daemon("stopper", self._watch, Context())
        return self

    def __exit__(self, *_raised: object) -> None:
        self._interruptible = False
        with self._interrupting:  # no interrupt is being sent now, and none will be
            self._over.set()
        if self._interrupted:
            time.sleep(0)  # an interrupt that was sent arrives in this system call at the latest, and is ignored
        self._restore()
        self._aborted.discard(self._call_id)

    def call(self, task: Callable[[], Any]) -> Any:
        """Call ``task``; it alone may be interrupted.

        Raises:
            JobCancelled: it was cancelled before it started.
            KeyboardInterrupt: it was interrupted.
        """
        self._context.check()
        self._interruptible = True
        try:
            return task()
        finally:
            self._interruptible = False

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            if self._look() and not self._over.wait(GRACE_SECONDS):
                self._interrupt()

    def _look(self) -> bool:
        """Whether a stop was requested since the last check."""
        if self._call_id not in self._aborted:
            return False
        self._aborted.discard(self._call_id)  # so that the next request is seen, should the function ignore this one
        self._context.cancelled = True
        return True

    def _interrupt(self) -> None:
        with self._interrupting:
            if self._in_main_thread and not self._over.is_set():
                self._interrupted = True
                _interrupt_main_thread()

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._interruptible:
            raise KeyboardInterrupt


def _interrupt_main_thread() -> None:
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)  # also ends a system call that waits
    else:
        import _thread

        _thread.interrupt_main()
