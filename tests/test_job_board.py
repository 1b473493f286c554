"""``JobBoard``: what it is told and what it passes on."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from primwidgets import JobBoard, JobGroup, NotAJobError, WidgetJob
from primwidgets._jupyter.protocol import Verb, command_message
from primwidgets._jupyter.services import hub
from tests.monitored import PATIENCE
from tests.recording_comm import RecordingFrontend


@pytest.fixture
def frontend(monkeypatch: pytest.MonkeyPatch) -> RecordingFrontend:
    return RecordingFrontend(monkeypatch)


def told(frontend: RecordingFrontend, board: JobBoard) -> dict[str, dict[str, Any]]:
    """The jobs that the board's views know of, by uid."""
    board._handle_custom_msg(command_message(Verb.SYNC), [])
    hub()._flush()
    jobs: dict[str, dict[str, Any]] = {}
    for message in frontend.messages:
        content = message["data"].get("content", {}) if message["comm_id"] == board.model_id else {}
        if content.get("whole"):
            jobs = {}
        for job in content.get("jobs", []):
            jobs[job["uid"]] = {**jobs.get(job["uid"], {}), **job}
    return jobs


def test_a_board_of_some_jobs_tells_of_no_others(frontend: RecordingFrontend) -> None:
    mine, other = WidgetJob(Future(), name="mine"), WidgetJob(Future(), name="other")
    board = JobBoard([mine])
    assert [job["name"] for job in told(frontend, board).values()] == ["mine"]
    mine.job.set_result(1)
    assert mine.wait(PATIENCE)
    assert told(frontend, board)[mine.snapshot.uid]["state"] == "DONE"
    assert "mine" in repr(board)
    assert "other" not in board._repr_mimebundle_()["text/html"]
    assert other.state == "QUEUED"


def test_a_board_of_all_jobs_tells_of_those_that_come_later(frontend: RecordingFrontend) -> None:
    board = JobBoard()
    job = WidgetJob(Future(), name="later")
    assert job.snapshot.uid in told(frontend, board)
    assert job in board.jobs


def test_a_board_of_a_group_tells_of_members_that_are_added_later(frontend: RecordingFrontend) -> None:
    group = JobGroup("scan")
    board = JobBoard(group)
    member = group.add(Future(), name="first")
    assert list(told(frontend, board)) == [member.snapshot.uid]
    assert board.jobs == [member]


def test_a_command_of_a_view_reaches_the_job(frontend: RecordingFrontend) -> None:
    job = WidgetJob(Future())
    board = JobBoard([job])
    board._handle_custom_msg(command_message(Verb.CANCEL, job.snapshot.uid), [])
    board._handle_custom_msg("anything", [])
    assert job.wait(PATIENCE)
    assert job.state == "CANCELLED"


def test_what_is_no_job_is_refused() -> None:
    with pytest.raises(NotAJobError):
        JobBoard([Future(), 3])
