"""``jobs()`` and ``JobList``: the jobs of this process in a table, as text, as HTML and as a pandas table."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from html import escape
from importlib import import_module
from typing import Any, Final

from typing_extensions import override

from primwidgets._jupyter.services import hub
from primwidgets._jupyter.text_card import place, state_line, tags, title
from primwidgets.snapshot import TAGS, JobSnapshot, JobState
from primwidgets.widget_job import WidgetJob

#: Words that choose by state, besides the names of the states.
LIVE: Final = "live"

_HEADINGS: Final = ("Name", "State", "Where", "Job ID")
#: A further column, where a job has tags.
_TAGS: Final = "Tags"
_ROWS_SHOWN: Final = 100
_TIMES: Final = ("created_at", "started_at", "finished_at")


def jobs(
    *,
    state: JobState | str | None = None,
    name: str | None = None,
    provider: str | None = None,
    tag: str | None = None,
    members: bool | None = None,
) -> JobList:
    """The jobs of this process that fit all that is asked for: those that are not over first, then the newest ones.

    Args:
        state: a state, in any case, or ``"live"`` for those that are not over.
        name: a part of the name, or of the id of a job without a name; in any case.
        provider: a part of the name of the provider or of the backend; in any case.
        tag: a key or a value of the job's metadata; of a value that lists several, one of them.
        members: whether the members of groups are listed beside their groups; by default if anything is asked for.

    Raises:
        ValueError: there is no such state.
    """
    listed = JobList(hub().members())
    filtered = any(given is not None for given in (state, name, provider, tag))
    if not (filtered if members is None else members):
        groups = {job.snapshot.job_id for job in listed if job.snapshot.group is not None}
        listed = JobList(job for job in listed if job.snapshot.group_id not in groups)
    wanted = None if state is None else _state(state)
    return JobList(job for job in listed if _fits(job.snapshot, wanted, name, provider, tag))


class JobList(list[WidgetJob[Any, Any]]):
    """Jobs, those that are not over first, and the later ones before the earlier ones.

    It is shown as a table of how they are at that moment.
    """

    def __init__(self, jobs: Iterable[WidgetJob[Any, Any]]) -> None:
        super().__init__(sorted(jobs, key=_place_in_list))

    def matching(self, words: Iterable[str]) -> JobList:
        """Those jobs to which all ``words`` apply: ``live``, a state, a tag, or a part of the job's name."""
        wanted = [word.lower() for word in words]
        return JobList(job for job in self if all(_applies(word, job.snapshot) for word in wanted))

    def rows(self) -> list[dict[str, Any]]:
        """See ``rows_of``."""
        return rows_of(self)

    def to_frame(self) -> Any:
        """The ``rows()`` as a pandas ``DataFrame``.

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        return to_frame(self.rows())

    @override
    def __repr__(self) -> str:
        if not self:
            return "No jobs."
        rows = [self._headings(), *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join([*lines, *self._rest()])

    def _repr_html_(self) -> str:
        if not self:
            return "No jobs."
        head = "".join(f'<th scope="col" style="{_LEFT}">{heading}</th>' for heading in self._headings())
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in self._rows())
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return table + "".join(f"<p>{text}</p>" for text in self._rest())

    def _headings(self) -> tuple[str, ...]:
        return (*_HEADINGS, _TAGS) if self._has_tags() else _HEADINGS

    def _rows(self) -> list[tuple[str, ...]]:
        columns = len(self._headings())
        return [_row(job.snapshot)[:columns] for job in self[:_ROWS_SHOWN]]

    def _has_tags(self) -> bool:
        return any(tags(job.snapshot) for job in self[:_ROWS_SHOWN])

    def _rest(self) -> list[str]:
        more = len(self) - _ROWS_SHOWN
        return [f"… and {more:,} more"] if more > 0 else []


_LEFT: Final = "text-align:left"


def _place_in_list(job: WidgetJob[Any, Any]) -> tuple[bool, float]:
    snapshot = job.snapshot
    return snapshot.is_final, -(snapshot.created_at or 0.0)


def _state(named: str) -> str:
    """A name of a state, or ``live``, as it is compared."""
    word = str(named).lower()
    if word != LIVE and word.upper() not in JobState.__members__:
        known = ", ".join([LIVE, *(state.value.lower() for state in JobState)])
        raise ValueError(f"There is no state {named!r}; there are {known}.")
    return word


def _fits(snapshot: JobSnapshot, state: str | None, name: str | None, provider: str | None, tag: str | None) -> bool:
    is_in_state = state is None or (not snapshot.is_final if state == LIVE else snapshot.state.value.lower() == state)
    is_called = name is None or name.lower() in title(snapshot).lower()
    is_there = provider is None or provider.lower() in place(snapshot).lower()
    return is_in_state and is_called and is_there and (tag is None or _has_tag(snapshot, tag))


def _has_tag(snapshot: JobSnapshot, tag: str) -> bool:
    """Whether the metadata have ``tag`` as a key, a value, or an item of a value that is a list in Python's form."""
    for key, value in snapshot.metadata.items():
        items = {item.strip(" '\"") for item in value.strip("[]()").split(",")}
        if tag in (key, value) or tag in items:
            return True
    return False


