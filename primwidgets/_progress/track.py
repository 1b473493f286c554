"""Progress from inside a function that runs as a job: ``track`` and ``report``, which also make it cancellable.

A running function only notes how far it is; whoever wants to show it looks. So a step costs next to nothing, and
nothing is sent from inside a loop. Outside a job both do nothing. Imports nothing but the standard library, since it
is loaded in workers too.
"""

from __future__ import annotations

import contextlib
import math
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, Final, NamedTuple, Protocol, TypeVar, cast

from primwidgets._progress.loops import Loop as Loop
from primwidgets._progress.loops import Walk, count_text
from primwidgets._progress.terminal_line import REDRAW_SECONDS, LineContent, claim_line, is_terminal
from primwidgets.errors import JobCancelled

ItemT = TypeVar("ItemT")

#: What is kept of the text that one job prints, in characters: the end of it.
LOG_CHARACTERS: Final = 1_000_000
#: It is kept in pieces of at most so many characters, and the oldest ones are dropped.
_PIECE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a function is.

    Attributes:
        fraction: 0..1; ``None`` if that is unknown.
        text: what it counts, e.g. ``"3 of 7"``.
        message: what the function said last.
    """

    fraction: float | None = None
    text: str | None = None
    message: str | None = None


class _Part(NamedTuple):
    """What was reported within one step of a loop, or outside of loops.

    Attributes:
        loop: the innermost loop; ``None`` outside of loops.
        done: the steps of that loop that were over.
        fraction: 0..1 of the step; ``None`` if unknown.
        text: what was counted.
    """

    loop: Loop | None
    done: float
    fraction: float | None
    text: str | None = None


class Echo(Protocol):
    """Passes on what a job prints, besides its log."""

    def __call__(self, text: str, stream: Any = None) -> None:
        """Pass on ``text`` that was printed to ``stream``; without one, to the standard output."""

    def close(self) -> None:
        """Pass on what is left of it."""


class CallContext:
    """One call of a function: how far it is, what it printed, and whether it should stop.

    The function's own thread writes; any thread may read.

    Attributes:
        started_at: epoch seconds; ``None`` while it waits for its turn.
        place: where it runs, e.g. a host or a worker.
        cancelled: set by who wants it to stop; ``track`` and ``report`` then raise ``JobCancelled`` in the function.
        echo: passes on what is printed, besides the log; ``None`` where that is on a card.
        is_elsewhere: whether this process is not the one that asked for the call.
        release_slot: is entered while the function waits for another job; set by engines whose threads are few.
    """

    is_elsewhere: ClassVar[bool] = False

    def __init__(self) -> None:
        self.started_at: float | None = None
        self.place: str | None = None
        self.cancelled = False
        self.release_slot: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext
        self.echo: Echo | None = None
        self.loops: list[Loop] = []
        self._part: _Part | None = None
        self._message: str | None = None
        self._needs: list[str] = []
        self._log: deque[str] = deque()
        self._log_size = 0
        self._lock = threading.Lock()

    def begin(self, place: str | None = None) -> None:
        """Note that the function begins to run."""
        self.place = place
        self.started_at = time.time()

    def check(self) -> None:
        """Raise ``JobCancelled`` if the job should stop."""
        if self.cancelled:
            raise JobCancelled("The job was cancelled.")

    def report(self, fraction: float | None, message: str | None, text: str | None = None) -> None:
        """Note what the function says; ``None`` leaves what it said before. A count is a ``text``."""
        if fraction is not None or text is not None:
            loop = self.loops[-1] if self.loops else None
            self._part = _Part(loop, 0 if loop is None else loop.done, fraction, text)
        if message is not None:
            self._message = message

    def progress(self) -> Progress:
        """How far it is now. A loop within a loop, or a report within one, moves the outer one by parts of a step."""
        loops, part = tuple(self.loops), self._part
        if part is not None and part[:2] != ((loops[-1], loops[-1].done) if loops else (None, 0)):
            part = None  # it belongs to a step that is over
        fraction, share = 0.0, 1.0
        for loop in loops:
            if not loop.total:
                break
            fraction += share * min(1.0, loop.done / loop.total)
            share /= loop.total
        else:
            fraction += share * (0.0 if part is None or part.fraction is None else part.fraction)
        unknown = not loops[0].total if loops else part is None or part.fraction is None
        texts = [loops[0].text()] if loops else []
        if part is not None and part.text is not None:
            texts.append(part.text)
        message = [self._message, *self._needs][-1]
        return Progress(None if unknown else fraction, ", ".join(texts) or None, message)

    @contextlib.contextmanager
    def needing(self, what: str) -> Iterator[None]:
        """Have ``what`` it waits for stand in the place of its message meanwhile."""
        self._needs.append(what)
        try:
            yield
        finally:
            self._needs.remove(what)

    def end_loop(self, loop: Loop) -> None:
        """Note that a loop is over; what it did stays visible until something else is reported."""
        progress = self.progress()
        with contextlib.suppress(ValueError):
            self.loops.remove(loop)
        if self.loops and loop.total:  # the step of the loop around it is so far, and must not seem to begin again
            self._part = _Part(self.loops[-1], self.loops[-1].done, min(1.0, loop.done / loop.total))
        elif not self.loops and (loop.done or loop.total):
            self._part = _Part(None, 0, progress.fraction, progress.text)

    def write(self, text: str) -> None:
        """Add to what the function printed."""
        with self._lock:
            for start in range(max(0, len(text) - LOG_CHARACTERS), len(text), _PIECE):
                self._log.append(text[start : start + _PIECE])
                self._log_size += len(self._log[-1])
            while self._log_size > LOG_CHARACTERS:
                self._log_size -= len(self._log.popleft())

    @property
    def log(self) -> str:
        """What the function printed; of very much, the end."""
        with self._lock:
            return "".join(self._log)

    def log_tail(self, characters: int) -> str | None:
        """The end of what was printed, at least so many ``characters`` of it; ``None`` if there is nothing."""
        with self._lock:
            wanted: deque[str] = deque()
            size = 0
            for text in reversed(self._log):
                if size > characters:
                    break
                wanted.appendleft(text)
                size += len(text)
        return "".join(wanted) or None


#: Sequences whose iterators tell exactly how much is left.
_PLAIN_SEQUENCES: Final = (range, list, tuple)

_current: Final[ContextVar[CallContext | None]] = ContextVar("primwidgets_context", default=None)
_released_slot: Final[ContextVar[CallContext | None]] = ContextVar("primwidgets_released_slot", default=None)


def current_context() -> CallContext | None:
    """The job that the caller runs in; ``None`` outside."""
    return _current.get()


@contextlib.contextmanager
def running(run: CallContext | None) -> Iterator[None]:
    """Have ``track`` and ``report`` of this thread belong to ``run``; to no job at all if that is ``None``."""
    token = _current.set(run)
    try:
        yield
    finally:
        _current.reset(token)


@contextlib.contextmanager
def waiting_for_another_job() -> Iterator[None]:
    """What the caller does in this context is wait for a job, so another job may have its thread.

    Room is made once: not again for what waits within it, nor for a thread that was started in it to help.
    """
    run = _current.get()
    if run is None or run is _released_slot.get():
        yield
        return
    token = _released_slot.set(run)
    try:
        with run.release_slot():
            yield
    finally:
        _released_slot.reset(token)


def track(
    iterable: Iterable[ItemT], total: float | None = None, *, desc: str | None = None, unit: str | None = None
) -> Iterator[ItemT]:
    """Go through ``iterable`` and show on the job's card how far that is; each step can be cancelled.

    A loop within a loop moves the outer one by parts of a step. Outside a job it draws a bar on the standard error if
    that is a terminal; else this is ``iter(iterable)``.

    Args:
        iterable: what to go through.
        total: the number of steps, if ``len(iterable)`` does not tell.
        desc: what the loop is called, as in ``"fit: 3 of 7"``.
        unit: what it counts, as in ``"3 of 7 files"``.

    Raises:
        JobCancelled: (in a job) somebody cancelled it.
        TypeError: (in a job) ``total`` is no number.
    """
    run = _current.get()
    if run is None and not is_terminal(sys.stderr):
        return iter(iterable)
    if total is None:
        with contextlib.suppress(TypeError):
            total = len(iterable)  # type: ignore[arg-type]  # asking is the way to find out
    else:
        total = _checked_total(total)
    named = None if desc is None else str(desc), None if unit is None else str(unit)
    if run is None:
        return _drawn(iterable, Loop(total, None, named[1]), named[0] or "")
    if type(iterable) in _PLAIN_SEQUENCES:
        return _walked(Walk(cast("Sequence[ItemT]", iterable), total, *named), run)
    return _tracked(iterable, Loop(total, *named), run)


def report(
    fraction: float | None = None,
    message: str | None = None,
    *,
    done: float | None = None,
    total: float | None = None,
    unit: str | None = None,
) -> None:
    """Say on the job's card how far the function is; it can be cancelled here. Outside a job this does nothing.

    Within ``track``, the fraction, or ``done`` of ``total``, is that of the current step.

    Args:
        fraction: 0..1; ``None`` leaves it as it is.
        message: a short text for the card; ``None`` leaves it as it is.
        done: how much is done, instead of the fraction: ``report(done=245, total=1500, unit="pulses")``.
        total: all that is to be done; ``None`` if that is unknown.
        unit: what ``done`` counts.

    Raises:
        JobCancelled: (in a job) somebody cancelled it.
        TypeError: (in a job) a number is none, or both a fraction and a count were given.
        ValueError: (in a job) ``fraction`` is no number from 0 to 1, or ``done`` is negative or missing.
    """
    run = _current.get()
    if run is None:
        return
    run.check()
    if fraction is not None and not (math.isfinite(fraction) and 0 <= fraction <= 1):
        raise ValueError(f"report() takes a fraction from 0 to 1, not {fraction!r}; divide a percentage by 100.")
    told = None if message is None else str(message)
    if done is None and total is None and unit is None:
        run.report(None if fraction is None else float(fraction), told)
    else:
        run.report(*_counted(fraction, done, total, unit, told))


def _counted(
    fraction: float | None, done: float | None, total: float | None, unit: str | None, message: str | None
) -> tuple[float | None, str | None, str]:
    if fraction is not None:
        raise TypeError("report() takes either a fraction or done= and total=, not both.")
    if done is None:
        raise ValueError("report() with total= or unit= needs done= too: report(done=245, total=1500, unit='pulses').")
    if not isinstance(done, Real) or not math.isfinite(done) or done < 0:
        raise ValueError(f"report() takes a number from 0 upwards as done=, not {done!r}.")
    total = None if total is None else _checked_total(total)
    return min(1.0, float(done / total)) if total else None, message, count_text(done, total, unit)


def _checked_total(total: float) -> float | None:
    """``total``; ``None`` if it is not finite, by which some libraries mean that it is unknown."""
    if not isinstance(total, Real):
        raise TypeError(f"total= is a number, not {total!r}; a name for the loop is given as desc=.")
    return total if math.isfinite(total) and total >= 0 else None


def _tracked(items: Iterable[ItemT], loop: Loop, run: CallContext) -> Iterator[ItemT]:
    run.loops.append(loop)
    try:
        for done, item in enumerate(items, 1):
            if run.cancelled:
                run.check()
            yield item
            loop.done = done
    finally:
        run.end_loop(loop)


def _drawn(items: Iterable[ItemT], loop: Loop, name: str) -> Iterator[ItemT]:
    line = claim_line()
    if line is None:  # a loop around this one has it
        yield from items
        return
    began = drawn_at = time.monotonic()

    def content() -> LineContent:
        fraction = min(1.0, loop.done / loop.total) if loop.total else None
        return LineContent(name, fraction, loop.text(), time.monotonic() - began)

    try:
        line.draw(content())
        for done, item in enumerate(items, 1):
            yield item
            loop.done = done
            if time.monotonic() - drawn_at >= REDRAW_SECONDS:
                line.draw(content())
                drawn_at = time.monotonic()
    finally:
        line.draw(content())
        line.end(leave=True)


def _walked(walk: Walk, run: CallContext) -> Iterator[Any]:
    run.loops.append(walk)
    try:
        for item in walk.steps:
            if run.cancelled:
                run.check()
            yield item
        walk.is_over = True
    finally:
        run.end_loop(walk)
