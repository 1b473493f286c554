"""The messages of the hub, for its comm and for whatever else in this process shows all jobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from weakref import WeakMethod

from primwidgets import _border as border

Message = dict[str, Any]


class Broadcast:
    """Sends each message to the frontends, and to receivers in this process.

    Args:
        send: sends a message to all frontends; what it raises is raised.
    """

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send: Final = send
        self._receivers: tuple[WeakMethod[Callable[[Message], None]], ...] = ()
        self._failures = border.LogOnce()

    def __call__(self, message: Message) -> None:
        """Send ``message``."""
        for reference in self._receivers:
            if (receiver := reference()) is not None:
                sent = border.call(receiver, message)
                if isinstance(sent, border.Raised):
                    self._failures.log("receiver", "The jobs cannot be sent to a board", error=sent.error)
        self._send(message)

    def add(self, receiver: Callable[[Message], None]) -> None:
        """Have ``receiver``, a bound method that is held weakly, called with each message, on worker threads."""
        alive = tuple(reference for reference in self._receivers if reference() is not None)
        self._receivers = (*alive, WeakMethod(receiver))
