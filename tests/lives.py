"""Random lives of jobs, with a random delay in each seam between a job and what is shown of it, many at a time."""

from __future__ import annotations

import contextlib
import itertools
import random
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from comm.base_comm import BaseComm

from primwidgets import WidgetJob, register_adapter, track
from primwidgets._jupyter.hub import Hub
from primwidgets._jupyter.protocol import Verb, command_message
from primwidgets._monitor.monitor import Monitor
from primwidgets._threads import ThreadRunner, Workers
from primwidgets.adapters.base import Pace
from primwidgets.engines.base import FunctionCall
from primwidgets.engines.threads import LocalEngine
from primwidgets.snapshot import JobSnapshot, JobState
from primwidgets.testing import FakeAdapter, FakeJob

#: So long after a change everything has to tell it.
PROMISE_SECONDS: Final = 1.0

Kind = Literal["push", "poll", "slow", "slow poll", "future", "submit"]
KINDS: Final[tuple[Kind, ...]] = ("push", "poll", "slow", "slow poll", "future", "submit")
#: What is compared: the state, and the progress of a job that has not ended.
Truth = tuple[JobState, float | None]


@dataclass(frozen=True, slots=True)
class Life:
    """What happens to one job, and how slow everybody is. Times are in seconds.

    Attributes:
        kind: how its provider is.
        gaps: before each of its steps: it starts, gets on some times, and ends.
        fails: whether it ends with an error.
        press: when somebody presses Cancel.
        answer: what a provider that is scripted says to that.
        shown: whether a frontend shows the card.
        read: how long a read of a slow provider takes, half of it before and half of it after the look at the job.
        subscribe: how long it takes to subscribe.
        deliver: how long the listener takes.
        send: how long a message takes.
    """

    kind: Kind
    gaps: tuple[float, ...]
    fails: bool
    press: float | None
    answer: Literal["accepts", "refuses", "ignores"]
    shown: bool
    read: float
    subscribe: float
    deliver: float
    send: float

    @classmethod
    def drawn(cls, draw: random.Random) -> Life:
        """A life at random."""
        gaps = [draw.choice((0.0, 0.02, 0.1, 0.4, 1.3)) * draw.uniform(0.5, 1.0) for _ in range(draw.randint(2, 4))]
        return cls(
            kind=draw.choice(KINDS),
            gaps=tuple(gaps),
            fails=draw.random() < 0.2,
            press=draw.uniform(0.0, 1.5) if draw.random() < 0.3 else None,
            answer=draw.choice(("accepts", "refuses", "ignores")),
            shown=draw.random() < 0.5,
            read=draw.choice((0.0, 0.01, 0.05)),
            subscribe=draw.choice((0.0, 0.02, 0.05)),
            deliver=draw.choice((0.0, 0.0, 0.02)),
            send=draw.choice((0.0, 0.0, 0.01)),
        )


def pause(seconds: float) -> None:
    """Be slow."""
    if seconds:
        threading.Event().wait(seconds)


class LiveJob(FakeJob):
    """A scripted job that remembers its states."""

    def __init__(self, life: Life) -> None:
        super().__init__(push="poll" not in life.kind)
        self.life = life
        self.history: list[tuple[float, Truth]] = [(time.monotonic(), (JobState.QUEUED, None))]
        self._one = threading.RLock()
        if life.answer == "refuses":
            self.refuse_cancel("no")
        elif life.answer == "ignores":
            self.ignore_cancel()

    def move_to(self, state: JobState, *, progress: float | None = None, **fields: Any) -> None:
        with self._one:
            if not self.in_final_state():
                self.history.append((time.monotonic(), (state, progress)))
                super().move_to(state, progress=progress, **fields)


class SlowJob(LiveJob):
    """One of a provider that is far away."""


class NearAdapter(FakeAdapter):
    provider = "Near"
    pace = Pace(first=0.05, ceiling=0.4)

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.budget_key = job.life, id(job)  # each has a provider of its own

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        pause(self.job.life.subscribe)  # type: ignore[attr-defined]
        return super().subscribe(changed)


