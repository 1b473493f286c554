"""What to tell somebody who handed over something that is no job."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from typing import Final

from primwidgets.adapters.describe import describe

_EXPECTED: Final = (
    "Expected what a provider's run() or an executor's submit() returns: a Qiskit job, a primitive job, "
    "a concurrent.futures.Future, an asyncio.Task. Other classes of jobs: primwidgets.register_adapter."
)

_MISTAKES: Final[tuple[tuple[Callable[[object], bool], str], ...]] = (
    (lambda given: given is None, "Did run() return the job?"),
    (inspect.isclass, "This is a class, not a job: call it, or run() something with it."),
    (inspect.iscoroutine, "A coroutine does not run yet: wrap asyncio.create_task(...) of it."),
    (inspect.isroutine, "A function is no job: call it if it returns one, or wrap executor.submit(function)."),
    (lambda given: isinstance(given, functools.partial), "A function is no job: wrap executor.submit(function)."),
    (
        lambda given: isinstance(given, str | bytes),
        "A job id is no job: get the job from its provider by the id first.",
    ),
    (lambda given: _is_result(type(given).__name__), "This is a result already: wrap the job that gave it."),
    (
        lambda given: isinstance(given, Sequence | Set | Mapping),
        "This is a collection: wrap each job in it, [WidgetJob(job) for job in jobs].",
    ),
    (lambda given: isinstance(given, Awaitable), "Wrap asyncio.ensure_future(...) of it."),
)


def _is_result(name: str) -> bool:
    return name.endswith("Result") and not name.endswith("AsyncResult")


def explain(given: object) -> str:
    """The text of a ``NotAJobError``: what was given, the mistake that looks likely, and what was expected."""
    hint = next((text for is_mistake, text in _MISTAKES if is_mistake(given)), "")
    return " ".join(filter(None, (f"{describe(given)} ({type(given).__name__}) is no job.", hint, _EXPECTED)))
