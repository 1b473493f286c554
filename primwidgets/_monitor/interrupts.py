"""Interrupts while a caller is blocked: a handler that only tells an event loop cannot end that."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

#: Who puts such a handler in the place of Python's: ipykernel around a cell with ``await`` in it, ``asyncio.run``.
_TELL_A_LOOP: Final = ("ipykernel", "asyncio")


@contextlib.contextmanager
def interrupts_raise() -> Iterator[None]:
    """Have an interrupt raise ``KeyboardInterrupt`` in here, as it does where no event loop runs.

    A handler of the user's own stays. On other threads than the main one nothing is changed: they get no signals.
    """
    if threading.current_thread() is not threading.main_thread() or not _tells_a_loop(signal.getsignal(signal.SIGINT)):
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, before)


def _tells_a_loop(handler: Any) -> bool:
    while isinstance(handler, partial):
        handler = handler.func
    return str(getattr(handler, "__module__", "")).partition(".")[0] in _TELL_A_LOOP
