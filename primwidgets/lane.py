"""Whose turn it is to be asked, for the jobs of one provider. Pure bookkeeping: no threads, no clock."""

from __future__ import annotations

import heapq
import itertools
import math
from typing import Final, Generic, NamedTuple, TypeVar

ItemT = TypeVar("ItemT")


class Room(NamedTuple):
    """How much may be under way with one provider before its next call has to wait.

    Attributes:
        calls: calls at the same time.
        hung: calls that do not come back, so that a dead provider cannot take the workers of all the others.
    """

    calls: int
    hung: int


ROOM_FOR_READS: Final = Room(calls=3, hung=8)
#: Commands have more, so that a cancel does not wait for slow reads.
ROOM_FOR_COMMANDS: Final = Room(calls=5, hung=16)
#: The due time of a command: before everything else.
AT_ONCE: Final = -math.inf


class Ticket(Generic[ItemT]):
    """An item's place in a lane. ``item`` is ``None`` once the ticket was served or taken back."""

    __slots__ = ("due", "item")

    def __init__(self, item: ItemT, due: float) -> None:
        self.item: ItemT | None = item
        self.due = due


class Lane(Generic[ItemT]):
    """The queue of one provider: who is due when, how many calls are under way, and the request budget.

    Args:
        requests_per_second: the budget of reads over all items; ``None`` for no limit. Commands do not count.

    Attributes:
        calls: calls under way.
        hung: calls that have not come back for so long that they were taken out of ``calls``.
    """

    def __init__(self, requests_per_second: float | None = None) -> None:
        self._spacing = 1 / requests_per_second if requests_per_second else 0.0
        self._next_request = -math.inf
        self._heap: list[tuple[float, int, Ticket[ItemT]]] = []
        self._order = itertools.count()
        self._live = 0
        self.calls = 0
        self.hung = 0

    def __len__(self) -> int:
        return self._live

    def push(self, item: ItemT, due: float) -> Ticket[ItemT]:
        """Have ``item`` served at ``due`` (monotonic seconds, or ``AT_ONCE``)."""
        ticket = Ticket(item, due)
        heapq.heappush(self._heap, (due, next(self._order), ticket))
        self._live += 1
        return ticket

    def take_back(self, ticket: Ticket[ItemT]) -> None:
        """Serve ``ticket`` no more."""
        if ticket.item is None:
            return
        ticket.item = None
        self._live -= 1
        if len(self._heap) > 2 * self._live + 64:  # what was taken back must not pile up behind distant due times
            self._heap = [entry for entry in self._heap if entry[2].item is not None]
            heapq.heapify(self._heap)

    def pop(self, now: float) -> ItemT | None:
        """The next item to serve now, counted as a call under way; ``None`` if it is nobody's turn."""
        due = self.next_due()
        if due is None or due > now:
            return None
        when, _, ticket = heapq.heappop(self._heap)
        item, ticket.item = ticket.item, None
        self._live -= 1
        self.calls += 1
        if when != AT_ONCE:
            self._next_request = now + self._spacing
        return item

    @property
    def is_stuck(self) -> bool:
        """Whether there are no reads until a call that hangs comes back."""
        return self.hung >= ROOM_FOR_READS.hung

    def next_due(self) -> float | None:
        """When ``pop`` can have something, in monotonic seconds; ``None`` if not before a push or the end of a call."""
        while self._heap and self._heap[0][2].item is None:
            heapq.heappop(self._heap)
        if not self._heap:
            return None
        due = self._heap[0][0]
        room = ROOM_FOR_COMMANDS if due == AT_ONCE else ROOM_FOR_READS
        if self.calls >= room.calls or self.hung >= room.hung:
            return None
        return due if due == AT_ONCE else max(due, self._next_request)
