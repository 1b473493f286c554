"""Event loops: waiting on them, running one on this thread, and the monitor's work where threads do not exist."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

from typing_extensions import override

from primwidgets._monitor.blocked_caller import BlockedCaller
from primwidgets._threads import Action, Pump, Work

#: What a loop needs to be run inside itself; those of uvloop and of browsers lack it.
_STEP: Final = "_run_once"


class Bell:
    """A future of an event loop that any thread can end, also after the loop was closed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.future: asyncio.Future[None] = loop.create_future()

    def ring(self, _: object = None) -> None:
        """End the future."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class LoopCaller(BlockedCaller):
    """A blocked caller that runs an event loop meanwhile."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._bell = Bell(loop)
        self.future = self._bell.future

    @override
    def end(self, _: object = None) -> None:
        self._bell.ring()


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs on this thread."""
    with contextlib.suppress(RuntimeError):
        return asyncio.get_running_loop()
    return None


def run_until(loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any]) -> None:
    """Run ``loop`` on this thread until ``future`` is done; also if this thread runs it already.

    Raises:
        RuntimeError: that loop cannot be run inside itself, or another loop runs on this thread.
    """
    inner = running_loop()
    if inner is None or getattr(loop, "_nest_patched", False):  # the user has patched asyncio for that
        loop.run_until_complete(future)
    elif inner is loop and hasattr(loop, _STEP):
        _run_inside_itself(loop, future)
    else:
        raise RuntimeError(
            "This would block the running event loop, which the job needs. "
            "Use `await job` instead of job.result() and job.wait()."
        )


def _run_inside_itself(loop: Any, future: asyncio.Future[Any]) -> None:
    """Take further turns of a loop in the middle of one of its turns.

    The task that runs now is put aside meanwhile. The turn that goes on afterwards takes as many callbacks as were
    ready at its beginning, without looking whether they still are. So callbacks that do nothing replace those that ran
    here.
    """
    ready, task = len(loop._ready), asyncio.current_task(loop)
    if task is not None:
        asyncio.tasks._leave_task(loop, task)
    try:
        while not future.done():
            loop._run_once()
    finally:
        if task is not None:
            asyncio.tasks._enter_task(loop, task)
        for _ in range(ready - len(loop._ready)):
            loop.call_soon(_do_nothing)


def _do_nothing() -> None:
    """Replaces a callback that has run already."""


class LoopRunner:
    """The monitor's work on an event loop, where threads do not exist (Pyodide). A provider that blocks, blocks all."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._loop = loop or asyncio.get_event_loop()
        self._timer: asyncio.Handle | None = None
        self._pump: Pump | None = None

    def start(self, pump: Pump) -> None:
        """See ``Runner``."""
        self._pump = pump
        self.wake()

    def wake(self) -> None:
        """See ``Runner``."""
        self._plan(0.0)

    def submit(self, task: Action, work: Work = Work.OWN) -> None:
        """See ``Runner``. Observers are called at once: a caller that waits for them blocks later turns of the loop."""
        if work is Work.OBSERVER:
            task()
        else:
            self._loop.call_soon(task)

    def _plan(self, delay: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(delay, self._turn)

    def _turn(self) -> None:
        self._timer = None
        if self._pump is not None and (delay := self._pump()) is not None and self._timer is None:
            self._plan(delay)
