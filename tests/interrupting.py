"""Interrupts of the main thread, as the stop button sends them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

#: Seconds until the first interrupt, and between two: Python loses one that comes while a finaliser runs.
_FIRST: Final = 0.05
_NEXT: Final = 5.0


@contextmanager
def interrupted() -> Iterator[None]:
    """Expect ``KeyboardInterrupt`` in here, and send the main thread interrupts until it is raised."""
    main, over = threading.main_thread().ident, threading.Event()
    assert main is not None

    def send() -> None:
        pause = _FIRST
        while not over.wait(pause):
            signal.pthread_kill(main, signal.SIGINT)
            pause = _NEXT

    sender = threading.Thread(target=send)
    sender.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            yield
    finally:
        over.set()
        sender.join()
