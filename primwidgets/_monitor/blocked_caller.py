"""A caller that is blocked until a job ends, and how another thread releases it.

A provider's ``result()`` runs on the thread of the caller, since some providers are bound to a thread. Only an
exception ends it there. On the main thread a signal makes Python raise it even where the call is blocked in the
operating system. On other threads Python raises it when the provider's code runs on, for example after a ``sleep``;
until then, Python 3.11 hangs in calls that a debugger traces.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from primwidgets._forwarding import forwards
from primwidgets.errors import StoppedWaiting

ResultT = TypeVar("ResultT")

#: Systems ignore it unless a program handles it, so one that comes too late does nothing. Windows does not have it.
_STOP_SIGNAL: Final[int | None] = getattr(signal, "SIGURG", None)


class _Release(BaseException):
    """Ends a provider's call. It is neither an ``Exception`` nor an interrupt, so that providers do not catch it."""


class BlockedCaller:
    """One caller of ``result()`` or ``wait()``. Made by the thread that is going to be blocked.

    Attributes:
        event: what a caller outside a provider's call waits for; ``end`` sets it.
        stopped: whether somebody stopped the waiting.
        shown: whether the card shows that this caller is blocked.
        calls: whether the caller is in a provider's call.
        was_released: whether something was raised in that call since the last ``stop``.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        self.stopped = False
        self.shown = False
        self._thread = threading.current_thread()
        self._signal = _STOP_SIGNAL if self._thread is threading.main_thread() else None
        self.calls = False
        self.was_released = False
        self._at_leave: Callable[[], None] | None = None
        self._lock = threading.RLock()  # the signal may come while this thread holds it

    def end(self, _: object = None) -> None:
        """Release the caller. Any thread."""
        self.event.set()

    def stop(self) -> None:
        """Have the caller raise ``StoppedWaiting``. Any thread."""
        with self._lock:
            self.stopped = True
            self.was_released = False
            if self.calls:
                self._release()
        self.end()

    def leave(self) -> None:
        """Note that the caller is not blocked any more."""
        self.end()
        if (action := self._at_leave) is not None:
            action()

    def at_leave(self, action: Callable[[], None]) -> None:
        """Have ``action`` called on the thread of the caller when that is released."""
        self._at_leave = action

    def check(self) -> None:
        """Raise ``StoppedWaiting`` if the waiting was stopped."""
        if self.stopped:
            raise stopped_waiting()

    @forwards
    def call(self, function: Callable[[], ResultT]) -> ResultT:
        """Call a provider on this thread, so that ``stop`` ends the call.

        Raises:
            StoppedWaiting: somebody stopped the waiting.
        """
        __tracebackhide__ = True
        self.check()
        try:
            with self._released_by_stop():
                return function()
        except BaseException as error:
            if not self.stopped or isinstance(error, StoppedWaiting):
                raise
            raise stopped_waiting() from (None if isinstance(error, _Release) else error)

    @contextlib.contextmanager
    def _released_by_stop(self) -> Iterator[None]:
        with contextlib.nullcontext() if self._signal is None else self._handles_signal(self._signal):
            with self._lock:
                self.calls = True
            try:
                yield
            finally:
                self.calls = False
                self._take_release_back()

    @contextlib.contextmanager
    def _handles_signal(self, number: int) -> Iterator[None]:
        """Handle the signal in here; a handler of the program's own is called, too."""
        before = signal.getsignal(number)

        def release(number: int, frame: Any) -> None:
            if callable(before):
                before(number, frame)
            if self.calls and self.stopped:
                self.was_released = True
                raise _Release

        signal.signal(number, release)
        try:
            yield
        finally:
            signal.signal(number, signal.SIG_DFL if before is None else before)

    def _release(self) -> None:
        """Have ``_Release`` raised on the thread of the caller. The lock is held."""
        thread = self._thread.ident
        if thread is None:  # it has begun, or it could not have made this object
            return
        if (number := self._signal) is not None:
            signal.pthread_kill(thread, number)
        else:
            self.was_released = True
            _raise_on(thread, _Release)

    def _take_release_back(self) -> None:
        """See that no release is on its way to this thread when the provider's call is over."""
        with self._lock:
            if not self.stopped or self._signal is not None:
                return
            # Python has a way to take it back, but then goes on looking for it: Python 3.11 hangs in the next call
            # that a debugger traces. So let one come (there is never more than one), and be it a second one.
            with contextlib.suppress(_Release):
                _raise_on(threading.get_ident(), _Release)
                while True:
                    time.sleep(0)


def stopped_waiting() -> StoppedWaiting:
    """The exception of a caller whose waiting was stopped."""
    return StoppedWaiting("Waiting was stopped. The job continues; result() can be called again.")


def _raise_on(thread: int, error: type[BaseException]) -> None:
    """Have Python raise ``error`` on ``thread`` when that runs Python code."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))
