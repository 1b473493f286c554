"""Handles of unknown classes, whose status, id and result have names and forms of their own."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, IntEnum
from typing import Any

import pytest

from primwidgets import JobFailed, NotAJobError, WidgetJob
from primwidgets.adapters import adapter_for
from primwidgets.snapshot import JobSnapshot, JobState


class Phase(Enum):
    FINISHED = 3


class Level(IntEnum):
    RUNNING = 2


class Attributes:
    uuid = "a-1"
    status = "Succeeded"

    def get(self, timeout: float | None = None) -> int:
        return 42


class Results:
    name = "b-1"

    def state(self) -> str:
        return "in-progress"

    def results(self) -> list[int]:
        return [42]

    def abort(self) -> bool:
        return True


class Getters:
    @property
    def run_id(self) -> str:
        return "c-1"

    def get_status(self) -> Phase:
        return Phase.FINISHED

    def get_result(self) -> int:
        return 42


class Numbers:
    id = 7
    status = Level.RUNNING

    def result(self) -> int:
        return 42


class Remarks:
    handle_id = "f-1"
    job_status = "COMPLETED_WITH_WARNINGS"

    def get_results(self) -> int:
        return 42


class Mappings:
    job_id = "g-1"

    def status(self) -> dict[str, Any]:
        return {"state": "rUnNiNg", "progress": 0.5}

    def result(self) -> int:
        return 42


class Sentences:
    id = "i-1"
    state = "  Is Running "

    def result(self) -> int:
        return 42


class Bytes:
    task_id = "j-1"

    def status(self) -> bytes:
        return b"queued"

    def result(self) -> int:
        return 42


class Failures:
    execution_id = "k-1"
    status = "Has Failed"
    error_message = "no such qubit"

    def get_output(self) -> None:
        return None


class Endings:
    request_id = "l-1"

    def get_state(self) -> str:
        return "Job finished successfully"

    def fetch_result(self) -> int:
        return 42


TOLD = [
    (Attributes, "a-1", JobState.DONE),
    (Results, "b-1", JobState.RUNNING),
    (Getters, "c-1", JobState.DONE),
    (Numbers, "7", JobState.RUNNING),
    (Remarks, "f-1", JobState.DONE),
    (Mappings, "g-1", JobState.RUNNING),
    (Sentences, "i-1", JobState.RUNNING),
    (Bytes, "j-1", JobState.QUEUED),
    (Failures, "k-1", JobState.ERROR),
    (Endings, "l-1", JobState.DONE),
]


@pytest.mark.parametrize(("kind", "job_id", "state"), TOLD, ids=lambda value: getattr(value, "__name__", str(value)))
def test_what_a_stranger_calls_its_status_and_id_is_found(kind: type, job_id: str, state: JobState) -> None:
    adapter = adapter_for(kind())
    read = adapter.read(JobSnapshot(uid="u"))
    assert (adapter.job_id(), read.state) == (job_id, state)


@pytest.mark.parametrize("kind", [Attributes, Getters, Remarks, Endings], ids=lambda kind: kind.__name__)
def test_the_result_is_what_the_strangers_method_gives(kind: type) -> None:
    job: WidgetJob[Any, Any] = WidgetJob(kind())
    assert job.result() == 42
    job.close()


def test_cancel_is_the_method_that_the_stranger_has() -> None:
    assert adapter_for(Results()).cancel().accepted is True
    assert not adapter_for(Attributes()).read(JobSnapshot(uid="u")).can_cancel


def test_the_reason_of_a_failure_is_shown() -> None:
    read = adapter_for(Failures()).read(JobSnapshot(uid="u"))
    assert read.error is not None
    assert read.error.message == "no such qubit"


class Response:
    """An answer of a server: it has a status, and nothing to wait for."""

    id = 1
    status = 200


class Rows:
    id = 1
    status = "ok"

    def get(self, key: str) -> int:
        return 1

    def __getitem__(self, key: str) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        return iter(())


@pytest.mark.parametrize("kind", [Response, Rows], ids=lambda kind: kind.__name__)
def test_what_is_no_job_is_refused_as_before(kind: type) -> None:
    with pytest.raises(NotAJobError):
        adapter_for(kind())


def test_a_failure_is_raised_where_the_strangers_method_would_return() -> None:
    job: WidgetJob[Any, Any] = WidgetJob(Failures())
    with pytest.raises(JobFailed, match="no such qubit"):
        job.result()
    job.close()
