"""Jobs of libraries that are not known, whose state is set by hand and whose answers take their time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from qiskit.providers import JobV1

from primwidgets import BasePrimitiveJob
from primwidgets.snapshot import JobState
from tests.lives import Life, Played, Truth, pause

_WORDS: Final = {
    JobState.QUEUED: "Pending",
    JobState.RUNNING: "In progress",
    JobState.DONE: "Succeeded",
    JobState.CANCELLED: "Canceled",
    JobState.ERROR: "failed",
}


class OwnState:
    """What the remaining kinds have in common: a state that is set by hand, and answers that take their time."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.now = JobState.QUEUED
        self.is_cancelling = False
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[Any], object]] = []

    def move(self, state: JobState) -> None:
        with self._lock:
            if self.now.is_final:
                return
            self.now = JobState.CANCELLED if self.is_cancelling and state.is_final else state
            callbacks = self._callbacks if self.now.is_final else []
        for callback in callbacks:
            callback(self)

    def stop(self) -> bool:
        """What ``cancel()`` does: it is carried out with the end of the job."""
        with self._lock:
            if self.now.is_final or self.life.answer == "refuses":
                return False
            self.is_cancelling = self.life.answer == "accepts"
            return True

    def ask(self, answer: Callable[[JobState], Any]) -> Any:
        pause(self.life.read / 10)
        told = answer(self.now)
        pause(self.life.read / 10)
        return told


class ForeignFuture(OwnState):
    """A future of a package that is not known."""

    def done(self) -> bool:
        return bool(self.ask(lambda now: now.is_final))

    def running(self) -> bool:
        return bool(self.ask(lambda now: now is JobState.RUNNING))

    def cancelled(self) -> bool:
        return bool(self.ask(lambda now: now is JobState.CANCELLED))

    def exception(self, timeout: float | None = None) -> BaseException | None:
        return ValueError("no such qubit") if self.now is JobState.ERROR else None

    def result(self, timeout: float | None = None) -> int:
        return 1

    def cancel(self) -> bool:
        return self.stop()

    def add_done_callback(self, callback: Callable[[Any], object]) -> None:
        with self._lock:
            if not self.now.is_final:
                self._callbacks.append(callback)
                return
        callback(self)


class CircuitJob(JobV1):  # type: ignore[misc]  # Qiskit has no types
    """A circuit job whose states have the words of no provider that is known."""

    def __init__(self, life: Life) -> None:
        super().__init__(None, f"circuit-{id(life)}")
        self.own = OwnState(life)

    def submit(self) -> None:
        raise NotImplementedError

    def result(self) -> Any:
        raise AssertionError("nobody may download this")

    def cancel(self) -> bool:
        return self.own.stop()

    def status(self) -> Any:
        return self.own.ask(lambda now: "CANCELLING" if self.own.is_cancelling and not now.is_final else _WORDS[now])


class OwnJob(BasePrimitiveJob[int, str]):
    """A job whose word says nothing, but whose booleans do."""

    def __init__(self, life: Life) -> None:
        super().__init__(f"own-{id(life)}")
        self.own = OwnState(life)

    def result(self) -> int:
        raise AssertionError("nobody may download this")

    def cancel(self) -> bool:
        return self.own.stop()

    def status(self) -> str:
        return "somewhere between the fridge and the door"

    def done(self) -> bool:
        return bool(self.own.ask(lambda now: now is JobState.DONE))

    def running(self) -> bool:
        return bool(self.own.ask(lambda now: now is JobState.RUNNING))

    def cancelled(self) -> bool:
        return bool(self.own.ask(lambda now: now is JobState.CANCELLED))

    def in_final_state(self) -> bool:
        return bool(self.own.ask(lambda now: now.is_final))


class StatePlayed(Played):
    """A job whose ``OwnState`` is moved by hand."""

    def __init__(self, life: Life, job: Any) -> None:
        super().__init__(life, job)
        self._own: OwnState = getattr(job, "own", job)

    def step(self, number: int) -> None:
        end = JobState.ERROR if self.life.fails else JobState.DONE
        self._own.move(end if self.is_last(number) else JobState.RUNNING)

    def truth(self) -> Truth:
        return self._own.now, None
