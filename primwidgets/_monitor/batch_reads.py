"""Reads several jobs of one provider with one request, where its adapter knows how."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import partial
from typing import Any

from primwidgets import _border as border
from primwidgets._clock import Clock
from primwidgets._monitor.provider_calls import has_moved, with_metrics
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets._monitor.transitions import merge_read
from primwidgets.snapshot import JobSnapshot


def can_be_read_together(one: TrackedJob, other: TrackedJob) -> bool:
    """Whether one ``Adapter.read_many`` can tell of both jobs."""
    mine, theirs = one.adapter, other.adapter
    return (
        type(mine) is type(theirs)
        and mine.batch_key == theirs.batch_key
        and not (one.is_read_alone or other.is_read_alone)
    )


def read_together(jobs: Sequence[TrackedJob], clock: Clock) -> None:
    """Read ``jobs``, two or more, with one request.

    A job of which the answer tells nothing is read by itself next time, and so are all of them if the request fails: a
    provider may refuse to list jobs and answer for each.
    """
    with contextlib.ExitStack() as turns:
        for tracked in jobs:
            turns.enter_context(tracked.turn())
        questions = [tracked.begin_read(clock.monotonic()) for tracked in jobs]
        adapters = [tracked.adapter for tracked in jobs]
        read = border.call(_ask, adapters, [before for _, before in questions])
    answers: Sequence[object] = [None] * len(jobs) if isinstance(read, border.Raised) else read.value
    for tracked, (question, before), answer in zip(jobs, questions, answers, strict=True):
        if isinstance(answer, JobSnapshot):
            take_answer(tracked, question, before, border.Returned(with_metrics(tracked.adapter, answer)), clock.now())
        elif isinstance(answer, Exception):
            take_answer(tracked, question, before, border.Raised(answer), clock.now())
        else:
            tracked.is_read_alone = True
            tracked.note_news()


def take_answer(
    tracked: TrackedJob,
    question: int,
    before: JobSnapshot,
    read: border.Returned[JobSnapshot] | border.Raised,
    now: float,
) -> None:
    """Have ``tracked`` take over what a read of it returned or raised.

    Args:
        tracked: the job.
        question: the number of the question.
        before: what was known before it.
        read: the answer.
        now: epoch seconds.
    """
    if isinstance(read, border.Raised):
        if not isinstance(read.error, Exception):
            tracked.complain("read", "Reading job %s raised an exception that usually ends a program", read)
        tracked.unanswered(question, read.text, now)
    else:
        tracked.answered(question, partial(merge_read, read=read.value, now=now), now)
    if has_moved(before, tracked.last_read):
        tracked.hurry()
    else:
        tracked.slow_down()


def _ask(adapters: Sequence[Any], last: Sequence[JobSnapshot]) -> Sequence[object]:
    kind = type(adapters[0])
    answers: Sequence[object] = list(kind.read_many(adapters, last))
    if len(answers) != len(adapters):
        raise TypeError(f"{kind.__name__}.read_many() returned {len(answers)} snapshots for {len(adapters)} jobs")
    return answers
