"""The line on a script's terminal that shows a job's progress while a caller waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import Context
from typing import Final

from primwidgets._progress.stdout import has_frontend
from primwidgets._progress.terminal_line import REDRAW_SECONDS, LineContent, claim_line
from primwidgets._threads import start_daemon
from primwidgets.snapshot import JobSnapshot, JobState

#: Seconds between two wake-ups of a waiting thread: Python misses an interrupt that comes just as it begins to wait.
WAKE_SECONDS: Final = 1.0
_IN_QUEUE: Final = {JobState.INITIALIZING, JobState.QUEUED}


def wait_visibly(event: threading.Event, timeout: float | None, look: Callable[[], JobSnapshot]) -> bool:
    """Wait for ``event`` as ``event.wait(timeout)`` does, and draw the job's progress meanwhile.

    Where a card shows that, or the standard error is no terminal, nothing is drawn. An interrupt ends the waiting
    within ``WAKE_SECONDS``, whenever it comes.

    Args:
        event: ends the waiting.
        timeout: seconds; ``None`` waits for ever.
        look: gives the job's snapshot, without blocking.
    """
    line = None if has_frontend() else claim_line()
    if line is None:
        return _wait(event, timeout, WAKE_SECONDS, lambda passed: None)
    try:
        return _wait(event, timeout, REDRAW_SECONDS, lambda passed: line.show(content_of(look(), passed)))
    finally:
        line.end()


def draw_beside(event: threading.Event, look: Callable[[], JobSnapshot]) -> Callable[[], None]:
    """Draw the job's progress until ``event`` is set, on a thread of its own; as ``wait_visibly`` does.

    Returns:
        a function that removes the line at once; any thread.
    """
    line = None if has_frontend() else claim_line()
    if line is None:
        return lambda: None

    def draw() -> None:
        try:
            _wait(event, None, REDRAW_SECONDS, lambda passed: line.show(content_of(look(), passed)))
        finally:
            line.end()

    start_daemon("line", draw, Context())
    return line.end


def _wait(event: threading.Event, timeout: float | None, period: float, draw: Callable[[float], None]) -> bool:
    began = time.monotonic()
    while True:
        passed = time.monotonic() - began
        draw(passed)
        rest = period if timeout is None else min(period, timeout - passed)
        if event.wait(max(0.0, rest)):
            return True
        if timeout is not None and time.monotonic() - began >= timeout:
            return False


def content_of(snapshot: JobSnapshot, seconds: float) -> LineContent:
    """The line for a job that a caller has waited for during ``seconds``."""
    state = "" if snapshot.state is JobState.RUNNING else snapshot.state.value.lower()
    state = "cancelling" if snapshot.being_cancelled else state
    position = f"position {snapshot.queue_position}" if snapshot.queue_position and snapshot.state in _IN_QUEUE else ""
    texts = " · ".join(filter(None, (state, position, snapshot.progress_text, snapshot.message))) or "running"
    return LineContent(snapshot.name or snapshot.job_id or "", snapshot.progress, texts, seconds)
