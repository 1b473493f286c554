"""``submit`` and ``@job``: run a plain function as a job."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from primwidgets.engines import FunctionCall, Recipe, engine_for

if TYPE_CHECKING:
    from primwidgets.widget_job import WidgetJob

ResultT = TypeVar("ResultT")
Arguments = ParamSpec("Arguments")


def submit(
    fn: Callable[..., ResultT], /, *args: Any, engine: object = None, name: str | None = None, **kwargs: Any
) -> WidgetJob[ResultT, str]:
    """Run ``fn(*args, **kwargs)`` as a job, and return at once.

    Inside ``fn``, ``track`` and ``report`` move the card and make the job cancellable; what it prints goes to its log.
    Threads of this process end with it: a script has to wait for the results it wants.

    Args:
        fn: the function.
        *args: its arguments.
        engine: where it runs: ``None`` for threads of this process, the name of an engine, any
            ``concurrent.futures.Executor``, or the client or view of a cluster.
        name: what to call the job on the card; by default the name of the function.
        **kwargs: its keyword arguments. For keywords ``engine`` and ``name`` of its own use ``functools.partial``.

    Raises:
        EngineError: the engine cannot run it; the message names the way out.
        TypeError: ``fn`` is no plain function, or ``engine`` no engine.
    """
    if not callable(fn):
        kind = type(fn).__name__  # its repr may wait for it, or ask a server
        raise TypeError(f"submit() takes a function and its arguments, no {kind}: submit(f, x), not submit(f(x)).")
    if inspect.iscoroutinefunction(fn):
        raise TypeError("submit() takes a plain function; for a coroutine use WidgetJob(asyncio.create_task(fn(…))).")
    from primwidgets.widget_job import WidgetJob  # workers import the package too, and need no widgets

    task = FunctionCall(fn, args, kwargs, name_of(fn) if name is None else name)
    return WidgetJob(Recipe(task, engine_for(engine)).start(), name=task.name)


@overload
def job(fn: Callable[Arguments, ResultT], /) -> Callable[Arguments, WidgetJob[ResultT, str]]: ...


@overload
def job(
    *, engine: object = ..., name: str | None = ...
) -> Callable[[Callable[Arguments, ResultT]], Callable[Arguments, WidgetJob[ResultT, str]]]: ...


def job(fn: Callable[..., Any] | None = None, /, *, engine: object = None, name: str | None = None) -> Any:
    """Decorate a function so that calling it submits it: ``@job`` or ``@job(engine="process")``.

    The function itself stays reachable as ``__wrapped__``.

    Args:
        fn: the function.
        engine: see ``submit``.
        name: see ``submit``.
    """
    if fn is None:
        return functools.partial(job, engine=engine, name=name)
    if not callable(fn):
        raise TypeError(f"@job decorates functions, no {type(fn).__name__}; give options by keyword: @job(engine=…).")
    plain = fn

    @functools.wraps(plain)
    def start(*args: Any, **kwargs: Any) -> WidgetJob[Any, str]:
        call = functools.partial(plain, *args, **kwargs)
        return submit(call, engine=engine, name=name_of(plain) if name is None else name)

    return start


def name_of(function: Callable[..., Any]) -> str:
    """What a job of ``function`` is called."""
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", None) or type(function).__name__
    return str(name)
