"""Where simulated jobs come from."""

from __future__ import annotations

import itertools
import random
from itertools import accumulate
from typing import Any, Final, get_args

from primwidgets._clock import SYSTEM_CLOCK, Clock
from primwidgets.simulated.job import SimulatedJob, SimulatedResult
from primwidgets.simulated.script import CancelManner, Outcome, Script

_SHOTS: Final = 1024


class SimulatedProvider:
    """Runs simulated jobs. Two providers with the same seed run the same jobs in the same order.

    Args:
        seed: decides how fast the queue moves and what is measured.
        clock: where the time comes from.
        seconds_per_place: how long a place in the queue takes, on average.
    """

    def __init__(self, seed: int = 0, clock: Clock = SYSTEM_CLOCK, *, seconds_per_place: float = 1.0) -> None:
        self._seed = seed
        self._clock = clock
        self._seconds_per_place = seconds_per_place
        self._numbers = itertools.count(1)
        self._jobs: dict[str, SimulatedJob] = {}

    def run(
        self,
        name: str | None = None,
        *,
        queue: int = 3,
        seconds: float = 5.0,
        circuits: int = 40,
        outcome: Outcome = "done",
        cancel: CancelManner = "accept",
        outage: tuple[float, float] | None = None,
        result: Any = None,
        remote: bool = False,
    ) -> SimulatedJob:
        """Submit a job.

        Args:
            name: kept in the job's metadata.
            queue: its place in the queue at the start; 0 runs at once.
            seconds: how long it runs.
            circuits: how many circuits it counts its progress in.
            outcome: how it ends: *done* or, before its time, *fail*.
            cancel: what becomes of a cancel: *accept*, *slow* (2 s later), *refuse* (with a reason) or *ignore*.
            outage: from when to when, in seconds from now, the provider cannot be reached.
            result: what ``result()`` returns; without it, a ``SimulatedResult``.
            remote: whether it pretends to run on somebody else's machine.

        Raises:
            ValueError: a number is out of range, or a word is not one of those above.
        """
        _check(queue, seconds, circuits, outcome, cancel)
        job_id = f"sim-{self._seed}-{next(self._numbers)}"
        chance = random.Random(job_id)
        now = self._clock.now()
        script = Script(
            submitted_at=now,
            turns_at=tuple(accumulate(self._waits(queue, chance), initial=now))[1:],
            seconds=seconds,
            circuits=circuits,
            outcome=outcome,
            cancel=cancel,
            outage=None if outage is None else (now + outage[0], now + outage[1]),
        )
        measured = _measure(chance) if result is None else result
        metadata = {} if name is None else {"name": name}
        self._jobs[job_id] = SimulatedJob(job_id, script, self._clock, measured, remote=remote, **metadata)
        return self._jobs[job_id]

    def retrieve(self, job_id: str) -> SimulatedJob:
        """The job with that id, also after its handle was lost.

        Raises:
            KeyError: this provider has no such job.
        """
        return self._jobs[job_id]

    def _waits(self, queue: int, chance: random.Random) -> list[float]:
        return [self._seconds_per_place * chance.uniform(0.5, 1.5) for _ in range(queue)]


def _check(queue: int, seconds: float, circuits: int, outcome: str, cancel: str) -> None:
    if queue < 0 or seconds <= 0 or circuits < 1:
        raise ValueError("queue must be 0 or more, seconds more than 0, circuits 1 or more.")
    for given, known in ((outcome, get_args(Outcome)), (cancel, get_args(CancelManner))):
        if given not in known:
            raise ValueError(f"{given!r} is not one of {', '.join(known)}.")


def _measure(chance: random.Random) -> SimulatedResult:
    zeros = chance.getrandbits(_SHOTS).bit_count()
    return SimulatedResult({"00": zeros, "11": _SHOTS - zeros}, _SHOTS)
