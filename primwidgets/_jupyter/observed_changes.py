"""Queue of the changes that the user's observers of one card have not received yet."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from primwidgets._jupyter.card_widget import Changes
from primwidgets.snapshot import JobSnapshot

#: Maximum number of queued changes; later ones are merged into the last of them.
WAITING_LIMIT: Final = 32


class ObservedChanges:
    """The changes of a card in order, until observers have received them. Any thread.

    Bounded: behind a blocking observer the latest changes of a trait are merged into one, from the first old value to
    the last new one.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[Changes, JobSnapshot]] = deque()
        self._lock = threading.Lock()

    def add(self, changes: Changes, snapshot: JobSnapshot) -> None:
        """Append the changes that came with ``snapshot``."""
        with self._lock:
            if len(self._waiting) >= WAITING_LIMIT:
                changes = _joined(self._waiting.pop()[0], changes)
            self._waiting.append((changes, snapshot))

    def take(self) -> tuple[Changes, JobSnapshot] | None:
        """Remove and return the next changes; ``None`` if there are none."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None


def _joined(earlier: Changes, later: Changes) -> Changes:
    joined = dict(earlier)
    for trait, (old, new) in later.items():
        joined[trait] = earlier.get(trait, (old, new))[0], new
    return joined
