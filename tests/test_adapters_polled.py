"""Jobs that are asked how they are: what their exceptions mean, and what they have as attributes."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from qiskit.providers import JobStatus, JobV1

from primwidgets import register_adapter
from primwidgets.adapters import adapter_for
from primwidgets.adapters._common.outcomes import is_not_found
from primwidgets.adapters.base import Pace
from primwidgets.adapters.base_primitive_job import BasePrimitiveJobAdapter
from primwidgets.adapters.polled import GONE, GONE_AFTER, NO_CANCEL
from primwidgets.adapters.qiskit_jobs import JobV1Adapter
from primwidgets.primitive_job import BasePrimitiveJob
from primwidgets.snapshot import CancelState, JobSnapshot, JobState
from tests.callers import HeardJob
from tests.monitored import PATIENCE

BLANK = JobSnapshot(uid="u1", state=JobState.RUNNING)


class Scripted:
    """A job whose ``status()`` gives the next answer of a script, and the last one for ever."""

    def __init__(self, *script: Any) -> None:
        self.script = list(script)

    def job_id(self) -> str:
        return "job-1"

    def status(self) -> Any:
        answer = self.script.pop(0) if self.script[1:] else self.script[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def result(self) -> Any:
        raise AssertionError("nobody may download this")

    def cancel(self) -> None:
        """Take note."""


class ScriptedWithBooleans(Scripted):
    def in_final_state(self) -> bool:
        return False


class UnhurriedAdapter(JobV1Adapter):
    pace = Pace(first=0.01, ceiling=0.05)


register_adapter(Scripted, UnhurriedAdapter)
KINDS = pytest.mark.parametrize("kind", [Scripted, ScriptedWithBooleans])


class IonQJobFailureError(Exception):
    pass


class RuntimeJobNotFound(Exception):
    pass


class NoSuchJobError(Exception):
    pass


class ApiException(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(f"HTTP {code}")
        self.response = SimpleNamespace(status_code=code)


def read_all(job: Any, times: int, last: JobSnapshot = BLANK) -> tuple[JobSnapshot, int]:
    """What is known after so many reads, and how many of them raised."""
    adapter, raised = adapter_for(job), 0
    for _ in range(times):
        try:
            last = adapter.read(last)
        except Exception:  # noqa: BLE001  (as the monitor does)
            raised += 1
    return last, raised


def test_a_failure_that_the_status_raises_is_the_failure_and_its_reason_stays() -> None:
    job = HeardJob(Scripted("RUNNING", IonQJobFailureError("the ion has left"), JobStatus.ERROR))
    assert job.wait(PATIENCE)
    read, raised = read_all(Scripted(IonQJobFailureError("the ion has left"), JobStatus.ERROR), 3)
    for snapshot in (job.snapshot, read):
        assert snapshot.state is JobState.ERROR
        assert snapshot.error is not None
        assert (snapshot.error.type, snapshot.error.message) == ("IonQJobFailureError", "the ion has left")
    assert raised == 0


def test_whatever_the_status_raised_just_before_the_failure_is_its_reason() -> None:
    read, raised = read_all(Scripted(ValueError("bad qubit"), "FAILED"), 3)
    assert raised == 1
    assert read.error is not None
    assert read.error.message == "bad qubit"


@pytest.mark.parametrize("error", [ConnectionError("refused"), TimeoutError(), ApiException(502)], ids=repr)
def test_an_outage_before_the_failure_is_no_reason(error: Exception) -> None:
    read, _ = read_all(Scripted(error, "FAILED"), 3)
    assert read.error is not None
    assert "result() says why" in read.error.message


@pytest.mark.parametrize("make", [JobV1Adapter, BasePrimitiveJobAdapter])
def test_what_the_error_message_says_is_the_reason_and_a_failing_one_is_none(make: Callable[[Any], Any]) -> None:
    for message, reason in ((lambda: "warm fridge", "warm fridge"), (lambda: 1 // 0, "result() says why")):
        job = Scripted(JobStatus.ERROR)
        job.error_message = message  # type: ignore[attr-defined]
        assert reason in make(job).read(BLANK).error.message
    attribute = Scripted(JobStatus.ERROR)
    attribute.error_message = "warm fridge"  # type: ignore[attr-defined]
    assert make(attribute).read(BLANK).error.message == "warm fridge"


@pytest.mark.parametrize(
    "error",
    [
        RuntimeJobNotFound("x"),
        NoSuchJobError("x"),
        ApiException(404),
        ApiException(410),
        KeyError("job-1"),
        KeyError("no such job: 7"),
        RuntimeError("404 Client Error: Not Found for url"),
        RuntimeError("Job abc-1 does not exist."),
        ValueError("Task 7 not found"),
        LookupError("unknown job"),
    ],
    ids=repr,
)
@KINDS
def test_a_job_that_its_provider_has_deleted_is_gone(kind: type[Scripted], error: Exception) -> None:
    read, raised = read_all(kind(error), GONE_AFTER)
    assert raised == GONE_AFTER - 1
    assert (read.state, read.error, read.can_cancel, read.gone) == (JobState.ERROR, GONE, False, True)
    assert "The provider no longer knows this job." in GONE.message


def test_a_job_that_is_gone_is_neither_stale_nor_polled_any_more() -> None:
    job = HeardJob(Scripted("RUNNING", NoSuchJobError("x")))
    assert job.wait(PATIENCE)
    assert (job.snapshot.error, job.snapshot.stale_since, job.snapshot.gone) == (GONE, None, True)


def test_a_job_that_had_ended_before_it_was_deleted_stays_what_it_was() -> None:
    read, _ = read_all(Scripted(NoSuchJobError("x")), GONE_AFTER, BLANK.evolve(state=JobState.DONE, can_preview=True))
    assert (read.state, read.error, read.message, read.can_preview) == (JobState.DONE, None, GONE.message, False)


@pytest.mark.parametrize("last", [BLANK, BLANK.evolve(state=JobState.DONE)], ids=["running", "done"])
def test_a_job_that_is_found_again_is_not_gone(last: JobSnapshot) -> None:
    read, _ = read_all(Scripted(*[NoSuchJobError("x")] * GONE_AFTER, "RUNNING"), GONE_AFTER + 1, last)
    assert (read.state, read.error, read.message, read.gone) == (JobState.RUNNING, None, None, False)


def test_now_and_then_not_to_be_found_is_not_gone() -> None:
    answers = [NoSuchJobError("x"), NoSuchJobError("x"), "RUNNING"] * 3
    read, raised = read_all(Scripted(*answers), len(answers))
    assert (read.state, raised) == (JobState.RUNNING, 6)


@pytest.mark.parametrize(
    "error",
    [
        ApiException(500),
        FileNotFoundError("x"),
        ModuleNotFoundError("x"),
        KeyError("status"),
        ValueError("x"),
        RuntimeError("job failed: the file was not found"),
        RuntimeError("HTTP 500"),
    ],
    ids=repr,
)
def test_other_exceptions_do_not_mean_that_the_job_is_gone(error: Exception) -> None:
    assert not is_not_found(error, "job-1")


def test_a_word_that_the_providers_own_table_lacks_is_a_word() -> None:
    read, raised = read_all(Scripted(KeyError("CREATED")), 1)
    assert (read.state, read.status_text, raised) == (JobState.INITIALIZING, "CREATED", 0)
    read, raised = read_all(Scripted(KeyError("CANCELLING")), 1)
    assert (read.state, read.cancel_state, raised) == (JobState.RUNNING, CancelState.REQUESTED, 0)


class FarV1(JobV1):  # type: ignore[misc]  # Qiskit has no types
    def __init__(self, status: Any) -> None:
        super().__init__(None, "far-1")
        self.answer = status

    def submit(self) -> None:
        raise NotImplementedError

    def status(self) -> Any:
        return self.answer

    def result(self) -> Any:
        raise AssertionError("nobody may download this")


class OwnPrimitive(BasePrimitiveJob[int, Any]):
    def result(self) -> int:
        return 1

    def status(self) -> Any:
        return JobState.RUNNING

    def done(self) -> bool:
        return False

    running = cancelled = in_final_state = done

    def cancel(self) -> None:
        """Take note."""


@pytest.mark.parametrize("make", [lambda: FarV1(JobStatus.DONE), lambda: OwnPrimitive("p-1")], ids=["V1", "primitive"])
def test_an_unknown_job_may_be_far_away_and_may_take_its_end_back(make: Callable[[], Any]) -> None:
    adapter = adapter_for(make())
    assert adapter.remote
    assert adapter.blocking
    assert adapter.pace.requests_per_second is not None
    assert len(adapter.rechecks) >= 2


def test_an_end_that_the_provider_takes_back_is_taken_back_on_the_card() -> None:
    class Correcting(UnhurriedAdapter):
        rechecks = (0.01, 0.01, 0.01)

    register_adapter(Braket, Correcting)
    job = HeardJob(Braket("RUNNING", "CANCELLED", "DONE"))
    job.heard.await_one(lambda now: now.state is JobState.CANCELLED)
    job.heard.await_one(lambda now: now.state is JobState.DONE)


class Braket(Scripted):
    """Calls cancelled what is only being cancelled."""


def test_a_cancel_that_qiskit_only_declares_is_not_offered() -> None:
    read = adapter_for(FarV1(JobStatus.RUNNING)).read(BLANK)
    assert (read.can_cancel, read.cancel_detail) == (False, NO_CANCEL)


def test_methods_of_a_job_settle_its_state_where_the_word_is_unknown() -> None:
    class Own(FarV1):
        def done(self) -> bool:
            return True

    assert adapter_for(Own("wei wan cheng")).read(BLANK).state is JobState.DONE
    assert adapter_for(FarV1("wei wan cheng")).read(BLANK).state is JobState.RUNNING


def _always(value: str) -> Callable[[Any], str]:
    return lambda self: value


@pytest.mark.parametrize("name", ["job_id", "id", "jobId", "task_id", "key"])
@pytest.mark.parametrize("status", ["status", "state"])
@pytest.mark.parametrize("where", ["method", "attribute of the class", "property", "attribute of the job"])
def test_ids_and_states_may_be_methods_or_attributes(name: str, status: str, where: str) -> None:
    values = {name: "id-7", status: "COMPLETED"}
    methods = {key: _always(value) for key, value in values.items()}
    parts: dict[str, dict[str, Any]] = {
        "method": methods,
        "attribute of the class": values,
        "property": {key: property(method) for key, method in methods.items()},
        "attribute of the job": {},
    }
    job = type("Handle", (), {**parts[where], "result": lambda self: 1, "cancel": lambda self: None})()
    if where == "attribute of the job":
        vars(job).update(values)
    adapter = adapter_for(job)
    assert adapter.job_id() == "id-7"
    assert adapter.read(BLANK).state is JobState.DONE


def test_a_job_with_attributes_and_booleans_is_read_by_its_booleans() -> None:
    class Handle:
        id = "id-7"
        state = "some word"

        def result(self) -> int:
            return 1

        def in_final_state(self) -> bool:
            return True

        def done(self) -> bool:
            return True

    read = adapter_for(Handle()).read(BLANK)
    assert (read.state, read.status_text, read.can_cancel) == (JobState.DONE, "some word", False)


def test_an_id_that_is_still_to_come_is_made_up() -> None:
    class Handle:
        task_id = None
        state = "PENDING"

        def result(self) -> int:
            return 1

    assert adapter_for(Handle()).job_id().startswith("job-")


def test_a_status_that_turns_out_to_be_a_coroutine_is_closed_and_explained() -> None:
    async def later() -> str:
        return "DONE"

    job = Scripted("RUNNING")
    job.status = later  # type: ignore[method-assign]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(TypeError, match="has to be awaited"):
            adapter_for(job).read(BLANK)
        gc.collect()
