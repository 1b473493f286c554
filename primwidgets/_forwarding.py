"""Functions that only pass a call on to a provider, and do not count as its caller.

``warnings.warn(…, stacklevel=2)`` in a provider's method names the caller of that method, and Python shows or hides a
deprecation by the module of that place. With a wrapped job the caller would be a function of this package. Both
``warnings`` and ``logging`` leave the frames of Python's import system out when they count, and recognise them by the
name of the file. So that name is added to the file name of each function that passes a call on.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, Final, TypeVar, cast

CallT = TypeVar("CallT", bound=Callable[..., Any])

#: What the file name has to hold, for ``warnings`` and ``logging`` of Python 3.11 to 3.14.
_NOT_COUNTED: Final = " (not counted, like importlib/_bootstrap)"


def forwards(function: CallT) -> CallT:
    """Decorate a function so that it is not counted by ``stacklevel``. Tracebacks show its source lines as ever."""
    plain = cast(FunctionType, function)
    plain.__code__ = plain.__code__.replace(co_filename=plain.__code__.co_filename + _NOT_COUNTED)
    return function