class SlowAdapter(NearAdapter):
    provider = "Slow"
    blocking: ClassVar[bool] = True

    def read(self, last: JobSnapshot) -> JobSnapshot:
        seconds = self.job.life.read  # type: ignore[attr-defined]
        pause(seconds / 2)
        read = super().read(last)
        pause(seconds / 2)
        return read


register_adapter(LiveJob, NearAdapter)
register_adapter(SlowJob, SlowAdapter)


class LiveFuture(Future[Any]):
    """A future that knows how slow its provider is, and whose executor takes note of a cancel."""

    life: Life

    def cancel(self) -> bool:
        return super().cancel() and not self.set_running_or_notify_cancel()


class LiveWidget(WidgetJob[Any, Any]):
    """A widget that is slow to take over what it is told, and remembers it."""

    life: Life | None = None
    taken: list[JobSnapshot] | None = None

    def _take(self, snapshot: JobSnapshot) -> None:
        if self.life is not None and self.taken is not None:
            pause(self.life.deliver)
            self.taken.append(snapshot)
        super()._take(snapshot)


class World:
    """A monitor and a hub of the test's own, and a frontend that keeps what it was sent last.

    Attributes:
        told: the fields of each job as the hub sent them, by uid.
        seen: the traits of each card as they were sent, by model id.
    """

    def __init__(self) -> None:
        self.monitor = Monitor(ThreadRunner(Workers(idle_seconds=0.05)))
        self.told: dict[str, dict[str, Any]] = {}
        self.seen: dict[str, dict[str, Any]] = {}
        self.slow: dict[str, float] = {}
        self.engine = LocalEngine(threads=200)
        self.hub = Hub(self.monitor, self._receive)
        self.hub.receive(command_message(Verb.SYNC))

    def create_comm(self, *args: Any, **kwargs: Any) -> BaseComm:
        """What takes the place of ``comm.create_comm``."""
        world = self

        class Comm(BaseComm):
            def publish_msg(self, msg_type: str, data: Any = None, *_: object, **__: object) -> None:
                pause(world.slow.get(self.comm_id, 0.0))
                world.seen.setdefault(self.comm_id, {}).update((data or {}).get("state", {}))

        return Comm(*args, **kwargs)

    def _receive(self, message: Mapping[str, Any]) -> None:
        pause(0.01)
        if message["whole"]:
            self.told.clear()
        for fields in message["jobs"]:
            self.told.setdefault(fields["uid"], {}).update(fields)
        for uid in message["removed"]:
            self.told.pop(uid, None)


