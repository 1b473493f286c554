"""Methods of objects that the process has once, which do something else on the thread of a job, while jobs run.

They are replaced on the object itself, or on a class for all of its objects, so that old references see the change.
Everything is put back when the last job ends, and nothing is touched before the first one.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial, wraps
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet, ref

from primwidgets._progress.track import CallContext, current_context, printing_context
from primwidgets._runtime import after_fork_in_child

#: What is called on the thread of a job: with its run, the object, what would have been called, and the arguments.
InJob = Callable[..., Any]
Names = tuple[tuple[str, InJob], ...]


class Switch:
    """Stands for a function in the attributes of one object: calls it, or on the thread of a job something else."""

    def __init__(self, owner: Any, name: str, in_job: InJob) -> None:
        self.original: Callable[..., Any] = getattr(owner, name)
        self._owner = ref(owner)
        self._in_job = in_job
        self._was_its_own = name in vars(owner)
        self._current_context: Callable[[], CallContext | None] = (
            printing_context  # as modules lose their names when Python ends
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call what the caller's thread is to call."""
        context = self._current_context()
        if context is None:
            return self.original(*args, **kwargs)
        return self._in_job(context, self._owner(), self.original, *args, **kwargs)

    def put_back(self, owner: Any, name: str) -> None:
        """Have ``owner`` as it was."""
        if owner is not self._owner():
            return  # the switch of another object is there; its owner removes it
        if self._was_its_own:
            setattr(owner, name, self.original)
        else:
            delattr(owner, name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)


class ClassSwitch:
    """Stands for a method in a class: whatever is set on the object itself, a job finds something else.

    IPython sets a ``write`` on its streams for the time of each cell, and sets the earlier one again afterwards.
    """

    def __init__(self, base: type, name: str, in_job: InJob) -> None:
        self._base = base
        self._name = name
        self._in_job = in_job
        self._current_context: Callable[[], CallContext | None] = printing_context

    def __get__(self, owner: Any, _: type | None = None) -> Any:
        if owner is None:
            return self
        usual = getattr(owner, "__dict__", {}).get(self._name) or getattr(self._base, self._name).__get__(owner)
        context = self._current_context()
        return usual if context is None else partial(self._in_job, context, owner, usual)

    def __set__(self, owner: Any, value: Any) -> None:
        owner.__dict__[self._name] = value

    def __delete__(self, owner: Any) -> None:
        try:
            del owner.__dict__[self._name]
        except KeyError:
            raise AttributeError(self._name) from None


class Switches:
    """A set of switches that is in place while anybody is ``inside``.

    Args:
        install: calls ``put`` and its like; once for each caller, since the objects may differ each time.
    """

    def __init__(self, install: Callable[[Switches], None]) -> None:
        self._install = install
        self._lock = threading.Lock()
        self._users = 0
        self._undo: WeakKeyDictionary[Any, Callable[[Any], None]] = WeakKeyDictionary()
        _all.add(self)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Have the switches in place. Any thread."""
        with self._lock:
            self._users += 1
            self._install(self)
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._restore()

    def put_in_class(self, owner: Any, names: Names) -> bool:
        """Replace methods of ``owner`` by giving it a class of its own; whether that can be done.

        Classes that are written in C do not allow it.
        """
        base: type = type(owner)
        if _is_switched_class(base):
            return True
        try:
            ref(owner), hash(owner)  # as is needed to put it back
            object.__setattr__(owner, "__class__", _switched_class(base, names))  # not what a proxy passes on
        except (AttributeError, TypeError):
            return False
        self._undo[owner] = partial(_give_back_class, base)
        return True

    def put(self, owner: Any, names: Names) -> bool:
        """Replace functions of ``owner``, a module or an object, in its own attributes; whether that can be done."""
        own = getattr(owner, "__dict__", None)
        if own is None:
            return False
        if not _are_switched(own, names):
            try:
                self._undo[owner] = partial(_put_back, names)
                for name, in_job in names:
                    setattr(owner, name, Switch(owner, name, in_job))
            except (AttributeError, TypeError):
                self._take_out(owner)
            if not _are_switched(own, names):  # setting its methods would set those of another object
                self._take_out(owner)
        return _are_switched(own, names)

    def put_method(self, owner: type, name: str, ours: Callable[..., Any]) -> None:
        """Replace a method of a class for all of its objects.

        Args:
            owner: the class.
            name: of the method.
            ours: called in place of the method, with that as the first argument.
        """
        usual: Callable[..., Any] = getattr(owner, name)
        if usual in _replacements:
            return

        @wraps(usual)
        def replacement(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            return ours(usual, *args, **kwargs)

        _replacements.add(replacement)
        setattr(owner, name, replacement)
        others = self._undo.get(owner, _nothing)

        def put_all_back(kind: Any) -> None:
            _put_method_back(name, replacement, usual, kind)
            others(kind)

        self._undo[owner] = put_all_back

    def at_end(self, owner: Any, undo: Callable[[Any], None]) -> None:
        """Have ``undo`` called with ``owner`` when the last one leaves, if that is still there."""
        self._undo[owner] = undo

    def reset_after_fork(self) -> None:
        """In a forked child: put everything back, as the jobs do not run there.

        But what a job forks in a worker process prints where the job prints, over the worker's connection.
        """
        self._lock = threading.Lock()
        context = current_context()
        self._users = 1 if context is not None and context.is_elsewhere else 0
        if not self._users:
            self._restore()

    def _restore(self) -> None:
        for owner in list(self._undo):
            self._take_out(owner)

    def _take_out(self, owner: Any) -> None:
        with contextlib.suppress(TypeError):  # of an owner that cannot be a key there is nothing
            self._undo.pop(owner, _nothing)(owner)


@lru_cache(16)
def _switched_class(base: type, names: Names) -> type:
    """The class ``base`` with switches.

    Raises:
        AttributeError: it has none of these methods, as a proxy.
    """
    switches = {name: ClassSwitch(base, name, in_job) for name, in_job in names if getattr(base, name)}
    return type(
        base.__name__, (base,), {"__slots__": (), "__module__": base.__module__, "__doc__": base.__doc__, **switches}
    )


def _is_switched_class(kind: type) -> bool:
    return any(isinstance(attribute, ClassSwitch) for attribute in vars(kind).values())


def _give_back_class(base: type, owner: Any) -> None:
    if type(owner).__base__ is base and _is_switched_class(type(owner)):
        object.__setattr__(owner, "__class__", base)


def _are_switched(own: Mapping[str, Any], names: Names) -> bool:
    return all(isinstance(own.get(name), Switch) for name, _ in names)


def _put_back(names: Names, owner: Any) -> None:
    for name, _ in names:
        if isinstance(switch := vars(owner).get(name), Switch):  # else other code has replaced it
            switch.put_back(owner, name)


def _put_method_back(name: str, ours: Callable[..., Any], usual: Callable[..., Any], owner: type) -> None:
    if getattr(owner, name) is ours:  # else other code has replaced it since, and calls ours, which then does nothing
        setattr(owner, name, usual)


def _nothing(_: Any) -> None:
    """Nothing is to be put back."""


#: The functions that stand for methods at present.
_replacements: Final[WeakSet[Callable[..., Any]]] = WeakSet()
_all: Final[WeakSet[Switches]] = WeakSet()


def _reset_after_fork() -> None:
    for switches in list(_all):
        switches.reset_after_fork()


after_fork_in_child(_reset_after_fork)
