"""The order in which the jobs of one provider are read. Pure bookkeeping: no threads, no clock.

Each kind of call has a queue for each provider, and a ``FairShare`` that the queues of all providers share. So a
provider that hangs fills its own part of one kind of calls, and takes nothing from the others.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar

ItemT = TypeVar("ItemT")


class Limits(NamedTuple):
    """How many calls of one kind may be under way with one provider before its next one has to wait.

    Attributes:
        calls: calls at the same time.
        hung: calls that do not return, so that a dead provider cannot use up the workers of the others.
    """

    calls: int
    hung: int


READ_LIMITS: Final = Limits(calls=3, hung=8)
COMMAND_LIMITS: Final = Limits(calls=5, hung=16)
PICTURE_LIMITS: Final = Limits(calls=1, hung=2)
#: The due time of a command: before everything else.
AT_ONCE: Final = -math.inf
#: Calls that return at once are made by one worker. A call that is late by this many seconds gets a further worker, as
#: the first one may hang; several that compete for Python's interpreter lock would only cost more.
LATE_SECONDS: Final = 0.1
#: A queue may use 1/12 of the calls that are free in the pool, but at least one.
_SHARE: Final = 12


class FairShare:
    """The calls of one kind that may be under way at the same time, over all providers.

    The more calls are under way, the fewer one provider may have; the last ones go to providers without any.
    With the limit 128, 45 providers that hang leave a call for one that answers.

    Args:
        limit: most calls under way, those that hang included.

    Attributes:
        busy: how many there are.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.busy = 0

    @property
    def share(self) -> int:
        """Most calls that one provider may have under way at the moment."""
        free = self._limit - self.busy
        return max(1, free // _SHARE) if free > 0 else 0


class Entry(Generic[ItemT]):
    """An item's place in a queue. ``item`` is ``None`` once the entry was served or taken back."""

    __slots__ = ("_queue_of", "due", "item", "polls")

    def __init__(self, item: ItemT, due: float, queue: ProviderQueue[ItemT], polls: bool) -> None:
        self.item: ItemT | None = item
        self.due = due
        self.polls = polls
        self._queue_of = queue

    def take_back(self) -> None:
        self._queue_of.take_back(self)


class ProviderQueue(Generic[ItemT]):
    """The queue of one provider's calls of one kind: their due times, the calls under way, and the request budget.

    Args:
        room: how many calls may be under way.
        pool: the calls of all providers together.
        requests_per_second: the budget over all items; ``None`` for no limit. Items due ``AT_ONCE`` do not count.

    Attributes:
        calls: calls under way.
        hung: calls that have taken so long that they were moved here from ``calls``.
        polls: how many items are polls, which only look whether anything has changed.
        is_quick: whether no call of this queue may take time.
    """

    def __init__(self, room: Limits, pool: FairShare, requests_per_second: float | None = None) -> None:
        self._room = room
        self._pool = pool
        self._spacing = 0.0
        self.restrict(requests_per_second)
        self._next_request = -math.inf
        self._heap: list[tuple[float, int, Entry[ItemT]]] = []
        self._order = itertools.count()
        self._live = 0
        self.calls = 0
        self.hung = 0
        self.polls = 0
        self.is_quick = False

    def __len__(self) -> int:
        return self._live

    @property
    def spacing(self) -> float:
        """Seconds between two requests, at least."""
        return self._spacing

    def restrict(self, requests_per_second: float | None) -> None:
        """Also stay within this budget."""
        if requests_per_second:
            self._spacing = max(self._spacing, 1 / requests_per_second)

    def push(self, item: ItemT, due: float, *, polls: bool = False) -> Entry[ItemT]:
        """Have ``item`` served at ``due`` (monotonic seconds, or ``AT_ONCE``).

        Args:
            item: what to serve.
            due: when.
            polls: whether it only looks whether anything has changed.
        """
        entry = Entry(item, due, self, polls)
        self.polls += polls
        heapq.heappush(self._heap, (due, next(self._order), entry))
        self._live += 1
        return entry

    def take_back(self, entry: Entry[ItemT]) -> None:
        """Remove ``entry`` from the queue."""
        if entry.item is None:
            return
        entry.item = None
        self._live -= 1
        self.polls -= entry.polls
        if len(self._heap) > 2 * self._live + 64:  # so that removed entries do not pile up behind distant due times
            self._heap = [entry for entry in self._heap if entry[2].item is not None]
            heapq.heapify(self._heap)

    def pop(self, now: float) -> ItemT | None:
        """The next item that is due, counted as a call under way; ``None`` if there is none."""
        due = self.next_due()
        if due is None or due > now:
            return None
        when, _, entry = heapq.heappop(self._heap)
        item, entry.item = entry.item, None
        self._live -= 1
        self.polls -= entry.polls
        self.calls += 1
        self._pool.busy += 1
        if when != AT_ONCE:
            self._next_request = now + self._spacing
        return item

    def pop_along(self, until: float, most: int, fits: Callable[[ItemT], bool]) -> list[ItemT]:
        """Remove items for which the call under way answers, too. They count neither as calls nor as requests.

        Args:
            until: items that are due by then are looked at, the earliest first.
            most: the number of items.
            fits: whether the call answers for an item.
        """
        taken: list[ItemT] = []
        left: list[tuple[float, int, Entry[ItemT]]] = []
        while len(taken) < most and self._heap and self._heap[0][0] <= until:
            place = heapq.heappop(self._heap)
            entry = place[2]
            if entry.item is None:
                continue
            if place[0] == AT_ONCE or not fits(entry.item):
                left.append(place)
                continue
            taken.append(entry.item)
            entry.item = None
            self._live -= 1
            self.polls -= entry.polls
        for place in left:
            heapq.heappush(self._heap, place)
        return taken

    def end(self, *, hung: bool = False) -> None:
        """Note that a call returned; ``hung`` if it had been written off."""
        self._pool.busy -= 1
        if hung:
            self.hung -= 1
        else:
            self.calls -= 1

    def write_off(self) -> None:
        """Count a call that is under way as hanging."""
        self.calls -= 1
        self.hung += 1

    def is_idle(self, now: float) -> bool:
        """Whether the queue can be dropped: no items, no calls, and the budget allows a request."""
        return not (self._live or self.calls or self.hung) and self._next_request <= now

    def overdue(self, since: float) -> list[ItemT]:
        """The items that should have been served before the time ``since``."""
        return [entry.item for due, _, entry in self._heap if due <= since and entry.item is not None]

    def next_due(self) -> float | None:
        """When ``pop`` can have something, in monotonic seconds; ``None`` if not before a push or the end of a call."""
        while self._heap and self._heap[0][2].item is None:
            heapq.heappop(self._heap)
        if not self._heap or not self._has_room():
            return None
        due = self._heap[0][0]
        return due if due == AT_ONCE else max(due, self._next_request)

    def next_start(self) -> float | None:
        """When a further worker has to be started; ``None`` if not before a push or the end of a call."""
        due = self.next_due()
        return due + LATE_SECONDS if due is not None and self.is_quick and self.calls else due

    def _has_room(self) -> bool:
        under_way = self.calls + self.hung
        return self.calls < self._room.calls and self.hung < self._room.hung and under_way < self._pool.share
