"""Attributes of objects that the process has once, which do something else on the thread of a job, while jobs run.

What is looked up on the object itself (``stream.write``) is found there by everybody who holds the object, however long
ago they got it. Everything is put back when the last job ends, and nothing is touched before the first one.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet

from primwidgets._runtime import after_fork_in_child
from primwidgets.progress import Run, current_run

#: What is called on the thread of a job: with its run, with what would have been called, and with the arguments.
InJob = Callable[..., Any]


class Switch:
    """Stands for a function: calls it, or on the thread of a job something else."""

    def __init__(self, owner: Any, name: str, in_job: InJob) -> None:
        self.original: Callable[..., Any] = getattr(owner, name)
        self._in_job = in_job
        self._was_its_own = name in vars(owner)
        self._current_run: Callable[[], Run | None] = current_run  # as modules lose their names when Python ends

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call what the caller's thread is to call."""
        run = self._current_run()
        return self.original(*args, **kwargs) if run is None else self._in_job(run, self.original, *args, **kwargs)

    def put_back(self, owner: Any, name: str) -> None:
        """Have ``owner`` as it was."""
        if self._was_its_own:
            setattr(owner, name, self.original)
        else:
            delattr(owner, name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)


class Switches:
    """A set of switches that is in place while anybody is ``inside``.

    Args:
        install: calls ``put``; once for each who enters, since there may be other objects each time.
    """

    def __init__(self, install: Callable[[Switches], None]) -> None:
        self._install = install
        self._lock = threading.Lock()
        self._users = 0
        self._owners: WeakKeyDictionary[Any, tuple[str, ...]] = WeakKeyDictionary()
        self._undo: list[Callable[[], None]] = []
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

    def put(self, owner: Any, **in_job: InJob) -> bool:
        """Replace functions of ``owner``, a module or one object, on that object alone; whether that can be done."""
        own = getattr(owner, "__dict__", None)
        if own is None:
            return False
        if not _are_switched(own, in_job):
            try:
                self._owners[owner] = tuple(in_job)
                for name, function in in_job.items():
                    setattr(owner, name, Switch(owner, name, function))
            except (AttributeError, TypeError):
                self._take_out(owner)
            if not _are_switched(own, in_job):  # what it is told to be, it passes on to something else
                self._take_out(owner)
        return _are_switched(own, in_job)

    def at_end(self, undo: Callable[[], None]) -> None:
        """Have ``undo`` called when the last one leaves."""
        self._undo.append(undo)

    def begin_anew(self) -> None:
        """Put everything back: in a forked child, where the jobs do not run."""
        self._lock = threading.Lock()
        self._users = 0
        self._restore()

    def _restore(self) -> None:
        for owner in list(self._owners):
            self._take_out(owner)
        while self._undo:
            self._undo.pop()()

    def _take_out(self, owner: Any) -> None:
        with contextlib.suppress(TypeError):  # of an owner that cannot be a key there is nothing
            for name in self._owners.pop(owner, ()):
                if isinstance(switch := vars(owner).get(name), Switch):  # else somebody has put something else there
                    switch.put_back(owner, name)


def _are_switched(own: Mapping[str, Any], names: Iterable[str]) -> bool:
    return all(isinstance(own.get(name), Switch) for name in names)


_all: Final[WeakSet[Switches]] = WeakSet()


def _begin_anew() -> None:
    for switches in list(_all):
        switches.begin_anew()


after_fork_in_child(_begin_anew)
