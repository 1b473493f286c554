"""qBraid's own job class, on a client that answers from a script."""

from __future__ import annotations

from typing import Any, ClassVar
from unittest.mock import Mock

from qbraid.runtime import JobStatus, QbraidJob

from primwidgets import JobState
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.providers.script import ALL, Answers

WORDS = dict(zip(ALL, ("INITIALIZING", "QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"), strict=True))


class Record:
    def __init__(self, word: str) -> None:
        self.status = JobStatus[word]
        self.statusMsg = None

    def model_dump(self, exclude: Any = None) -> dict[str, Any]:
        return {"status": self.status, "queuePosition": 4 if self.status is JobStatus.QUEUED else None}


class TestQbraid(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL

    def make_job(self, state: JobState) -> Any:
        self.answers = Answers(Record(WORDS[state]))
        client = Mock(get_job=self.answers)
        job = QbraidJob("j-1", client=client)
        job.result = Mock(return_value=None)
        job.cancel = Mock(return_value=None)
        return job

    def finish(self, job: Any) -> None:
        self.answers.answer = Record("COMPLETED")

    def test_a_read_is_one_request(self, state: JobState) -> None:
        adapter_for(self.make_job(state)).read(JobSnapshot(uid="u"))
        assert self.answers.asked == 1

    def test_the_place_in_the_queue_comes_with_it(self) -> None:
        assert self._read(JobState.QUEUED).queue_position == "4"

    def test_withheld_results_are_an_end(self) -> None:
        job = self.make_job(JobState.RUNNING)
        self.answers.answer = Record("HOLD")
        assert adapter_for(job).read(JobSnapshot(uid="u")).state is JobState.ERROR
