"""The calls to all providers: those that wait in a queue, and those that are under way. No threads, no clock, no lock.

Each provider has a queue for each kind of call, so a call that hangs keeps neither other providers nor other kinds of
calls waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Final

from primwidgets._monitor.batch_reads import can_be_read_together
from primwidgets._monitor.provider_calls import ProviderCall
from primwidgets._monitor.provider_queue import (
    COMMAND_LIMITS,
    PICTURE_LIMITS,
    READ_LIMITS,
    FairShare,
    Limits,
    ProviderQueue,
)
from primwidgets._monitor.tracked_job import Holder, TrackedJob
from primwidgets._threads import Work

#: The kinds of calls to providers, and how many of each kind one provider may have under way.
_LIMITS: Final[dict[Work, Limits]] = {
    Work.COMMAND: COMMAND_LIMITS,
    Work.READ: READ_LIMITS,
    Work.PICTURE: PICTURE_LIMITS,
}

Queue = ProviderQueue[Holder]


class CallQueues:
    """The queues of all providers. The monitor holds its lock while it calls a method."""

    def __init__(self) -> None:
        self._pools = {work: FairShare(work.limit) for work in _LIMITS}
        self._by_provider: dict[Hashable, dict[Work, Queue]] = {}
        self._calls: set[ProviderCall] = set()

    def __len__(self) -> int:
        """The number of providers."""
        return len(self._by_provider)

    def __iter__(self) -> Iterator[tuple[Work, Queue]]:
        for queues in self._by_provider.values():
            yield from queues.items()

    @property
    def calls_under_way(self) -> int:
        """How many calls have begun and not returned, those that hang included."""
        return sum(pool.busy for pool in self._pools.values())

    def queue_for(self, tracked: TrackedJob, work: Work) -> Queue:
        """The queue for calls of that kind about that job."""
        queues = self._by_provider.get(tracked.budget_key)
        if queues is None:
            queues = self._by_provider[tracked.budget_key] = {
                kind: ProviderQueue(limits, self._pools[kind]) for kind, limits in _LIMITS.items()
            }
            queues[Work.READ].is_quick = True
        queue = queues[work]
        if work is Work.READ:
            queue.is_quick = queue.is_quick and not tracked.adapter.blocking
            if (budget := tracked.adapter.pace.requests_per_second) is not None:
                queue.restrict(budget)
        return queue

    def begin_next(self, work: Work, queue: Queue, now: float) -> ProviderCall | None:
        """Take the next call from ``queue`` that is due and still wanted; it is under way then."""
        while (holder := queue.pop(now)) is not None:
            tracked = holder()
            if tracked is not None and _WANTED[work](tracked):
                call = ProviderCall(tracked, work, queue, now, question=tracked.next_question)
                self._calls.add(call)
                return call
            queue.end()
        return None

    def begin_along(self, call: ProviderCall, now: float) -> list[ProviderCall]:
        """Take the jobs that can be read by the request of ``call``, if they are due before the next request can be."""
        most = call.tracked.adapter.batch_limit - 1
        if most < 1 or call.work is not Work.READ:
            return []

        def fits(holder: Holder) -> bool:
            tracked = holder()
            return tracked is not None and can_be_read_together(call.tracked, tracked)

        tracked_jobs = [holder() for holder in call.queue.pop_along(now + call.queue.spacing, most, fits)]
        taken = [tracked for tracked in tracked_jobs if tracked is not None and tracked.begin_read_call()]
        calls = [ProviderCall(one, call.work, call.queue, now, one.next_question, comes_along=True) for one in taken]
        self._calls.update(calls)
        return calls

    def end(self, call: ProviderCall) -> None:
        """Note that a call has returned."""
        self._calls.discard(call)
        if not call.comes_along:
            call.queue.end(hung=call.written_off)
        if call.reads and not call.written_off:
            call.tracked.end_call()

    def write_off(self, now: float, hang_seconds: float) -> list[ProviderCall]:
        """Count calls as hanging that began ``hang_seconds`` ago or earlier; those that did not count before."""
        hanging = [call for call in self._calls if call.since + hang_seconds <= now and not call.written_off]
        for call in hanging:
            call.written_off = True
            if not call.comes_along:
                call.queue.write_off()
            if call.reads:
                call.tracked.end_call()
        return hanging

    def overdue_reads(self, due_before: float) -> list[Holder]:
        """The jobs that were due before that time and wait because other calls to their provider hang."""
        queues = [queues[Work.READ] for queues in self._by_provider.values()]
        return [holder for queue in queues if queue.hung for holder in queue.overdue(due_before)]

    def next_times(self, hang_seconds: float) -> list[float]:
        """When something has to be done for the queues: a call is due, or one under way counts as hanging."""
        times = [at for _, queue in self if (at := queue.next_start()) is not None]
        return times + [call.since + hang_seconds for call in self._calls if not call.written_off]

    def have_jobs_behind_hanging_calls(self) -> bool:
        """Whether any job waits in a queue that has calls that hang."""
        return any(queue.hung and len(queue) for _, queue in self)

    def forget_idle(self, now: float) -> None:
        """Forget providers that have no jobs, since their keys may hold classes of the user's."""
        for key, queues in list(self._by_provider.items()):
            if all(queue.is_idle(now) for queue in queues.values()):
                del self._by_provider[key]


#: Whether a call of each kind is still wanted when its time has come; if so it counts as begun.
_WANTED: Final[dict[Work, Callable[[TrackedJob], bool]]] = {
    Work.COMMAND: TrackedJob.begin_cancel_call,
    Work.READ: TrackedJob.begin_read_call,
    Work.PICTURE: lambda tracked: True,
}
