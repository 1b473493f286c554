"""Threads for calls of a provider's ``result()`` that cannot be made on the caller's own thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import Context, copy_context
from typing import Any

from primwidgets._runtime import after_fork_in_child
from primwidgets._threads import start_daemon

#: The most helper threads at the same time.
_LIMIT = 64
_free = threading.BoundedSemaphore(_LIMIT)


class Fetch(Future[Any]):
    """A result that a helper thread fetches.

    Attributes:
        context: what the provider's call runs in: a copy of the caller's context.
    """

    def __init__(self) -> None:
        super().__init__()
        self.context: Context = copy_context()


def on_helper_thread(task: Callable[[], None], context: Context) -> bool:
    """Run ``task`` on a thread of its own; whether one is free."""
    free = _free
    if not free.acquire(blocking=False):
        return False

    def run() -> None:
        try:
            task()
        finally:
            free.release()

    try:
        start_daemon("result", run, context)
    except RuntimeError:  # no more threads, or none at all
        free.release()
        return False
    return True


def keep_context(fetch: Fetch) -> None:
    """Set the context variables of the caller to what the provider's call has set them to."""
    for variable, value in fetch.context.items():
        if variable.get(_MISSING) is not value:
            variable.set(value)


_MISSING: Any = object()


def _reset_after_fork() -> None:
    """In a forked child: the helper threads are the parent's."""
    global _free
    _free = threading.BoundedSemaphore(_LIMIT)


after_fork_in_child(_reset_after_fork)
