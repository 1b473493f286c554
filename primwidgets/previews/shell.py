"""The formatters of IPython's shell, without an import of IPython: the kernel's module says how to find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from primwidgets import _border as border


class _Shell:
    """Where the shell is found.

    Attributes:
        find: gives the shell, or ``None`` where there is none.
    """

    find: Callable[[], Any] = staticmethod(lambda: None)


def use_shell(find: Callable[[], Any]) -> None:
    """Take the formatters of the shell that ``find`` gives; it is called on worker threads."""
    _Shell.find = staticmethod(find)


def formatted(value: object, mime_type: str, method: str) -> Any:
    """What a registered formatter, else the method ``method`` of ``value``, makes of it; ``None`` if there is none.

    The formatter is not called through IPython's own ``format``, which prints what it raises into the running cell.
    Blocks as that code does; what it raises counts as nothing.
    """
    printer = _registered(value, mime_type) or _method(value, method)
    made = border.call(printer) if printer is not None else None
    return made.value if isinstance(made, border.Returned) else None


def _registered(value: object, mime_type: str) -> Callable[[], Any] | None:
    formatters = getattr(getattr(_Shell.find(), "display_formatter", None), "formatters", {})
    found = border.call(lambda: formatters[mime_type].lookup(value))
    return (lambda: found.value(value)) if isinstance(found, border.Returned) else None


def _method(value: object, name: str) -> Callable[[], Any] | None:
    """The method of that name, unless the object makes one up for any name."""
    if isinstance(value, type) or getattr(type(value), name, None) is None:
        return None
    found = border.call(getattr, value, name)
    method = found.value if isinstance(found, border.Returned) else None
    return method if callable(method) else None
