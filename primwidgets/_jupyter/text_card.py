"""The card as text and as HTML without scripts: for terminals, saved notebooks, nbconvert and GitHub."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Final

from primwidgets._jupyter.formats import duration, is_process, length, percentage, queue_place, series_line
from primwidgets._jupyter.text_outcome import failure_text, result_picture, result_text
from primwidgets._progress.terminal_text import CONTROL
from primwidgets.snapshot import TAGS, CancelState, JobSnapshot, JobState, clean, clip

_TITLE_LIMIT: Final = 80
_REMARK_LIMIT: Final = 500
#: Members of a group that are named because they failed.
_FAILURES_SHOWN: Final = 5
_PRINTED_LIMIT: Final = 1_000
_PRINTED_LINES: Final = 10
#: Characters that change the direction of the text after them, and that end the isolation which holds them in.
_OVERRIDES: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def title(snapshot: JobSnapshot) -> str:
    """The name of the job, else its id."""
    return _line(snapshot.name) or _line(snapshot.job_id) or "job"


def place(snapshot: JobSnapshot) -> str:
    """Where it runs: the provider and the device."""
    backend = None if is_process(snapshot.backend) else snapshot.backend
    return ", ".join(filter(None, map(_line, (snapshot.provider, backend))))


def tags(snapshot: JobSnapshot) -> str:
    """The tags of the job, separated by commas; empty if it has none."""
    return _line(snapshot.metadata.get(TAGS))


def state_line(snapshot: JobSnapshot) -> str:
    """The state and what belongs to it in a few words: ``"Running 42 %"``, ``"Done in 12.3 s"``."""
    if snapshot.gone:
        return "Gone"
    words = ["Cancelling" if snapshot.being_cancelled else STATE_WORDS[snapshot.state]]
    if snapshot.is_final:
        took = length(snapshot)
        words += [] if took is None else [_PREPOSITION[snapshot.state], duration(took)]
    elif snapshot.state is JobState.RUNNING and snapshot.progress is not None:
        words.append(percentage(snapshot.progress, snapshot.state))
    elif snapshot.queue_position is not None:
        words.append(f"({queue_place(_line(snapshot.queue_position))})")
    attempts = snapshot.attempts
    if attempts is not None and attempts.number > 1:
        words.append(f"(attempt {attempts.number} of {attempts.most})")
    return " ".join(words)


def to_text(snapshot: JobSnapshot, seen_at: float | None = None) -> str:
    """The card in one line, and more for each remark and for the end of what the job printed.

    Args:
        snapshot: what is known of the job.
        seen_at: when that was known, in epoch seconds: told of a job that has not ended, for whoever reads it later.
    """
    return "\n".join(
        [
            headline(snapshot) + _caveat(snapshot, seen_at),
            *_remarks(snapshot),
            *_series(snapshot),
            *_outcome(snapshot),
            *_printed(snapshot),
        ]
    )


def headline(snapshot: JobSnapshot) -> str:
    """What it is, where it runs and how it is, in one line."""
    return " · ".join(part for part in (title(snapshot), place(snapshot), state_line(snapshot)) if part)


def to_html(snapshot: JobSnapshot, seen_at: float | None = None) -> str:
    """The card as one HTML element; everything in it that came from outside is escaped. See ``to_text``."""
    colour, sign = _LOOKS[snapshot.state]
    remarks = "".join(
        f'<div style="{_REMARK}">{escape(remark)}</div>' for remark in [*_remarks(snapshot), *_series(snapshot)]
    )
    blocks = [*_outcome(snapshot), *_printed(snapshot)]
    printed = "".join(f'<div style="{_REMARK};{_PRINTED}">{escape(text)}</div>' for text in blocks)
    picture = result_picture(snapshot.result_preview) if snapshot.state is JobState.DONE else None
    image = "" if picture is None else f'<img alt="Result" style="{_IMAGE}" src="{escape(picture)}">'
    state = state_line(snapshot) + _caveat(snapshot, seen_at)
    heading = f"<strong><bdi>{escape(title(snapshot))}</bdi></strong> <bdi>{escape(place(snapshot))}</bdi>"
    return (
        f'<div class="primwidgets-static" style="{_BOX};border-left-color:{colour}">'
        f"<div>{heading}</div>"
        f'<div><span aria-hidden="true" style="color:{colour}">{sign}</span> {escape(state)}</div>'
        f"{remarks}{image}{printed}</div>"
    )


_BOX: Final = "border:1px solid #8888;border-left-width:4px;border-radius:4px;padding:.4em .8em;max-width:40em"
_REMARK: Final = "white-space:pre-wrap;overflow-wrap:anywhere"
_IMAGE: Final = "display:block;max-width:100%;margin-top:.4em"
_PRINTED: Final = "margin-top:.4em;font-family:monospace"
#: How a state is called wherever a reader sees it.
STATE_WORDS: Final = {
    JobState.INITIALIZING: "Initializing",
    JobState.QUEUED: "Queued",
    JobState.RUNNING: "Running",
    JobState.DONE: "Done",
    JobState.CANCELLED: "Cancelled",
    JobState.ERROR: "Failed",
}
_PREPOSITION: Final = {JobState.DONE: "in", JobState.ERROR: "after", JobState.CANCELLED: "after"}
_LOOKS: Final = {
    JobState.INITIALIZING: ("#757575", "○"),
    JobState.QUEUED: ("#757575", "◔"),
    JobState.RUNNING: ("#1976d2", "◑"),
    JobState.DONE: ("#2e7d32", "✓"),
    JobState.CANCELLED: ("#757575", "⊘"),
    JobState.ERROR: ("#d32f2f", "✗"),
}
_CANCEL_WORDS: Final = {
    CancelState.REQUESTED: "Cancel requested.",
    CancelState.REFUSED: "Cancel refused.",
    CancelState.TOO_LATE: "Cancel came too late: it finished first.",
}


def _caveat(snapshot: JobSnapshot, seen_at: float | None) -> str:
    """What is stored is read later, when a job that had not ended may have."""
    return "" if snapshot.is_final or seen_at is None else f" when last seen, {_minute(seen_at)}"


def _remarks(snapshot: JobSnapshot) -> list[str]:
    began = snapshot.started_at if snapshot.is_final else None
    remarks = ["" if began is None else f"Started {_minute(began)}", _CANCEL_WORDS.get(snapshot.cancel_state, "")]
    if snapshot.cancel_state in (CancelState.REQUESTED, CancelState.REFUSED) and snapshot.cancel_detail:
        remarks.append(snapshot.cancel_detail)
    if snapshot.error is not None:
        remarks.append(f"{snapshot.error.type}: {snapshot.error.message}")
    if snapshot.attempts is not None:
        remarks += [snapshot.attempts.problem or "", *_latest_failure(snapshot.attempts.errors)]
    if snapshot.group is not None:
        remarks += _group(snapshot)
    if snapshot.stale_since is not None:
        remarks.append(f"No answer from {_line(snapshot.provider)}.")
    return [_harmless(clip(remark, _REMARK_LIMIT)) for remark in remarks if remark]


def _latest_failure(errors: Mapping[str, str]) -> list[str]:
    """Why the latest of the earlier attempts failed."""
    number = max(errors, key=lambda number: int(number) if number.isdecimal() else 0, default=None)
    return [] if number is None else [f"Attempt {number}: {errors[number]}"]


def _group(snapshot: JobSnapshot) -> list[str]:
    """What a group consists of, and the first of its members that failed."""
    members = [] if snapshot.group is None else snapshot.group.members
    failed = [member for member in members if member.state is JobState.ERROR][:_FAILURES_SHOWN]
    lines = [f"✗ {_line(member.name)} · {_line(member.note)}" for member in failed]
    more = 0 if snapshot.group is None else snapshot.group.failed - len(failed)
    return [snapshot.progress_text or "", *lines, f"… and {more:,} more that failed" if more > 0 else ""]


def _series(snapshot: JobSnapshot) -> list[str]:
    """The numbers that the job reported: ``"loss 0.31 · best 0.30 · first 2.1 · 200 values"``."""
    return [_harmless(clip(series_line(series), _REMARK_LIMIT)) for series in snapshot.series]


def _outcome(snapshot: JobSnapshot) -> list[str]:
    """What came out, or where it failed, as one text of several lines; nothing where neither is known."""
    preview = snapshot.result_preview if snapshot.state is JobState.DONE else None
    return [_harmless(text) for text in (result_text(preview), failure_text(snapshot.error)) if text]


def _minute(moment: float) -> str:
    """A moment in UTC, since who reads it may be anywhere."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _printed(snapshot: JobSnapshot) -> list[str]:
    """The last lines that the job printed, as one text; nothing where there is none."""
    lines = (snapshot.log or "").strip("\n").split("\n")
    text = "\n".join(["…", *lines[-_PRINTED_LINES:]] if len(lines) > _PRINTED_LINES else lines)
    return [_harmless(clip(text, _PRINTED_LIMIT, tail=True))] if text else []


def _line(text: str | None) -> str:
    """Somebody else's text as a part of a line."""
    return clip(" ".join(_harmless(text or "").split()), _TITLE_LIMIT)


def _harmless(text: str) -> str:
    """Somebody else's text as text, on a terminal too."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", _OVERRIDES.sub("", clean(text)))
