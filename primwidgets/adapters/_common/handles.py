"""How to ask a job of an unknown class: what some have as methods others have as attributes, or do not have at all."""

from __future__ import annotations

import dis
import inspect
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from primwidgets import _border as border
from primwidgets.adapters._common.describe import describe

#: What jobs call their ids and their states.
ID_NAMES: Final = ("job_id", "id", "jobId", "task_id", "key")
STATUS_NAMES: Final = ("status", "state")
_MAY_BE_AWAITED: Final = ("status", "result", "cancel", "done", "in_final_state")

_MISSING: Final = object()
_implemented: WeakKeyDictionary[type, dict[str, bool]] = WeakKeyDictionary()


def has(job: object, name: str) -> bool:
    """Whether ``job`` has the attribute ``name``. Runs no code of the job, unless its class makes up attributes."""
    return defines(job, name) or (hasattr(type(job), "__getattr__") and getattr(job, name, None) is not None)


def defines(job: object, name: str) -> bool:
    """Whether the class of ``job``, or ``job`` itself, has the attribute ``name``; runs no code of the job."""
    return inspect.getattr_static(job, name, _MISSING) is not _MISSING


def defines_on_class(kind: type, name: str) -> bool:
    """Whether ``kind`` or an ancestor of it defines ``name``; runs no code, neither of the class nor of its class."""
    return any(name in vars(ancestor) for ancestor in kind.__mro__)


def must_be_awaited(kind: type) -> bool:
    """Whether a method of such jobs is a coroutine function, whose coroutine no worker thread can await."""
    return any(inspect.iscoroutinefunction(inspect.getattr_static(kind, name, None)) for name in _MAY_BE_AWAITED)


def ask(job: Any, *names: str) -> Any:
    """What the first method of these names returns, or the first attribute holds. May be a request.

    Raises:
        AttributeError: ``job`` has none of them.
        TypeError: the answer would have to be awaited, which a reader on a worker thread cannot do.
    """
    name = next((name for name in names if has(job, name)), names[0])
    answer = getattr(job, name)
    if callable(answer):
        answer = answer()
    if inspect.isawaitable(answer):
        if inspect.iscoroutine(answer):
            answer.close()  # or Python warns that it was never awaited
        raise TypeError(f"{type(job).__name__}.{name} has to be awaited, so the job cannot be read from a thread.")
    return answer


def id_of(job: Any) -> str:
    """The id of ``job``; a name made from its address, which is unique while the job lives, if it has none (yet)."""
    for name in ID_NAMES:
        told = border.call(_told_id, job, name)  # a method of that name may be for something else
        if isinstance(told, border.Returned) and told.value is not None:
            return told.value
    return f"job-{id(job):x}"


def id_at_hand(job: object) -> str:
    """``id_of`` without running code of the job: of an id that is more than a plain attribute nothing is known yet."""
    for name in ID_NAMES:
        found = inspect.getattr_static(job, name, None)
        if isinstance(found, (str, int, UUID)) and not isinstance(found, bool) and found != "":
            return describe(found)
    return f"job-{id(job):x}"


def _told_id(job: Any, name: str) -> str | None:
    told = ask(job, name) if has(job, name) else None
    return None if told is None or told == "" else describe(told)


def implements(job: object, method: str) -> bool:
    """Whether ``job`` has a ``method`` of which the body does more than to raise ``NotImplementedError``.

    Classes inherit such bodies from the interfaces of their packages. The method is not called to find out.
    """
    kind = type(job)
    if inspect.getattr_static(job, method, None) is not inspect.getattr_static(kind, method, None):
        return True  # this one was given a method of its own
    known = _implemented.setdefault(kind, {})
    if method not in known:
        function = getattr(kind, method, None)
        known[method] = hasattr(kind, "__getattr__") if function is None else _is_implemented(function)
    return known[method]


def _is_implemented(function: Any) -> bool:
    if not callable(function):
        return False
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None or "NotImplementedError" not in code.co_names:
        return True
    return any(instruction.opname.startswith("RETURN_") for instruction in dis.get_instructions(code))
