"""One job that the monitor keeps up to date: its adapter, its subscription, and the calls that are planned for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Any, Final

from typing_extensions import override

from primwidgets import _border as border
from primwidgets._monitor.delivery import Listener
from primwidgets._monitor.known_job import KnownJob
from primwidgets._monitor.provider_queue import Entry
from primwidgets._monitor.transitions import request_cancel
from primwidgets._runtime import instances
from primwidgets._settings import settings
from primwidgets.adapters.base import Adapter
from primwidgets.snapshot import CancelState, JobSnapshot

#: Seconds that a cancel waits for a read that is under way. After that the read counts as hanging, and cancel goes on.
TURN_SECONDS: Final = 2.0

#: How the queues hold a tracked job: weakly, but for a cancel, which is carried out even if the job was dropped.
Holder = Callable[[], "TrackedJob | None"]


class TrackedJob(KnownJob):
    """What the monitor keeps of one job. The monitor holds it weakly: when the job is dropped, the tracking ends.

    Args:
        adapter: reads the job.
        snapshot: what is known at the start.
        listener: called with each new snapshot, on worker threads, one call at a time. A bound method is held weakly.
            What may block, such as the user's observers, it leaves to ``call_observers``.

    All methods may be called on any thread. The state changes in these methods alone, under one lock that is never held
    while somebody else's code is called.

    Attributes:
        adapter: reads the job.
        closed: whether the tracking has ended.
        monitor: the monitor that keeps it up to date; ``None`` before that, and after the last read of a final state.
        heartbeat: the number of its entry in the monitor's ``Heartbeats``; ``None`` while it has none.
        is_read_alone: whether its next read must not be one of several jobs; see ``Adapter.read_many``.
        in_sweep: whether the monitor compares its ``Adapter.change_mark`` at regular times; see ``Sweep``.
        change_mark: the mark that was seen last.
    """

    __slots__ = (
        "_calls",
        "_cancel_pending",
        "_entry",
        "_interval",
        "_log_once",
        "_rechecks",
        "_result",
        "_subscribed",
        "_turn",
        "_unsubscribe",
        "_watched",
        "adapter",
        "change_mark",
        "heartbeat",
        "in_sweep",
        "is_read_alone",
        "monitor",
    )

    def __init__(self, adapter: Adapter[Any], snapshot: JobSnapshot, listener: Listener) -> None:
        super().__init__(snapshot, listener)
        self.adapter = adapter
        self.monitor: object = None
        self.heartbeat: int | None = None
        self.in_sweep = False
        self.is_read_alone = False
        self.change_mark: object = None
        self._entry: Entry[Holder] | None = None
        self._calls = 0
        self._interval = adapter.pace.first
        self._rechecks = 0
        self._cancel_pending = False
        self._result: Callable[[], Any] | None = None
        self._log_once: border.LogOnce | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._subscribed = False
        self._watched = False
        self._turn = threading.Lock()
        _tracked_jobs.add(self)

    @property
    def is_busy(self) -> bool:
        """Whether a call to the provider is under way that does not hang."""
        return self._calls > 0

    @property
    def is_watched(self) -> bool:
        """Whether the monitor keeps it up to date; before that, changes are only noted."""
        return self._watched

    @property
    def is_subscribed(self) -> bool:
        """Whether the job was subscribed to; ``pushes`` is whether that succeeded."""
        return self._subscribed

    @property
    def is_planned(self) -> bool:
        """Whether a read was ever planned."""
        return self._entry is not None

    @property
    def interval(self) -> float:
        """Seconds to the next read, where nothing is pushed."""
        return self._interval

    @property
    def pushes(self) -> bool:
        """Whether the provider reports changes by itself."""
        return self._unsubscribe is not None

    @property
    def budget_key(self) -> Hashable:
        key = self.adapter.budget_key
        return (type(self.adapter), self.adapter.pace) if key is None else key

    def use(self, later: Callable[[Callable[[], None]], None], now: float) -> None:
        """Note that the monitor keeps the job up to date from now on.

        Args:
            later: runs a task on a worker.
            now: monotonic seconds.
        """
        self._later = later
        self._read_at = now
        self._watched = True

    def plan(self, due: float, push: Callable[[], Entry[Holder]]) -> bool:
        """Have a read planned, unless one is planned that comes before ``due``; whether there is a new plan.

        Args:
            due: monotonic seconds.
            push: makes the entry.
        """
        with self._lock:
            if self._entry is not None and self._entry.item is not None:
                if self._entry.due <= due:
                    return False
                self._entry.take_back()
            self._entry = push()
            return True

    def is_planned_by(self, due: float) -> bool:
        """Whether a read is planned for ``due`` or before. Takes no lock, as it is asked after each reported change."""
        entry = self._entry
        return entry is not None and entry.item is not None and entry.due <= due

    def planned_entry(self) -> Entry[Holder] | None:
        """The plan for the next read, if there is one. Takes no lock."""
        entry = self._entry
        return None if entry is None or entry.item is None else entry

    def begin_read_call(self) -> bool:
        """Count a call that reads, unless another one is under way or the tracking has ended."""
        with self._lock:
            if self._calls or self.closed:
                return False
            self._calls += 1
            return True

    def request_cancel(self) -> bool:
        """Note that a cancel is wanted; whether that is new."""
        with self._lock:
            if self._known.cancel_state is CancelState.REQUESTED or self.closed:
                return False
            self._known = request_cancel(self._known)
            self._cancel_pending = True
            return True

    def begin_cancel_call(self) -> bool:
        """Count the call that cancels, if one is wanted. The job is read after it, so what was planned is dropped."""
        with self._lock:
            wanted, self._cancel_pending = self._cancel_pending, False
            if wanted:
                self._calls += 1
                if self._entry is not None:
                    self._entry.take_back()
            return wanted

    def end_call(self) -> None:
        """Note that a call ended, or counts as hanging."""
        with self._lock:
            self._calls -= 1

    def next_recheck(self) -> float | None:
        """After how many seconds a final state is to be read again; ``None`` if no more. Each is returned once."""
        rechecks = self.adapter.rechecks
        if self._rechecks >= len(rechecks):
            return None
        self._rechecks += 1
        return rechecks[self._rechecks - 1]

    def hurry(self) -> None:
        """Have the next reads come soon."""
        self._interval = self.adapter.pace.first

    def slow_down(self) -> None:
        """Have the next read come later than the one before."""
        ceiling = settings.poll_ceiling or self.adapter.pace.ceiling
        self._interval = min(self._interval * self.adapter.pace.growth, ceiling)

    def offer_result(self, result: Callable[[], Any]) -> bool:
        """Note how to get the result for a picture; whether a picture has to be drawn and is not planned yet."""
        with self._lock:
            pending, self._result = self._result is not None, result
            return not (pending or self.closed or self._known.result_preview is not None)

    def take_result(self) -> Callable[[], Any] | None:
        """How to get the result; ``None`` if it was taken before."""
        with self._lock:
            result, self._result = self._result, None
            return result

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Subscribe, once; a job that cannot be subscribed to is polled.

        Args:
            changed: called by the provider; must not keep this object alive.
        """
        with self._lock:
            if self._subscribed or self.closed:
                return
            self._subscribed = True
        if self.adapter.has_marks:
            marked = border.call(self.adapter.change_mark)  # before the first read, so that it is never newer than that
            self.change_mark = marked.value if isinstance(marked, border.Returned) else None
        subscribed = border.call(self.adapter.subscribe, changed)
        if isinstance(subscribed, border.Raised):
            self.complain("subscribe", "Job %s is polled, since it cannot be subscribed to", subscribed)
        else:
            self._unsubscribe = subscribed.value
        if self.closed:  # meanwhile
            self.end_subscription()

    def close(self) -> None:
        """End the reads and release all waiters. May come from ``__del__``, so it takes no lock."""
        self.closed = True
        self.end_subscription()
        self._release()

    def leave_to_parent(self) -> None:
        """In a forked child: end the tracking. The provider is not called: the parent's threads may hold its locks."""
        self.closed = True
        self._entry = self._unsubscribe = self._deliverer = None
        self._lock, self._turn = threading.RLock(), threading.Lock()
        self._at_end = None

    def end_subscription(self) -> None:
        """End the subscription."""
        unsubscribe, self._unsubscribe = self._unsubscribe, None  # takes no lock: this may come from ``__del__``
        if unsubscribe is None:
            return
        if isinstance(done := border.call(unsubscribe), border.Raised):
            self.complain("unsubscribe", "Job %s could not be unsubscribed from", done)

    def turn(self) -> Turn:
        """A context in which no other thread calls the provider about this job, unless an earlier call hangs."""
        return Turn(self._turn)

    @override
    def complain(self, kind: str, text: str, raised: border.Raised, level: int = logging.WARNING) -> None:
        """Log what a stranger's code raised: once of each ``kind``.

        Args:
            kind: names the place.
            text: what to say, with ``%s`` for the job's id.
            raised: what was raised.
            level: of the first time.
        """
        if self._log_once is None:
            self._log_once = border.LogOnce()
        self._log_once.log(kind, text, self._known.job_id, error=raised.error, level=level)


class Turn:
    """Holds a lock for the time of a ``with`` block, but waits for it no longer than ``TURN_SECONDS``."""

    __slots__ = ("_acquired", "_lock")

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self._acquired = False

    def __enter__(self) -> None:
        self._acquired = self._lock.acquire(timeout=TURN_SECONDS)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._acquired:
            self._lock.release()


def tracked_jobs(monitor: object) -> list[TrackedJob]:
    """The jobs that ``monitor`` keeps up to date."""
    return [tracked for tracked in _tracked_jobs if tracked.monitor is monitor and not tracked.closed]


_tracked_jobs: Final = instances(in_child=TrackedJob.leave_to_parent)
