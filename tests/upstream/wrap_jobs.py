"""A pytest plugin that wraps whatever named functions return, so that other people's tests run on wrapped jobs.

Environment:
    PRIMWIDGETS_UPSTREAM_MODE: ``bare`` changes nothing; ``control`` only passes the calls on, since some tests look at
        the frames; ``wrapped`` also wraps each job in what the functions return, in lists, tuples and dictionaries.
    PRIMWIDGETS_UPSTREAM_CALLS: the functions, as ``module:Class.method``, separated by spaces.
    PRIMWIDGETS_UPSTREAM_COUNT: a file for the number of jobs that were wrapped.
    PRIMWIDGETS_UPSTREAM_UNWATCHED: if it is set, cards do not ask for news of their jobs by themselves.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import os
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

_MODE = os.environ.get("PRIMWIDGETS_UPSTREAM_MODE", "bare")
_counts: Counter[str] = Counter()


def pytest_configure() -> None:
    """Replace the functions.

    In each mode primwidgets is loaded and left out of garbage collections, so that the modes differ in the jobs alone:
    tests that collect a hundred times would take minutes longer for its modules.
    """
    import_module("primwidgets.widget_job")
    gc.freeze()
    with contextlib.suppress(ImportError):  # CPython's tests wait a second for each thread that a card needs
        threads: Any = import_module("test.support.threading_helper")
        threads.threading_cleanup = lambda *_: None
    if _MODE == "bare":
        return
    if os.environ.get("PRIMWIDGETS_UPSTREAM_UNWATCHED"):
        monitor: Any = import_module("primwidgets._monitor.monitor").Monitor
        monitor.watch = lambda *_: None
    for target in os.environ["PRIMWIDGETS_UPSTREAM_CALLS"].split():
        module, _, path = target.partition(":")
        *owners, name = path.split(".")
        owner = functools.reduce(getattr, owners, import_module(module))
        static = inspect.getattr_static(owner, name)
        if isinstance(static, staticmethod | classmethod):
            setattr(owner, name, type(static)(_replacement(static.__func__)))
        else:
            setattr(owner, name, _replacement(static))


def pytest_unconfigure() -> None:
    """Tell how many jobs were wrapped."""
    if file := os.environ.get("PRIMWIDGETS_UPSTREAM_COUNT"):
        Path(file).write_text(str(_counts.total()))


def _replacement(function: Any) -> Any:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        returned = function(*args, **kwargs)
        return _wrapped(returned) if _MODE == "wrapped" else returned

    return call


def _wrapped(returned: Any) -> Any:
    """``returned`` with all jobs in it wrapped."""
    from primwidgets import NotAJobError, WidgetJob

    if type(returned) in (list, tuple):
        return type(returned)(map(_wrapped, returned))
    if type(returned) is dict:
        return {key: _wrapped(value) for key, value in returned.items()}
    if isinstance(returned, WidgetJob):
        return returned
    try:
        job = WidgetJob(returned)
    except NotAJobError:
        return returned
    _counts[type(returned).__name__] += 1
    return job
