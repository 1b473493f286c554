"""Quantinuum Nexus: qnexus itself, on an HTTP client that answers from a script."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
import qnexus.client.jobs as nexus
from qnexus.models.annotations import Annotations
from qnexus.models.job_status import JobStatusEnum
from qnexus.models.references import ExecuteJobRef, ProjectRef

from primwidgets import CancelState, JobState, WidgetJob
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.providers.script import ALL

BLANK = JobSnapshot(uid="u")
WORDS = dict(zip(ALL, ("SUBMITTED", "QUEUED", "RUNNING", "COMPLETED", "ERROR", "CANCELLED"), strict=True))


class TestNexus(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL

    @pytest.fixture(autouse=True)
    def _client(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.record: dict[str, Any] = {}
        self.asked: list[str] = []

        def answer(path: str, **_: Any) -> Any:
            self.asked.append(path)
            return SimpleNamespace(status_code=200, json=lambda: self.record)

        def accept(path: str, **_: Any) -> Any:
            self.asked.append(path)
            return SimpleNamespace(status_code=202)

        monkeypatch.setattr(nexus, "get_nexus_client", lambda: SimpleNamespace(get=answer, post=accept))
        monkeypatch.setattr(nexus, "results", lambda job: ["a result"])

    def make_job(self, state: JobState) -> Any:
        self.tell(WORDS[state])
        project = ProjectRef(
            id=uuid.uuid4(), annotations=Annotations(name="p"), contents_modified="2026-11-25T12:00:00Z"
        )
        return ExecuteJobRef(
            id=uuid.UUID(int=7),
            annotations=Annotations(name="scan"),
            last_status=JobStatusEnum.SUBMITTED,
            last_message="",
            project=project,
        )

    def tell(self, word: str, **more: Any) -> None:
        failed = {"error_detail": "no such qubit"} if word == "ERROR" else {}
        self.record = {"status": word, "message": "", "queued_time": "2026-11-25T12:00:00+00:00", **failed, **more}

    def finish(self, job: Any) -> None:
        self.tell("COMPLETED")

    def test_a_read_is_one_request_and_tells_place_and_cost(self) -> None:
        adapter = adapter_for(self.make_job(JobState.QUEUED))
        self.tell("QUEUED", queue_position=3, cost=1.5)
        read = adapter.read(BLANK)
        assert len(self.asked) == 1
        assert (read.queue_position, read.metadata["cost"], read.queued_at) == ("3", "1.5", 1795608000.0)

    @pytest.mark.parametrize("word", ["TERMINATED", "DEPLETED"])
    def test_what_nexus_ends_has_failed_and_says_why(self, word: str) -> None:
        adapter = adapter_for(self.make_job(JobState.RUNNING))
        self.tell(word)
        read = adapter.read(BLANK)
        assert read.state is JobState.ERROR
        assert read.error is not None
        assert read.error.message.endswith(".")

    def test_a_cancel_is_asked_for_and_then_confirmed(self) -> None:
        adapter = adapter_for(self.make_job(JobState.RUNNING))
        assert adapter.cancel().accepted is None
        self.tell("CANCELLING")
        read = adapter.read(BLANK.evolve(state=JobState.RUNNING))
        assert (read.state, read.cancel_state) == (JobState.RUNNING, CancelState.REQUESTED)

    def test_result_is_that_of_nexus(self) -> None:
        assert WidgetJob(self.make_job(JobState.DONE)).result() == ["a result"]
