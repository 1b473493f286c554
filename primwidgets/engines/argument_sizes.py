"""How much memory the arguments of a call take: an estimate, of bounded work, made of the objects that can be seen."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import partial
from itertools import islice
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from primwidgets import _border as border
from primwidgets.engines.base import FunctionCall

#: Objects that are looked at; the rest of a larger structure is estimated by its containers.
_OBJECTS: Final = 10_000
#: Items of one container that are looked at, and what each of the others is taken to occupy, in bytes.
_ITEMS: Final = 1_000
_BYTES_PER_ITEM: Final = 64
#: What belongs to the program and not to a call.
_SHARED: Final = (type, ModuleType, BuiltinFunctionType)


def sizes_of(call: FunctionCall) -> dict[int, int]:
    """The bytes of each object that ``call`` keeps alive, by its ``id``: two calls may share a large one.

    Asks objects of other libraries for their sizes, so it belongs on a worker thread.
    """
    sizes: dict[int, int] = {}
    waiting: list[Any] = [call.function, call.arguments, call.keywords]
    while waiting and len(sizes) < _OBJECTS:
        one = waiting.pop()
        if id(one) in sizes or isinstance(one, _SHARED):
            continue
        sizes[id(one)] = _size(one)
        parts = border.call(_first_parts, one)
        if isinstance(parts, border.Returned):
            waiting.extend(parts.value)
    return sizes


def _size(one: Any) -> int:
    asked = border.call(_own_size, one)
    return asked.value if isinstance(asked, border.Returned) else 0


def _own_size(one: Any) -> int:
    size = sys.getsizeof(one, 0)
    if hasattr(type(one), "nbytes"):  # an array or a tensor, whose data may be elsewhere
        size = max(size, int(one.nbytes))
    if isinstance(one, list | tuple | set | frozenset | dict) and len(one) > _ITEMS:
        size += (len(one) - _ITEMS) * _BYTES_PER_ITEM
    return size


def _first_parts(one: Any) -> list[Any]:
    return list(islice(_parts(one), _ITEMS))


def _parts(one: Any) -> Iterable[Any]:
    """What ``one`` refers to."""
    match one:
        case dict():
            return [*islice(one, _ITEMS // 2), *islice(one.values(), _ITEMS // 2)]
        case list() | tuple() | set() | frozenset():
            return one
        case partial():
            return (one.func, one.args, one.keywords)
        case MethodType():
            return (one.__self__, one.__func__)
        case FunctionType():
            return [*_captured(one), *(one.__defaults__ or ()), *(one.__kwdefaults__ or {}).values()]
    state = getattr(one, "__dict__", None)
    return [state] if isinstance(state, Mapping) else ()


def _captured(function: FunctionType) -> Iterable[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # a name that has no value yet
            continue
