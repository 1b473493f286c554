"""Clients that answer from a script, for the job classes of clouds."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from primwidgets.snapshot import JobState

AnswerT = TypeVar("AnswerT")

ALL = (JobState.INITIALIZING, JobState.QUEUED, JobState.RUNNING, JobState.DONE, JobState.ERROR, JobState.CANCELLED)


class Answers(Generic[AnswerT]):
    """Gives the same answer until it is told another one, and counts the questions."""

    def __init__(self, answer: AnswerT) -> None:
        self.answer = answer
        self.asked = 0

    def __call__(self, *_: Any, **__: Any) -> AnswerT:
        self.asked += 1
        return self.answer