class Lived:
    """One life in a world.

    Attributes:
        wrong: what was not as it should have been.
    """

    def __init__(self, life: Life, world: World) -> None:
        self.life = life
        self.world = world
        self.wrong: list[str] = []
        self.widget: LiveWidget | None = None
        self._steps = len(life.gaps) - 2
        self._gate = threading.Semaphore(0)
        self.history: list[tuple[float, Truth]] = []
        self.job: Any = self._start()
        self.note()

    def wrap(self) -> None:
        """Have the job watched, on a thread that may be slow."""
        widget = LiveWidget(self.job)
        widget.taken = []
        widget.life = self.life
        if self.life.shown and (model_id := widget.model_id) is not None:
            self.world.slow[model_id] = self.life.send
        self.widget = widget

    def step(self, number: int) -> None:
        """Do what comes next."""
        last = number == len(self.life.gaps) - 1
        if isinstance(self.job, LiveJob):
            self._move(number, last)
        elif isinstance(self.job, LiveFuture):
            with contextlib.suppress(InvalidStateError, RuntimeError):
                self._advance(number, last)
        else:
            self._gate.release()
        self.note()

    def press(self) -> None:
        """Press Cancel, if there is a card by now."""
        if self.widget is not None:
            self.world.hub.receive(command_message(Verb.CANCEL, self.widget.snapshot.uid))

    def check(self, lag: float) -> None:
        """Compare everything that is shown with what was true within the time that is promised."""
        widget, now = self.widget, time.monotonic()
        if widget is None or (widget.taken is None):
            return
        allowed = self._true_since(now - PROMISE_SECONDS - lag)
        snapshot = widget.snapshot
        shown = {
            "snapshot": (snapshot.state, snapshot.progress),
            "traits": (JobState(widget.state), widget.progress),
            "hub": _truth_in(self.world.told.get(snapshot.uid, {})),
        }
        if self.life.shown:
            shown["card"] = _truth_in(self.world.seen.get(str(widget.model_id), {}))
        for where, (state, progress) in shown.items():
            if not any(state is s and (s.is_final or progress == p) for s, p in allowed):
                self.wrong.append(f"{where} says {state} {progress}, true was {allowed}")

    def end(self, lag: float) -> None:
        """Look at the whole life, and close it."""
        self.check(lag)
        widget, truth = self.widget, self.truth()[0]
        if widget is None or widget.taken is None:
            self.wrong.append("was never wrapped")
            return
        states = [snapshot.state for snapshot in widget.taken]
        if any(_RANK[later] < _RANK[earlier] for earlier, later in itertools.pairwise(states)):
            self.wrong.append(f"went backwards: {states}")
        if not truth.is_final or {state for state in states if state.is_final} - {truth}:
            self.wrong.append(f"ended as {truth}: {states}")
        if widget.cancel_state == "REQUESTED":
            self.wrong.append("a request stays open")
        widget.close()

    def truth(self) -> Truth:
        """What the job itself says."""
        if isinstance(self.job, LiveJob):
            return self.job.history[-1][1]
        if isinstance(self.job, LiveFuture):
            return _state_of(self.job), None
        state, fraction = self.job.state(), self.job.context.progress().fraction
        return state, fraction

    def note(self) -> None:
        """Remember what is true now."""
        self.history.append((time.monotonic(), self.truth()))

    def _true_since(self, since: float) -> list[Truth]:
        self.note()
        history = self.job.history if isinstance(self.job, LiveJob) else self.history
        first = max((n for n, (at, _) in enumerate(history) if at <= since), default=0)
        return [truth for _, truth in history[first:]]

    def _start(self) -> Any:
        if self.life.kind == "future":
            future = LiveFuture()
            future.life = self.life
            return future
        if self.life.kind == "submit":
            job = self.world.engine.start(FunctionCall(_work, (self._gate, len(self.life.gaps) - 1, self.life.fails)))
            job.__dict__["life"] = self.life
            return job
        return (SlowJob if "slow" in self.life.kind else LiveJob)(self.life)

    def _move(self, number: int, last: bool) -> None:
        if not last:
            self.job.move_to(JobState.RUNNING, progress=number / 10)
        elif self.life.fails:
            self.job.fail(ValueError("no such qubit"))
        else:
            self.job.finish()

    def _advance(self, number: int, last: bool) -> None:
        if number == 0:
            self.job.set_running_or_notify_cancel()
        elif last and self.life.fails:
            self.job.set_exception(ValueError("no such qubit"))
        elif last:
            self.job.set_result(1)


_RANK: Final = {state: min(rank, 3) for rank, state in enumerate(JobState)}


def _work(gate: threading.Semaphore, steps: int, fails: bool) -> None:
    gate.acquire()
    for _ in track(range(steps)):
        gate.acquire()
    if fails:
        raise ValueError("no such qubit")


def _state_of(future: Future[Any]) -> JobState:
    if future.running():
        return JobState.RUNNING
    if not future.done():
        return JobState.QUEUED
    if future.cancelled():
        return JobState.CANCELLED
    return JobState.DONE if future.exception() is None else JobState.ERROR


def _truth_in(wire: Mapping[str, Any]) -> Truth:
    return JobState(wire.get("state", "INITIALIZING")), wire.get("progress")


def slow_subscriptions(patch: Any) -> None:
    """Have the adapters of futures and functions subscribe as slowly as the job's life says."""
    from primwidgets.adapters.concurrent_futures import FutureAdapter
    from primwidgets.engines.adapter import FunctionJobAdapter

    for adapter in (FutureAdapter, FunctionJobAdapter):
        patch.setattr(adapter, "subscribe", _slowly(adapter.subscribe))


def _slowly(subscribe: Callable[..., Any]) -> Callable[..., Any]:
    def slow(self: Any, changed: Callable[[], None]) -> Any:
        life = getattr(self.job, "life", None)
        pause(0.0 if life is None else life.subscribe)
        return subscribe(self, changed)

    return slow
