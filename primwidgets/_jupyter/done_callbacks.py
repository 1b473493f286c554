"""Callbacks that are registered at a wrapped job.

A job calls them with itself. Who registers one at a stand-in expects that object: parsl, for one, compares by ``is``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import ref

from typing_extensions import override

from primwidgets._forwarding import forwards


class DoneCallback:
    """A callback that is called with the stand-in where the job passes itself.

    It equals the user's function, by which that is removed again, and keeps neither the stand-in nor its job alive.

    Args:
        function: the user's.
        stand_in: for the job.
    """

    __slots__ = ("__wrapped__", "_stand_in")

    def __init__(self, function: Callable[..., Any], stand_in: Any) -> None:
        self.__wrapped__ = function
        self._stand_in = ref(stand_in)

    @forwards
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        stand_in = self._stand_in()
        if stand_in is not None:
            job = stand_in.job
            args = tuple(stand_in if argument is job else argument for argument in args)
        return self.__wrapped__(*args, **kwargs)

    @override
    def __eq__(self, other: object) -> bool:
        return bool(self.__wrapped__ == (other.__wrapped__ if isinstance(other, DoneCallback) else other))

    @override
    def __hash__(self) -> int:
        return hash(self.__wrapped__)

    @override
    def __repr__(self) -> str:
        return repr(self.__wrapped__)


@forwards
def add_done_callback(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Have a function called with this object when the job has ended, as the provider's method does."""
    if args:
        args = (DoneCallback(args[0], self), *args[1:])
    else:
        kwargs = {name: DoneCallback(value, self) if callable(value) else value for name, value in kwargs.items()}
    return self.job.add_done_callback(*args, **kwargs)
