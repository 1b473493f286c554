"""The handle to a simulated job. Nothing runs and nothing ticks: it looks up its script at the time of the clock."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any, Final

from typing_extensions import override

from primwidgets._clock import Clock
from primwidgets.errors import PrimwidgetsError
from primwidgets.primitive_job import BasePrimitiveJob
from primwidgets.simulated.script import Script, SimulatedStatus
from primwidgets.snapshot import JobState

_FAILURE: Final = "The simulated control electronics lost lock; nothing was measured."
_REFUSAL: Final = "The calibration window has begun; this job cannot be stopped any more."


class SimulatedFailure(PrimwidgetsError):
    """What ``result()`` of a job that was to fail raises."""


class SimulatedRefusal(PrimwidgetsError):
    """The provider does not want to cancel the job; the message says why."""


class SimulatedOutage(PrimwidgetsError, ConnectionError):
    """The provider cannot be reached at the moment."""


@dataclass(frozen=True, slots=True)
class SimulatedResult:
    """What a job measured.

    Attributes:
        counts: how often each outcome was seen. It is of a Bell pair: both bits are 0, or both are 1.
        shots: how often the circuit was run.
    """

    counts: Mapping[str, int]
    shots: int


class SimulatedJob(BasePrimitiveJob[Any, SimulatedStatus]):
    """A job that plays a script, made by ``SimulatedProvider.run``. May be used on any thread.

    Attributes:
        script: what is going to happen to it.
        remote: whether it pretends to run on somebody else's machine.
    """

    def __init__(
        self, job_id: str, script: Script, clock: Clock, outcome: Any, *, remote: bool = False, **metadata: Any
    ) -> None:
        super().__init__(job_id, **metadata)
        self.script = script
        self.remote = remote
        self._clock = clock
        self._outcome = outcome
        self._cancelled_at: float | None = None
        self._cancel_asked = threading.Condition()

    @override
    def status(self) -> SimulatedStatus:
        """The status now.

        Raises:
            SimulatedOutage: the provider cannot be reached at the moment.
        """
        return self._status(self._reach())

    def error_message(self) -> str | None:
        """Why the job failed; ``None`` if it did not."""
        return _FAILURE if self._status(self._clock.now()).state is JobState.ERROR else None

    @override
    def result(self) -> Any:
        """The result; blocks until the job has ended.

        Raises:
            SimulatedFailure: the job failed.
            concurrent.futures.CancelledError: the job was cancelled.
        """
        with self._cancel_asked:
            while not (status := self._status(now := self._clock.now())).state.is_final:
                ends_at = self.script.ends_at if self._cancelled_at is None else self._cancelled_at
                self._clock.wait(self._cancel_asked, ends_at - now)
        if status.state is JobState.CANCELLED:
            raise CancelledError(f"Job {self.job_id()} was cancelled.")
        if status.state is JobState.ERROR:
            raise SimulatedFailure(_FAILURE)
        return self._outcome

    @override
    def cancel(self) -> bool | None:
        """Ask for a cancel.

        Returns:
            ``True``: it is cancelled; ``False``: it was over already; ``None``: the request was taken.

        Raises:
            SimulatedRefusal: the provider says no.
            SimulatedOutage: the provider cannot be reached at the moment.
        """
        with self._cancel_asked:
            now = self._reach()
            if self._status(now).state.is_final:
                return False
            if self.script.cancel == "refuse":
                raise SimulatedRefusal(_REFUSAL)
            if self._cancelled_at is None:
                self._cancelled_at = self.script.cancelled_at(now)
                self._cancel_asked.notify_all()
        return True if self.script.cancel == "accept" else None

    @override
    def done(self) -> bool:
        return self.status().state is JobState.DONE

    @override
    def running(self) -> bool:
        return self.status().state is JobState.RUNNING

    @override
    def cancelled(self) -> bool:
        return self.status().state is JobState.CANCELLED

    @override
    def in_final_state(self) -> bool:
        return self.status().state.is_final

    def _reach(self) -> float:
        """The time at which the provider was reached."""
        now = self._clock.now()
        if self.script.is_out(now):
            raise SimulatedOutage("The simulated provider cannot be reached.")
        return now

    def _status(self, now: float) -> SimulatedStatus:
        return self.script.status(now, self._cancelled_at)
