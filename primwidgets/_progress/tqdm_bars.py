"""A ``tqdm`` loop inside a job moves the job's card; the only file that knows tqdm.

tqdm has no place to register at, so its ``__new__`` is replaced once: a bar that is made inside a job is of a subclass
that draws nothing. Outside of jobs nothing changes. tqdm is not imported for it; while it is not loaded yet, a finder
waits for that. Imports nothing but the standard library, since it is loaded in workers too.
"""

from __future__ import annotations

import contextlib
import functools
import io
import math
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from numbers import Integral, Real
from types import ModuleType
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets._progress.speed import Speed
from primwidgets._progress.track import CallContext, Loop, current_context

_MODULE: Final = "tqdm.std"
#: Classes of bars that are remembered; a notebook may define one anew with each run of a cell.
_CLASSES_KEPT: Final = 64


def bars_move_cards() -> None:
    """Have bars that are made in a job from now on, in this process, belong to that job. Any thread."""
    if _WAITER.begun:
        return
    with _LOCK:
        if _WAITER.begun:
            return
        _WAITER.begun = True
        if _MODULE in sys.modules:
            _hook(import_module(_MODULE))  # another thread may be about to load it: this waits for that
        else:
            sys.meta_path.insert(0, _WAITER)


class _Waiter(MetaPathFinder):
    """Stands among the finders of modules until tqdm is imported."""

    begun = False

    @override
    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        """Have the usual finder find tqdm, and hook it as soon as it is loaded; other modules are not our business."""
        if name != _MODULE:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_hook(module: ModuleType) -> None:
                load(module)
                _hook(module)
                with contextlib.suppress(ValueError):
                    sys.meta_path.remove(self)

            spec.loader.exec_module = load_and_hook  # type: ignore[method-assign]
        return spec


_WAITER: Final = _Waiter()
_LOCK: Final = threading.Lock()


def _hook(module: ModuleType) -> None:
    bar_class: Any = module.tqdm
    original: Callable[..., Any] = bar_class.__new__

    @functools.wraps(original)
    def new(cls: type, *args: Any, **kwargs: Any) -> Any:
        return original(cls if current_context() is None else _class_in_a_job(cls), *args, **kwargs)

    bar_class.__new__ = staticmethod(new)


@functools.lru_cache(_CLASSES_KEPT)
def _class_in_a_job(cls: type) -> type:
    """``cls`` with ``_BarInAJob`` before it, so that the bar still is what the user's code takes it for."""
    if issubclass(cls, _BarInAJob):
        return cls
    return type(cls.__name__, (_BarInAJob, cls), {"__module__": cls.__module__, "__doc__": cls.__doc__})


class _Nowhere(io.TextIOBase):
    """A stream that keeps nothing."""

    @override
    def write(self, text: str) -> int:
        return len(text)


class _Undrawn:
    """Stands for what a bar prints with: a function in a terminal, a container of three widgets in a notebook."""

    def __init__(self) -> None:
        self.style = self.layout = self
        self.children = (self, self, self)

    def __call__(self, text: object) -> None:
        """Print nothing."""


_NOWHERE: Final = _Nowhere()


