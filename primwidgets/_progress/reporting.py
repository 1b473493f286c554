"""``report``: what a function that runs as a job says of itself, in its own words and numbers."""

from __future__ import annotations

import inspect
import math
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, Literal

from primwidgets._progress.loops import count_text
from primwidgets._progress.recorder import PENDING_LIMIT, plain_number
from primwidgets._progress.track import CURRENT, CallContext, checked_total

_DIRECTIONS: Final = {"min": False, "max": True}
_is_only_numbers: Final = frozenset(("fraction", "message", "done", "total", "unit", "best")).isdisjoint
_context_of_caller: Final = CURRENT.get


def report(
    fraction: float | None = None,
    message: str | None = None,
    *,
    done: float | None = None,
    total: float | None = None,
    unit: str | None = None,
    best: float | Literal["min", "max"] | None = None,
    **values: Any,
) -> None:
    """Say on the job's card how the function is doing; it can be cancelled here. Outside a job this does nothing.

    ::

        report(0.25, "reading")
        report(done=245, total=1500, unit="pulses")
        report(energy=e)                       # a line of its own on the card
        report(loss=l, accuracy=a)

    Within ``track``, the fraction, or ``done`` of ``total``, is that of the current step.

    Args:
        fraction: 0..1; ``None`` leaves it as it is.
        message: a short text for the card; ``None`` leaves it as it is.
        done: how much is done, instead of the fraction: ``report(done=245, total=1500, unit="pulses")``.
        total: all that is to be done; ``None`` if that is unknown.
        unit: what ``done`` counts.
        best: a number is the best value so far, a line like any other. ``"min"`` or ``"max"`` says which of the
            ``values`` is the best: without it the lowest one, or the highest one of what is called accuracy, fidelity,
            reward, score or the like.
        **values: numbers, each the next value of the line of its name; ``None`` means no value. The card shows the
            first 16 names, and ``job.series()`` gives all values that are kept: 4 million in total, 64 MB. When there
            are more, the longest line keeps the lowest and the highest of every four.

    Raises:
        JobCancelled: (in a job) the job was cancelled.
        TypeError: (in a job) a value is not a number, or both a fraction and a count were given.
        ValueError: (in a job) ``fraction`` is not from 0 to 1, ``done`` is negative or missing, or ``best`` is
            another word.
    """


def _report(*args: Any, **values: Any) -> None:
    context = _context_of_caller()
    if context is None:
        return
    if context.cancelled:
        context.check()
    if args or not _is_only_numbers(values):
        _report_all(context, *args, **values)
        return
    for value in values.values():  # as ``SeriesRecorder.add``, whose call would cost as much as all of this
        if type(value) is not float:
            context.series.add(values)
            return
    pending = context.series.pending
    pending.append(values)
    if len(pending) >= PENDING_LIMIT:
        context.series.sort()


# Binding many parameters takes longer than all that ``report(loss=0.3)`` does, so it is the fast one that is called.
_report.__signature__ = inspect.signature(report)  # type: ignore[attr-defined]
_report.__doc__, _report.__name__, _report.__qualname__ = report.__doc__, report.__name__, report.__qualname__
if not TYPE_CHECKING:
    report = _report


def _report_all(
    context: CallContext,
    fraction: float | None = None,
    message: str | None = None,
    *,
    done: float | None = None,
    total: float | None = None,
    unit: str | None = None,
    best: object = None,
    **values: Any,
) -> None:
    if best is not None:
        values = _with_best(context, best, values)
    if values:
        context.series.add(values)
    if fraction is not None and not (math.isfinite(fraction) and 0 <= fraction <= 1):
        raise ValueError(f"report() takes a fraction from 0 to 1, not {fraction!r}; divide a percentage by 100.")
    text = None if message is None else str(message)
    if done is None and total is None and unit is None:
        context.report(None if fraction is None else float(fraction), text)
    else:
        context.report(*_counted(fraction, done, total, unit, text))


def _with_best(context: CallContext, best: object, values: dict[str, Any]) -> dict[str, Any]:
    """``values``, with ``best`` among them if it is a number."""
    if not isinstance(best, str):
        return {**values, "best": plain_number("best", best)}
    if best not in _DIRECTIONS:
        raise ValueError(f"report() takes 'min', 'max' or a number as best=, not {best!r}.")
    context.series.direct(tuple(values), highest_is_best=_DIRECTIONS[best])
    return values


def _counted(
    fraction: float | None, done: float | None, total: float | None, unit: str | None, message: str | None
) -> tuple[float | None, str | None, str, tuple[float, str | None]]:
    if fraction is not None:
        raise TypeError("report() takes either a fraction or done= and total=, not both.")
    if done is None:
        raise ValueError("report() with total= or unit= needs done= too: report(done=245, total=1500, unit='pulses').")
    if not isinstance(done, Real) or not math.isfinite(done) or done < 0:
        raise ValueError(f"report() takes a number from 0 upwards as done=, not {done!r}.")
    total = None if total is None else checked_total(total)
    fraction = min(1.0, float(done / total)) if total else None
    return fraction, message, count_text(done, total, unit), (float(done), None if unit is None else str(unit))
