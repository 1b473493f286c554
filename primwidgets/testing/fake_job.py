"""A job that does what the test says, and the adapter for it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters._common.describe import describe_error, describe_metadata
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters.base import Adapter, Pace
from primwidgets.primitive_job import BasePrimitiveJob
from primwidgets.snapshot import JobSnapshot, JobState


@dataclass(frozen=True, slots=True)
class FakeStatus:
    """Where a fake job is: its state and the provider's word for it, and what came of it."""

    state: JobState = JobState.QUEUED
    word: str = "QUEUED"
    progress: float | None = None
    progress_text: str | None = None
    queue_position: str | None = None
    message: str | None = None


class FakeJob(BasePrimitiveJob[Any, FakeStatus]):
    """A job whose life a test tells step by step. Safe to use from any thread.

    Args:
        job_id: its id.
        push: whether it tells its listeners of changes; if not, it has to be polled.
        **metadata: its metadata.

    Attributes:
        reads: how often ``status()`` was called.
        cancels: how often ``cancel()`` was called.
    """

    def __init__(self, job_id: str = "fake-1", *, push: bool = True, **metadata: Any) -> None:
        super().__init__(job_id, **metadata)
        self.push = push
        self.reads = 0
        self.cancels = 0
        self._status = FakeStatus()
        self._result: Any = None
        self._error: Exception | None = None
        self._outage: Exception | None = None
        self._answer: Callable[[], Any] = self._accept_cancel
        self._listeners: list[Callable[[], None]] = []
        self._changed = threading.Condition()

    def move_to(
        self,
        state: JobState,
        *,
        word: str | None = None,
        progress: float | None = None,
        progress_text: str | None = None,
        queue_position: str | None = None,
        message: str | None = None,
    ) -> None:
        """Put the job into ``state``, also back from a final one, and tell the listeners.

        Args:
            state: the new state.
            word: the provider's word for it, if not the name of the state.
            progress: fraction done, 0..1.
            progress_text: what it counts.
            queue_position: as the provider spells it.
            message: the provider's message.
        """
        with self._changed:
            self._status = FakeStatus(
                state, state.value if word is None else word, progress, progress_text, queue_position, message
            )
            self._changed.notify_all()
        for listener in tuple(self._listeners):
            listener()

    def finish(self, result: Any = None) -> None:
        """Let the job end successfully."""
        self._result = result
        self.move_to(JobState.DONE)

    def fail(self, error: Exception) -> None:
        """Let the job fail; ``result()`` raises ``error``."""
        self._error = error
        self.move_to(JobState.ERROR)

    def refuse_cancel(self, reason: str) -> None:
        """Have ``cancel()`` raise a ``RuntimeError`` with that reason from now on."""

        def refuse() -> None:
            raise RuntimeError(reason)

        self._answer = refuse

    def ignore_cancel(self) -> None:
        """Have ``cancel()`` return ``None`` and do nothing from now on; the test may move the job later."""
        self._answer = lambda: None

    def break_reads(self, error: Exception | None) -> None:
        """Have the provider raise ``error`` when it is asked for the status; ``None`` ends the outage."""
        self._outage = error

    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have ``listener`` called when the job changes, on the thread that changes it; returns how to end that."""
        self._listeners.append(listener)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return end

    @property
    def listeners(self) -> int:
        """How many listeners there are."""
        return len(self._listeners)

    @property
    def error(self) -> Exception | None:
        """What the job failed with."""
        return self._error if self._status.state is JobState.ERROR else None

    @override
    def status(self) -> FakeStatus:
        """Where the job is; raises what ``break_reads`` was told."""
        self.reads += 1
        if self._outage is not None:
            raise self._outage
        return self._status

    @override
    def result(self) -> Any:
        """The result; blocks until the job has ended. Raises its error, or ``concurrent.futures.CancelledError``."""
        with self._changed:
            self._changed.wait_for(lambda: self._status.state.is_final)
            state = self._status.state
        if state is JobState.CANCELLED:
            raise CancelledError(self.job_id())
        if state is JobState.ERROR and self._error is not None:
            raise self._error
        return self._result

    @override
    def cancel(self) -> Any:
        """Do what the test wants a cancel to do; without a word from it, the job is cancelled at once."""
        self.cancels += 1
        return False if self._status.state.is_final else self._answer()

    @override
    def done(self) -> bool:
        return self._status.state is JobState.DONE

    @override
    def running(self) -> bool:
        return self._status.state is JobState.RUNNING

    @override
    def cancelled(self) -> bool:
        return self._status.state is JobState.CANCELLED

    @override
    def in_final_state(self) -> bool:
        return self._status.state.is_final

    def _accept_cancel(self) -> bool:
        self.move_to(JobState.CANCELLED)
        return True


class FakeAdapter(Adapter[FakeJob]):
    """Reads ``FakeJob``; a subclass with ``blocking = True`` makes it look like a provider that is far away."""

    provider = "Fake"
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.01, ceiling=0.05)
    pushed: ClassVar[frozenset[JobState]] = frozenset({JobState.INITIALIZING, JobState.QUEUED, JobState.RUNNING})
    holds_result: bool = True

    @override
    def job_id(self) -> str:
        return self.job.job_id()

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        status = self.job.status()
        error = self.job.error
        return last.evolve(
            state=status.state,
            status_text=status.word,
            progress=status.progress,
            progress_text=status.progress_text,
            queue_position=status.queue_position,
            message=status.message,
            error=None if error is None else last.error or describe_error(error),
            can_cancel=not status.state.is_final,
            can_preview=status.state is JobState.DONE,
            metadata=describe_metadata(self.job.metadata),
        )

    @override
    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        return self.job.add_listener(changed) if self.job.push else None

    @override
    def when_ended(self, ended: Callable[[], None]) -> bool:
        def changed() -> None:
            if self.job.in_final_state():
                ended()

        if self.job.push:
            self.job.add_listener(changed)
            changed()
        return self.job.push

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result)
