"""Who waits for a turn: first come, first served, a number of turns at the same time, and no more than a limit wait."""

from __future__ import annotations

import itertools
import threading
from bisect import bisect_left
from typing import Final, Generic, TypeVar

from primwidgets.errors import EngineError

ItemT = TypeVar("ItemT")

#: Calls that may wait at the same time.
QUEUE_LIMIT: Final = 100_000


class PositionQueue(Generic[ItemT]):
    """A bounded queue whose places are known. All methods may be called on any thread.

    Args:
        slots: how many items can have their turn at the same time.
        limit: most items that wait.
    """

    def __init__(self, slots: int, limit: int = QUEUE_LIMIT) -> None:
        self._slots = slots
        self._occupied = 0
        self._limit = limit
        self._items: dict[int, ItemT] = {}
        self._order: list[int] = []  # numbers, which only grow: places are found by bisection
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._order)

    def add(self, item: ItemT) -> int:
        """Have ``item`` wait; returns its number.

        Raises:
            EngineError: too many wait already.
        """
        with self._lock:
            if len(self._order) >= self._limit:
                raise EngineError(f"{self._limit:,} calls wait already. Wait for some of them, or let each do more.")
            number = next(_numbers)
            self._items[number] = item
            self._order.append(number)
        return number

    def place(self, number: int) -> int | None:
        """How many items have to end before this one has its turn, from 1.

        ``None`` if it does not wait, or only for whoever is about to take it: a slot is free for it.
        """
        with self._lock:
            if number not in self._items:
                return None
            place = bisect_left(self._order, number) + 1 - max(0, self._slots - self._occupied)
            return place if place > 0 else None

    def take(self, number: int) -> ItemT | None:
        """The item, which waits no more; ``None`` if it did not."""
        with self._lock:
            return self._take(number)

    def take_first(self) -> ItemT | None:
        """The item whose turn it is: it waits no more, and has a slot until ``release``; ``None`` if there is none."""
        with self._lock:
            item = self._take(self._order[0]) if self._order else None
            self._occupied += item is not None
            return item

    def release(self) -> None:
        """Note that the turn of an item is over."""
        with self._lock:
            self._occupied -= 1

    def add_slots(self, count: int) -> None:
        """Change how many items can have their turn; ``count`` may be negative."""
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
