"""Random lives of jobs, with a random delay in each seam between a job and what is shown of it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from comm.base_comm import BaseComm

from primwidgets import WidgetJob
from primwidgets._jupyter.hub import Hub
from primwidgets._jupyter.protocol import Verb, command_message
from primwidgets._jupyter.stored_outputs import StoredOutputs
from primwidgets._monitor.monitor import Monitor
from primwidgets._threads import ThreadRunner, Workers
from primwidgets.adapters.asyncio import AsyncioFutureAdapter
from primwidgets.adapters.base import Pace
from primwidgets.adapters.base_primitive_job import BasePrimitiveJobAdapter
from primwidgets.adapters.concurrent_futures import FutureAdapter
from primwidgets.adapters.dask import DaskFutureAdapter
from primwidgets.adapters.foreign_futures import ForeignFutureAdapter
from primwidgets.adapters.ipyparallel import AsyncResultAdapter
from primwidgets.adapters.qiskit_ibm_runtime import RuntimeJobAdapter
from primwidgets.adapters.qiskit_jobs import JobV1Adapter
from primwidgets.engines.adapter import FunctionJobAdapter
from primwidgets.snapshot import JobSnapshot, JobState

#: Seconds after a change within which everything has to show it.
PROMISE_SECONDS: Final = 1.0
JOB_MIME: Final = "application/vnd.primwidgets.job+json"

#: The kinds of jobs, and how many of a hundred lives are of each. Those that need other processes are few.
KINDS: Final[Mapping[str, int]] = {
    "push": 11,
    "poll": 11,
    "slow push": 11,
    "slow poll": 11,
    "future": 11,
    "submit": 9,
    "queued call": 2,
    "task": 6,
    "asyncio future": 3,
    "foreign future": 4,
    "primitive": 4,
    "aer": 3,
    "circuit job": 4,
    "own job": 3,
    "executor of threads": 2,
    "process": 1,
    "executor of processes": 1,
    "ibm": 1,
    "dask": 1,
    "dask call": 1,
    "ipyparallel": 1,
    "ipyparallel call": 1,
}
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

    kind: str
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
            kind=draw.choices(list(KINDS), list(KINDS.values()))[0],
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

    @property
    def steps(self) -> int:
        """How many steps it has."""
        return len(self.gaps)


def pause(seconds: float) -> None:
    """Be slow."""
    if seconds:
        threading.Event().wait(seconds)


class Played:
    """A job of some provider, with what steers it and what is true of it.

    Args:
        life: what happens to it.
        job: what is wrapped.
    """

    def __init__(self, life: Life, job: Any) -> None:
        self.life = life
        self.job = job

    def step(self, number: int) -> None:
        """Have the job do what comes next."""
        raise NotImplementedError

    def truth(self) -> Truth:
        """What is true of the job now, from its provider and not from what is shown."""
        raise NotImplementedError

    def is_last(self, number: int) -> bool:
        """Whether a job ends with this step."""
        return number == self.life.steps - 1

    def history(self) -> list[tuple[float, Truth]] | None:
        """All truths with their times, of a job that notes them itself."""
        return None

    def close(self) -> None:
        """Leave nothing behind."""


class LiveWidget(WidgetJob[Any, Any]):
    """A widget that is slow to take over what it receives, and remembers it."""

    life: Life | None = None
    taken: list[JobSnapshot] | None = None

    def _take(self, snapshot: JobSnapshot) -> None:
        if self.life is not None and self.taken is not None:
            pause(self.life.deliver)
            self.taken.append(snapshot)
        super()._take(snapshot)


class World:
    """A monitor, a hub and stored outputs of the test's own, and a frontend that keeps what it was sent last.

    Attributes:
        hub_jobs: the fields of each job as the hub sent them, by uid.
        removed: the uids of those that the hub takes off; it keeps a bounded number of jobs that have ended.
        seen: the traits of each card as they were sent, by model id.
        stored: the output of each job that was displayed, by uid.
    """

    def __init__(self) -> None:
        self.monitor = Monitor(ThreadRunner(Workers(idle_seconds=0.05)))
        self.hub_jobs: dict[str, dict[str, Any]] = {}
        self.removed: set[str] = set()
        self.seen: dict[str, dict[str, Any]] = {}
        self.stored: dict[str, Mapping[str, Any]] = {}
        self.slow: dict[str, float] = {}
        self.outputs = StoredOutputs()
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

    def publish_display(self, bundle: Mapping[str, Any], *_: object, update: bool) -> None:
        """What takes the place of the kernel's own publishing of outputs."""
        if JOB_MIME in bundle:  # a card that was closed meanwhile is text alone
            self.stored[bundle[JOB_MIME]["snapshot"]["uid"]] = bundle

    def _receive(self, message: Mapping[str, Any]) -> None:
        pause(0.01)
        if message["whole"]:
            self.hub_jobs.clear()
        for fields in message["jobs"]:
            self.hub_jobs.setdefault(fields["uid"], {}).update(fields)
        for uid in message["removed"]:
            self.removed.add(uid)
            self.hub_jobs.pop(uid, None)


def slow_down(patch: Any, life_of: Callable[[Any], Life | None]) -> None:
    """Have the adapters of jobs that are no fakes subscribe and read as slowly as the job's life says.

    Those that ask their provider by the clock ask often enough for the promise.
    """
    pushing = (AsyncioFutureAdapter, FutureAdapter, DaskFutureAdapter, ForeignFutureAdapter, FunctionJobAdapter)
    for adapter in pushing:
        patch.setattr(adapter, "subscribe", _slowly(adapter.subscribe, life_of, "subscribe"))
    for adapter in (AsyncioFutureAdapter, FutureAdapter, DaskFutureAdapter, AsyncResultAdapter, FunctionJobAdapter):
        patch.setattr(adapter, "read", _slowly(adapter.read, life_of, "read"))
    for polled in (BasePrimitiveJobAdapter, ForeignFutureAdapter, RuntimeJobAdapter, JobV1Adapter):
        patch.setattr(polled, "pace", Pace(first=0.05, ceiling=0.4))


def _slowly(method: Callable[..., Any], life_of: Callable[[Any], Life | None], seam: str) -> Callable[..., Any]:
    """``method`` with a delay before it subscribes, or after it read."""

    def slow(self: Any, argument: Any) -> Any:
        life = life_of(self.job)
        seconds = 0.0 if life is None else getattr(life, seam)
        pause(seconds if seam == "subscribe" else 0.0)
        answer = method(self, argument)
        pause(seconds / 5 if seam == "read" else 0.0)
        return answer

    return slow
