"""The words of providers for the states of their jobs."""

from __future__ import annotations

import re
from enum import Enum, Flag
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
from qiskit.providers import JobStatus

from primwidgets._jupyter.text_card import to_text
from primwidgets.adapters import adapter_for
from primwidgets.adapters._common.describe import describe_status
from primwidgets.adapters._common.status_words import is_cancelling, is_deleted, state_of
from primwidgets.adapters.polled import GONE
from primwidgets.snapshot import CancelState, JobSnapshot, JobState

BLANK = JobSnapshot(uid="u1")

#: Per provider, in its own spelling; the empty text stands for words that leave the state as it is.
WORDS: dict[str, dict[str, str]] = {
    "common": {
        "COMPLETED": "DONE",
        "SUCCEEDED": "DONE",
        "SUCCESS": "DONE",
        "FINISHED": "DONE",
        "FAILED": "ERROR",
        "CANCELED": "CANCELLED",
        "ABORTED": "CANCELLED",
        "TIMEOUT": "ERROR",
        "PENDING": "QUEUED",
        "In Progress": "RUNNING",
        "SUBMITTED": "INITIALIZING",
        "CREATED": "INITIALIZING",
        "STARTING": "INITIALIZING",
        "VALIDATED": "INITIALIZING",
        "TERMINATED": "CANCELLED",
        "KILLED": "CANCELLED",
        "EXPIRED": "ERROR",
        "PAUSED": "QUEUED",
        "HELD": "QUEUED",
        "UNKNOWN": "",
        "defrosting": "",
    },
    "Qiskit": {status.name: "INITIALIZING" if status.name == "VALIDATING" else status.name for status in JobStatus},
    "IBM": {"Queued": "QUEUED", "Running": "RUNNING", "Completed": "DONE", "Failed": "ERROR", "Cancelled": "CANCELLED"},
    "IonQ": {"ready": "QUEUED", "started": "RUNNING", "canceled": "CANCELLED", "completed": "DONE", "failed": "ERROR"},
    "IQM": {"waiting": "QUEUED", "processing": "RUNNING", "completed": "DONE", "cancelled": "CANCELLED"},
    "Braket": {
        "CREATED": "INITIALIZING",
        "QUEUED": "QUEUED",
        "RUNNING": "RUNNING",
        "COMPLETED": "DONE",
        "FAILED": "ERROR",
        "CANCELLED": "CANCELLED",
        "WAITING_FOR_PRIORITY": "QUEUED",
        "QUEUED_FOR_EXECUTION": "QUEUED",
        "MAX_RUNTIME_EXCEEDED": "ERROR",
    },
    "Azure": {
        "Waiting": "QUEUED",
        "Executing": "RUNNING",
        "Finishing": "RUNNING",
        "Succeeded": "DONE",
        "Cancelled": "CANCELLED",
        "InProgress": "RUNNING",
    },
    "Cirq": {
        "STATE_UNSPECIFIED": "INITIALIZING",
        "READY": "QUEUED",
        "RUNNING": "RUNNING",
        "SUCCESS": "DONE",
        "FAILURE": "ERROR",
    },
    "qBraid": {"VALIDATING": "INITIALIZING", "HOLD": "", "COMPLETED": "DONE"},
    "qnexus": {"RETRYING": "QUEUED", "DEPLETED": "ERROR"},
    "ray": {
        "NIL": "QUEUED",
        "PENDING_NODE_ASSIGNMENT": "QUEUED",
        "PENDING_ARGS_AVAIL": "QUEUED",
        "SUBMITTED_TO_WORKER": "QUEUED",
        "RUNNING_IN_RAY_GET": "RUNNING",
        "STOPPED": "CANCELLED",
    },
    "Slurm": {
        "REQUEUED": "QUEUED",
        "COMPLETING": "RUNNING",
        "CANCELLED by 1000": "CANCELLED",
        "NODE_FAIL": "ERROR",
        "OUT_OF_MEMORY": "ERROR",
        "BOOT_FAIL": "ERROR",
        "DEADLINE": "ERROR",
        "PREEMPTED": "QUEUED",
        "SUSPENDED": "QUEUED",
    },
    "parsl": {
        "fail_retryable": "QUEUED",
        "launched": "QUEUED",
        "running_ended": "RUNNING",
        "exec_done": "DONE",
        "memo_done": "DONE",
        "dep_fail": "ERROR",
    },
    "modal": {"INIT_FAILURE": "ERROR"},
    "globus": {"received": "QUEUED", "waiting-for-nodes": "QUEUED", "execution-start": "RUNNING", "success": "DONE"},
    "covalent": {
        "NEW_OBJECT": "INITIALIZING",
        "PENDING_REUSE": "INITIALIZING",
        "DISPATCHING": "RUNNING",
        "PENDING_POSTPROCESSING": "RUNNING",
        "POSTPROCESSING_FAILED": "ERROR",
    },
    "prefect": {"SCHEDULED": "QUEUED", "CRASHED": "ERROR", "Late": "QUEUED"},
    "celery": {"RETRY": "QUEUED", "PROGRESS": "RUNNING", "REVOKED": "CANCELLED", "FAILURE": "ERROR"},
    "rq": {"deferred": "QUEUED", "rate_limited": "QUEUED", "stopped": "CANCELLED", "finished": "DONE"},
    "gradio": {"JOINING_QUEUE": "QUEUED", "IN_QUEUE": "QUEUED", "SENDING_DATA": "INITIALIZING", "ITERATING": "RUNNING"},
    "Google": {
        "JOB_STATE_QUEUED": "QUEUED",
        "JOB_STATE_RUNNING": "RUNNING",
        "JOB_STATE_SUCCEEDED": "DONE",
        "JOB_STATE_FAILED": "ERROR",
        "STATE_SUCCEEDED": "DONE",
        "JOB_STATE_UNSPECIFIED": "",
    },
    "Dask": {"lost": "QUEUED", "error": "ERROR", "pending": "QUEUED"},
}
CASES = [
    pytest.param(word, JobState(state) if state else None, id=f"{provider}-{word}")
    for provider, words in WORDS.items()
    for word, state in words.items()
]


