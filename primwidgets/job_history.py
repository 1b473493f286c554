"""``history()``: the jobs of all kernels of this user, those that are over and those whose kernel is gone included."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from html import escape
from importlib import import_module
from typing import Any, Final

from typing_extensions import override

from primwidgets._jupyter.services import recorder
from primwidgets._ledger.entry import COLUMNS, LedgerEntry
from primwidgets._ledger.search import find_entries
from primwidgets.snapshot import JobState

_HEADINGS: Final = ("Name", "State", "Where", "Submitted", "Took", "Notebook", "Job id", "Error")
_ROWS_SHOWN: Final = 100
_ERROR_SHOWN: Final = 60


def history(
    *,
    state: JobState | str | None = None,
    name: str | None = None,
    provider: str | None = None,
    notebook: str | None = None,
    since: float | None = None,
    limit: int | None = 100,
) -> History:
    """The jobs in the ledger to which all of that applies, the latest first. Any thread.

    Args:
        state: a state, in any case, or ``"live"`` for those that were not over when they were seen last.
        name: a part of the name or of the id, in any case.
        provider: a part of the name of the provider or of the backend, in any case.
        notebook: a part of the notebook's path, in any case.
        since: when they were submitted at the earliest, in epoch seconds.
        limit: the most jobs; ``None`` for all.

    Raises:
        ValueError: there is no such state.
        LedgerError: the ledger cannot be read.
    """
    recorder().flush()  # so that the jobs of this very moment are among them
    return History(find_entries(state=state, name=name, provider=provider, notebook=notebook, since=since, limit=limit))


class History(list[LedgerEntry]):
    """Jobs from the ledger, shown as a table. ``WidgetJob.attach(entry)`` gives a live card where that is possible."""

    def to_dataframe(self) -> Any:
        """A pandas table with a row for each job; times are ``datetime64`` in UTC.

        Raises:
            ImportError: pandas is not installed.
        """
        pandas = import_module("pandas")
        table = pandas.DataFrame([{name: getattr(entry, name) for name in COLUMNS} for entry in self], columns=COLUMNS)
        for column in ("created_at", "started_at", "finished_at", "seen_at"):
            table[column] = pandas.to_datetime(table[column], unit="s", utc=True)
        return table

    @override
    def __repr__(self) -> str:
        if not self:
            return "No jobs."
        rows = [_HEADINGS, *map(_row, self[:_ROWS_SHOWN])]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join([*("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows), *self._rest()])

    def _repr_html_(self) -> str:
        if not self:
            return "No jobs."
        head = "".join(f'<th scope="col" style="{_LEFT}">{heading}</th>' for heading in _HEADINGS)
        body = "".join(f"<tr>{''.join(_cells(_row(entry)))}</tr>" for entry in self[:_ROWS_SHOWN])
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return table + "".join(f"<p>{text}</p>" for text in self._rest())

    def _rest(self) -> list[str]:
        more = len(self) - _ROWS_SHOWN
        return [f"… and {more:,} more"] if more > 0 else []


_LEFT: Final = "text-align:left"


def _cells(row: Iterable[str]) -> Iterator[str]:
    return (f'<td style="{_LEFT}"><bdi>{escape(text)}</bdi></td>' for text in row)


def _row(entry: LedgerEntry) -> tuple[str, ...]:
    error = entry.error or ""
    return (
        entry.name or "",
        entry.state.value if entry.is_final else f"{entry.state.value} when last seen",
        " · ".join(filter(None, (entry.provider, entry.backend))),
        _moment(entry.created_at),
        _took(entry),
        entry.notebook or "",
        entry.job_id,
        error if len(error) <= _ERROR_SHOWN else f"{error[:_ERROR_SHOWN]}…",
    )


def _moment(at: float | None) -> str:
    return "" if at is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def _took(entry: LedgerEntry) -> str:
    begin = entry.started_at or entry.created_at
    return "" if entry.finished_at is None or begin is None else f"{max(0.0, entry.finished_at - begin):.1f} s"
