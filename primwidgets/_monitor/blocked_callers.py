"""All callers that are blocked until one job ends: the card shows that there are some, and *Stop waiting* ends it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from functools import partial
from typing import Final
from weakref import ref

from primwidgets._monitor.blocked_caller import BlockedCaller
from primwidgets._monitor.monitor import Monitor
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets._monitor.waiting_line import draw_beside, wait_visibly

#: After this many seconds the card shows that a caller is blocked, and offers *Stop waiting*.
SHOW_AFTER_SECONDS: Final = 0.2
#: Seconds after a stop until a caller is stopped once more on whose thread nothing has been raised yet.
STOP_AGAIN_SECONDS: Final = 0.3
#: Seconds that a provider has to tidy up after something was raised in its call, until that is done once more.
TIDY_UP_SECONDS: Final = 5.0


class BlockedCallers:
    """Registers the blocked callers of one job. All methods may be called on any thread.

    Args:
        tracked: the job.
        monitor: runs what has to happen later.
    """

    def __init__(self, tracked: TrackedJob, monitor: Monitor) -> None:
        self._tracked = tracked
        self._monitor = monitor
        self._callers: set[BlockedCaller] = set()
        self._shown = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def registered(self, caller: BlockedCaller) -> Iterator[None]:
        """Have ``stop`` reach ``caller`` inside the ``with`` block."""
        with self._lock:
            self._callers.add(caller)
        try:
            yield
        finally:
            with self._lock:
                self._callers.discard(caller)
                if caller.shown:
                    self._shown -= 1
            caller.leave()
            if caller.shown:
                self._update_card()

    @contextlib.contextmanager
    def registered_in_call(self) -> Iterator[BlockedCaller]:
        """Register the caller of a provider's method on this thread, and show it if the call takes long."""
        caller = BlockedCaller()
        self._monitor.later(SHOW_AFTER_SECONDS, partial(_show_if_blocked, ref(self), ref(caller)))
        with self.registered(caller):
            yield caller

    def block(self, caller: BlockedCaller, timeout: float | None) -> bool:
        """Block this thread until ``caller`` is released, at most ``timeout`` seconds; whether it was released.

        Raises:
            StoppedWaiting: the waiting was stopped.
        """
        brief = SHOW_AFTER_SECONDS if timeout is None else min(timeout, SHOW_AFTER_SECONDS)
        released = caller.event.wait(brief)
        if not released and timeout != brief:
            self.show(caller)
            rest = None if timeout is None else timeout - brief
            released = wait_visibly(caller.event, rest, lambda: self._tracked.last_read)
        caller.check()
        return released

    def show(self, caller: BlockedCaller) -> bool:
        """Show on the card that ``caller`` is blocked; whether it still is."""
        with self._lock:
            if caller not in self._callers:
                return False
            caller.shown = True
            self._shown += 1
        self._update_card()
        return True

    def show_in_call(self, caller: BlockedCaller) -> None:
        """Show on the card, or in a script on the terminal, that ``caller`` is blocked in a provider's call."""
        if self.show(caller):
            caller.at_leave(draw_beside(caller.event, lambda: self._tracked.last_read))

    def stop(self) -> None:
        """Have all of them raise ``StoppedWaiting``."""
        with self._lock:
            callers = list(self._callers)
        for caller in callers:
            caller.stop()
            self._monitor.later(STOP_AGAIN_SECONDS, partial(_stop_again, self._monitor, ref(caller), False))

    def _update_card(self) -> None:
        self._tracked.change(lambda known: known.evolve(waiting=self._shown > 0))


def _show_if_blocked(callers: ref[BlockedCallers], caller: ref[BlockedCaller]) -> None:
    """Run by a worker some time after a call began; usually the call has ended by then."""
    if (blocked := caller()) is not None and (alive := callers()) is not None:
        alive.show_in_call(blocked)


def _stop_again(monitor: Monitor, caller: ref[BlockedCaller], had_time: bool) -> None:
    """Stop a caller that is still in the provider's call once more.

    Python misses a signal that arrives just as a thread begins to wait, and a provider may swallow what is raised.

    Args:
        monitor: runs what has to happen later.
        caller: the caller.
        had_time: whether the provider had time to tidy up since something was raised in its call.
    """
    if (blocked := caller()) is None or not blocked.calls:
        return
    if had_time or not blocked.was_released:
        blocked.stop()
        monitor.later(STOP_AGAIN_SECONDS, partial(_stop_again, monitor, caller, False))
    else:
        monitor.later(TIDY_UP_SECONDS, partial(_stop_again, monitor, caller, True))
