"""Threads that a job starts: what they print and display goes to the log of the job, while that runs.

A new thread does not take over the context variables of the one that starts it, so that has to be done here. ``track``
and ``report`` stay with the job's own thread: the loops of several threads are not within each other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, Final

from primwidgets._progress.notebook_io import displays_to_log
from primwidgets._progress.switches import Switches
from primwidgets._progress.track import CallContext, inheriting, printing_context


def threads_print_to_log() -> AbstractContextManager[None]:
    """While anybody is in here, threads that a job starts print and display where the job does."""
    return _SWITCHES.inside()


def _switch_threads(switches: Switches) -> None:
    switches.put_method(threading.Thread, "start", _start)
    switches.put_method(ThreadPoolExecutor, "submit", _submit)


def _start(usual: Callable[..., None], thread: Any) -> None:
    if (context := printing_context()) is not None:
        run = thread.run

        def run_in_job() -> None:
            vars(thread).pop("run", None)
            with inheriting(context), displays_to_log(context):
                run()

        thread.run = run_in_job
    usual(thread)


def _submit(usual: Callable[..., Any], pool: Any, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """A thread of a pool may have been started by another job than the one that gives it work now."""
    return usual(pool, _carry_out, printing_context(), function, *args, **kwargs)


def _carry_out(context: CallContext | None, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    __tracebackhide__ = True
    with inheriting(context):
        return function(*args, **kwargs)


_SWITCHES: Final = Switches(_switch_threads)