def member_of(**members: Any) -> Any:
    """The only member of an enum."""
    return next(iter(Enum("Status", members)))  # type: ignore[call-overload]


CANCELLING = (
    "CANCELLING",
    "Canceling",
    "CancellationRequested",
    "cancel requested",
    "STOPPING",
    "aborting",
    "CANCEL_STARTED",
    "being cancelled",
    "cancellation-in-progress",
    "JOB_STATE_CANCELLING",
)
DELETED = ("DELETED", "deleted", "NOT_FOUND", "Purged", "JOB_STATE_DELETED")


class WordJob:
    """A job that has a word for its state and nothing else."""

    def __init__(self, word: Any) -> None:
        self.word = word

    def job_id(self) -> str:
        return "word-1"

    def status(self) -> Any:
        return self.word

    def result(self) -> Any:
        raise AssertionError("nobody may download this")

    def cancel(self) -> None:
        """Take note."""


@pytest.mark.parametrize(("word", "state"), CASES)
def test_a_word_has_the_same_meaning_however_it_is_written(word: str, state: JobState | None) -> None:
    member = member_of(**{word: 1})
    spellings = [word, word.lower(), word.upper(), f" {word} ", word.replace("_", " "), word.replace("_", "-")]
    others = [
        f"Status.{word}",
        member,
        SimpleNamespace(name=word),
        SimpleNamespace(value=word),
        {"status": word},
        word.encode(),
    ]
    for status in (*spellings, *others, f"{word} (since 12:30)", f"{word}…"):
        assert state_of(status) is state
        assert not is_cancelling(status)


def id_of_parameter(value: object) -> str:
    return re.sub(r" at 0x\w+", "", repr(value))[:60]


class Printed:
    """A status of a class that says what it is only when it is printed."""

    def __str__(self) -> str:
        return "Succeeded"


class Silent:
    """A status whose attributes cannot be read."""

    @property
    def status(self) -> str:
        raise SystemExit("not now")

    def __str__(self) -> str:
        raise SystemExit("not now either")


Flags = Flag("Flags", ["QUEUED", "RUNNING"])

