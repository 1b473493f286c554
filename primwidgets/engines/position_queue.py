"""A bounded FIFO queue for a number of slots, which knows the position of each queued item."""

from __future__ import annotations

import itertools
import threading
from bisect import bisect_left
from typing import Final, Generic, TypeVar

from primwidgets.errors import EngineError

ItemT = TypeVar("ItemT")

#: Maximum number of queued calls.
QUEUE_LIMIT: Final = 100_000


class PositionQueue(Generic[ItemT]):
    """A bounded FIFO queue with positions. All methods may be called on any thread.

    Args:
        slots: number of items that can be in progress at the same time.
        limit: maximum number of queued items.
    """

    def __init__(self, slots: int, limit: int = QUEUE_LIMIT) -> None:
        self._slots = slots
        self._occupied = 0
        self._limit = limit
        self._items: dict[int, ItemT] = {}
        self._order: list[int] = []  # increasing numbers: a position is found by bisection
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._order)

    def add(self, item: ItemT) -> int:
        """Append ``item``; returns its number.

        Raises:
            EngineError: the queue is full.
        """
        with self._lock:
            if len(self._order) >= self._limit:
                raise EngineError(f"{self._limit:,} calls wait already. Wait for some of them, or let each do more.")
            number = next(_numbers)
            self._items[number] = item
            self._order.append(number)
        return number

    def position(self, number: int) -> int | None:
        """Position of an item, from 1: the number of items that have to end before it starts.

        ``None`` if it is not queued, or if a slot is free and it is about to be taken.
        """
        with self._lock:
            if number not in self._items:
                return None
            place = bisect_left(self._order, number) + 1 - max(0, self._slots - self._occupied)
            return place if place > 0 else None

    def take(self, number: int) -> ItemT | None:
        """Remove and return an item; ``None`` if it is not queued."""
        with self._lock:
            return self._take(number)

    def pop_first(self) -> ItemT | None:
        """Remove and return the first item, which occupies a slot until ``release``; ``None`` if the queue is empty."""
        with self._lock:
            item = self._take(self._order[0]) if self._order else None
            self._occupied += item is not None
            return item

    def release(self) -> None:
        """Free the slot of an item that has ended."""
        with self._lock:
            self._occupied -= 1

    def add_slots(self, count: int) -> None:
        """Change the number of slots by ``count``, which may be negative."""
        with self._lock:
            self._slots += count

    def first(self, count: int) -> list[ItemT]:
        """The next ``count`` items."""
        with self._lock:
            return [self._items[number] for number in self._order[:count]]

    def _take(self, number: int) -> ItemT | None:
        item = self._items.pop(number, None)
        if item is not None:
            del self._order[bisect_left(self._order, number)]
        return item


_numbers: Final = itertools.count(1)
