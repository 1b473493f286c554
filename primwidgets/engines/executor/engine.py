"""Any ``concurrent.futures.Executor``: threads, processes, MPI, and the clusters for which other packages have one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import partial
from pickle import PicklingError
from typing import Any, Final

from typing_extensions import override

from primwidgets._progress.track import CallContext
from primwidgets.engines._remote.channel import Message
from primwidgets.engines._remote.job import ConnectedJob
from primwidgets.engines._remote.pickled import PickledCall, PickledOutcome
from primwidgets.engines.base import Engine, FunctionCall, inside, with_its_own_frames
from primwidgets.engines.executor.polling import PollingFuture
from primwidgets.errors import EngineError, JobCancelled, WorkerDied
from primwidgets.snapshot import JobState

#: How long what was told is waited for when the outcome is here; of a crash, nobody knows whether there was more.
_HEAR_SECONDS: Final = 2.0
_HEAR_AFTER_CRASH_SECONDS: Final = 0.5

#: Executors whose workers are threads of this process: nothing is pickled.
_IN_PROCESS: Final = frozenset({"concurrent.futures.thread:ThreadPoolExecutor"})
#: Executors whose workers are processes of this machine. They call some of those that wait running, and these can no
#: longer be cancelled; so what the worker tells is believed, and what has not begun is withdrawn.
_ON_THIS_MACHINE: Final = frozenset(
    {"concurrent.futures.process:ProcessPoolExecutor", "loky.process_executor:ProcessPoolExecutor"}
)
_OUT_OF_REACH: Final = "It runs where the kernel cannot reach it. Only a call that still waits can be cancelled."
#: So long after an executor called it running, a call that has not told anything is taken to be out of reach.
_REACH_SECONDS: Final = 10.0


class ExecutorJob(ConnectedJob):
    """A call that an executor carries out."""

    def __init__(self, task: FunctionCall, executor: Executor) -> None:
        super().__init__(task)
        self.engine = type(executor).__name__  # type: ignore[misc]  # each executor is an engine of its own
        self.inner: Future[Any] = Future()
        self._on_this_machine = _is_one_of(_ON_THIS_MACHINE, executor)
        self.pushes_start = self._on_this_machine or _is_one_of(_IN_PROCESS, executor)
        self._silent_since: float | None = None
        self._lock = threading.Lock()

    @override
    def state(self) -> JobState:
        state = super().state()
        if state is not JobState.QUEUED or self._on_this_machine or not self.inner.running():
            return state
        now = time.monotonic()
        self._silent_since = self._silent_since or now
        if now - self._silent_since >= _REACH_SECONDS:
            self.cannot_stop = _OUT_OF_REACH
        return JobState.RUNNING

    @override
    def cancel(self) -> bool | None:  # type: ignore[override]  # a future knows at once
        """What waits is taken back, what runs is asked to stop."""
        with self._lock:
            self.context.cancelled = True
        if self._take_back() or (self._on_this_machine and self.withdraw()):
            return True
        if self.connection is not None:
            self.connection.cancel()
        if self.future.done() or (self.running() and self.cannot_stop is not None):
            return False
        return None if self.context.started_at is None else True  # it was asked to; nobody knows whether it hears that

    def begin_here(self) -> CallContext:
        """Note that the call begins on a thread of this process."""
        context = CallContext()
        with self._lock:
            context.cancelled = self.context.cancelled
            context.echo = self.context.echo
            context.begin()
            self.context = context
        self.tell_listeners()
        return context

    @override
    def heard(self, message: Message) -> None:
        self.cannot_stop = None  # who calls can be called
        super().heard(message)

    def landed(self, inner: Future[Any]) -> None:
        """Take the outcome from the executor, on whatever thread it tells it."""
        hear = 0.0
        result: Any = None
        error: BaseException | None
        if inner.cancelled():
            self.give_up()
            self.hang_up()
            return
        if (error := inner.exception()) is not None:
            if self.connection is not None:
                hear = _HEAR_AFTER_CRASH_SECONDS
            error = _explained(with_its_own_frames(error), self.engine)
        elif isinstance(result := inner.result(), PickledOutcome):
            hear = _HEAR_SECONDS if result.connected else 0.0
            result, error = result.open()
        if isinstance(error, KeyboardInterrupt) and self.context.cancelled:  # so some executors end what runs
            error = JobCancelled("The job was cancelled.")
        if self.connection is None:
            self.settle(result, error)
        else:
            self.connection.when_ended(hear, partial(self.settle, result, error))

    def _take_back(self) -> bool:
        try:
            return bool(self.inner.cancel())
        except NotImplementedError:  # as some executors have it
            return False


class ExecutorEngine(Engine):
    """Runs calls on an executor that somebody else made, and shuts down.

    Args:
        executor: the executor.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    @override
    def start(self, task: FunctionCall) -> ExecutorJob:
        job = ExecutorJob(task, self._executor)
        call = _Call(job, task, None if _is_one_of(_IN_PROCESS, self._executor) else self.pickle_call(job, task))
        try:
            inner = self._executor.submit(carry_out, call)
        except EngineError:
            job.hang_up()
            raise
        except (RuntimeError, PicklingError, TypeError, AttributeError) as error:
            job.hang_up()
            raise EngineError(f"{job.engine} does not take {task.name}: {error}") from error
        job.inner = inner if hasattr(inner, "add_done_callback") else _asked(inner)
        job.inner.add_done_callback(job.landed)
        return job

    def pickle_call(self, job: ExecutorJob, task: FunctionCall) -> PickledCall | EngineError:
        """The call to be pickled; why it cannot be, for executors of which it is not known whether they would."""
        try:
            return job.pickle_call(task)
        except EngineError as error:
            if _is_one_of(_ON_THIS_MACHINE, self._executor):
                raise
            return error


def carry_out(call: Callable[[], Any]) -> Any:
    """Call it. Executors may keep what they are given as a function, so they are given the same one each time."""
    return call()


class _Call:
    """What an executor is given: called here, it runs the task here; pickled, it becomes a ``PickledCall``."""

    __slots__ = ("_job", "_pickled", "_task")

    def __init__(self, job: ExecutorJob, task: FunctionCall, pickled: PickledCall | EngineError | None) -> None:
        self._job = job
        self._task = task
        self._pickled = pickled

    def __call__(self) -> Any:
        context = self._job.begin_here()
        context.check()
        with inside(context):
            return self._task()

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        if isinstance(self._pickled, EngineError):
            raise self._pickled
        if self._pickled is None:
            raise EngineError("This executor was taken for one of threads, which pickle nothing.")
        return _itself, (self._pickled,)


def _asked(inner: Any) -> PollingFuture:
    def is_running() -> bool:
        return getattr(inner, "state", None) == "RUNNING"

    if type(inner).__module__.partition(".")[0] != "submitit":
        return PollingFuture(inner, is_running, inner.done)
    # It looks at most once a minute by itself, and its result() waits for a file that a killed job never writes.
    return PollingFuture(inner, is_running, partial(inner.done, force_check=True), inner.paths.result_pickle.exists)


def _itself(call: PickledCall) -> PickledCall:
    return call


def _is_one_of(names: frozenset[str], executor: Executor) -> bool:
    return any(f"{kind.__module__}:{kind.__qualname__}" in names for kind in type(executor).__mro__)


def _explained(error: BaseException, engine: str) -> BaseException:
    if not isinstance(error, BrokenExecutor):
        return error
    died = WorkerDied(
        f"A worker of {engine} ended before its function did, perhaps because memory ran out. That breaks the whole "
        f"executor: make a new one. It says: {error}"
    )
    died.__cause__ = error
    return died
