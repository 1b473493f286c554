"""Looks jobs up in the ledger."""

from __future__ import annotations

from typing import Any, Final

from primwidgets._ledger.entry import LedgerEntry
from primwidgets._ledger.places import ledger_path
from primwidgets.errors import LedgerError, NotAJobError
from primwidgets.snapshot import JobState

#: The columns in which a name, a provider and a notebook are looked for.
_SEARCHED: Final = (("name", "job_id"), ("provider", "backend"), ("notebook",))
_ALL_SEARCHED: Final = (*(column for columns in _SEARCHED for column in columns), "error")


def find_entries(
    *,
    state: JobState | str | None = None,
    name: str | None = None,
    provider: str | None = None,
    notebook: str | None = None,
    text: str | None = None,
    since: float | None = None,
    limit: int | None = 100,
) -> list[LedgerEntry]:
    """The jobs in the ledger to which all of that applies, the latest first.

    Args:
        state: a state, in any case, or ``"live"`` for those that were not over when they were seen last.
        name: a part of the name or of the id.
        provider: a part of the name of the provider or of the backend.
        notebook: a part of the notebook's path.
        text: a part of any of those texts, or of the error.
        since: when they were submitted at the earliest, in epoch seconds.
        limit: the most jobs.

    Raises:
        ValueError: there is no such state.
        LedgerError: the ledger cannot be read.
    """
    path = ledger_path()
    if path is None:
        return []
    try:
        from primwidgets._ledger.store import LedgerFile  # SQLite may be missing
    except ImportError as error:
        raise LedgerError(f"The ledger needs SQLite: {error}") from error
    conditions: list[str] = []
    values: list[Any] = []
    for wanted, columns in zip((name, provider, notebook, text), (*_SEARCHED, _ALL_SEARCHED), strict=True):
        if wanted is not None:
            conditions.append("(" + " OR ".join(f"instr(lower({column}), ?) > 0" for column in columns) + ")")
            values += [wanted.lower()] * len(columns)
    if state is not None:
        states = _states(state)
        conditions.append(f"state IN ({', '.join('?' * len(states))})")
        values += states
    if since is not None:
        conditions.append("created_at >= ?")
        values.append(since)
    return LedgerFile(path).read(" AND ".join(conditions), values, limit)


def find_entry(job_id: str) -> LedgerEntry:
    """The latest job with that id, the provider's or ours.

    Raises:
        NotAJobError: there is none.
        LedgerError: the ledger cannot be read.
    """
    path = ledger_path()
    if path is not None:
        from primwidgets._ledger.store import LedgerFile

        if found := LedgerFile(path).read("job_id = ? OR uid = ?", (job_id, job_id), 1):
            return found[0]
    raise NotAJobError(f"There is no job {job_id!r} in the ledger; primwidgets.history() lists all jobs.")


def _states(state: JobState | str) -> list[str]:
    if state == "live":
        return [one.value for one in JobState if not one.is_final]
    return [JobState(state.upper()).value]
