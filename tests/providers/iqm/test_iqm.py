"""IQM's own job class, on a server that answers from a script."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar
from unittest.mock import Mock

from iqm.qiskit_iqm.iqm_job import IQMJob
from iqm.station_control.client.job_trackers import CircuitJobTracker
from iqm.station_control.interface.models.jobs_new import JobData

from primwidgets import JobState
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.providers.script import ALL, Answers

UID = uuid.uuid4()
WORDS = dict(zip(ALL[1:], ("waiting", "processing", "completed", "failed", "cancelled"), strict=True))


def data(word: str, **more: Any) -> Any:
    return JobData(id=UID, type="circuit", status=word, **more)


class TestIqm(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL[1:]

    def make_job(self, state: JobState, **more: Any) -> Any:
        self.answers = Answers(data(WORDS[state], **more))
        server = Mock()
        server.get_job = self.answers
        job = IQMJob(Mock(), CircuitJobTracker(job_data=data("waiting"), _executor=server))
        job.result = Mock(return_value=None)
        return job

    def finish(self, job: Any) -> None:
        self.answers.answer = data("completed")

    def test_a_read_is_one_request(self, state: JobState) -> None:
        adapter_for(self.make_job(state)).read(JobSnapshot(uid="u"))
        assert self.answers.asked == 1

    def test_place_and_progress_come_with_it(self) -> None:
        queued = adapter_for(self.make_job(JobState.QUEUED, queue_position=2)).read(JobSnapshot(uid="u"))
        assert queued.queue_position == "2 ahead"
        steps = {"progress": {"shots": {"value": 30, "max_value": 100}}}
        running = adapter_for(self.make_job(JobState.RUNNING, execution=steps)).read(JobSnapshot(uid="u"))
        assert (running.progress, running.progress_text) == (0.3, "30 of 100 shots")