class _BarInAJob:
    """What a bar does otherwise inside a job. Each method does what tqdm's does, but for the drawing."""

    # Bars that are drawn make room for each other, and one thread looks after all of them: not after these.
    _instances: ClassVar[weakref.WeakSet[Any]] = weakref.WeakSet()
    monitor_interval = 0
    # tqdm's own lock reaches over processes, and a semaphore is left behind by a process that is killed.
    _lock = threading.RLock()

    # What a bar of tqdm has.
    iterable: Any
    fp: Any
    n: Any
    total: Any
    disable: Any
    leave: Any
    pos: Any
    delay: float

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._primwidgets_context = current_context() or CallContext()
        self._primwidgets_loop = BarLoop(self)
        super().__init__(*args, **kwargs)
        if not self.disable:
            self.fp = _NOWHERE if self._is_for_a_screen() else self.fp
            self._enter()

    def __iter__(self) -> Iterator[Any]:
        """Go through the iterable; a step costs less than tqdm's own, which looks at the clock."""
        if self.disable:
            yield from self.iterable
            return
        context = self._primwidgets_context
        try:
            for item in self.iterable:
                if context.cancelled:
                    context.check()
                yield item
                self.n += 1
        finally:
            self.close()

    def update(self, n: float = 1) -> bool | None:
        self._primwidgets_context.check()
        drawn: bool | None = super().update(n)  # type: ignore[misc]  # there is a tqdm behind this class
        if self.total and self.n >= self.total:  # a bar that is never closed must not enclose the next one
            self._leave()
        return drawn

    def refresh(self, *args: Any, **kwargs: Any) -> Any:
        self._primwidgets_context.check()
        return super().refresh(*args, **kwargs)  # type: ignore[misc]

    def reset(self, total: float | None = None) -> None:
        super().reset(total)  # type: ignore[misc]
        if not self.disable:
            self._enter()

    def close(self) -> None:
        self._leave()
        self._pass_on()
        super().close()  # type: ignore[misc]

    def display(self, *args: Any, **kwargs: Any) -> Any:
        """Draw only where the user named a file of their own."""
        return True if self._is_for_a_screen() else super().display(*args, **kwargs)  # type: ignore[misc]

    def status_printer(self, file: Any, *args: Any) -> Any:
        if not self._is_for_a_screen():
            return super().status_printer(file, *args)  # type: ignore[misc]
        self.delay = sys.float_info.min  # tqdm.notebook shows its widgets at once only where there is no delay
        return _Undrawn()

    def _pass_on(self) -> None:
        """Where no card shows the bar, have what it came to be printed, as tqdm leaves it on a terminal."""
        context = self._primwidgets_context
        leaves = not self.pos if self.leave is None else self.leave  # as tqdm has it
        if context.leaves_bars and not self.disable and leaves and self._is_for_a_screen():
            with contextlib.suppress(Exception):  # what the user has it show may not be able to
                context.leave_bar(str(self))

    def _is_for_a_screen(self) -> bool:
        return any(self.fp == stream for stream in (_NOWHERE, sys.stderr, sys.stdout, sys.__stderr__, sys.__stdout__))

    def _enter(self) -> None:
        context, loop = self._primwidgets_context, self._primwidgets_loop
        if loop not in context.loops:
            loop.follow(self)
            context.loops.append(loop)

    def _leave(self) -> None:
        context, loop = self._primwidgets_context, self._primwidgets_loop
        if loop in context.loops:
            loop.settle(self)
            context.end_loop(loop)


class BarLoop(Loop):
    """A bar as ``CallContext`` sees it, held weakly: a bar that is never closed is closed when it is collected."""

    __slots__ = ("_bar", "_settled", "_settled_text")

    def __init__(self, bar: Any) -> None:
        self.speed = Speed(time.monotonic())
        self.follow(bar)

    def follow(self, bar: Any) -> None:
        """Be as ``bar`` is, from now on."""
        self._bar = weakref.ref(bar)
        self._settled: tuple[float, float | None] = 0, None
        self._settled_text = "0 steps"

    def settle(self, bar: Any) -> None:
        """Stay as ``bar`` is now."""
        self._settled_text = self.text()
        self._settled = _numbers_of(bar)
        self._bar = lambda: None  # type: ignore[assignment]

    @override
    @property
    def done(self) -> float:  # type: ignore[override]
        bar = self._bar()
        return (self._settled if bar is None else _numbers_of(bar))[0]

    @override
    @property
    def total(self) -> float | None:  # type: ignore[override]
        bar = self._bar()
        return (self._settled if bar is None else _numbers_of(bar))[1]

    @override
    @property
    def unit(self) -> str | None:  # type: ignore[override]
        bar = self._bar()
        return None if bar is None else str(bar.unit).strip()

    @override
    def text(self) -> str:
        """For people, with what the bar says beside its numbers: ``"Training: 3 of 7 files, loss=0.31"``."""
        bar, total = self._bar(), self.total
        if bar is None:
            return self._settled_text
        unit = "" if bar.unit == "it" else f" {bar.unit}".rstrip()
        done = _shown(bar, self.done)
        count = f"{done} of {_shown(bar, total)}{unit}" if total else f"{done}{unit or ' steps'}"
        counted = ": ".join(filter(None, (str(bar.desc or "").rstrip(": "), count)))
        return ", ".join(filter(None, (counted, str(bar.postfix or ""))))


def _numbers_of(bar: Any) -> tuple[float, float | None]:
    return _number(bar.n) or 0, _number(bar.total)


def _number(value: object) -> float | None:
    """What a user, or numpy, has put there, as a plain number."""
    if not isinstance(value, Real) or not math.isfinite(value):
        return None
    return int(value) if isinstance(value, Integral) else float(value)


def _shown(bar: Any, number: float) -> str:
    if bar.unit_scale:
        scale = 1 if bar.unit_scale is True else bar.unit_scale
        return str(bar.format_sizeof(number * scale, divisor=bar.unit_divisor))
    return f"{number:,}" if isinstance(number, int) else f"{number:,.6g}"
