"""What the server asks of the ledger, and its entries as JSON. Blocking: not for the thread of a loop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from primwidgets._ledger.entry import COLUMNS, LedgerEntry
from primwidgets._ledger.places import ledger_path
from primwidgets._ledger.search import find_entries
from primwidgets.errors import LedgerError
from primwidgets.snapshot import JobState, clean, clip

#: The most jobs in one answer.
MOST_JOBS: Final = 500
_USUAL_JOBS: Final = 100
#: The longest text of an argument, and of a value in an answer, in characters.
_TEXT_LIMIT: Final = 400
#: The most fields of a locator.
_MOST_FIELDS: Final = 20
_TIMES: Final = frozenset({"created_at", "started_at", "finished_at", "seen_at"})
#: What the page has no use for.
_LEFT_OUT: Final = frozenset({"pid"})


class LedgerIsOff(LedgerError):
    """The user has turned the ledger off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """Which jobs are asked for: all that fulfil every condition.

    Attributes:
        limit: the most jobs, 1 to ``MOST_JOBS``.
        state: a state, in any case, or ``live`` for those that were not over when they were seen last.
        notebook: a part of the notebook's path, in any case.
        text: a part of the name, an id, the provider, the backend, the notebook or the error, in any case.
    """

    limit: int = _USUAL_JOBS
    state: str | None = None
    notebook: str | None = None
    text: str | None = None

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, str]) -> JobQuery:
        """The query of a request. Arguments that are unknown or empty are ignored.

        Raises:
            ValueError: an argument is not what it may be; the message is for the user.
        """
        found = {name: arguments.get(name) or None for name in ("limit", "state", "notebook", "text")}
        for name, text in found.items():
            if text is not None and len(text) > _TEXT_LIMIT:
                raise ValueError(f"The argument {name!r} is longer than {_TEXT_LIMIT} characters.")
        return cls(
            limit=_limit(found["limit"]),
            state=_state(found["state"]),
            notebook=found["notebook"],
            text=found["text"],
        )


def read_jobs(query: JobQuery) -> dict[str, Any]:
    """The answer for a query: ``jobs``, the latest first, and whether there are ``more`` than its limit.

    Raises:
        LedgerError: the ledger is turned off or cannot be read.
        OSError: its file cannot be reached.
    """
    _path_if_on()
    found = find_entries(state=query.state, notebook=query.notebook, text=query.text, limit=query.limit + 1)
    return {"jobs": [_to_json(entry) for entry in found[: query.limit]], "more": len(found) > query.limit}


def delete_job(uid: str) -> bool:
    """Have the ledger forget a job; whether it knew one with that uid.

    Raises:
        LedgerError: the ledger is turned off or cannot be written.
        OSError: its file cannot be reached.
    """
    path = _path_if_on()
    try:
        from primwidgets._ledger.store import LedgerFile  # SQLite may be missing
    except ImportError as error:
        raise LedgerError(f"The ledger needs SQLite: {error}") from error
    return LedgerFile(path).delete([uid]) > 0


def _path_if_on() -> Path:
    path = ledger_path()
    if path is None:
        raise LedgerIsOff("The ledger is turned off, so there is no list of earlier jobs.")
    return path


def _limit(text: str | None) -> int:
    try:
        limit = _USUAL_JOBS if text is None else int(text)
    except ValueError:
        limit = 0
    if not 1 <= limit <= MOST_JOBS:
        raise ValueError(f"The argument 'limit' takes a number from 1 to {MOST_JOBS}.")
    return limit


def _state(text: str | None) -> str | None:
    if text is None:
        return None
    if text.lower() == "live":
        return "live"
    states = [state.value for state in JobState]
    if text.upper() not in states:
        raise ValueError(f"The argument 'state' takes live or one of {', '.join(states)}.")
    return text.upper()


def _to_json(entry: LedgerEntry) -> dict[str, Any]:
    """The entry as JSON that is valid and bounded, whoever wrote the file."""
    values: dict[str, Any] = {name: _value(name, getattr(entry, name)) for name in COLUMNS if name not in _LEFT_OUT}
    # A field that is too long is left out: with a part of it another job would be found, or none.
    fields = ((key, text) for key, text in entry.locator.items() if max(len(key), len(text)) <= _TEXT_LIMIT)
    return {**values, "locator": {clean(key): clean(text) for key, text in islice(fields, _MOST_FIELDS)}}


def _value(name: str, value: Any) -> float | str | None:
    if name in _TIMES:
        return value if isinstance(value, int | float) and math.isfinite(value) else None
    return clean(clip(str(value), _TEXT_LIMIT)) if isinstance(value, str) else None
