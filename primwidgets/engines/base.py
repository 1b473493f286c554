"""Engines run functions and return a job for each call."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
import uuid
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, ClassVar, Final, Protocol

from typing_extensions import override

from primwidgets._progress.job_programs import programs_print_to_log
from primwidgets._progress.job_threads import threads_print_to_log
from primwidgets._progress.notebook_io import asks_truthfully, displays_to_log
from primwidgets._progress.stdout import echo_for, prints_to_log
from primwidgets._progress.tqdm_bars import bars_move_cards
from primwidgets._progress.track import CallContext, running, waiting_for_another_job
from primwidgets.errors import JobCancelled
from primwidgets.primitive_job import BasePrimitiveJob, ResultT
from primwidgets.snapshot import AttemptSummary, JobState


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function with its arguments.

    Attributes:
        function: what to call.
        arguments: its positional arguments.
        keywords: its keyword arguments.
        name: what the card calls it.
        tags: words by which its job is found.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    tags: tuple[str, ...] = ()

    def __call__(self) -> Any:
        """Call the function."""
        return self.function(*self.arguments, **self.keywords)


class Engine(Protocol):
    """Where functions run."""

    def start(self, task: FunctionCall) -> FunctionJob[Any]:
        """Start ``task`` as soon as a slot is free. Returns at once.

        Raises:
            EngineError: the engine cannot run it; the message says what to do instead.
        """


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a call is started, and started once more. It holds the arguments, so whoever keeps it drops it in time.

    Attributes:
        call: the function and its arguments.
        engine: where it runs.
        number: which run of the call this is, from 1.
        repeats: the ``uid`` of the job that this run repeats; ``None`` for the first run.
    """

    call: FunctionCall
    engine: Engine
    number: int = 1
    repeats: str | None = None

    def start(self) -> FunctionJob[Any]:
        """Start this run.

        Raises:
            EngineError: the engine cannot run it.
        """
        job = self.engine.start(self.call)
        if isinstance(job, FunctionJob):  # a user's engine may give another kind of job
            job.recipe = self
        return job

    def after(self, uid: str) -> Recipe:
        """The run that follows this one, whose job has that ``uid``."""
        return replace(self, number=self.number + 1, repeats=uid)


class FunctionJob(BasePrimitiveJob[ResultT, str]):
    """A call of a function that an engine runs. All methods may be called on any thread.

    Each engine has a subclass, which reports the state of the call (``state``), returns its result, cancels it, and
    calls ``notify_listeners`` after each change of state.

    Attributes:
        engine: the name on the card.
        cannot_stop: why a running call cannot be stopped, as text for the card; ``None`` if it can.
        stops_when: what the card shows from a cancel until the function stops.
        holds_result: whether the result of a finished call is on this machine.
        remote: whether it runs on another machine, so that a cancel has to be confirmed.
        pushes_start: whether listeners are notified when the call starts; otherwise its state is polled.
        name: what the card calls it.
        tags: words by which it is found.
        created_at: when it was submitted, in epoch seconds.
        context: progress, output and the cancel flag of the function.
        recipe: how the call is started once more, where that is kept; it holds the arguments.
    """

    engine: ClassVar[str]
    cannot_stop: str | None = None
    stops_when: ClassVar[str | None] = "It stops at its next track() or report()."
    holds_result: bool = True
    remote: bool = False
    pushes_start: bool = True
    recipe: Recipe | None = None

    def __init__(self, task: FunctionCall, context: CallContext | None = None) -> None:
        super().__init__(f"{_PROCESS}-{next(_numbers)}")
        self.name = task.name
        self.tags = task.tags
        self.created_at = time.time()
        self.context = CallContext() if context is None else context
        self.context.echo = echo_for(task.name)
        self._listeners: list[Callable[[], None]] = []

    @abstractmethod
    def state(self) -> JobState:
        """The current state; does not block."""

    @override
    @abstractmethod
    def result(self, timeout: float | None = None) -> ResultT:
        """What the function returned; blocks until then and raises what it raised.

        Raises:
            TimeoutError: ``timeout`` seconds have passed.
            JobCancelled: (a ``concurrent.futures.CancelledError``) the job was cancelled while it ran.
            CancelledError: it was cancelled before it ran.
        """

    @abstractmethod
    def exception_now(self) -> BaseException | None:
        """What a call in state ERROR raised; does not block."""

    @override
    @abstractmethod
    def cancel(self) -> bool | None:
        """Ask the call to stop.

        Returns:
            ``True`` if that was done or asked for, ``False`` if it is impossible.
        """

    @property
    def output(self) -> str:
        """What the function printed; only the end of a long text."""
        return self.context.log

    @property
    def started_at(self) -> float | None:
        """When the function began to run, in epoch seconds; ``None`` until it does."""
        return self.context.started_at

    @property
    def starts_at(self) -> float | None:
        """When a call that waits for that moment starts, in epoch seconds; ``None`` if it waits for something else."""
        return None

    @property
    def attempts(self) -> AttemptSummary | None:
        """Which attempt of the call this is; ``None`` where there is only one, without a time limit."""
        return None

    @property
    def queue_position(self) -> int | None:
        """How many calls have to end before this one starts; ``None`` if unknown, or if a slot is free."""
        return None

    def locator(self) -> Mapping[str, str] | None:
        """How to find the call again, as ``Adapter.locate`` says; ``None`` if it ends with this process."""
        return None

    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener``, on any thread, after each change of state; returns the function that unsubscribes it."""
        self._listeners.append(listener)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return end

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What the function raised, ``None`` if it returned; blocks until then, as a future's does.

        Raises:
            TimeoutError: ``timeout`` seconds have passed.
            CancelledError: the job was cancelled.
        """
        try:
            self.result(timeout)
        except BaseException as error:
            if self.state() is not JobState.ERROR:  # the waiting ended, or the job was cancelled
                raise
            return error
        return None

    def add_done_callback(self, callback: Callable[[Any], object]) -> None:
        """Call ``callback`` with this job, on any thread, once it is in a final state; at once if it already is."""
        once = threading.Lock()

        def tell() -> None:
            if self.in_final_state() and once.acquire(blocking=False):
                end()
                callback(self)

        end = self.add_listener(tell)
        tell()

    def end_output(self) -> None:
        """Flush the printed text, before the end of the call is announced."""
        if self.context.echo is not None:
            self.context.echo.close()

    def notify_listeners(self) -> None:
        """Call every listener, after a change of state."""
        for listener in tuple(self._listeners):
            listener()

    @override
    def status(self) -> str:
        """The state, as a lower-case word."""
        return self.state().value.lower()

    @override
    def done(self) -> bool:
        """Whether the function returned."""
        return self.state() is JobState.DONE

    @override
    def running(self) -> bool:
        """Whether the function runs now."""
        return self.state() is JobState.RUNNING

    @override
    def cancelled(self) -> bool:
        """Whether the call was cancelled."""
        return self.state() is JobState.CANCELLED

    @override
    def in_final_state(self) -> bool:
        """Whether the function returned or raised, or was cancelled."""
        return self.state().is_final

    @override
    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.status()}>"


