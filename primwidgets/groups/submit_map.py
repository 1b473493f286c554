"""``submit_map``: one function, many arguments, one group."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from primwidgets.engines import FunctionCall, Recipe, engine_for
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
) -> JobGroup:
    """Run ``fn(x)`` as a job for each ``x``, and return the group of them at once.

    Args:
        fn: the function.
        *iterables: its arguments, as for ``map``: of several iterables, one argument of each.
        engine: where it runs; see ``submit``.
        max_running: most jobs that the engine is given at the same time; the others wait here. ``None``: all.
        name: what to call the group on the card; by default the name of the function.

    Raises:
        EngineError: the engine cannot run it.
        TypeError: ``fn`` is not a function, there is nothing to map, or ``engine`` is not an engine.
        ValueError: ``max_running`` is less than one.
    """
    if not iterables:
        raise TypeError("submit_map() takes a function and its arguments: submit_map(f, [0.1, 0.2]).")
    if max_running is not None and max_running < 1:
        raise ValueError(f"max_running must be at least 1, not {max_running!r}.")
    chosen = engine_for(engine)
    limit = None if max_running is None else StartLimit(chosen, max_running)
    title = name_of(fn) if name is None else name
    group = JobGroup(title)
    if limit is not None:
        group.job.at_cancel(limit.close)
    try:
        for index, arguments in enumerate(zip(*iterables, strict=False)):
            call = FunctionCall(fn, arguments, {}, _title(title, index, arguments))
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
        texts = ", ".join(map(repr, arguments))
        if len(texts) <= _ARGUMENT_LIMIT:
            return f"{name}({texts})"
    return f"{name} {index}"
