"""What the user's observers of one card are still to be told."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from primwidgets._jupyter.card_widget import Changes
from primwidgets.snapshot import JobSnapshot

#: So many changes wait for observers that are slower than the job; later ones are told together.
WAITING_LIMIT: Final = 32


class ObservedChanges:
    """The changes of a card in their order, until observers were told. Any thread.

    It is bounded: behind an observer that blocks the latest changes of a trait become one, from its first old value to
    its last new one.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[Changes, JobSnapshot]] = deque()
        self._lock = threading.Lock()

    def add(self, changes: Changes, snapshot: JobSnapshot) -> None:
        """Note what changed with ``snapshot``."""
        with self._lock:
            if len(self._waiting) >= WAITING_LIMIT:
                changes = _joined(self._waiting.pop()[0], changes)
            self._waiting.append((changes, snapshot))

    def take(self) -> tuple[Changes, JobSnapshot] | None:
        """What is to be told next; ``None`` if that is nothing."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None


def _joined(earlier: Changes, later: Changes) -> Changes:
    joined = dict(earlier)
    for trait, (old, new) in later.items():
        joined[trait] = earlier.get(trait, (old, new))[0], new
    return joined
