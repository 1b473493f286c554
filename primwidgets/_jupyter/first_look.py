"""What is known of a job when it is wrapped: without asking it, and after a first read where that takes no time."""

from __future__ import annotations

from typing import Any

from primwidgets import _border as border
from primwidgets._clock import SYSTEM_CLOCK
from primwidgets._jupyter.enclosing_group import enclosing_group
from primwidgets._jupyter.kernel import current_cell
from primwidgets._monitor.monitor import Monitor
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets._monitor.transitions import merge_read
from primwidgets.adapters.base import Adapter
from primwidgets.snapshot import UNKNOWN, JobSnapshot


def unread_snapshot(adapter: Adapter[Any], uid: str, name: str | None) -> JobSnapshot:
    """What is known of a job without asking it."""
    group = enclosing_group()
    return UNKNOWN.evolve(
        uid=uid,
        name=name,
        job_id=adapter.job_id(),
        provider=adapter.provider,
        remote=adapter.remote,
        created_at=SYSTEM_CLOCK.now(),
        locator=adapter.locate(),
        cell_id=current_cell(),
        group_id=None if group is None else group.job_id(),
        run=adapter.run,
    )


def begin_tracking(tracked: TrackedJob, monitor: Monitor) -> JobSnapshot:
    """Subscribe to a job and then read it, if that takes no time; returns what is known then."""
    if not tracked.adapter.blocking:
        monitor.subscribe(tracked)
        looked = read_now(tracked.adapter, unread := tracked.last_read)
        tracked.begin(looked)
        if looked is unread:  # it could not be asked: the monitor asks again, soon
            tracked.note_news()
    return tracked.last_read


def read_now(adapter: Adapter[Any], known: JobSnapshot) -> JobSnapshot:
    """The job as it is now, on the caller's thread; ``known`` if the provider cannot be asked."""
    read = border.call(lambda: merge_read(known, adapter.read(known), SYSTEM_CLOCK.now()))
    return known if isinstance(read, border.Raised) else read.value  # the monitor asks again, and says so on the card
