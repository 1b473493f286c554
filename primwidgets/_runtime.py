"""What exists once in a process: how it is made, how a forked child gets its own, and what is closed at the exit.

A forked child has a copy of everything that its parent had in memory, but none of the parent's threads, and sockets and
processes that belong to the parent. So whatever counts on those registers here how it begins anew in a child. This is
the only module that registers with ``os`` and ``atexit``: in a child the callbacks run in the order in which they were
registered, at the exit in the reverse order.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, TypeVar
from weakref import WeakSet

InstanceT = TypeVar("InstanceT")
MadeT = TypeVar("MadeT")

_LOG: Final = logging.getLogger(__name__)
_in_child: Final[list[Callable[[], object]]] = []
_at_exit: Final[list[Callable[[], object]]] = []


def after_fork_in_child(callback: Callable[[], object]) -> None:
    """Have ``callback`` called in each forked child, on its only thread. It may neither block nor start a thread."""
    _in_child.append(callback)


def at_exit(callback: Callable[[], object]) -> None:
    """Have ``callback`` called when the interpreter exits, before whatever was registered with ``atexit`` until now."""
    _register_at_exit(callback)


def once_per_process(make: Callable[[], MadeT]) -> Callable[[], MadeT]:
    """Make a function of ``make`` that calls it the first time in each process, and then returns the same.

    It can be called on any thread; a forked child makes its own.
    """
    made: list[MadeT] = []
    lock = threading.RLock()

    def get() -> MadeT:
        if not made:
            with lock:
                if not made:
                    made.append(make())
        return made[0]

    def begin_anew() -> None:
        nonlocal lock
        made.clear()
        lock = threading.RLock()  # another thread of the parent may have held it

    after_fork_in_child(begin_anew)
    get.__doc__ = make.__doc__
    return get


def instances(
    in_child: Callable[[InstanceT], object], at_exit: Callable[[InstanceT], object] | None = None
) -> WeakSet[InstanceT]:
    """A set for the instances of a class, which holds them weakly; ``__init__`` adds to it.

    Args:
        in_child: called with each of them in a forked child; see ``after_fork_in_child``.
        at_exit: called with each of them at the exit; see ``at_exit``.
    """
    known: WeakSet[InstanceT] = WeakSet()
    after_fork_in_child(lambda: _call_all(partial(in_child, instance) for instance in known))
    if at_exit is not None:
        close = at_exit
        _register_at_exit(lambda: _call_all(partial(close, instance) for instance in known))
    return known


def _register_at_exit(callback: Callable[[], object]) -> None:
    _at_exit.append(callback)
    atexit.unregister(_close)
    atexit.register(_close)  # again: the last one that was registered is called first


def _begin_anew() -> None:
    _call_all(_in_child)


def _close() -> None:
    _call_all(reversed(_at_exit))


def _call_all(callbacks: Iterable[Callable[[], object]]) -> None:
    for callback in tuple(callbacks):
        try:
            callback()
        except Exception:  # noqa: BLE001  (one defect must not keep the others from being renewed or closed)
            _LOG.exception("What exists once in a process could not be renewed or closed")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
