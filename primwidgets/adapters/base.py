"""What an adapter is: the one place that knows how a provider's job is read, subscribed to, awaited and cancelled."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, TypeVar

from typing_extensions import override

from primwidgets import _border as border
from primwidgets._forwarding import forwards
from primwidgets.snapshot import JobSnapshot, JobState, RunSummary

JobT = TypeVar("JobT")

#: Steps and values, by name.
Metrics = Mapping[str, tuple[Sequence[float], Sequence[float]]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a provider may be asked.

    Attributes:
        first: seconds to the second read; each read that brings nothing new multiplies them by ``growth``.
        ceiling: the longest time between two reads, in seconds.
        requests_per_second: the provider's budget over all its jobs; ``None`` where a read sends no request.
        growth: the factor, over 1. A change is met late by half of ``growth - 1`` times the time since the last one, on
            average.
    """

    first: float = 0.1
    ceiling: float = 2.0
    requests_per_second: float | None = None
    growth: float = 1.25


@dataclass(frozen=True, slots=True)
class CancelReport:
    """How a provider answered ``cancel()``.

    Attributes:
        accepted: ``True`` or ``None`` (did not say): wait for the next read; ``False``: refused.
        detail: the provider's reason.
        value: what the provider's method returned, for the caller of ``WidgetJob.cancel()``.
        error: what the provider's method raised, likewise.
    """

    accepted: bool | None = None
    detail: str | None = None
    value: Any = None
    error: BaseException | None = None


