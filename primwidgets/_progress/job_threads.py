"""Threads that a job starts: what they print and display goes to the log of the job, while that runs.

A new thread does not take over the context variables of the one that starts it, so that has to be done here. ``track``
and ``report`` stay with the job's own thread: the loops of several threads are not within each other.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final

from primwidgets._progress.notebook_io import displays_to_log
from primwidgets._progress.switches import Switches
from primwidgets._progress.track import CallContext, inheriting, printing_context


def threads_print_to_log() -> AbstractContextManager[None]:
    """While anybody is in here, threads that a job starts print and display where the job does."""
    return _SWITCHES.inside()


def _switch_start(switches: Switches) -> None:
    usual: Callable[..., None] = threading.Thread.start
    if getattr(usual, "is_primwidgets", False):
        return

    @functools.wraps(usual)
    def start(thread: threading.Thread) -> None:
        if (context := printing_context()) is not None:
            _take_over(thread, context)
        usual(thread)

    start.is_primwidgets = True  # type: ignore[attr-defined]
    thread_class: Any = threading.Thread
    thread_class.start = start
    switches.at_end(thread_class, functools.partial(_put_back, start, usual))


def _put_back(ours: Callable[..., None], usual: Callable[..., None], thread_class: Any) -> None:
    if thread_class.start is ours:  # else other code has replaced it since, and calls ours, which then does nothing
        thread_class.start = usual


def _take_over(thread: Any, context: CallContext) -> None:
    run = thread.run

    def run_in_job() -> None:
        vars(thread).pop("run", None)
        with inheriting(context), displays_to_log(context):
            run()

    thread.run = run_in_job


_SWITCHES: Final = Switches(_switch_start)
