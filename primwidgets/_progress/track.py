"""The call of a function that runs as a job, and ``track``, which shows how far its loops are and has them cancelled.

A running function only counts; the monitor reads the counts when it shows them. So a step costs next to nothing, and
nothing is sent from inside a loop. Outside a job ``track`` does nothing. Imports nothing but the standard library and
``primwidgets.series``, since it is loaded in workers too.
"""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, Final, NamedTuple, TypeVar, cast

from primwidgets._progress.loops import Loop as Loop
from primwidgets._progress.loops import Walk
from primwidgets._progress.printed_log import LOG_CHARACTERS as LOG_CHARACTERS
from primwidgets._progress.printed_log import PrintedLog
from primwidgets._progress.recorder import SeriesRecorder
from primwidgets._progress.speed import Speed, rate_text
from primwidgets._progress.terminal_line import REDRAW_SECONDS, LineContent, claim_line, is_terminal
from primwidgets.errors import JobCancelled

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a function is.

    Attributes:
        fraction: 0..1; ``None`` if that is unknown.
        text: what it counts, e.g. ``"3 of 7"``.
        message: what the function said last.
        rate: how fast it goes on, e.g. ``"41 it/s"``; ``None`` while that would be a guess.
        ends_at: when it will be done at that speed, in epoch seconds; ``None`` while that would be a guess.
    """

    fraction: float | None = None
    text: str | None = None
    message: str | None = None
    rate: str | None = None
    ends_at: float | None = None


class _Part(NamedTuple):
    """What was reported within one step of a loop, or outside of loops.

    Attributes:
        loop: the innermost loop; ``None`` outside of loops.
        done: the steps of that loop that were over.
        fraction: 0..1 of the step; ``None`` if unknown.
        text: what was counted.
        counted: the number of it, and what it is.
    """

    loop: Loop | None
    done: float
    fraction: float | None
    text: str | None = None
    counted: tuple[float, str | None] | None = None


class CallContext(PrintedLog):
    """One call of a function: how far it is, what it printed, and whether it should stop.

    The function's own thread writes; any thread may read.

    Attributes:
        started_at: epoch seconds; ``None`` until it begins.
        place: where it runs, e.g. a host or a worker.
        cancelled: whether it should stop; ``track`` and ``report`` then raise ``JobCancelled`` in the function.
        series: the numbers that the function reports.
        captures_programs: whether programs that the function starts have to be given a stream that leads to the log;
            not where all that the process prints gets there.
        output_of_programs: has that stream, while the function runs.
        is_over: whether the function has ended; what its threads print from then on is not the job's.
        ended_at: when it ended, in epoch seconds by the clock that was right when it began; ``None`` before that.
        is_elsewhere: whether this process is not the one that asked for the call.
        release_slot: is entered while the function waits for another job; set by engines whose threads are few.
    """

    is_elsewhere: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self.started_at: float | None = None
        self.place: str | None = None
        self.cancelled = False
        self.is_over = False
        self.ended_at: float | None = None
        self._began = 0.0
        self.captures_programs = True
        self.output_of_programs: Any = None
        self.release_slot: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext
        self.loops: list[Loop] = []
        self.series = SeriesRecorder()
        self._part: _Part | None = None
        self._speed = Speed(time.monotonic())
        self._count_speed = Speed(time.monotonic())
        self._message: str | None = None
        self._needs: list[str] = []

    def begin(self, place: str | None = None) -> None:
        """Note that the function begins to run."""
        self.place = place
        self._speed, self._count_speed = Speed(time.monotonic()), Speed(time.monotonic())
        self._began, self.started_at = time.monotonic(), time.time()

    @contextlib.contextmanager
    def under_way(self) -> Iterator[None]:
        """Note that the function runs inside the ``with`` block, and ends with it."""
        self.is_over = False
        try:
            yield
        finally:
            self.is_over = True
            if self.started_at is not None:  # the clock may have been set meanwhile
                self.ended_at = self.started_at + (time.monotonic() - self._began)

    @property
    def leaves_bars(self) -> bool:
        """Whether the last line of a bar is wanted, since no card shows the bar."""
        return self.echo is not None

    def leave_bar(self, line: str) -> None:
        """Pass on the last line of a bar, which is in no log."""
        if self.echo is not None:
            self.echo(f"{line}\n", sys.stderr)

    def check(self) -> None:
        """Raise ``JobCancelled`` if the job should stop."""
        if self.cancelled:
            raise JobCancelled("The job was cancelled.")

    def report(
        self,
        fraction: float | None,
        message: str | None,
        text: str | None = None,
        counted: tuple[float, str | None] | None = None,
    ) -> None:
        """Note what the function says; ``None`` leaves what it said before. A count has a ``text``, too."""
        if fraction is not None or text is not None:
            loop = self.loops[-1] if self.loops else None
            self._part = _Part(loop, 0 if loop is None else loop.done, fraction, text, counted)
        if message is not None:
            self._message = message

    def progress(self) -> Progress:
        """How far it is now. A loop within a loop, or a report within one, moves the outer one by parts of a step."""
        loops, part = tuple(self.loops), self._part
        if part is not None and part[:2] != ((loops[-1], loops[-1].done) if loops else (None, 0)):
            part = None  # it belongs to a step that has ended
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
        rate, ends_at = self._outlook(loops, part, None if unknown else fraction)
        return Progress(None if unknown else fraction, ", ".join(texts) or None, message, rate, ends_at)

    def _outlook(
        self, loops: Sequence[Loop], part: _Part | None, fraction: float | None
    ) -> tuple[str | None, float | None]:
        """How fast it goes on, and when it will be done at that speed."""
        now, rate, left = time.monotonic(), None, None
        if loops:
            rate = rate_text(loops[0].speed.look(now, loops[0].done), loops[0].unit)
        elif part is not None and part.counted is not None:
            rate = rate_text(self._count_speed.look(now, part.counted[0]), part.counted[1])
        if fraction is not None:
            left = self._speed.seconds_left(now, fraction, 1.0)
        return rate, None if left is None else float(round(time.time() + left))

    @contextlib.contextmanager
    def needing(self, what: str) -> Iterator[None]:
        """Show ``what`` the function waits for in place of its message."""
        self._needs.append(what)
        try:
            yield
        finally:
            self._needs.remove(what)

    def end_loop(self, loop: Loop) -> None:
        """Note that a loop has ended; what it did stays visible until something else is reported."""
        progress = self.progress()
        with contextlib.suppress(ValueError):
            self.loops.remove(loop)
        if self.loops and loop.total:  # the outer loop's step keeps this progress, and does not seem to begin again
            self._part = _Part(self.loops[-1], self.loops[-1].done, min(1.0, loop.done / loop.total))
        elif not self.loops and (loop.done or loop.total):
            self._part = _Part(None, 0, progress.fraction, progress.text)


#: Sequences whose iterators tell exactly how much is left.
_PLAIN_SEQUENCES: Final = (range, list, tuple)

#: The call that this thread, or this context of a thread, carries out.
CURRENT: Final[ContextVar[CallContext | None]] = ContextVar("primwidgets_context", default=None)
#: The call whose job started this thread.
_INHERITED: Final[ContextVar[CallContext | None]] = ContextVar("primwidgets_inherited_context", default=None)
_released_slot: Final[ContextVar[CallContext | None]] = ContextVar("primwidgets_released_slot", default=None)


def current_context() -> CallContext | None:
    """The job that the caller runs in; ``None`` outside."""
    return CURRENT.get()


def printing_context() -> CallContext | None:
    """The job to whose log belongs what the caller prints: that it runs in, or that started the caller's thread."""
    context = CURRENT.get() or _INHERITED.get()
    return None if context is None or context.is_over else context