class Adapter(Generic[JobT]):
    """Reads one provider's job into snapshots. One instance per job; it holds the job strongly.

    ``read``, ``subscribe``, ``cancel`` and ``preview`` are called on worker threads, never on a thread that serves the
    kernel or the frontend, and ``read`` and ``cancel`` never at the same time for one job unless the provider hangs;
    ``result`` is called on the thread of its caller. ``__init__`` and ``job_id`` may be called on any
    thread and do no IO.

    Attributes:
        provider: the name on the card.
        title: what the card calls the job, unless the user names it; ``None`` for the provider alone.
        remote: whether the job runs on a remote machine; a cancel then asks for confirmation.
        blocking: whether ``read`` or ``subscribe`` may take time; if not, both also happen while the job is wrapped.
        pace: how often to read.
        pushed: the states whose end ``subscribe`` reports, so that no reads are needed while a job is in one of them;
            counts only where ``subscribe`` did not return ``None``.
        holds_result: whether ``result()`` of a DONE job is already here, so that a picture costs no download.
        stand_in_bases: classes that the provider's library looks for on the type of an object itself, where
            ``__class__`` does not help; a stand-in for the job is of them, and has what they have from the job.
        travels_bare: whether a wrapped job is pickled as the job alone, since its library sends it to processes that
            may not have primwidgets.
        rechecks: seconds after a final state at which to read again, for providers that may take it back.
        budget_key: jobs with equal keys share the request budget and the number of calls under way; of several budgets
            the smallest counts. ``None``: those of one adapter class and pace. An adapter that reads the jobs of many
            providers tells them apart here; one of several classes for one provider names what they share.
        batch_limit: most jobs that one ``read_many`` takes; 1 where each job is read by itself.
        batch_key: jobs with equal keys, of one adapter class, can be read by one ``read_many``; such as the account.
        has_metrics: whether ``metrics`` is asked after each read.
        cancels_locally: whether ``cancel()`` only marks the handle here, while the provider is not asked; a cancelled
            error from ``result()`` then does not mean that the job was cancelled.
        run: which run of a function call the job is, where the call can be run again; see ``run_again``.
        result_tells_end: whether ``result()`` returns for jobs that succeeded only; not so where it gives an exit code.
    """

    provider: str = ""
    title: str | None = None
    remote: bool = False
    blocking: ClassVar[bool] = True
    pace: Pace = Pace()
    pushed: ClassVar[frozenset[JobState]] = frozenset()
    holds_result: bool = False
    stand_in_bases: ClassVar[tuple[type, ...]] = ()
    travels_bare: ClassVar[bool] = False
    rechecks: ClassVar[tuple[float, ...]] = ()
    budget_key: Hashable = None
    batch_limit: ClassVar[int] = 1
    batch_key: Hashable = None
    has_metrics: ClassVar[bool] = False
    cancels_locally: bool = False
    run: RunSummary | None = None
    result_tells_end: ClassVar[bool] = True

    #: Whether ``change_mark`` counts.
    has_marks: ClassVar[bool] = True

    @override
    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.has_marks = _covers_read(cls)

    @classmethod
    def suits(cls, kind: type) -> bool:
        """Whether jobs of the class ``kind`` can be read by this adapter, which is registered for it or an ancestor.

        If not, the registry goes on looking. Asked once for a class, on any thread; does no IO.
        """
        return True

    @classmethod
    def accepts(cls, job: object) -> bool:
        """Whether this very job can be read by this adapter, which suits its class.

        If not, the registry goes on looking. Asked each time that a job is wrapped, on any thread; does no IO.

        Raises:
            NotAJobError: nothing else could read it either; the message says why.
        """
        return True

    def __init__(self, job: JobT) -> None:
        self.job = job

    def widget_class(self) -> type | None:
        """The subclass of ``WidgetJob`` that ``WidgetJob(job)`` makes; ``None`` for ``WidgetJob`` itself."""
        return None

    def job_id(self) -> str:
        """The provider's id of the job, unique within the provider."""
        raise NotImplementedError

    def read(self, last: JobSnapshot) -> JobSnapshot:
        """The job as it is now: ``last`` with whatever changed, made with at most one request to the provider.

        An unknown status word keeps ``last.state`` and becomes ``status_text``. A failed job is a snapshot in state
        ERROR; an exception from here means that the provider could not be asked, and makes the card stale.
        """
        raise NotImplementedError

    @classmethod
    def read_many(
        cls, adapters: Sequence[Any], last: Sequence[JobSnapshot]
    ) -> Sequence[JobSnapshot | Exception | None]:
        """Several jobs as they are now, with one request in all.

        Called instead of ``read`` where several jobs with the same ``batch_key`` are due, at most ``batch_limit``. An
        exception from here means that none of them could be read.

        Args:
            adapters: one for each job, two or more.
            last: what is known of each.

        Returns:
            for each job, in the same order, what its ``read`` would return or raise; ``None`` for a job of which this
            request tells nothing: it is read by itself then.
        """
        raise NotImplementedError

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        """Have ``changed`` called, on any thread, when the job changes.

        Returns:
            How to end that, for any thread and any number of times; ``None`` if this job pushes nothing.
        """
        return None

    def run_again(self, uid: str) -> Any:
        """Start the same function call once more, on the caller's thread; returns the provider's new job.

        Args:
            uid: names this job, which the new one repeats.

        Raises:
            TypeError: the job is not a function call, or its arguments are no longer kept.
            Exception: whatever starting it raises.
        """
        raise TypeError(f"{type(self.job).__name__} cannot be run again: only a call of submit(), @job or %%job can.")

    def call_sizes(self) -> Mapping[int, int]:
        """The bytes of each object that is kept for ``run_again``, by its ``id``. On a worker thread."""
        return {}

    def forget_call(self) -> None:
        """Drop what is kept for ``run_again``."""

    def change_mark(self) -> object:
        """A value that is another one after each change of the job, read from an attribute; ``None`` if there is none.

        For jobs that do not report all changes and are not ``blocking``. The monitor compares the marks of thousands of
        jobs at once, and reads only those whose marks are new. So this takes no lock, does no IO and calls nothing of
        the user's, and it counts only where ``subscribe`` reports at least the end of the job. A subclass that defines
        ``read`` anew defines this anew as well, or its jobs have no marks.
        """
        return None

    def when_ended(self, ended: Callable[[], None]) -> bool:
        """Have ``ended`` called, on any thread, once ``result()`` no longer waits for the job; at once if that is so.

        A caller then waits for that call, which *Stop waiting* and time-outs can end at any moment, and not in the
        provider's ``result()``. Called at most once for a card.

        Returns:
            whether that is sure to happen; if not, callers wait in ``result()``.
        """
        return False

    @forwards
    def result(self, timeout: float | None = None, **kwargs: Any) -> Any:
        """The provider's result; blocks and raises what the provider raises.

        Args:
            timeout: seconds; passed on only where the provider's method takes it (see ``takes_timeout``).
            **kwargs: the provider's own.
        """
        __tracebackhide__ = True
        if timeout is not None:
            kwargs["timeout"] = timeout
        return self.job.result(**kwargs)  # type: ignore[attr-defined]

    @property
    def takes_timeout(self) -> bool:
        """Whether the provider's own ``result()`` honours a time-out."""
        return takes_keyword(self.job.result, "timeout")  # type: ignore[attr-defined]

    @property
    def event_loop(self) -> Any:
        """The ``asyncio`` event loop that the job lives on, which alone may touch the job; ``None`` for most jobs.

        With a loop, ``job`` has to be an ``asyncio.Future``: ``result()`` and ``await`` then wait with its callbacks.
        """
        return None

    @property
    def must_be_awaited(self) -> bool:
        """Whether the job needs the event loop of this thread, so that a caller that blocks here waits for ever.

        ``result()`` then gives something to await.
        """
        return False

    @property
    def is_awaited_itself(self) -> bool:
        """Whether ``await job`` does what the provider's job does when it is awaited; else it gives the result."""
        return hasattr(type(self.job), "__await__")

    @property
    def is_caller(self) -> bool:
        """Whether it is the job itself that runs here, so that it would wait for itself."""
        return False

    @forwards
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """Ask the provider to cancel. The reads that follow decide whether it succeeded, not this report."""
        try:
            cancel = self.job.cancel  # type: ignore[attr-defined]
        except AttributeError as error:
            return CancelReport(accepted=False, detail="This provider cannot cancel jobs.", error=error)
        return report_cancel(cancel, *args, **kwargs)

    def cancel_from_card(self) -> CancelReport:
        """Ask the provider to cancel, for the *Cancel* button: like ``cancel()``, unless that changes the job object.

        Some providers' ``cancel()`` notes something on the job object for its caller. Code that holds the job and did
        not cancel it is not to find that there.
        """
        return self.cancel()

    def preview(self, result: Any) -> Mapping[str, Any] | None:
        """A picture of ``result`` in the wire form of ``adapters.preview``; ``None`` if there is nothing to draw."""
        return None

    def metrics(self) -> Metrics | None:
        """The numbers that the job has reported, for the lines on its card and for ``WidgetJob.series()``.

        Returns:
            for each name how many reports of the job came before each value, ascending, and the values, all from the
            first one; ``None`` if the provider has none. The card draws at most 16 names and 500 points of each,
            however many there are.
        """
        return None

    def locate(self) -> Mapping[str, str] | None:
        """How to find the job again from another process; ``None`` if that is impossible. Does no IO; any thread.

        Returns:
            data: ``provider`` names what knows the job, the other entries are what it has to be asked with. They are
            saved with the notebook and shown on the card, so no text may be longer than ``WORD_LIMIT`` characters,
            and none may hold a secret. For the providers that it knows (``qiskit_ibm_runtime``, ``ipyparallel``)
            JupyterLab writes the code for a new cell; a notebook can come from anybody, so no code is taken from it.
        """
        return None


