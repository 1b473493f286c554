"""``submit`` and ``@job``: run a plain function as a job, with options that are no arguments of the function."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, overload

from typing_extensions import override

from primwidgets import _border as border
from primwidgets.engines import NO_OPTIONS, CallOptions, FunctionCall, Recipe, call_options, engine_for

if TYPE_CHECKING:
    from primwidgets.widget_job import WidgetJob

ResultT = TypeVar("ResultT")
Arguments = ParamSpec("Arguments")

#: The options that are no keywords of ``submit`` itself.
_OPTIONS: Final = ("retries", "retry_delay", "timeout", "tags")


class Submit:
    """Run ``fn(*args, **kwargs)`` as a job, and return at once: ``submit(fn, *args, **kwargs)``.

    Inside ``fn``, ``track`` and ``report`` move the card and make the job cancellable; what it prints goes to its log.
    Threads of this process end with it: a script has to wait for the results it wants. ``submit.options(retries=2,
    timeout=60, tags=["fit"])(fn, x)`` submits with further options, which are no arguments of the function.
    """

    def __init__(self) -> None:
        self.__name__ = self.__qualname__ = "submit"  # as a function has them

    def __call__(
        self, fn: Callable[..., ResultT], /, *args: Any, engine: object = None, name: str | None = None, **kwargs: Any
    ) -> WidgetJob[ResultT, str]:
        """Run ``fn(*args, **kwargs)`` as a job, and return at once.

        Args:
            fn: the function.
            *args: its arguments.
            engine: where it runs: ``None`` for threads of this process, the name of an engine, any
                ``concurrent.futures.Executor``, or the client or view of a cluster.
            name: what to call the job on the card; by default the name of the function.
            **kwargs: its keyword arguments. For keywords ``engine`` and ``name`` of its own use ``submit.options()``.

        Raises:
            EngineError: the engine cannot run it; the message names the way out.
            TypeError: ``fn`` is no plain function, ``engine`` no engine, or an option of ``submit.options`` was given
                to a function that does not take it.
        """
        _refuse_options(fn, args, kwargs)
        return _start(fn, args, kwargs, SubmitOptions(engine, name, NO_OPTIONS))

    def options(
        self,
        *,
        engine: object = None,
        name: str | None = None,
        retries: int = 0,
        retry_delay: float = 0,
        timeout: float | None = None,
        tags: str | Iterable[str] = (),
    ) -> SubmitOptions:
        """``submit`` with options, which are no arguments of the function: ``submit.options(retries=2)(fn, x)``.

        Args:
            engine: see ``submit``.
            name: see ``submit``.
            retries: how many times a call that raised an ``Exception``, ran too long, or lost its process, is started
                again on its engine. A cancel ends that. The card shows the number of the attempt and the errors of
                earlier ones, and what the current one prints; ``result()`` raises the last error. With
                ``engine="background"``, whose calls outlive this process, there are no retries and no time-out.
            retry_delay: seconds before it is started again.
            timeout: seconds that each attempt may run; the time in the queue does not count. Then it is stopped as a
                cancel stops it, and the job fails with ``CallTimedOut``. A process is ended, and an engine of
                ipyparallel interrupted; a call on a thread, on an executor or on Dask stops at its next ``track`` or
                ``report``. One that never gets there goes on, which the card says, and what it returns counts.
            tags: words by which ``jobs(tag=…)``, ``%jobs``, the sidebar and the board find the job; without commas.

        Raises:
            TypeError: an option is of the wrong type.
            ValueError: an option is out of its range.
        """
        return SubmitOptions(engine, name, call_options(retries, retry_delay, timeout, tags))

    @override
    def __repr__(self) -> str:
        return "<primwidgets.submit>"

    @override
    def __reduce__(self) -> str:
        return "submit"


@dataclass(frozen=True, slots=True)
class SubmitOptions:
    """``submit`` with options. All arguments of a call are those of the function.

    Attributes:
        engine: where calls run.
        name: what to call the jobs; ``None`` for the name of the function.
        call: the other options.
    """

    engine: object
    name: str | None
    call: CallOptions

    def __call__(
        self, fn: Callable[Arguments, ResultT], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> WidgetJob[ResultT, str]:
        """Run ``fn(*args, **kwargs)`` as a job, and return at once.

        Raises:
            EngineError: the engine cannot run it, or not with these options; the message names the way out.
            TypeError: ``fn`` is no plain function, or the engine no engine.
        """
        return _start(fn, args, kwargs, self)


submit: Final = Submit()


@overload
def job(fn: Callable[Arguments, ResultT], /) -> Callable[Arguments, WidgetJob[ResultT, str]]: ...


@overload
def job(
    *,
    engine: object = ...,
    name: str | None = ...,
    retries: int = ...,
    retry_delay: float = ...,
    timeout: float | None = ...,
    tags: str | Iterable[str] = ...,
) -> Callable[[Callable[Arguments, ResultT]], Callable[Arguments, WidgetJob[ResultT, str]]]: ...


def job(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    engine: object = None,
    name: str | None = None,
    retries: int = 0,
    retry_delay: float = 0,
    timeout: float | None = None,
    tags: str | Iterable[str] = (),
) -> Any:
    """Decorate a function so that calling it submits it: ``@job`` or ``@job(engine="process", retries=2)``.

    The function itself stays reachable as ``__wrapped__``.

    Args:
        fn: the function.
        engine: see ``submit``.
        name: see ``submit``.
        retries: see ``submit.options``, as for the further options.
        retry_delay: see there.
        timeout: see there.
        tags: see there.
    """
    return _decorated(fn, SubmitOptions(engine, name, call_options(retries, retry_delay, timeout, tags)))


def _decorated(fn: Callable[..., Any] | None, options: SubmitOptions) -> Any:
    if fn is None:
        return functools.partial(_decorated, options=options)
    if not callable(fn):
        raise TypeError(f"@job decorates functions, no {type(fn).__name__}; give options by keyword: @job(engine=…).")

    @functools.wraps(fn)
    def start(*args: Any, **kwargs: Any) -> WidgetJob[Any, str]:
        return options(fn, *args, **kwargs)

    return start


def _start(fn: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], options: SubmitOptions) -> WidgetJob[Any, str]:
    if not callable(fn):
        kind = type(fn).__name__  # its repr may wait for it, or ask a server
        raise TypeError(f"submit() takes a function and its arguments, no {kind}: submit(f, x), not submit(f(x)).")
    if inspect.iscoroutinefunction(fn):
        raise TypeError("submit() takes a plain function; for a coroutine use WidgetJob(asyncio.create_task(fn(…))).")
    from primwidgets.widget_job import WidgetJob  # workers import the package too, and need no widgets

    engine = options.call.on(engine_for(options.engine))
    name = name_of(fn) if options.name is None else options.name
    task = FunctionCall(fn, args, kwargs, name, options.call.tags)
    return WidgetJob(Recipe(task, engine).start(), name=name)


def _refuse_options(fn: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Refuse options that were given beside the arguments of a function that does not take them.

    Raises:
        TypeError: that is so.
    """
    given = [name for name in _OPTIONS if name in kwargs]
    if not given:
        return
    taken = border.call(lambda: inspect.signature(fn).bind(*args, **kwargs))
    rest = {name: value for name, value in kwargs.items() if name not in given}
    without = border.call(lambda: inspect.signature(fn).bind(*args, **rest))
    if isinstance(taken, border.Raised) and isinstance(without, border.Returned):
        options = ", ".join(f"{name}=…" for name in given)
        raise TypeError(
            f"{name_of(fn)} takes no {' and no '.join(given)}. Options of the job: submit.options({options})(fn, …)."
        )


def name_of(function: Callable[..., Any]) -> str:
    """What a job of ``function`` is called."""
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", None) or type(function).__name__
    return str(name)
