"""The texts in which a status may name a state: a status is a text, a member of an enum, a mapping, or any object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from enum import Enum
from itertools import islice
from types import FunctionType
from typing import Any, Final

from primwidgets import _border as border

#: Where a status object or mapping keeps its word; in mappings also in other case.
_PLACES: Final = ("name", "value", "type", "status", "state", "code", "phase", "job_status", "job_state")
#: So many keys of a mapping are looked at for one of them in other spelling.
_KEYS: Final = 100
#: Lists of more statuses tell nothing.
_PARTS: Final = 10_000
#: Longer text is cut: no word is as long.
_TEXT_LIMIT: Final = 1_000


def texts_of(status: Any, depth: int = 2) -> Iterator[str]:
    """The texts that may be the word of ``status``; the likeliest first. What the status raises yields nothing.

    Args:
        status: what a provider returned.
        depth: how many objects are looked into that contain each other.
    """
    if isinstance(status, Enum):
        name = getattr(status, "name", None)
        if isinstance(name, str):  # flags without a bit have none
            yield name
        status = status.value
    if isinstance(status, str):
        text = str.__str__(status)[:_TEXT_LIMIT]
        yield text
        if text.lstrip().startswith("{"):
            yield from texts_of(_parsed(text), depth)
    elif isinstance(status, bytes | bytearray):
        yield bytes(status[:_TEXT_LIMIT]).decode("utf-8", "replace")
    elif depth and status is not None and not isinstance(status, int | float | type | FunctionType):
        for place in _PLACES:
            yield from texts_of(_held(status, place), depth - 1)
        if (told := _told(status)) is not None:
            yield told


def parts_of(status: Any) -> list[Any]:
    """The statuses in a list, a set, or an array of them; empty for everything else, and for tuples with names."""
    if hasattr(status, "tolist"):
        listed = border.call(status.tolist)
        status = listed.value if isinstance(listed, border.Returned) else status
        if isinstance(status, str):
            return [status]
    is_list = isinstance(status, list | Set) or (isinstance(status, tuple) and not hasattr(status, "_fields"))
    return list(status) if is_list and len(status) <= _PARTS else []


def _held(status: Any, place: str) -> Any:
    held = border.call(_entry if isinstance(status, Mapping) else _attribute, status, place)
    return held.value if isinstance(held, border.Returned) else None


def _entry(status: Any, place: str) -> Any:
    if place in status:
        return status[place]
    plain = place.replace("_", "")
    same = (key for key in islice(status, _KEYS) if isinstance(key, str) and key.replace("_", "").lower() == plain)
    return next((status[key] for key in same), None)


def _attribute(status: Any, place: str) -> Any:
    held = getattr(status, place, None)
    return held() if place == "name" and callable(held) else held  # as the enums of Java have it


def _told(status: Any) -> str | None:
    """What a class of Python code makes its objects be printed as; ``None`` for those that do not define it."""
    kind = type(status)
    if isinstance(status, BaseException) or not any(
        isinstance(getattr(kind, name, None), FunctionType) for name in ("__str__", "__repr__")
    ):
        return None
    told = border.call(str, status)
    return str.__str__(told.value)[:_TEXT_LIMIT] if isinstance(told, border.Returned) else None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
