"""Who waits for a turn: first come, first served, and no more than a limit."""

from __future__ import annotations

import itertools
import threading
from bisect import bisect_left
from typing import Final, Generic, TypeVar

from primwidgets.errors import EngineError

ItemT = TypeVar("ItemT")

#: Calls that may wait at the same time.
QUEUE_LIMIT: Final = 100_000


class Turns(Generic[ItemT]):
    """A bounded queue whose places are known. All methods may be called on any thread.

    Args:
        limit: most items that wait.
    """

    def __init__(self, limit: int = QUEUE_LIMIT) -> None:
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
        """The place of an item, from 1; ``None`` if it does not wait."""
        with self._lock:
            return bisect_left(self._order, number) + 1 if number in self._items else None

    def take(self, number: int) -> ItemT | None:
        """The item, which waits no more; ``None`` if it did not."""
        with self._lock:
            return self._take(number)

    def take_first(self) -> ItemT | None:
        """The item whose turn it is, which waits no more; ``None`` if there is none."""
        with self._lock:
            return self._take(self._order[0]) if self._order else None

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
