"""A job under the real monitor, with something that happens at the worst moment: in one of the adapter's calls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from primwidgets._monitor.monitor import HEARTBEAT_SECONDS, Monitor
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets._threads import ThreadRunner, Workers
from primwidgets.adapters import Adapter
from primwidgets.snapshot import JobSnapshot

#: How long news may take to arrive, in real seconds: a job that is only looked at by the heartbeat is late.
PATIENCE_SECONDS: Final = HEARTBEAT_SECONDS / 2


class SeamedJob:
    """A job that the real monitor watches, on real threads.

    Args:
        adapter: reads the job; of its own, since ``before`` and ``after`` change it.
        first: what is known before the first read.

    Attributes:
        monitor: watches this job only.
        tracked: what is known of it.
        heard: what the listener was told, in order.
    """

    def __init__(self, adapter: Adapter[Any], first: JobSnapshot) -> None:
        self.monitor = Monitor(ThreadRunner(Workers(idle_seconds=0.05)))
        self.heard: list[JobSnapshot] = []
        self._adapter = adapter
        self._changed = threading.Condition()
        self.tracked = TrackedJob(adapter, first if adapter.blocking else adapter.read(first), self._hear)

    def before(self, method: str, action: Callable[[], object]) -> threading.Event:
        """Have ``action`` happen in the next call of the adapter's ``method``, before the provider is asked.

        Returns:
            is set when it has happened.
        """
        return self._hook(method, action, after=False)

    def after(self, method: str, action: Callable[[], object]) -> threading.Event:
        """Have ``action`` happen in the next call of ``method``, after the provider answered and before that is told.

        Returns:
            is set when it has happened.
        """
        return self._hook(method, action, after=True)

    def before_unsubscribing(self, action: Callable[[], object]) -> None:
        """Have ``action`` happen when the subscription, if there is one, is about to end."""
        subscribe = self._adapter.subscribe

        def hooked(changed: Callable[[], None]) -> Callable[[], None] | None:
            unsubscribe = subscribe(changed)
            if unsubscribe is None:
                return None

            def end() -> None:
                action()
                unsubscribe()

            return end

        setattr(self._adapter, "subscribe", hooked)  # noqa: B010  (a method of this one object)

    def begin(self) -> None:
        """Begin to tracked."""
        self.monitor.watch(self.tracked)

    def end(self) -> None:
        """End the tracked."""
        self.monitor.unwatch(self.tracked)

    def hears(self, wanted: Callable[[JobSnapshot], bool]) -> bool:
        """Block until what is known is ``wanted``; whether that was within ``PATIENCE_SECONDS``."""
        with self._changed:
            return self._changed.wait_for(lambda: wanted(self.tracked.snapshot), PATIENCE_SECONDS)

    def _hear(self, snapshot: JobSnapshot) -> None:
        with self._changed:
            self.heard.append(snapshot)
            self._changed.notify_all()

    def _hook(self, method: str, action: Callable[[], object], *, after: bool) -> threading.Event:
        real = getattr(self._adapter, method)
        happened = threading.Event()

        def act() -> None:
            if not happened.is_set():
                happened.set()
                action()

        def hooked(*args: Any, **kwargs: Any) -> Any:
            if not after:
                act()
            answer = real(*args, **kwargs)
            if after:
                act()
            return answer

        setattr(self._adapter, method, hooked)
        return happened
