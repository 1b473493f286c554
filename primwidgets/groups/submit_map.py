"""``submit_map``: one function, many arguments, one group."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from primwidgets.engines import FunctionCall, Recipe, call_options, engine_for
from primwidgets.groups.deferred import StartLimit
from primwidgets.groups.job_group import JobGroup
from primwidgets.submit import name_of

#: The longest argument, in characters, that the name of a job tells.
_ARGUMENT_LIMIT = 40


def submit_map(
    fn: Callable[..., Any],
    *iterables: Iterable[Any],
    engine: object = None,
    max_running: int | None = None,
    name: str | None = None,
    retries: int = 0,
    retry_delay: float = 0,
    timeout: float | None = None,
    tags: str | Iterable[str] = (),
) -> JobGroup:
    """Run ``fn(x)`` as a job for each ``x``, and return the group of them at once.

    Args:
        fn: the function.
        *iterables: its arguments, as for ``map``: of several iterables, one argument of each.
        engine: where it runs; see ``submit``.
        max_running: most jobs that the engine is given at the same time; the others wait here. ``None``: all.
        name: what to call the group on the card; by default the name of the function.
        retries: how many times each call that failed is started again; see ``submit.options``.
        retry_delay: seconds before it is.
        timeout: seconds that each attempt of each call may run.
        tags: words by which ``jobs(tag=…)``, ``%jobs`` and the sidebar find the jobs.

    Raises:
        EngineError: the engine cannot run it.
        TypeError: ``fn`` is not a function, there is nothing to map, ``engine`` is not an engine, or an option is of
            the wrong type.
        ValueError: ``max_running`` is less than one, or an option is out of its range.
    """
    if not iterables:
        raise TypeError("submit_map() takes a function and its arguments: submit_map(f, [0.1, 0.2]).")
    if max_running is not None and max_running < 1:
        raise ValueError(f"max_running must be at least 1, not {max_running!r}.")
    options = call_options(retries, retry_delay, timeout, tags)
    chosen = options.on(engine_for(engine))
    limit = None if max_running is None else StartLimit(chosen, max_running)
    title = name_of(fn) if name is None else name
    group = JobGroup(title)
    if limit is not None:
        group.job.at_cancel(limit.close)
    try:
        for index, arguments in enumerate(zip(*iterables, strict=False)):
            call = FunctionCall(fn, arguments, {}, _title(title, index, arguments), options.tags)
            recipe = Recipe(call, chosen)
            _ = group.job.add(recipe.start() if limit is None else limit.start(recipe), name=call.name)
    except BaseException:
        group.cancel()
        raise
    finally:
        group.job.complete()
    return group


def _title(name: str, index: int, arguments: tuple[Any, ...]) -> str:
    """``"f(0.1)"`` where the arguments are short plain values, else ``"f 3"``."""
    if all(type(argument) in (int, float, str, bool) for argument in arguments):
        told = ", ".join(map(repr, arguments))
        if len(told) <= _ARGUMENT_LIMIT:
            return f"{name}({told})"
    return f"{name} {index}"