PHRASES: dict[str, tuple[str, ...]] = {
    "DONE": (
        *(
            "job has successfully run",
            "SUCCEEDED_WITH_ISSUES",
            "completed-with-errors",
            "JOB_STATE_PARTIALLY_SUCCEEDED",
        ),
        *(
            "Completed at 2026-01-01T10:00:00",
            "DONE 100%",
            "100% completed",
            "✅ Completed",
            "\u200bDONE",
            "\ufeffdone\x00",
            "\uff24\uff2f\uff2e\uff25",
        ),
        *("Status: DONE", "state=done", '{"state": "done"}', "'DONE'", "RESULTS_READY", "SUCCEEDED WITHOUT ERRORS"),
    ),
    "ERROR": (
        *("job incurred error", "INTERNAL_ERROR", "UPSTREAM_FAILED", "FAILED_TO_START", "failed because of the laser"),
        *("Failed - no qubits", "ERROR_RUNNING_PROGRAM", "validationError", "has failed", "OUT_OF_ME+", "OOMKilled"),
        *("TERMINATED_WITH_ERRORS", "FINISHED_ERROR", "JOB_FAILED_WITH_INCIDENT"),
    ),
    "CANCELLED": (
        *("job has been cancelled", "CANCELLED_BY_ADMIN", "Cancelled - Ran too long", "auto_cancelled", "CANCELLED+"),
        *("ABORTED_BY_USER", "CANCELLED_TIMEOUT", "SKIPPED"),
    ),
    "RUNNING": ("job is actively running", "running 50%", "RUNNING_ON_QPU", "running error mitigation", "IN_EXECUTION"),
    "QUEUED": ("job is queued", "WAITING_IN_QUEUE", "READY_TO_RUN", "in the queue", "up_for_retry"),
    "INITIALIZING": ("job is being initialized", "job is being validated", "SETUP_DONE"),
    "": (
        *("CANCEL_FAILED", "cancellation failed", "ATTEMPT_FAILURE", "not completed", "NO_ERROR", "ERROR_MITIGATION"),
        *("50% completed", "3 of 10 completed", "Completed 3/10 circuits", "COMPILATION_COMPLETED"),
        *("0 failed", "3 completed", "failed attempts: 0", "error rate 5%", "no failures", "Job not yet failed"),
        *("ALMOST_DONE", "will be cancelled", "COMPLETI+", "UPLOAD_COMPLETE", "100%"),
    ),
}


@pytest.mark.parametrize(("state", "text"), [(state, text) for state, texts in PHRASES.items() for text in texts])
def test_a_sentence_or_a_word_of_several_parts_names_a_state_where_it_is_clear(text: str, state: str) -> None:
    assert state_of(text) == (state or None)
    assert state_of(SimpleNamespace(status=text)) == (state or None)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (("DONE", 100), "DONE"),
        (["DONE"], "DONE"),
        (["DONE", "FAILED"], "ERROR"),
        (["DONE", "CANCELLED"], "CANCELLED"),
        (["DONE", "QUEUED"], "RUNNING"),
        (["DONE", "defrosting"], None),
        (["DONE"] * 20_000, None),
        ({str(number): number for number in range(20_000)}, None),
        ({"State": "DONE"}, "DONE"),
        ({"jobStatus": "FAILED"}, "ERROR"),
        (SimpleNamespace(phase="Succeeded"), "DONE"),
        (SimpleNamespace(name=lambda: "RUNNING"), "RUNNING"),
        (Printed(), "DONE"),
        (Silent(), None),
        (Flags.QUEUED, "QUEUED"),
        (Flags(0), None),
        (bytearray(b"done"), "DONE"),
        (numpy.array("done"), "DONE"),
        (numpy.array(["done", "error"]), "ERROR"),
    ],
    ids=id_of_parameter,
)
def test_a_status_of_any_shape_is_looked_into(status: Any, state: str | None) -> None:
    assert state_of(status) == state
    assert not is_cancelling(status)
    read = adapter_for(WordJob(status)).read(BLANK)
    assert read.state == (state or "INITIALIZING")


