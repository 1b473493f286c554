"""What a provider's method takes, and which time-outs only the provider understands."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any


def accepts(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Whether ``function`` takes these arguments; also if Python cannot tell."""
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return False
    except ValueError:  # some C functions have no signature
        return True
    return True


def keeps_time_out(function: Callable[..., Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether a ``timeout`` among ``kwargs`` is to be passed on as it is, since only ``function`` knows its meaning.

    That is so of what is no number, such as ``"2s"`` or a ``timedelta``, and of ``None`` where leaving it out means
    something else.
    """
    if "timeout" not in kwargs or isinstance(given := kwargs["timeout"], Real):
        return False
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some C functions have no signature
        return False
    if (parameter := parameters.get("timeout")) is not None:
        return given is not None or parameter.default is not None
    return _has_any_keyword(parameters)


def takes_any_keyword(function: Callable[..., Any]) -> bool:
    """Whether ``function`` takes whatever is given by keyword, and may use or ignore it."""
    try:
        return _has_any_keyword(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some C functions have no signature
        return False


def _has_any_keyword(parameters: Mapping[str, inspect.Parameter]) -> bool:
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
