"""Jobs under a monitor whose clock and runner a test turns by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import ClassVar

from primwidgets._monitor.monitor import Monitor
from primwidgets._monitor.provider_queue import READ_LIMITS
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets._threads import Runner, Work
from primwidgets.adapters.base import CancelReport, Pace
from primwidgets.snapshot import JobSnapshot, JobState
from primwidgets.testing import FakeAdapter, FakeJob, ManualClock
from tests.fake_runner import FakeRunner

#: Longer than anything takes, in real seconds: a test that waits in vain fails then.
PATIENCE = 120.0
#: The threads that the monitor has at most for jobs of one provider that are only read: the one that schedules, the
#: provider's reads (on a machine that is late some are taken for hanging), and those of our own.
MOST_THREADS = 1 + sum(READ_LIMITS) + Work.OWN.limit + Work.SWEEP.limit + Work.OBSERVER.limit


class FarAdapter(FakeAdapter):
    """A provider that is far away and has to be polled.

    Attributes:
        read_at: when it was read, in monotonic seconds.
        cancelled_at: when it was asked to cancel.
        after_look: called in each read after the job was looked at.
        before_cancel: called in each cancel before the job is asked.
    """

    provider = "Far"
    blocking: ClassVar[bool] = True
    pace = Pace(first=1.0, ceiling=3.0)

    def __init__(self, job: FakeJob, clock: ManualClock) -> None:
        super().__init__(job)
        self.clock = clock
        self.read_at: list[float] = []
        self.cancelled_at: list[float] = []
        self.after_look: Callable[[], None] = lambda: None
        self.before_cancel: Callable[[], None] = lambda: None

    def read(self, last: JobSnapshot) -> JobSnapshot:
        self.read_at.append(self.clock.monotonic())
        snapshot = super().read(last)
        self.after_look()
        return snapshot

    def cancel(self) -> CancelReport:
        self.cancelled_at.append(self.clock.monotonic())
        self.before_cancel()
        return super().cancel()


def in_thread(task: Callable[[], object]) -> threading.Thread:
    """Begin ``task`` on a thread of its own."""
    thread = threading.Thread(target=task, daemon=True)
    thread.start()
    return thread


def join(*threads: threading.Thread) -> None:
    """Wait for the end of ``threads``, also of one that is only just being started."""
    for thread in threads:
        wait_until(lambda thread=thread: thread.ident is not None)  # type: ignore[misc]
        thread.join(PATIENCE)
        assert not thread.is_alive()


class Heard:
    """A listener that a test can wait for.

    Attributes:
        then: called with each snapshot that was heard.
    """

    def __init__(self) -> None:
        self.then: Callable[[JobSnapshot], object] = lambda _: None
        self.snapshots: list[JobSnapshot] = []
        self._changed = threading.Condition()

    def __call__(self, snapshot: JobSnapshot) -> None:
        with self._changed:
            self.snapshots.append(snapshot)
            self._changed.notify_all()
        self.then(snapshot)

    @property
    def last(self) -> JobSnapshot:
        return self.snapshots[-1]

    def await_one(self, wanted: Callable[[JobSnapshot], bool]) -> None:
        """Block until a snapshot was heard that is ``wanted``."""
        with self._changed:
            assert self._changed.wait_for(lambda: any(map(wanted, self.snapshots)), PATIENCE)


def wait_until(condition: Callable[[], bool], patience: float = 2 * PATIENCE) -> None:
    """Block until ``condition``, of which nobody tells."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Monitored:
    """One job under tracked."""

    def __init__(self, job: FakeJob, adapter: FarAdapter) -> None:
        self.job = job
        self.adapter = adapter
        self.heard = Heard()
        self.tracked = TrackedJob(adapter, JobSnapshot(uid=job.job_id(), job_id=job.job_id()), self.heard)

    @property
    def state(self) -> JobState:
        return self.tracked.snapshot.state

    @property
    def gaps(self) -> list[float]:
        """The seconds between the reads."""
        read_at = self.adapter.read_at
        return [round(later - earlier, 3) for earlier, later in pairwise(read_at)]


class Station:
    """A monitor with its clock and runner.

    Args:
        runner: the runner, if not one on the test's own thread.
    """

    def __init__(self, runner: Runner | None = None) -> None:
        self.clock = ManualClock(start=1_000.0)
        self.runner = FakeRunner(self.clock)
        self.monitor = Monitor(runner or self.runner, self.clock)

    def prepare(
        self, adapter_class: type[FarAdapter] = FarAdapter, *, push: bool = False, name: str = "job"
    ) -> Monitored:
        """A new job that is not watched yet."""
        job = FakeJob(name, push=push)
        return Monitored(job, adapter_class(job, self.clock))

    def add(self, adapter_class: type[FarAdapter] = FarAdapter, *, push: bool = False, name: str = "job") -> Monitored:
        """Watch a new job."""
        monitored = self.prepare(adapter_class, push=push, name=name)
        self.monitor.watch(monitored.tracked)
        return monitored

    def advance(self, seconds: float) -> None:
        """Let time pass, with everything that becomes due."""
        self.runner.advance(seconds)
