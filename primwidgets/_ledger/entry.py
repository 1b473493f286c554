"""What the ledger remembers of a job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from typing import Any, Final

from primwidgets.snapshot import JobSnapshot, JobState, clean, clip

#: The longest text in one column, in characters.
_TEXT_LIMIT: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """A job as it was seen last. Unknown is ``None``; times are epoch seconds.

    Attributes:
        uid: names the job, over all kernels.
        job_id: the provider's id.
        name: what the user called it.
        provider: where it ran.
        backend: the device or pool.
        state: the last known state. If it is not final, a kernel still watches the job, or its kernel ended before
            the job did.
        status_text: the provider's word for it.
        notebook: the path of the notebook, as Jupyter's server names it.
        cell_id: the cell that started it.
        host: the machine whose kernel watched it.
        pid: the process of that kernel.
        created_at: when it was submitted.
        started_at: when it began to run.
        finished_at: when it ended.
        seen_at: when this was noted.
        error: why it failed, in one line.
        locator: how to find it again; empty if that is impossible.
    """

    uid: str
    job_id: str
    name: str | None
    provider: str
    backend: str | None
    state: JobState
    status_text: str | None
    notebook: str | None
    cell_id: str | None
    host: str
    pid: int
    created_at: float | None
    started_at: float | None
    finished_at: float | None
    seen_at: float
    error: str | None
    locator: Mapping[str, str]

    @property
    def is_final(self) -> bool:
        """Whether the job had ended when it was seen last."""
        return self.state.is_final

    def to_row(self) -> tuple[Any, ...]:
        """The values of the columns."""
        return (*astuple(self)[:-1], json.dumps(dict(self.locator)))

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> LedgerEntry:
        """The entry of a row, which another version of primwidgets may have written.

        Raises:
            ValueError: it holds a state that is not known.
        """
        values = {name: row[name] for name in COLUMNS}
        return cls(**{**values, "state": JobState(values["state"]), "locator": _mapping(values["locator"])})


COLUMNS: Final = tuple(f.name for f in fields(LedgerEntry))


def entry_of(snapshot: JobSnapshot, notebook: str | None, host: str, pid: int, now: float) -> LedgerEntry:
    """What is remembered of a snapshot."""
    error = snapshot.error
    return LedgerEntry(
        uid=snapshot.uid,
        job_id=_text(snapshot.job_id) or "",
        name=_text(snapshot.name),
        provider=_text(snapshot.provider) or "",
        backend=_text(snapshot.backend),
        state=snapshot.state,
        status_text=_text(snapshot.status_text),
        notebook=_text(notebook),
        cell_id=_text(snapshot.cell_id),
        host=host,
        pid=pid,
        created_at=snapshot.created_at,
        started_at=snapshot.started_at,
        finished_at=snapshot.finished_at,
        seen_at=now,
        error=None if error is None else _line(f"{error.type}: {error.message}"),
        locator={} if snapshot.locator is None else dict(snapshot.locator),
    )


def _text(text: str | None) -> str | None:
    return None if text is None else clean(clip(text, _TEXT_LIMIT))


def _line(text: str) -> str | None:
    return _text(next((line.strip() for line in text.splitlines() if line.strip()), ""))


def _mapping(text: Any) -> Mapping[str, str]:
    try:
        value = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return {}
    if not isinstance(value, dict):
        return {}
    return {str(key): str(one) for key, one in value.items()}
