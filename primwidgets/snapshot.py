"""What is known of a job at one moment. The snapshot is the only truth; traits and views are copies of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Annotated, Any, Final

from typing_extensions import override

from primwidgets.failure_report import CHAIN, FailureStep
from primwidgets.result_preview import RESULT_PREVIEW
from primwidgets.series import SERIES_LIMIT, Series
from primwidgets.wire import INTEGER_LIMIT, Identifier, Many, Number, Text, TextMap, record_of
from primwidgets.wire import WORD_LIMIT as WORD_LIMIT
from primwidgets.wire import clean as clean
from primwidgets.wire import clip as clip

#: The longest texts, in characters, that leave Python in one field. Longer text is clipped, never dropped silently.
UID_LIMIT: Final = 64
MESSAGE_LIMIT: Final = 4_000
TRACEBACK_LIMIT: Final = 40_000
LOG_LIMIT: Final = 4_000
#: The most entries of a mapping.
ENTRY_LIMIT: Final = 64
#: The entry of a job's metadata that lists its tags, separated by commas.
TAGS: Final = "tags"
#: The most members of a group that are listed in its snapshot.
MEMBER_LIMIT: Final = 100
#: The last second of the year 9999: nothing that is called a moment is later, and calendars go no further.
LAST_MOMENT: Final = 253_402_300_799

Uid = Annotated[str, Identifier(UID_LIMIT)]
ShortText = Annotated[str, Text(WORD_LIMIT)]
Message = Annotated[str, Text(MESSAGE_LIMIT)]
Moment = Annotated[float, Number(0, LAST_MOMENT)]
Count = Annotated[int, Number(0, INTEGER_LIMIT, whole=True)]
Texts = Annotated[Mapping[str, str], TextMap(ENTRY_LIMIT, WORD_LIMIT)]


class JobState(StrEnum):
    """The coarse state of a job, in Qiskit's words (VALIDATING counts as INITIALIZING)."""

    INITIALIZING = "INITIALIZING"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    ERROR = "ERROR"

    is_final: bool
    """Whether no further state is expected. Kept with each state, since it is looked up in each read of each job."""

    def __init__(self, word: str) -> None:
        self.is_final = word in ("DONE", "CANCELLED", "ERROR")


