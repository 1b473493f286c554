"""The error message for an object that is not a job.

The object is named by its class alone: its ``repr``, and even asking for its ``__class__``, may block, ask a
server, or run the job.
"""

from __future__ import annotations

import functools
import types
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine, Iterable
from typing import Final

from primwidgets.adapters._common.handles import must_be_awaited

_EXPECTED: Final = (
    "Expected what a provider's run() or an executor's submit() returns: a Qiskit job, a primitive job, "
    "a concurrent.futures.Future, an asyncio.Task. Other classes of jobs: primwidgets.register_adapter, "
    "or without a class primwidgets.job_from."
)
_ROUTINES: Final = (
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
)
_CLOUD_ANSWER: Final = "ResponseMetadata"

#: What is wrapped as a group of what it holds. Of a subclass that counts which is stored, whatever its methods say.
COLLECTIONS: Final = (list, tuple, set, frozenset, dict)

HOLDS_NO_JOBS: Final = (
    'This collection holds no jobs: WidgetJob([job, job]) makes one job of several, and JobGroup("scan") is an '
    "empty group to which jobs are added."
)

Kind = type
_Mistake = Callable[[Kind, object], bool]


def _is(*classes: type) -> _Mistake:
    return lambda kind, _: issubclass(kind, classes)


def _comes_from(module: str, *names: str) -> _Mistake:
    """Of a class of the package or module ``module``, or a subclass; of any name, unless some are given."""

    def is_mistake(kind: Kind, _: object) -> bool:
        return any(
            f"{ancestor.__module__}.".startswith(f"{module}.") and (not names or ancestor.__name__ in names)
            for ancestor in kind.__mro__
        )

    return is_mistake


#: The mistakes that look likely, the most special first.
_MISTAKES: Final[tuple[tuple[_Mistake, str], ...]] = (
    (_is(types.NoneType), "Did run() return the job?"),
    (_is(type), "This is a class, not a job: call it, or run() something with it."),
    (_is(types.CoroutineType, Coroutine), "A coroutine does not run yet: wrap asyncio.create_task(coroutine)."),
    (_is(*_ROUTINES), "A function is not a job: call it if it returns one, or wrap executor.submit(function)."),
    (_is(functools.partial), "A function is not a job: wrap executor.submit(function)."),
    (
        _is(str, bytes),
        "A job id is not a job: get the job from its provider by the id first, or make one with primwidgets.job_from.",
    ),
    (
        lambda kind, _: must_be_awaited(kind),
        "Its methods have to be awaited: wrap asyncio.create_task(...) of a coroutine that awaits the result.",
    ),
    (
        _comes_from("multiprocessing.pool"),
        "A pool is not a job: wrap what its apply_async, map_async or starmap_async returns.",
    ),
    (
        _is(types.GeneratorType),
        "A generator runs only while its values are consumed: primwidgets.submit(list, generator) does that.",
    ),
    (
        _comes_from("celery.canvas"),
        "This task has not been sent yet: wrap what its apply_async() returns.",
    ),
    (_comes_from("concurrent.futures", "Executor"), "Wrap what its submit() returns."),
    (
        lambda kind, _: kind.__name__ == "ResultHandle",
        "A handle needs its backend: primwidgets.job_from(id=handle, "
        "read=lambda: backend.circuit_status(handle).status, result=lambda: backend.get_result(handle)).",
    ),
    (
        lambda kind, given: kind is dict and _CLOUD_ANSWER in given,  # type: ignore[operator]  # a dict has it
        "This is the answer to a request: wrap the job that the provider's SDK makes from the id in it, "
        "or make one with primwidgets.job_from.",
    ),
    (lambda kind, _: _is_result(kind.__name__), "This is already a result: wrap the job that returned it."),
    (
        _is(*COLLECTIONS),
        HOLDS_NO_JOBS,
    ),
    (_is(Awaitable), "Wrap asyncio.ensure_future(awaitable)."),
    (_is(bytearray, memoryview, range), ""),
    (
        _is(AsyncIterable),
        "It runs only while its values are consumed: wrap asyncio.create_task(...) of a coroutine that consumes them.",
    ),
    (_is(Iterable), "If it yields jobs, wrap a list of them: WidgetJob(list(...))."),
)


def _is_result(name: str) -> bool:
    return name.endswith("Result") and not name.endswith("AsyncResult")


def plain_collection(given: object) -> object:
    """What ``given`` stores; of a subclass of one of ``COLLECTIONS``, without its own methods, which may block."""
    base = next((one for one in COLLECTIONS if issubclass(type(given), one)), None)
    if base is None:  # a class that a provider has for this, such as Celery's ``ResultSet``
        return list(given)  # type: ignore[call-overload]
    if type(given) is base:
        return given
    listing = "items" if base is dict else "__iter__"
    theirs = next(vars(kind)[listing] for kind in type(given).__mro__ if listing in vars(kind))
    stored = (vars(base)[listing] if isinstance(theirs, types.FunctionType) else theirs)(given)
    return dict(stored) if base is dict else list(stored)


def hint(given: object) -> str:
    """The mistake that looks likely, and what to write instead; empty if none does."""
    kind = type(given)
    return next((text for is_mistake, text in _MISTAKES if is_mistake(kind, given)), "")


def explain(given: object) -> str:
    """The text of a ``NotAJobError``: what was given, the mistake that looks likely, and what was expected."""
    return " ".join(
        filter(None, (f"An object of the class {type(given).__name__} is not a job.", hint(given), _EXPECTED))
    )
