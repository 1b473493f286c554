"""``JobList``: jobs in a table, as text and as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final

from typing_extensions import override

from primwidgets._jupyter.text_card import place, state_line, title
from primwidgets.snapshot import JobSnapshot
from primwidgets.widget_job import WidgetJob

#: Words that choose by state, besides the names of the states.
LIVE: Final = "live"

_HEADINGS: Final = ("Name", "State", "Where", "Job id")
_ROWS_SHOWN: Final = 100


class JobList(list[WidgetJob[Any, Any]]):
    """Jobs, those that are not over first, and the later ones before the earlier ones.

    It is shown as a table of how they are at that moment.
    """

    def __init__(self, jobs: Iterable[WidgetJob[Any, Any]]) -> None:
        super().__init__(sorted(jobs, key=_place_in_list))

    def matching(self, words: Iterable[str]) -> JobList:
        """Those jobs to which all ``words`` apply: ``live``, the name of a state, or a part of the job's name."""
        wanted = [word.lower() for word in words]
        return JobList(job for job in self if all(_applies(word, job.snapshot) for word in wanted))

    @override
    def __repr__(self) -> str:
        if not self:
            return "No jobs."
        rows = [_HEADINGS, *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([*lines, *self._rest()])

    def _repr_html_(self) -> str:
        if not self:
            return "No jobs."
        head = "".join(f'<th scope="col" style="{_LEFT}">{heading}</th>' for heading in _HEADINGS)
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in self._rows())
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return table + "".join(f"<p>{text}</p>" for text in self._rest())

    def _rows(self) -> list[tuple[str, ...]]:
        return [_row(job.snapshot) for job in self[:_ROWS_SHOWN]]

    def _rest(self) -> list[str]:
        more = len(self) - _ROWS_SHOWN
        return [f"… and {more:,} more"] if more > 0 else []


_LEFT: Final = "text-align:left"


def _place_in_list(job: WidgetJob[Any, Any]) -> tuple[bool, float]:
    snapshot = job.snapshot
    return snapshot.is_final, -(snapshot.created_at or 0.0)


def _applies(word: str, snapshot: JobSnapshot) -> bool:
    if word == LIVE and not snapshot.is_final:
        return True
    return word == snapshot.state.value.lower() or word in title(snapshot).lower()


def _row(snapshot: JobSnapshot) -> tuple[str, ...]:
    unnamed = JobSnapshot(uid=snapshot.uid, job_id=snapshot.job_id)
    return title(snapshot), state_line(snapshot), place(snapshot), title(unnamed)


def _cell(text: str) -> str:
    return f'<td style="{_LEFT}"><bdi>{escape(text)}</bdi></td>'