class CancelState(StrEnum):
    """The outcome of a request to cancel."""

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
        chain: the exception and what caused it, with their frames; empty where that is not known.
    """

    type: ShortText
    message: Message
    traceback: Annotated[str, Text(TRACEBACK_LIMIT, tail=True)] | None = None
    chain: Annotated[Sequence[FailureStep], CHAIN] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class GroupMember:
    """One job of a group, in a line.

    Attributes:
        uid: names it within its kernel.
        name: what it is called, else its id.
        state: its coarse state.
        progress: fraction done, 0..1, while it runs.
        seconds: how long it ran, once it has ended.
        note: why it failed.
    """

    uid: Uid
    name: ShortText
    state: JobState
    progress: Annotated[float, Number(0, 1)] | None = None
    seconds: Annotated[float, Number(0, LAST_MOMENT)] | None = None
    note: ShortText | None = None


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """What a job that is a group of jobs consists of.

    Attributes:
        total: the number of its members.
        done: how many of them succeeded.
        failed: how many failed.
        cancelled: how many were cancelled.
        running: how many run.
        waiting: how many have not started.
        is_open: whether members may still be added.
        members: some of them: first those that failed, then those that run or wait, then the newest ends.
    """

    total: Count
    done: Count = 0
    failed: Count = 0
    cancelled: Count = 0
    running: Count = 0
    waiting: Count = 0
    is_open: bool = False
    members: Annotated[Sequence[GroupMember], Many(record_of(GroupMember), MEMBER_LIMIT)] = ()


@dataclass(frozen=True, slots=True)
class RunSummary:
    """Which run of its function call a job is, and whether there can be another one.

    Attributes:
        number: the number of the run, from 1.
        repeats: the ``uid`` of the job that it repeats.
        can_rerun: whether the call can be run again: its function and arguments are still kept.
        reruns: how many times this job was run again.
        problem: why that was not possible when it was tried last.
    """

    number: Count = 1
    repeats: Uid | None = None
    can_rerun: bool = True
    reruns: Count = 0
    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class AttemptSummary:
    """Which attempt of its call a job is at, where a call that fails is started again or has a time limit.

    Attributes:
        number: the number of the attempt, from 1; between two attempts, that of the next one.
        most: how many attempts there may be.
        errors: why earlier attempts failed, by their numbers; of many, the latest.
        problem: what keeps the call from ending or from being started again.
    """

    number: Count = 1
    most: Count = 1
    errors: Texts = field(default_factory=dict)
    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class ResultReport:
    """What the outcome of ``result()`` shows of the end of a job that its provider does not report as ended.

    Attributes:
        state: how it ended; ``None`` if only a reason is known, in case the provider reports a failure.
        error: why it failed.
        firm: whether it counts at once, and not only after the provider was asked again.
        certain: whether it counts even for a job that its provider reports as DONE.
        despite: the state that the provider has reported since; ``None`` until it was asked again.
    """

    state: JobState | None
    error: JobError | None = None
    firm: bool = True
    certain: bool = False
    despite: JobState | None = None


@dataclass(
    frozen=True, kw_only=True
)  # no slots: copying a dictionary is many times faster than copying this many slots
class JobSnapshot:
    """A job at one moment. Unknown is ``None``, never 0 or -1. Times are epoch seconds.

    This is the only place that says what a snapshot is: the annotations hold the bounds, and the frontend's type and
    reader are generated from them (``npm run generate``).

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
        rate: how fast it goes on, e.g. ``"41 it/s"``.
        estimated_end_at: when it will be done if it goes on at that speed.
        queue_position: text, because some providers say ``">2000"``.
        estimated_start_at: when the provider expects it to start.
        created_at: when it was submitted.
        queued_at: when it entered the queue.
        started_at: when it began to run.
        finished_at: when it reached a final state.
        cancel_state: the outcome of a request to cancel.
        cancel_detail: the provider's reason for a refusal, or why the job cannot be cancelled.
        being_cancelled: whether the provider says that it is cancelling the job, which has not ended yet.
        gone: whether the provider deleted the job before it reported how the job ended; the state is ERROR then.
        message: a short message from the provider.
        error: why it failed.
        log: the end of what it printed.
        series: the numbers that it reported, a line for each name.
        stale_since: the provider has not answered since.
        can_cancel: whether asking the provider to cancel can help now.
        remote: whether the job runs on a remote machine, so that a cancel needs a confirmation.
        waiting: whether some cell is blocked in ``result()``, so that *Stop waiting* can help.
        can_preview: whether a picture of the result can be asked for.
        result_preview: a picture of the result, in the wire form of ``adapters.preview``.
        metadata: what the provider or the user noted on the job, as text.
        locator: how to find the job again from another process.
        cell_id: the notebook cell that started it.
        group: what it consists of, if it is a group of jobs.
        group_id: the ``job_id`` of the group that it belongs to.
        run: which run of its function call it is; ``None`` where the call cannot be known.
        attempts: which attempt of that run it is at; ``None`` where there is only one, without a time limit.
        result_report: what ``result()`` showed of its end; stays in this process.
    """

    uid: Uid
    job_id: ShortText = ""
    name: ShortText | None = None
    provider: ShortText = ""
    backend: ShortText | None = None
    state: JobState = JobState.INITIALIZING
    status_text: ShortText | None = None
    progress: Annotated[float, Number(0, 1)] | None = None
    progress_text: ShortText | None = None
    rate: ShortText | None = None
    estimated_end_at: Moment | None = None
    queue_position: ShortText | None = None
    estimated_start_at: Moment | None = None
    created_at: Moment | None = None
    queued_at: Moment | None = None
    started_at: Moment | None = None
    finished_at: Moment | None = None
    cancel_state: CancelState = CancelState.NONE
    cancel_detail: Message | None = None
    being_cancelled: bool = False
    gone: bool = False
    message: Message | None = None
    error: JobError | None = None
    log: Annotated[str, Text(LOG_LIMIT, tail=True)] | None = None
    series: Annotated[Sequence[Series], Many(record_of(Series), SERIES_LIMIT)] = ()
    stale_since: Moment | None = None
    can_cancel: bool = False
    remote: bool = False
    waiting: bool = False
    can_preview: bool = False
    result_preview: Annotated[Mapping[str, Any], RESULT_PREVIEW] | None = None
    metadata: Texts = field(default_factory=dict)
    locator: Texts | None = None
    cell_id: ShortText | None = None
    group: GroupSummary | None = None
    group_id: ShortText | None = None
    run: RunSummary | None = None
    attempts: AttemptSummary | None = None
    result_report: ResultReport | None = field(default=None, compare=False, metadata={"sent": False})

    def __post_init__(self) -> None:
        if self.progress is not None:
            vars(self)["progress"] = _fraction(self.progress)  # a frozen object does not take it otherwise

    @property
    def is_final(self) -> bool:
        """Whether the job reached DONE, CANCELLED or ERROR."""
        return self.state.is_final

    def evolve(self, **changes: Any) -> JobSnapshot:
        """A copy with changes: ``dataclasses.replace``, which is twenty times slower for this many fields.

        Raises:
            TypeError: there is no such field.
        """
        values = {**self.__dict__, **changes}
        if len(values) != _FIELD_COUNT:
            unknown = ", ".join(changes.keys() - vars(self).keys())
            raise TypeError(f"A snapshot has no field {unknown}.")
        copy = _make(JobSnapshot)
        _set(copy, "__dict__", values)
        if changes.get("progress") is not None:
            copy.__post_init__()
        return copy

    @override
    def __eq__(self, other: object) -> bool:
        """Whether all fields but ``result_report`` are equal; many times faster than what ``dataclass`` makes."""
        if self is other:
            return True
        if type(other) is not type(self):
            return NotImplemented
        mine, theirs = vars(self), vars(other)
        if mine["result_report"] is theirs["result_report"]:
            return mine == theirs
        return not self.differs(other, FIELDS)

    def changes_since(self, before: JobSnapshot, names: Iterable[str]) -> dict[str, tuple[Any, Any]]:
        """Those of the fields ``names`` that differ from ``before``: the old and the new value, in JSON form."""
        then, now, written = vars(before), vars(self), SNAPSHOT.fields
        return {
            name: (written[name].write(then[name]), written[name].write(now[name]))
            for name in names
            if then[name] != now[name]
        }

    def differs(self, other: JobSnapshot, names: Iterable[str]) -> bool:
        """Whether any of the fields ``names`` differs from that of ``other``."""
        then, now = vars(other), vars(self)
        return any(then[name] is not now[name] and then[name] != now[name] for name in names)

    def to_wire(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """The JSON form: the field names are the keys, long text is clipped, lone surrogates are replaced.

        Args:
            names: the fields wanted; all of them by default.
        """
        return {name: SNAPSHOT.fields[name].write(getattr(self, name)) for name in (FIELDS if names is None else names)}

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> JobSnapshot:
        """The snapshot of a JSON form of any origin and version.

        Keys that are not known are ignored; a field that is missing or does not fit takes its default.

        Raises:
            ValueError: there is no uid, or a state is unknown.
        """
        return cls(**SNAPSHOT.values(data, forgiving=True))


_make: Final = object.__new__
_set: Final = object.__setattr__

#: A job of which nothing is known yet.
UNKNOWN: Final = JobSnapshot(uid="")
#: The fields of the wire form.
FIELDS: Final = tuple(f.name for f in fields(JobSnapshot) if f.metadata.get("sent", True))
_FIELD_COUNT: Final = len(fields(JobSnapshot))
#: The type and the bounds of each field.
SNAPSHOT: Final = record_of(JobSnapshot)
#: Those of the further rows that a subclass of the widget shows.
CARD_ROWS: Final = TextMap(ENTRY_LIMIT, MESSAGE_LIMIT)


def _fraction(value: float) -> float | None:
    return None if math.isnan(value) else min(1.0, max(0.0, float(value)))
