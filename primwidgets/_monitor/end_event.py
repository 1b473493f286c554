"""The end of a job as an event that callers wait for, where the provider reports the end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from typing import Any
from weakref import ref

from primwidgets._monitor.blocked_caller import BlockedCaller


class EndEvent:
    """Set when the provider reports that the job has ended.

    Attributes:
        is_set: whether the job has ended.
    """

    def __init__(self) -> None:
        self.is_set = False
        self._subscribed = False
        self._reported = False
        self._callers: list[BlockedCaller] = []

    def is_reported_by(self, adapter: Any) -> bool:
        """Whether the provider reports the end. The first call subscribes to it."""
        if not self._subscribed:
            self._subscribed = True
            self._reported = adapter.when_ended(partial(_set, ref(self)))
        return self._reported

    def set(self) -> None:
        """Release all callers. Any thread."""
        self.is_set = True
        for caller in tuple(self._callers):
            caller.end()

    @contextlib.contextmanager
    def releases(self, caller: BlockedCaller) -> Iterator[None]:
        """Have the event release ``caller`` inside the ``with`` block."""
        self._callers.append(caller)
        if self.is_set:  # meanwhile
            caller.end()
        try:
            yield
        finally:
            self._callers.remove(caller)


def _set(event: ref[EndEvent]) -> None:
    """Does not keep the event alive, since the provider may keep its callbacks for ever."""
    if (alive := event()) is not None:
        alive.set()
