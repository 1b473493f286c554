"""The job of one call of a primitive whose PUBs run in shards."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from qiskit.primitives import PrimitiveResult
from qiskit.providers import JobStatus
from typing_extensions import override

from primwidgets._progress.track import LOG_CHARACTERS, CallContext, Progress
from primwidgets._threads import Workers
from primwidgets.adapters._common.observables import NamedValues
from primwidgets.engines import Engine, FunctionCall, FunctionJob
from primwidgets.engines.base import FutureJob
from primwidgets.errors import JobCancelled
from primwidgets.primitives.shard_run import Outcome, run_shard
from primwidgets.primitives.sharding import Shard
from primwidgets.snapshot import JobState


class ParallelJob(FutureJob[Any]):
    """A call whose PUBs run in shards, each of them a job of an engine.

    It is in a final state when all shards are, so that nothing is left running. A failed shard cancels the others.

    Args:
        name: title of the card.
        engine: where the shards run.
        shards: all shards of the call, in order.

    Raises:
        EngineError: a shard cannot be sent there; no shard runs then.

    Attributes:
        failed_pub: the index of the PUB that failed; ``None`` if none did.
        pubs: the observables of each PUB, without its circuit and its parameters, which may be large.
    """

    stops_when: ClassVar[str | None] = "It stops before the next PUBs."

    def __init__(self, name: str, engine: Engine, shards: Sequence[Shard]) -> None:
        self.parts: list[Part] = []
        self._merged = _MergedContext(self.parts)
        super().__init__(FunctionCall(run_shard, name=name), self._merged)
        self.failed_pub: int | None = None
        self.pubs = [NamedValues.of(pub) for shard in shards for pub in shard.pubs]
        self._error: BaseException | None = None
        self._due = False
        self._due_lock = threading.Lock()
        self._looking = threading.Lock()
        self.follow(Future())
        self._start(engine, shards)

    def _start(self, engine: Engine, shards: Sequence[Shard]) -> None:
        try:
            for shard in shards:
                job = engine.start(FunctionCall(run_shard, (shard,), name=self.name))
                self.parts.append(Part(shard.first, len(shard.pubs), job.context, job))
        except BaseException:
            self._cancel_parts()
            raise
        jobs = [part.job for part in self.parts if part.job is not None]
        self.engine, self.remote = jobs[0].engine, jobs[0].remote  # type: ignore[misc]  # it has no engine of its own
        for job in jobs:
            job.add_listener(self._changed)
        self._changed()

    @override
    def state(self) -> JobState:
        if self.context.started_at is None:
            self._merged.note_start()
        return super().state()

    @override
    def status(self) -> Any:
        """The state as Qiskit's ``JobStatus``."""
        return JobStatus[self.state().value]

    def partial_results(self) -> list[Any]:
        """A ``PubResult`` for each PUB, ``None`` where there is none.

        While the job runs, this includes the finished shards. After a cancel or a failure, it also includes the PUBs
        that an unfinished shard had completed, unless its process was killed.
        """
        return [result for part in self.parts for result in part.results()]

    @override
    def cancel(self) -> bool:
        """Ask all shards to stop."""
        asked = not self.future.done()
        self.context.cancelled = True
        self._cancel_parts()
        self._changed()
        return asked

    def _cancel_parts(self) -> None:
        for part in self.parts:
            if (job := part.job) is not None and not job.in_final_state():
                with contextlib.suppress(Exception):  # an engine that fails here must not keep the others running
                    job.cancel()

    def _changed(self) -> None:
        """Have somebody look at the shards soon. Called on threads of engines, which may not wait."""
        with self._due_lock:
            due, self._due = self._due, True
        if not due:
            _lookers.submit(self._look)

    def _look(self) -> None:
        with self._looking:
            with self._due_lock:
                self._due = False
            self._merged.note_start()
            for part in self.parts:
                if part.job is not None and part.job.in_final_state():
                    self._collect(part, part.job)
            over = all(part.outcome is not None for part in self.parts)
            if over and not self.future.done():
                self._end()
        if not over:
            self.notify_listeners()

    def _collect(self, part: Part, job: FunctionJob[Outcome]) -> None:
        outcome = _outcome_of(job)
        part.outcome, part.job = outcome, None  # so that a cluster need not keep it
        if outcome.error is None or self._error is not None or self.context.cancelled:
            return
        self._error, self.failed_pub = outcome.error, outcome.failed
        where = part.name if outcome.failed is None else f"pubs[{outcome.failed}]"
        self._merged.report(None, f"{where} failed.")
        trace = outcome.trace if outcome.error.__traceback__ is None else None  # it does not travel with the exception
        with contextlib.suppress(Exception):
            outcome.error.add_note(f"{where} failed." if trace is None else f"{where} failed:\n{trace}")
        self._cancel_parts()

    def _end(self) -> None:
        try:
            result = self._whole_result()
        except BaseException as error:  # noqa: BLE001  (it is raised where the result is asked for)
            self.future.set_exception(error)
        else:
            self.future.set_result(result)

    def _whole_result(self) -> PrimitiveResult:
        if self._error is not None:
            raise self._error
        if not all(part.complete for part in self.parts):
            raise JobCancelled("The job was cancelled; partial_results() has what was finished.")
        first = self.parts[0].outcome
        return PrimitiveResult(self.partial_results(), metadata=None if first is None else first.metadata)


