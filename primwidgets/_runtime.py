"""Per-process singletons: creation, reset in forked children, and clean-up at exit.

A forked child has a copy of its parent's memory, but none of its threads; its sockets and child processes belong to the
parent. Objects that depend on those register a reset here. This is the only module that registers with ``os`` and
``atexit``: callbacks run in the order of registration in a child, and in the reverse order at exit.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, Generic, TypeVar
from weakref import ref

InstanceT = TypeVar("InstanceT")
MadeT = TypeVar("MadeT")

_LOG: Final = logging.getLogger(__name__)
_in_child: Final[list[Callable[[], object]]] = []
_at_exit: Final[list[Callable[[], object]]] = []


def after_fork_in_child(callback: Callable[[], object]) -> None:
    """Call ``callback`` in each forked child, on its only thread. It must neither block nor start a thread."""
    _in_child.append(callback)


def at_exit(callback: Callable[[], object]) -> None:
    """Call ``callback`` when the interpreter exits, before everything registered with ``atexit`` so far."""
    _register_at_exit(callback)


def once_per_process(make: Callable[[], MadeT]) -> Callable[[], MadeT]:
    """Return a function that calls ``make`` once in each process and returns the same object from then on.

    It may be called on any thread; a forked child creates its own object.
    """
    made: list[MadeT] = []
    lock = threading.RLock()

    def get() -> MadeT:
        if not made:
            with lock:
                if not made:
                    made.append(make())
        return made[0]

    def reset_after_fork() -> None:
        nonlocal lock
        made.clear()
        lock = threading.RLock()  # another thread of the parent may have held it

    after_fork_in_child(reset_after_fork)
    get.__doc__ = make.__doc__
    return get


class Instances(Generic[InstanceT]):
    """The instances of a class that still exist. It holds them weakly; adding costs less than with a ``WeakSet``."""

    def __init__(self) -> None:
        self._references: set[ref[InstanceT]] = set()
        self._discard = self._references.discard

    def add(self, instance: InstanceT) -> None:
        """Take in an instance. Any thread."""
        self._references.add(ref(instance, self._discard))

    def __iter__(self) -> Iterator[InstanceT]:
        """Those that exist at the moment; others may come and go meanwhile."""
        for reference in tuple(self._references):
            if (instance := reference()) is not None:
                yield instance


def instances(
    in_child: Callable[[InstanceT], object], at_exit: Callable[[InstanceT], object] | None = None
) -> Instances[InstanceT]:
    """A weak set for the instances of a class, to which ``__init__`` adds each of them.

    Args:
        in_child: called with each of them in a forked child; see ``after_fork_in_child``.
        at_exit: called with each of them at exit; see ``at_exit``.
    """
    known: Instances[InstanceT] = Instances()
    after_fork_in_child(lambda: _call_all(partial(in_child, instance) for instance in known))
    if at_exit is not None:
        close = at_exit
        _register_at_exit(lambda: _call_all(partial(close, instance) for instance in known))
    return known


def _register_at_exit(callback: Callable[[], object]) -> None:
    _at_exit.append(callback)
    atexit.unregister(_close)
    atexit.register(_close)  # register again: atexit calls the last one first


def _reset_after_fork() -> None:
    _call_all(_in_child)


def _close() -> None:
    _call_all(reversed(_at_exit))


def _call_all(callbacks: Iterable[Callable[[], object]]) -> None:
    for callback in tuple(callbacks):
        try:
            callback()
        except Exception:  # noqa: BLE001  (one defect must not prevent the other callbacks)
            _LOG.exception("A callback after a fork or at exit failed")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_after_fork)
