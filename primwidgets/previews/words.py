"""A result in one line, and as text of bounded length."""

from __future__ import annotations

import math
import pprint
import reprlib
from collections.abc import Mapping, Set
from numbers import Number
from typing import Any, Final

from primwidgets import _border as border
from primwidgets.result_preview import RESULT_TEXT_LIMIT, SUMMARY_LIMIT
from primwidgets.snapshot import clean, clip

#: A repr that is longer says less on a card than how large the thing is.
_LINE: Final = 60
#: What is looked at of a container, in entries: its repr is bounded, too.
_ENTRIES: Final = 200
#: Containers with more entries than that are not written out one entry a line.
_PLAIN: Final = (list, tuple, dict, set, frozenset)

_MINUS: Final = "\N{MINUS SIGN}"
_TIMES: Final = " \N{MULTIPLICATION SIGN} "

_bounded = reprlib.Repr()
_bounded.maxlevel = 5
_bounded.maxdict = _bounded.maxlist = _bounded.maxtuple = _bounded.maxset = _bounded.maxfrozenset = _ENTRIES
_bounded.maxdeque = _bounded.maxarray = _ENTRIES
_bounded.maxstring = _bounded.maxother = _bounded.maxlong = RESULT_TEXT_LIMIT


def summary_of(value: object) -> str:
    """The result in a few words: its value behind an equals sign, else what it is and how large."""
    return clean(
        clip(_first(_number, _text, _shape, _small, _size, lambda one: type(one).__name__)(value), SUMMARY_LIMIT)
    )


def text_of(value: object) -> str:
    """The result as text: a text as it is, anything else as its ``repr``; long ones are cut."""
    if isinstance(value, str):
        return clean(clip(str.__str__(value), RESULT_TEXT_LIMIT))
    made = border.call(_repr, value)
    text = made.value if isinstance(made, border.Returned) else f"<{type(value).__name__}>"
    return clean(clip(text, RESULT_TEXT_LIMIT))


def _repr(value: object) -> str:
    if type(value) in _PLAIN and len(value) <= _ENTRIES:  # type: ignore[arg-type]
        short = _bounded.repr(value)
        return pprint.pformat(value, width=100, sort_dicts=False) if _LINE < len(short) < RESULT_TEXT_LIMIT else short
    if isinstance(value, (*_PLAIN, int)):
        return _bounded.repr(value)
    return repr(value)


def _first(*ways: Any) -> Any:
    """The first of ``ways`` that has something to say, whatever the others raise."""

    def say(value: object) -> str:
        for way in ways:
            said = border.call(way, value)
            if isinstance(said, border.Returned) and said.value:
                return str(said.value)
        return ""

    return say


def _number(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, Number):
        return None
    if isinstance(value, float):
        return f"= {_float(float(value))}"
    if isinstance(value, complex):
        real, imaginary = _float(value.real), _float(abs(value.imag))
        return f"= {real} {_MINUS if value.imag < 0 else '+'} {imaginary}j"
    if isinstance(value, int) and value.bit_length() > _LINE * 3:  # Python writes no very long ones in decimals
        return f"integer of {value.bit_length():,} bits"
    text = str(value)
    return f"= {text.replace('-', _MINUS)}"


def _float(value: float) -> str:
    """Six significant digits, as a plain number where that is readable, with a true minus sign."""
    return f"{value:.6g}".replace("-", _MINUS) if math.isfinite(value) else str(value).replace("-", _MINUS)


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    line = str.__str__(value)
    return f"= {line!r}" if len(line) <= _LINE and "\n" not in line else f"text of {len(line):,} characters"


def _shape(value: Any) -> str | None:
    """Of an array or a table: rows and columns, and the type of its numbers."""
    if isinstance(value, type) or not isinstance(shape := getattr(value, "shape", None), tuple) or not shape:
        return None
    size = _TIMES.join(f"{int(one):,}" for one in shape)
    element = getattr(value, "dtype", None)
    name = type(value).__name__
    return f"{name} {size}" if element is None or callable(element) else f"{name} {size}, {element}"


def _small(value: object) -> str | None:
    text = _bounded.repr(value) if type(value) in _PLAIN else repr(value)
    is_value = len(text) <= _LINE and "\n" not in text and not text.startswith("<")
    return f"= {text}" if is_value else None


def _size(value: Any) -> str | None:
    if isinstance(value, (Mapping, Set, list, tuple, bytes, bytearray)):
        what = "bytes" if isinstance(value, bytes | bytearray) else "entries" if isinstance(value, Mapping) else "items"
        return f"{type(value).__name__} of {len(value):,} {what}"
    return None
