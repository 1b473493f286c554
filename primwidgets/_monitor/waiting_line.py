"""Who is blocked in a script sees on the terminal how far the job is, on a line that is wiped away at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from primwidgets._progress.stdout import has_frontend
from primwidgets._progress.terminal_line import REDRAW_SECONDS, LineContent, claim_line
from primwidgets.snapshot import JobSnapshot, JobState

#: Python misses an interrupt that comes just as a thread begins to wait, until the thread wakes: so often it does.
WAKE_SECONDS: Final = 1.0
_IN_QUEUE: Final = {JobState.INITIALIZING, JobState.QUEUED}


def wait_visibly(event: threading.Event, timeout: float | None, look: Callable[[], JobSnapshot]) -> bool:
    """Wait for ``event`` as ``event.wait(timeout)`` does, and draw how the job is meanwhile.

    Where a card shows that, or the standard error is no terminal, nothing is drawn. An interrupt ends the waiting
    within ``WAKE_SECONDS``, whenever it comes.

    Args:
        event: ends the waiting.
        timeout: seconds; ``None`` waits for ever.
        look: tells how the job is, at once.
    """
    line = None if has_frontend() else claim_line()
    if line is None:
        return _wait(event, timeout, WAKE_SECONDS, lambda passed: None)
    try:
        return _wait(event, timeout, REDRAW_SECONDS, lambda passed: line.show(content_of(look(), passed)))
    finally:
        line.end()


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
    """What the line shows of a job that has been waited for during so many ``seconds``."""
    state = "" if snapshot.state is JobState.RUNNING else snapshot.state.value.lower()
    state = "cancelling" if snapshot.being_cancelled else state
    position = f"position {snapshot.queue_position}" if snapshot.queue_position and snapshot.state in _IN_QUEUE else ""
    texts = " · ".join(filter(None, (state, position, snapshot.progress_text, snapshot.message))) or "running"
    return LineContent(snapshot.name or snapshot.job_id or "", snapshot.progress, texts, seconds)