class FutureJob(FunctionJob[ResultT], Future):  # type: ignore[misc, type-arg]  # done() means something else there
    """A call whose outcome is in a ``concurrent.futures.Future``. A subclass calls ``follow``.

    It is a future, too: ``concurrent.futures.wait``, ``as_completed`` and ``asyncio.wrap_future`` take it. They look at
    ``_condition``, ``_state`` and ``_waiters``, which are those of the inner future, and hand that out, which equals
    this job.
    """

    future: Future[ResultT]

    def follow(self, future: Future[ResultT]) -> None:
        """Take the outcome from ``future``."""
        self.future = future
        future.add_done_callback(lambda _: self.notify_listeners())

    @override
    def state(self) -> JobState:
        if not self.future.done():
            return JobState.QUEUED if self.context.started_at is None else JobState.RUNNING
        if self.future.cancelled() or isinstance(self.future.exception(), JobCancelled):
            return JobState.CANCELLED
        return JobState.DONE if self.future.exception() is None else JobState.ERROR

    @override
    def result(self, timeout: float | None = None) -> ResultT:
        with waiting_for_another_job():
            return self.future.result(timeout)

    @override
    def exception_now(self) -> BaseException | None:
        return self.future.exception() if self.future.done() and not self.future.cancelled() else None

    @override
    def exception(self, timeout: float | None = None) -> BaseException | None:
        with waiting_for_another_job():
            return self.future.exception(timeout)

    @override
    def add_done_callback(self, callback: Callable[[Any], object]) -> None:
        """It is called with a future that equals this job."""
        self.future.add_done_callback(callback)

    @override
    @property
    def _condition(self) -> Any:  # type: ignore[override]  # this job has no condition of its own
        return self.future._condition

    @override
    @property
    def _state(self) -> Any:  # type: ignore[override]
        return self.future._state

    @override
    @property
    def _waiters(self) -> Any:  # type: ignore[override]
        return self.future._waiters

    @override
    def __eq__(self, other: object) -> bool:
        return other is self or other is self.future

    @override
    def __hash__(self) -> int:
        return hash(self.future)


@contextlib.contextmanager
def inside(context: CallContext) -> Iterator[None]:
    """Attribute to ``context`` what the calling thread tracks, reports, prints, displays and asks in here."""
    bars_move_cards()
    try:
        with (
            context.under_way(),
            running(context),
            prints_to_log(),
            threads_print_to_log(),
            programs_print_to_log(context),
            asks_truthfully(),
            displays_to_log(context),
        ):
            yield
    finally:
        if context.echo is not None:
            context.echo.close()


def strip_internal_frames(error: BaseException) -> BaseException:
    """``error`` with a traceback that begins in the user's function: past what called it, and past this package."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not FunctionCall.__call__.__code__:
        trace = trace.tb_next
    if trace is not None and trace.tb_next is None:  # the arguments do not fit: the function was not even entered
        return error.with_traceback(None)
    while trace is not None and trace.tb_next is not None and _is_ours(trace):
        trace = trace.tb_next
    return error if trace is None else error.with_traceback(trace)


def _is_ours(trace: TracebackType) -> bool:
    return str(trace.tb_frame.f_globals.get("__name__")).startswith(f"{__package__}.")


_PROCESS: Final = uuid.uuid4().hex[:12]
_numbers: Final = itertools.count(1)