def _covers_read(kind: type) -> bool:
    """Whether ``change_mark`` of an adapter class covers what its own ``read`` reads, and not only its ancestor's."""
    of_mark, of_read = (
        next(place for place, ancestor in enumerate(kind.__mro__) if name in vars(ancestor))
        for name in ("change_mark", "read")
    )
    return of_mark <= of_read


def takes_keyword(function: Callable[..., Any], name: str) -> bool:
    """Whether ``function`` has a parameter ``name`` that can be given by keyword."""
    try:
        parameter = inspect.signature(function).parameters.get(name)
    except (TypeError, ValueError):  # some C functions have no signature
        return False
    return parameter is not None and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)


def named_arguments(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> dict[str, Any] | None:
    """All arguments of a call of a job's ``result`` by their names; ``None`` if they are to be passed on as they are.

    Some have no names, and of those that ``function`` does not take it says best itself what is wrong. A single
    argument is the time-out where ``function`` takes nothing by position.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some C functions have no signature
        return None
    takes = [parameter for parameter in signature.parameters.values() if parameter.kind in _BY_POSITION]
    if not takes and len(args) == 1:
        return {"timeout": args[0], **kwargs}
    if any(parameter.kind is not parameter.POSITIONAL_OR_KEYWORD for parameter in takes[: len(args)]):
        return None
    ours = {name: value for name, value in kwargs.items() if name in ("timeout", "on_interrupt")}
    theirs = {name: value for name, value in kwargs.items() if name not in ours or name in signature.parameters}
    try:
        signature.bind_partial(*args, **theirs)
    except TypeError:  # an argument is given twice, or there are too many
        return None
    return {parameter.name: value for parameter, value in zip(takes, args, strict=False)} | dict(kwargs)


_BY_POSITION: Final = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
)


@forwards
def report_cancel(cancel: Callable[..., Any], *args: Any, **kwargs: Any) -> CancelReport:
    """Call a provider's ``cancel`` and put its answer, which comes in many shapes, into a report."""
    try:
        value = cancel(*args, **kwargs)
    except NotImplementedError as error:
        return CancelReport(
            accepted=False, detail=border.message_of(error) or "This provider cannot cancel jobs.", error=error
        )
    except Exception as error:  # noqa: BLE001  (whatever a provider raises is its answer)
        return CancelReport(accepted=False, detail=border.message_of(error) or type(error).__name__, error=error)
    accepted, detail = _answer(value)
    return CancelReport(accepted=accepted, detail=detail, value=value)


def _answer(value: Any) -> tuple[bool | None, str | None]:
    """Whether a provider accepted a cancel, and why not, as far as what its ``cancel()`` returned tells it."""
    if isinstance(value, bool):
        return value, None
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], bool):  # the answer and its reason
        return value[0], value[1] if isinstance(value[1], str) and value[1] else None
    if type(value).__module__ == "numpy" and type(value).__name__ in ("bool", "bool_"):
        return bool(value), None
    return None, None
