"""Bounds the memory of the arguments that are kept of calls which have ended, so that these can be run again."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Final, Protocol
from weakref import ref

from primwidgets._settings import settings

#: Seconds in which the calls that end are collected, to be looked at together.
COLLECT_SECONDS: Final = 0.2
#: Calls that have ended whose arguments are kept at most, however small these are.
CALLS_KEPT: Final = 10_000
_MEGABYTE: Final = 1_000_000


class CallHolder(Protocol):
    """A job that keeps the arguments of its call."""

    def _argument_sizes(self) -> Mapping[int, int]:
        """The bytes of each object that the call keeps alive, by its ``id``."""

    def _drop_arguments(self) -> None:
        """Keep them no longer; returns at once."""


class KeptCalls:
    """The calls that have ended and whose arguments are kept: the latest, up to ``settings.kept_arguments`` megabytes.

    An object that several calls have in common counts once. All methods may be called on any thread.

    Args:
        later: runs a function on a worker thread after some seconds.
    """

    def __init__(self, later: Callable[[float, Callable[[], None]], None]) -> None:
        self._later = later
        self._calls: dict[str, tuple[ref[CallHolder], Mapping[int, int]]] = {}
        self._uses: Counter[int] = Counter()
        self._bytes = 0
        self._ended: deque[tuple[str, ref[CallHolder]]] = deque()
        self._departed: deque[str] = deque()
        self._is_planned = False
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """What the arguments take, as far as that can be seen."""
        return self._bytes

    def note_end(self, uid: str, holder: CallHolder) -> None:
        """Have a call that has ended counted soon, and the oldest ones dropped where there are too many.

        Args:
            uid: names the job.
            holder: the job, held weakly.
        """
        self._ended.append((uid, ref(holder)))
        if not self._is_planned:
            self._is_planned = True
            self._later(COLLECT_SECONDS, self.count)

    def leave(self, uid: str) -> None:
        """Note that a job was closed or is gone, with its arguments. May come from ``__del__``, so it takes no lock."""
        self._departed.append(uid)

    def count(self) -> None:
        """Count the calls that have ended, and drop the arguments of the oldest ones where there are too many."""
        self._is_planned = False
        while self._ended:
            uid, reference = self._ended.popleft()
            if uid not in self._calls and (holder := reference()) is not None:
                sizes = holder._argument_sizes()  # asks strangers' objects, so no lock is held
                with self._lock:
                    self._add(uid, reference, sizes)
        with self._lock:
            while self._departed:
                self._remove(self._departed.popleft())
            dropped = []
            while self._calls and (self._bytes > settings.kept_arguments * _MEGABYTE or len(self._calls) > CALLS_KEPT):
                oldest = next(iter(self._calls))
                dropped.append(self._calls[oldest][0])
                self._remove(oldest)
        for reference in dropped:
            if (holder := reference()) is not None:
                holder._drop_arguments()

    def _add(self, uid: str, reference: ref[CallHolder], sizes: Mapping[int, int]) -> None:
        self._remove(uid)
        self._calls[uid] = reference, sizes
        for key, size in sizes.items():
            if not self._uses[key]:
                self._bytes += size
            self._uses[key] += 1

    def _remove(self, uid: str) -> None:
        _, sizes = self._calls.pop(uid, (None, {}))
        for key, size in sizes.items():
            self._uses[key] -= 1
            if not self._uses[key]:
                del self._uses[key]
                self._bytes -= size