@contextlib.contextmanager
def inheriting(context: CallContext | None) -> Iterator[None]:
    """Have what this thread prints belong to ``context``, which started it or gave it work; to none if ``None``."""
    token = _INHERITED.set(context)
    try:
        yield
    finally:
        _INHERITED.reset(token)


@contextlib.contextmanager
def running(context: CallContext | None) -> Iterator[None]:
    """Have ``track`` and ``report`` of this thread belong to ``context``; to no job at all if that is ``None``."""
    token, inherited = CURRENT.set(context), _INHERITED.set(None)
    try:
        yield
    finally:
        _INHERITED.reset(inherited)
        CURRENT.reset(token)


@contextlib.contextmanager
def waiting_for_another_job() -> Iterator[None]:
    """Release the caller's slot while it waits for another job, so that another call may use its thread.

    The slot is released once: not again for a wait inside this one, nor on a helper thread that was started in it.
    """
    context = CURRENT.get()
    if context is None or context is _released_slot.get():
        yield
        return
    token = _released_slot.set(context)
    try:
        with context.release_slot():
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
        JobCancelled: (in a job) the job was cancelled.
        TypeError: (in a job) ``total`` is not a number.
    """
    context = CURRENT.get()
    if context is None and not is_terminal(sys.stderr):
        return iter(iterable)
    if total is None:
        with contextlib.suppress(TypeError):
            total = len(iterable)  # type: ignore[arg-type]  # asking is the way to find out
    else:
        total = checked_total(total)
    named = None if desc is None else str(desc), None if unit is None else str(unit)
    if context is None:
        return _drawn(iterable, Loop(total, None, named[1]), named[0] or "")
    if type(iterable) in _PLAIN_SEQUENCES:
        return _walked(Walk(cast("Sequence[ItemT]", iterable), total, *named), context)
    return _tracked(iterable, Loop(total, *named), context)


def checked_total(total: float) -> float | None:
    """``total``; ``None`` if it is not finite, by which some libraries mean that it is unknown."""
    if not isinstance(total, Real):
        if not hasattr(type(total), "__float__"):  # as decimals and NumPy's arrays of one number have it
            raise TypeError(f"total= takes a number, not {total!r}; pass a name for the loop as desc=.")
        total = float(total)
    try:
        return total if math.isfinite(total) and total >= 0 else None
    except OverflowError:  # a whole number that is larger than any float
        return None


def _tracked(items: Iterable[ItemT], loop: Loop, context: CallContext) -> Iterator[ItemT]:
    context.loops.append(loop)
    try:
        for done, item in enumerate(items, 1):
            if context.cancelled:
                context.check()
            yield item
            loop.done = done
    finally:
        context.end_loop(loop)


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


def _walked(walk: Walk, context: CallContext) -> Iterator[Any]:
    context.loops.append(walk)
    try:
        for item in walk.steps:
            if context.cancelled:
                context.check()
            yield item
        walk.is_over = True
    finally:
        context.end_loop(walk)