@pytest.mark.parametrize(
    "text", ["job is being cancelled", "currently stopping", "Status: CANCELLING", "✋ cancelling"]
)
def test_a_sentence_can_say_that_a_job_is_being_cancelled(text: str) -> None:
    assert is_cancelling(text)
    assert state_of(text) is None


@pytest.mark.parametrize("word", CANCELLING)
def test_to_be_cancelled_is_no_state_of_its_own(word: str) -> None:
    for status in (word, word.upper(), f"Status.{word}", member_of(**{word: 1})):
        assert is_cancelling(status)
        assert state_of(status) is None


@pytest.mark.parametrize(
    "status", [None, 7, 1.5, True, "", ".", [], {}, pytest.param(object(), id="object"), member_of(A=1)], ids=repr
)
def test_what_is_no_word_means_nothing(status: Any) -> None:
    assert state_of(status) is None
    assert not is_cancelling(status)


def test_an_enum_is_read_by_its_values_if_its_names_say_nothing() -> None:
    assert state_of(member_of(S3="Completed")) is JobState.DONE
    assert state_of(SimpleNamespace(name="Late again", type=member_of(SCHEDULED=1))) is JobState.QUEUED


@pytest.mark.parametrize(("word", "state"), CASES)
def test_a_job_that_has_only_a_word_is_in_the_state_that_it_names(word: str, state: JobState | None) -> None:
    before = BLANK.evolve(state=JobState.RUNNING)
    read = adapter_for(WordJob(word)).read(before)
    assert (read.state, read.status_text) == (state or JobState.RUNNING, word)
    assert read.can_cancel is not read.is_final


@pytest.mark.parametrize("word", CANCELLING)
@pytest.mark.parametrize("before", [JobState.INITIALIZING, JobState.QUEUED, JobState.RUNNING])
def test_a_job_that_is_being_cancelled_keeps_its_state_and_has_not_begun_to_run(before: JobState, word: str) -> None:
    read = adapter_for(WordJob(word)).read(BLANK.evolve(state=before))
    assert (read.state, read.status_text) == (before, word)
    assert (read.cancel_state, read.can_cancel, read.being_cancelled) == (CancelState.REQUESTED, False, True)
    assert to_text(read).partition("\n")[0].endswith("Cancelling")


@pytest.mark.parametrize(("word", "state"), [("RUNNING", "RUNNING"), ("CANCELLED", "CANCELLED"), ("DONE", "DONE")])
def test_another_word_ends_the_cancelling(word: str, state: str) -> None:
    cancelling = adapter_for(WordJob("CANCELLING")).read(BLANK)
    read = adapter_for(WordJob(word)).read(cancelling)
    assert (read.being_cancelled, read.state) == (False, state)


@pytest.mark.parametrize("word", DELETED)
def test_a_job_that_its_provider_calls_deleted_is_gone(word: str) -> None:
    for status in (word, f"Status.{word}", member_of(**{word: 1})):
        assert is_deleted(status)
        assert state_of(status) is None
    read = adapter_for(WordJob(word)).read(BLANK.evolve(state=JobState.RUNNING))
    assert (read.state, read.gone, read.error) == (JobState.ERROR, True, GONE)
    assert to_text(read).partition("\n")[0].endswith("Gone")
    ended = adapter_for(WordJob(word)).read(BLANK.evolve(state=JobState.DONE))
    assert (ended.state, ended.gone) == (JobState.DONE, False)


def test_a_cancel_that_was_called_final_too_early_is_under_way_again() -> None:
    cancelled = BLANK.evolve(state=JobState.CANCELLED, started_at=1.0)
    assert adapter_for(WordJob("CANCELLING")).read(cancelled).state is JobState.RUNNING
    assert adapter_for(WordJob("CANCELLING")).read(cancelled.evolve(started_at=None)).state is JobState.QUEUED


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ({"state": "Busy"}, "Busy"),
        (Printed(), "Succeeded"),
        (JobStatus.DONE, "DONE"),
        (SimpleNamespace(value="Busy"), "Busy"),
        ("as it is", "as it is"),
        (None, None),
    ],
    ids=id_of_parameter,
)
def test_the_word_of_the_provider_is_shown(status: Any, shown: str | None) -> None:
    assert describe_status(status) == shown
