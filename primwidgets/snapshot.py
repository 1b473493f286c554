"""What is known of a job at one moment. The snapshot is the only truth; traits and views are copies of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Final

#: The longest text, in characters, that leaves Python in one field. Longer text is clipped, never dropped silently.
WORD_LIMIT: Final = 300
MESSAGE_LIMIT: Final = 4_000
TRACEBACK_LIMIT: Final = 40_000
LOG_LIMIT: Final = 4_000


class JobState(StrEnum):
    """The coarse state of a job, in Qiskit's words (VALIDATING counts as INITIALIZING)."""

    INITIALIZING = "INITIALIZING"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    ERROR = "ERROR"

    @property
    def is_final(self) -> bool:
        """Whether no further state is expected."""
        return self in _FINAL


_FINAL: Final = frozenset({JobState.DONE, JobState.CANCELLED, JobState.ERROR})


class CancelState(StrEnum):
    """What became of a request to cancel."""

    NONE = "NONE"
    REQUESTED = "REQUESTED"
    CONFIRMED = "CONFIRMED"
    REFUSED = "REFUSED"
    TOO_LATE = "TOO_LATE"


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed, as text.

    Attributes:
        type: name of the exception's class, or the provider's error code.
        message: the exception's message.
        traceback: the formatted traceback, where there is one.
    """

    type: str
    message: str
    traceback: str | None = None


@dataclass(frozen=True, slots=True)
class Learnt:
    """What ``result()`` told of the end of a job while its provider did not call it ended.

    Attributes:
        state: how it ended; ``None`` if only the reason was told, should the provider say that it failed.
        error: why it failed.
        firm: whether that is believed at once, and not only after the provider was asked again.
        certain: whether that is believed also of a job that its provider calls DONE.
        despite: the state that the provider has been reporting since; ``None`` until it was asked again.
    """

    state: JobState | None
    error: JobError | None = None
    firm: bool = True
    certain: bool = False
    despite: JobState | None = None


@dataclass(frozen=True, kw_only=True)  # no slots: copying a dictionary is many times faster than so many slots
class JobSnapshot:
    """A job at one moment. Unknown is ``None``, never 0 or -1. Times are epoch seconds.

    Attributes:
        uid: names the job within its kernel.
        job_id: the provider's id.
        name: what the user called it.
        provider: where it runs, in the provider's own spelling.
        backend: the device or pool it runs on.
        state: the coarse state.
        status_text: the provider's own word for its status.
        progress: fraction done, 0..1.
        progress_text: what the fraction counts, e.g. ``"3 of 7 circuits"``.
        queue_position: text, because some providers say ``">2000"``.
        estimated_start_at: when the provider expects it to start.
        created_at: when it was submitted.
        queued_at: when it entered the queue.
        started_at: when it began to run.
        finished_at: when it reached a final state.
        cancel_state: what became of a request to cancel.
        cancel_detail: the provider's reason for a refusal, or why the job cannot be cancelled.
        message: a short message from the provider.
        error: why it failed.
        log: the end of what it printed.
        stale_since: the provider has not answered since.
        can_cancel: whether asking the provider to cancel can help now.
        remote: whether the job runs on somebody else's machine, so that a cancel wants a confirmation.
        waiting: whether some cell is blocked in ``result()``, so that *Stop waiting* can help.
        can_preview: whether a picture of the result can be asked for.
        result_preview: a picture of the result, in the wire form of ``adapters.preview``.
        metadata: what the provider or the user noted on the job, as text.
        locator: how to find the job again from another process.
        cell_id: the notebook cell that started it.
        learnt: what ``result()`` told of its end; stays in this process.
    """

    uid: str
    job_id: str = ""
    name: str | None = None
    provider: str = ""
    backend: str | None = None
    state: JobState = JobState.INITIALIZING
    status_text: str | None = None
    progress: float | None = None
    progress_text: str | None = None
    queue_position: str | None = None
    estimated_start_at: float | None = None
    created_at: float | None = None
    queued_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    cancel_state: CancelState = CancelState.NONE
    cancel_detail: str | None = None
    message: str | None = None
    error: JobError | None = None
    log: str | None = None
    stale_since: float | None = None
    can_cancel: bool = False
    remote: bool = False
    waiting: bool = False
    can_preview: bool = False
    result_preview: Mapping[str, Any] | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    locator: Mapping[str, str] | None = None
    cell_id: str | None = None
    learnt: Learnt | None = field(default=None, compare=False, metadata={"sent": False})

    def __post_init__(self) -> None:
        if self.progress is not None:
            vars(self)["progress"] = _fraction(self.progress)  # a frozen object does not take it otherwise

    @property
    def is_final(self) -> bool:
        """Whether the job reached DONE, CANCELLED or ERROR."""
        return self.state.is_final

    def evolve(self, **changes: Any) -> JobSnapshot:
        """A copy with changes: ``dataclasses.replace``, which is twenty times slower for so many fields.

        Raises:
            TypeError: there is no such field.
        """
        values = {**vars(self), **changes}
        if len(values) != _FIELD_COUNT:
            unknown = ", ".join(changes.keys() - vars(self).keys())
            raise TypeError(f"A snapshot has no field {unknown}.")
        copy = object.__new__(JobSnapshot)
        object.__setattr__(copy, "__dict__", values)
        copy.__post_init__()
        return copy

    def changes_since(self, before: JobSnapshot, names: Iterable[str]) -> dict[str, tuple[Any, Any]]:
        """Those of the fields ``names`` that differ from ``before``: the old and the new value, in JSON form."""
        then, now = vars(before), vars(self)
        return {name: (_wire(name, then[name]), _wire(name, now[name])) for name in names if then[name] != now[name]}

    def to_wire(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """The JSON form: the field names are the keys, long text is clipped, lone surrogates are replaced.

        Args:
            names: the fields wanted; all of them by default.
        """
        return {name: _wire(name, getattr(self, name)) for name in (FIELDS if names is None else names)}

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> JobSnapshot:
        """The snapshot of a JSON form; keys of later versions are ignored."""
        known = {name: data[name] for name in FIELDS if name in data}
        known["state"] = JobState(known.get("state", JobState.INITIALIZING))
        known["cancel_state"] = CancelState(known.get("cancel_state", CancelState.NONE))
        if known.get("error") is not None:
            known["error"] = JobError(**known["error"])
        return cls(**known)


#: A job of which nothing is known yet.
UNKNOWN: Final = JobSnapshot(uid="")
#: The fields of the wire form.
FIELDS: Final = tuple(f.name for f in fields(JobSnapshot) if f.metadata.get("sent", True))
_FIELD_COUNT: Final = len(fields(JobSnapshot))

_LIMITS: Final[Mapping[str, int]] = {
    "message": MESSAGE_LIMIT,
    "cancel_detail": MESSAGE_LIMIT,
    "traceback": TRACEBACK_LIMIT,
    "log": LOG_LIMIT,
}
#: Of these the end tells more than the beginning.
_TAILS: Final = ("traceback", "log")


def clip(text: str, limit: int = WORD_LIMIT, *, tail: bool = False) -> str:
    """``text`` cut to ``limit`` characters with a visible mark; ``tail`` keeps the end, as a traceback wants."""
    if len(text) <= limit:
        return text
    return f"…{text[1 - limit :]}" if tail else f"{text[: limit - 1]}…"


def clean(text: str) -> str:
    """``text`` without lone surrogates, which no JSON encoder and no browser takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _wire(name: str, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, JobError):
        return {key: _wire(key, text) for key, text in asdict(value).items()}
    if isinstance(value, str):
        return clean(clip(str(value), _LIMITS.get(name, WORD_LIMIT), tail=name in _TAILS))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if name in ("metadata", "locator"):
        return {clean(clip(str(k))): clean(clip(str(v))) for k, v in value.items()}
    return value


def _fraction(value: float) -> float | None:
    return None if math.isnan(value) else min(1.0, max(0.0, float(value)))
