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
from primwidgets.engines.base import Engine, FunctionCall, inside, strip_internal_frames
from primwidgets.engines.executor.polling import PollingFuture
from primwidgets.errors import EngineError, JobCancelled, WorkerDied
from primwidgets.snapshot import JobState

#: Seconds to wait for the last messages after the outcome; shorter after a crash.
_MESSAGES_SECONDS: Final = 2.0
_MESSAGES_AFTER_CRASH_SECONDS: Final = 0.5

#: Executors whose workers are threads of this process: nothing is pickled.
_IN_PROCESS: Final = frozenset({"concurrent.futures.thread:ThreadPoolExecutor"})
#: Executors whose workers are processes of this machine. They report some queued calls as running and refuse to cancel
#: them, so the worker's own messages decide, and a call that has not started is withdrawn.
_ON_THIS_MACHINE: Final = frozenset(
    {"concurrent.futures.process:ProcessPoolExecutor", "loky.process_executor:ProcessPoolExecutor"}
)
_OUT_OF_REACH: Final = "It runs where the kernel cannot reach it. Only a call that still waits can be cancelled."
#: Seconds after which a running call that has sent no message is considered unreachable.
_REACH_SECONDS: Final = 10.0


class ExecutorJob(ConnectedJob):
    """A call on an executor."""

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
        """Withdraw a queued call; ask a running one to stop."""
        with self._lock:
            self.context.cancelled = True
        if self._take_back() or (self._on_this_machine and self.withdraw()):
            return True
        if self.connection is not None:
            self.connection.cancel()
        if self.future.done() or (self.running() and self.cannot_stop is not None):
            return False
        return None if self.context.started_at is None else True  # it was asked to stop, but may not notice

    def begin_here(self) -> CallContext:
        """Start the call on a thread of this process."""
        context = CallContext()
        with self._lock:
            context.cancelled = self.context.cancelled
            context.echo = self.context.echo
            context.begin()
            self.context = context
        self.notify_listeners()
        return context

    @override
    def handle_message(self, message: Message) -> None:
        self.cannot_stop = None  # a worker that sends messages can be reached
        super().handle_message(message)

    def handle_outcome(self, inner: Future[Any]) -> None:
        """Set the outcome that the executor reports, on any thread."""
        timeout = 0.0
        result: Any = None
        error: BaseException | None
        if inner.cancelled():
            self.mark_cancelled()
            self.close_connection()
            return
        if (error := inner.exception()) is not None:
            if self.connection is not None:
                timeout = _MESSAGES_AFTER_CRASH_SECONDS
            error = _with_explanation(strip_internal_frames(error), self.engine)
        elif isinstance(result := inner.result(), PickledOutcome):
            timeout = _MESSAGES_SECONDS if result.connected else 0.0
            result, error = result.open()
        if (
            isinstance(error, KeyboardInterrupt) and self.context.cancelled
        ):  # some executors interrupt a running call so
            error = JobCancelled("The job was cancelled.")
        if self.connection is None:
            self.settle(result, error)
        else:
            self.connection.when_ended(timeout, partial(self.settle, result, error))

    def _take_back(self) -> bool:
        try:
            return bool(self.inner.cancel())
        except NotImplementedError:  # as some executors have it
            return False


class ExecutorEngine(Engine):
    """Runs calls on an executor that the caller created and shuts down.

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
            job.close_connection()
            raise
        except (RuntimeError, PicklingError, TypeError, AttributeError) as error:
            job.close_connection()
            raise EngineError(f"{job.engine} does not take {task.name}: {error}") from error
        job.inner = inner if hasattr(inner, "add_done_callback") else _polled_future(inner)
        job.inner.add_done_callback(job.handle_outcome)
        return job

    def pickle_call(self, job: ExecutorJob, task: FunctionCall) -> PickledCall | EngineError:
        """The call to be pickled; the reason why it cannot be, for executors that may not pickle at all."""
        try:
            return job.pickle_call(task)
        except EngineError as error:
            if _is_one_of(_ON_THIS_MACHINE, self._executor):
                raise
            return error


def carry_out(call: Callable[[], Any]) -> Any:
    """Call ``call``. Executors may cache the function that they get, so it is always this one."""
    return call()


class _Call:
    """Passed to an executor: runs the task when called in this process; becomes a ``PickledCall`` when pickled."""

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
            raise EngineError("This executor was expected to run on threads, but it pickles its calls.")
        return _itself, (self._pickled,)


def _polled_future(inner: Any) -> PollingFuture:
    def is_running() -> bool:
        return getattr(inner, "state", None) == "RUNNING"

    if type(inner).__module__.partition(".")[0] != "submitit":
        return PollingFuture(inner, is_running, inner.done)
    # submitit checks once a minute by itself, and its result() waits for a file that a killed job never writes.
    return PollingFuture(inner, is_running, partial(inner.done, force_check=True), inner.paths.result_pickle.exists)


def _itself(call: PickledCall) -> PickledCall:
    return call


def _is_one_of(names: frozenset[str], executor: Executor) -> bool:
    return any(f"{kind.__module__}:{kind.__qualname__}" in names for kind in type(executor).__mro__)


def _with_explanation(error: BaseException, engine: str) -> BaseException:
    if not isinstance(error, BrokenExecutor):
        return error
    died = WorkerDied(
        f"A worker of {engine} ended before its function did, perhaps because memory ran out. That breaks the whole "
        f"executor: make a new one. It says: {error}"
    )
    died.__cause__ = error
    return died
