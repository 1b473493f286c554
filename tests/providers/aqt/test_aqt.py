"""AQT's own job classes, on a client that answers from a script."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, ClassVar
from unittest.mock import Mock
from uuid import UUID

import aqt_connector
import pytest
from aqt_connector.models.arnica.response_bodies.jobs import RRCancelled, RRError, RRFinished, RROngoing, RRQueued
from qiskit import QuantumCircuit
from qiskit_aqt_provider._cloud.job import CloudJob

from primwidgets import JobState
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.providers.script import ALL, Answers

ID = UUID(int=7)
ANSWERS = dict(
    zip(
        ALL[1:],
        (
            RRQueued(),
            RROngoing(finished_count=1),
            RRFinished(result={0: [[0, 1]], 1: [[1, 1]]}),
            RRError(message="no such ion"),
            RRCancelled(),
        ),
        strict=True,
    )
)


class TestAqt(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL[1:]

    @pytest.fixture(autouse=True)
    def _scripted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: Answers[Any] = Answers(RRQueued())
        monkeypatch.setattr(aqt_connector, "fetch_job_state", self.answers)

    def make_job(self, state: JobState) -> Any:
        self.answers.answer = ANSWERS[state]
        properties = SimpleNamespace(
            job_id=ID,
            initial_state=RRQueued(),
            circuits=[QuantumCircuit(2, 2)] * 2,
            backend_name="ibex",
            shots=1,
            memory=False,
        )
        job = CloudJob(Mock(), Mock(), properties)
        job.result = Mock(return_value=None)
        return job

    def finish(self, job: Any) -> None:
        self.answers.answer = ANSWERS[JobState.DONE]

    def test_a_read_is_one_request_and_tells_how_many_circuits_have_run(self) -> None:
        adapter = adapter_for(self.make_job(JobState.RUNNING))
        read = adapter.read(JobSnapshot(uid="u"))
        assert self.answers.asked == 1
        assert (read.progress, read.progress_text, read.backend) == (0.5, "1 of 2 circuits", "ibex")

    def test_the_reason_of_a_failure_is_shown(self) -> None:
        error = self._read(JobState.ERROR).error
        assert error is not None
        assert error.message == "no such ion"

    def test_there_is_no_cancel(self) -> None:
        read = self._read(JobState.RUNNING)
        assert not read.can_cancel
        assert json.dumps(read.cancel_detail)