@dataclass(slots=True)
class Part:
    """One shard of a job.

    Attributes:
        first: the index of its first PUB in the call.
        size: the number of its PUBs.
        context: its progress and output.
        job: the job that runs it; ``None`` once it has ended.
        outcome: its outcome; ``None`` until it has ended.
    """

    first: int
    size: int
    context: CallContext
    job: FunctionJob[Outcome] | None
    outcome: Outcome | None = None

    @property
    def name(self) -> str:
        """Name for messages."""
        return f"pubs[{self.first}:{self.first + self.size}]"

    @property
    def complete(self) -> bool:
        """Whether all of its PUBs have results."""
        outcome = self.outcome
        return outcome is not None and outcome.metadata is not None and len(outcome.results) == self.size

    def results(self) -> list[Any]:
        """A result for each PUB, ``None`` where there is none."""
        done = [] if self.outcome is None else self.outcome.results
        return [*done, *[None] * (self.size - len(done))]

    def done(self) -> float:
        """Number of finished PUBs, including fractions of a running shard."""
        if self.outcome is not None:
            return len(self.outcome.results)
        return (self.context.progress().fraction or 0.0) * self.size


def _outcome_of(job: FunctionJob[Outcome]) -> Outcome:
    """The outcome of a call that has ended; may fetch it from another machine."""
    if job.state() is JobState.CANCELLED:
        return Outcome()
    try:
        return job.result()
    except BaseException as error:  # noqa: BLE001  (the exception is the outcome)
        return Outcome(error=error)


class _MergedContext(CallContext):
    """The merged context of all shards."""

    def __init__(self, parts: list[Part]) -> None:
        super().__init__()
        self._parts = parts

    def note_start(self) -> None:
        """Copy start time and place from the shards."""
        starts = [at for part in self._parts if (at := part.context.started_at) is not None]
        places = sorted({place for part in self._parts if (place := part.context.place) is not None})
        self.started_at = min(starts, default=None)
        self.place = f"{len(places)} places" if len(places) > 1 else next(iter(places), None)

    @override
    def progress(self) -> Progress:
        total = sum(part.size for part in self._parts)
        if not total:
            return Progress(message=self._message)
        done = sum(part.done() for part in self._parts)
        whole = int(done + 1e-6)  # count whole PUBs; the tolerance is for sums of fractions
        return Progress(min(1.0, done / total), f"{whole:,} of {total:,} PUBs", self._message)

    @override
    @property
    def log(self) -> str:
        return "".join(self._logs())[-LOG_CHARACTERS:]

    @override
    def log_tail(self, characters: int) -> str | None:
        tails = [part.context.log_tail(characters) for part in self._parts]
        return "".join(filter(None, tails)) or None

    def _logs(self) -> Iterator[str]:
        return (part.context.log for part in self._parts)


#: Threads that check the shards of all jobs, since fetching a result may take a while.
_lookers: Final = Workers()