def _applies(word: str, snapshot: JobSnapshot) -> bool:
    if word == LIVE and not snapshot.is_final:
        return True
    if word in tags(snapshot).lower().split(", "):
        return True
    return word == snapshot.state.value.lower() or word in title(snapshot).lower()


def _row(snapshot: JobSnapshot) -> tuple[str, ...]:
    unnamed = JobSnapshot(uid=snapshot.uid, job_id=snapshot.job_id)
    return title(snapshot), state_line(snapshot), place(snapshot), title(unnamed), tags(snapshot)


def _cell(text: str) -> str:
    return f'<td style="{_LEFT}"><bdi>{escape(text)}</bdi></td>'


def rows_of(jobs: Iterable[Any]) -> list[dict[str, Any]]:
    """A dictionary for each ``WidgetJob``. Times are epoch seconds, lengths seconds; what is unknown is ``None``.

    The result is there if that costs no download.
    """
    return [_values(job) for job in jobs]


def to_frame(rows: list[dict[str, Any]]) -> Any:
    """``rows`` as a pandas ``DataFrame``.

    Raises:
        ModuleNotFoundError: pandas is not installed.
    """
    try:
        pandas = sys.modules.get("pandas") or import_module("pandas")
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(
            "to_frame() needs pandas; rows() gives the same as a list of dictionaries."
        ) from missing
    frame = pandas.DataFrame(rows)
    for column in _TIMES:
        if column in frame:
            frame[column] = pandas.to_datetime(frame[column], unit="s", utc=True)
    return frame


def _values(job: Any) -> dict[str, Any]:
    snapshot: JobSnapshot = job.snapshot
    error = snapshot.error
    return {
        "name": snapshot.name,
        "job_id": snapshot.job_id,
        "state": snapshot.state.value,
        "provider": snapshot.provider,
        "backend": snapshot.backend,
        "created_at": snapshot.created_at,
        "started_at": snapshot.started_at,
        "finished_at": snapshot.finished_at,
        "queue_seconds": _between(snapshot.created_at, snapshot.started_at),
        "run_seconds": _between(snapshot.started_at, snapshot.finished_at),
        "result": _result(job, snapshot),
        "error": None if error is None else f"{error.type}: {error.message}",
        "tags": snapshot.metadata.get(TAGS),
    }


def _result(job: Any, snapshot: JobSnapshot) -> Any:
    is_here = snapshot.state is JobState.DONE and job._wrapped.adapter.holds_result
    return job.result() if is_here else None


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else max(0.0, end - start)
