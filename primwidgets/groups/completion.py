"""Jobs of a group in the order in which they end."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from typing_extensions import override

from primwidgets._progress.track import waiting_for_another_job
from primwidgets.errors import JobTimeoutError


class Completion(Iterator[Any], AsyncIterator[Any]):
    """What ``as_completed()`` returns, for ``for`` and for ``async for``. Each job is given once.

    Args:
        timeout: seconds from now after which no more jobs are given; ``None`` for no limit.
        check: called before the first wait of ``for``; raises if it would block what the jobs need.
    """

    def __init__(self, timeout: float | None = None, check: Callable[[], None] | None = None) -> None:
        self._check = check
        self._timeout = timeout
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._jobs: deque[Any] = deque()
        self._given: set[str] = set()
        self._is_over = False
        self._bells: list[Callable[[], None]] = []
        self._changed = threading.Condition(threading.RLock())  # a finalizer of this thread may bring news

    def put(self, job: Any) -> None:
        """Have ``job``, which has ended, given next; any thread."""
        with self._changed:
            uid = job.snapshot.uid
            if uid not in self._given:
                self._given.add(uid)
                self._jobs.append(job)
                self._ring()

    def end(self) -> None:
        """Note that all jobs have ended; any thread."""
        with self._changed:
            self._is_over = True
            self._ring()

    @override
    def __iter__(self) -> Completion:
        return self

    @override
    def __next__(self) -> Any:
        if self._check is not None and not self._is_ready():
            self._check()
            self._check = None
        with waiting_for_another_job(), self._changed:
            if not self._changed.wait_for(self._is_ready, self._seconds_left()):
                raise self._timed_out()
            if not self._jobs:
                raise StopIteration
            return self._jobs.popleft()

    @override
    def __aiter__(self) -> Completion:
        return self

    @override
    async def __anext__(self) -> Any:
        while not self._is_ready():
            try:
                async with asyncio.timeout(self._seconds_left()):
                    await self._rung()
            except TimeoutError:
                raise self._timed_out() from None
        with self._changed:
            if not self._jobs:
                raise StopAsyncIteration
            return self._jobs.popleft()

    def _is_ready(self) -> bool:
        return bool(self._jobs) or self._is_over

    def _seconds_left(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def _timed_out(self) -> JobTimeoutError:
        return JobTimeoutError(f"Not all jobs ended within {self._timeout} s. They continue.")

    def _ring(self) -> None:
        self._changed.notify_all()
        bells, self._bells = self._bells, []
        for bell in bells:
            bell()

    def _rung(self) -> asyncio.Future[None]:
        """A future of the running loop that ends with the next news."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()

        def end() -> None:
            if not future.done():
                future.set_result(None)

        def ring() -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(end)

        with self._changed:
            self._bells.append(ring)
            if self._is_ready():
                self._ring()
        return future
