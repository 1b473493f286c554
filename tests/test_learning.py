"""What ``result()`` returned or raised is on the card, also where the provider goes on saying something else."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

import pytest

from primwidgets import register_adapter, submit
from primwidgets._monitor.transitions import merge_read, merge_result, request_cancel
from primwidgets.adapters._common.outcomes import is_unexplained, report_of_error, report_of_result
from primwidgets.adapters.base import Pace
from primwidgets.adapters.base_primitive_job import BasePrimitiveJobAdapter
from primwidgets.adapters.polled import gone
from primwidgets.adapters.qiskit_jobs import JobV1Adapter
from primwidgets.errors import JobTimeoutError, StoppedWaiting
from primwidgets.snapshot import CancelState, JobError, JobSnapshot, JobState, ResultReport
from tests.callers import Caller, HeardJob
from tests.monitored import PATIENCE

NOW = 1_000.0
NO_REASON = JobError("JobError", "The job failed; result() says why.")


class IonTrapError(Exception):
    """Of a provider."""


class RuntimeJobTimeoutError(Exception):
    """No ``TimeoutError``, like those of several providers."""


class TaskRevokedError(Exception):
    pass


class InvalidJobStateError(Exception):
    pass


class HTTPError(OSError):
    pass


class ServiceRequestError(Exception):
    pass


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


class Job:
    """A job of an unknown provider. Its status is ``word``, whatever ``outcome`` does in ``result()``."""

    def __init__(self, outcome: Callable[[], Any] = lambda: 42, word: str = "RUNNING") -> None:
        self.outcome = outcome
        self.word = word

    def job_id(self) -> str:
        return "job-1"

    def status(self) -> str:
        return self.word

    def result(self, **_: Any) -> Any:
        return self.outcome()

    def cancel(self) -> None:
        """Take note."""


class JobWithBooleans(Job):
    """The same with the methods of a primitive job."""

    def running(self) -> bool:
        return self.word == "RUNNING"

    def in_final_state(self) -> bool:
        return self.word in ("DONE", "ERROR")

    def done(self) -> bool:
        return self.word == "DONE"

    def cancelled(self) -> bool:
        return False


class UnhurriedJobAdapter(JobV1Adapter):
    pace = Pace(first=0.01, ceiling=0.05)


class UnhurriedPrimitiveAdapter(BasePrimitiveJobAdapter):
    pace = Pace(first=0.01, ceiling=0.05)


register_adapter(Job, UnhurriedJobAdapter)
register_adapter(JobWithBooleans, UnhurriedPrimitiveAdapter)


def raises(error: BaseException) -> Callable[[], Any]:
    def outcome() -> Any:
        raise error

    return outcome


def end_of(job: HeardJob) -> JobSnapshot:
    assert job.wait(PATIENCE)
    return job.snapshot


@pytest.mark.parametrize("kind", [Job, JobWithBooleans])
@pytest.mark.parametrize("word", ["RUNNING", "QUEUED", "defrosting"])
def test_a_result_that_was_returned_ends_the_job(kind: type[Job], word: str) -> None:
    job = HeardJob(kind(word=word))
    waiting = Caller(lambda: job.wait(PATIENCE))
    assert job.result() == 42
    assert waiting.outcome()
    assert (job.state, job.snapshot.can_cancel, job.snapshot.error) == ("DONE", False, None)
    assert job.snapshot.finished_at is not None


@pytest.mark.parametrize("kind", [Job, JobWithBooleans])
@pytest.mark.parametrize("word", ["RUNNING", "QUEUED", "defrosting"])
def test_what_the_result_raised_is_the_failure_and_its_reason(kind: type[Job], word: str) -> None:
    job = HeardJob(kind(raises(IonTrapError("the ion has left")), word))
    with pytest.raises(IonTrapError):
        job.result()
    error = end_of(job).error
    assert job.state == "ERROR"
    assert error is not None
    assert (error.type, error.message) == ("IonTrapError", "the ion has left")
    assert error.traceback is not None


@pytest.mark.parametrize("error", [CancelledError(), TaskRevokedError(), asyncio.CancelledError()], ids=repr)
def test_a_cancelled_result_is_a_cancelled_job(error: BaseException) -> None:
    job = HeardJob(Job(raises(error)))
    with pytest.raises(type(error)):
        job.result()
    assert end_of(job).state is JobState.CANCELLED


async def test_an_awaited_result_teaches_as_much() -> None:
    job = HeardJob(Job(raises(IonTrapError("the ion has left"))))
    with pytest.raises(IonTrapError):
        await job
    assert end_of(job).state is JobState.ERROR


def test_nothing_comes_back_from_jobs_that_failed_as_well_so_the_provider_is_asked() -> None:
    provider = Job(lambda: setattr(provider, "word", "FAILED"))
    job = HeardJob(provider)
    assert job.result() is None
    assert end_of(job).state is JobState.ERROR
    assert all(snapshot.state is not JobState.DONE for snapshot in job.heard.snapshots)


def test_nothing_is_a_result_if_the_provider_has_nothing_else_to_say() -> None:
    job = HeardJob(Job(lambda: None))
    assert job.result() is None
    assert end_of(job).state is JobState.DONE


def test_the_reason_that_the_result_raised_takes_the_place_of_the_phrase() -> None:
    job = HeardJob(Job(raises(IonTrapError("the ion has left")), "FAILED"))
    assert end_of(job).error == NO_REASON
    with pytest.raises(IonTrapError):
        job.result()
    error = job.snapshot.error
    assert error is not None
    assert error.message == "the ion has left"


def test_the_end_of_the_waiting_is_no_failure_of_the_job() -> None:
    go_on = threading.Event()

    def wait() -> None:
        while not go_on.wait(0.01):
            pass

    job = HeardJob(Job(wait))
    with pytest.raises(JobTimeoutError):
        job.result(timeout=0.01)
    caller = Caller(job.result)
    job.await_waiting()
    job.stop_waiting()
    with pytest.raises(StoppedWaiting):
        caller.outcome()
    assert not job.snapshot.is_final
    go_on.set()
    assert end_of(job).state is JobState.DONE


def test_a_keyword_that_the_provider_does_not_like_is_no_failure_of_the_job() -> None:
    job = HeardJob(Job(raises(TypeError("no such keyword"))))
    with pytest.raises(TypeError):
        job.result(decoder=1)
    assert not job.snapshot.is_final


NO_OUTCOMES: list[BaseException] = [
    TimeoutError(),
    JobTimeoutError(),
    RuntimeJobTimeoutError(),
    multiprocessing.TimeoutError(),
    StoppedWaiting(),
    ConnectionError("refused"),
    ConnectionAbortedError(),
    OSError("network is unreachable"),
    HTTPError("502"),
    ServiceRequestError(),
    caused(IonTrapError("cannot fetch"), ConnectionResetError()),
    InvalidJobStateError("not finished"),
    NotImplementedError(),
    KeyboardInterrupt(),
    SystemExit(),
]


@pytest.mark.parametrize("error", NO_OUTCOMES, ids=lambda error: type(error).__name__)
def test_an_exception_that_speaks_of_the_asking_teaches_nothing(error: BaseException) -> None:
    assert report_of_error(error) is None


def test_a_network_error_leaves_a_running_job_running() -> None:
    job = HeardJob(Job(raises(ConnectionError("refused"))))
    with pytest.raises(ConnectionError):
        job.result()
    job.heard.await_one(lambda now: now.state is JobState.RUNNING)
    assert (job.state, job.snapshot.error) == ("RUNNING", None)


def test_a_missing_file_is_the_reason_only_once_the_provider_says_that_the_job_failed() -> None:
    told = report_of_error(FileNotFoundError("data.csv"))
    assert told is not None
    known = merge_result(RUNNING, told, NOW)
    assert known.state is JobState.RUNNING
    known = merge_read(known, known, NOW)
    known = merge_read(known, known.evolve(state=JobState.ERROR, error=NO_REASON), NOW)
    assert known.error is not None
    assert known.error.message == "data.csv"


def test_a_coroutine_is_no_result() -> None:
    waiting = asyncio.sleep(0)
    assert report_of_result(waiting) is None
    waiting.close()


def test_a_result_that_calls_itself_a_failure_is_none_of_a_success() -> None:
    class Result:
        success, status, results = False, "Insufficient memory", ()

    told = report_of_result(Result())
    assert told == ResultReport(JobState.ERROR, JobError("Result", "Insufficient memory"), firm=False)


def test_a_result_whose_attributes_raise_is_a_result() -> None:
    class Hostile:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    class Exiting:
        def __getattr__(self, name: str) -> Any:
            raise SystemExit(name)

    assert report_of_result(Hostile()) == report_of_result(Exiting()) == ResultReport(JobState.DONE)


class UnspeakableError(Exception):
    """Whatever is asked of it ends the program."""

    def __str__(self) -> str:
        raise SystemExit("no text")

    @property
    def response(self) -> Any:
        raise SystemExit("no response")


class UnspeakableKey(KeyError):
    def __str__(self) -> str:
        raise SystemExit("no text")


class LyingClass:
    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise SystemExit("no class")


@pytest.mark.parametrize("error", [UnspeakableError(), UnspeakableKey(UnspeakableError())], ids=["text", "key"])
def test_an_error_that_cannot_be_asked_reaches_the_caller_as_it_is(error: Exception) -> None:
    job = HeardJob(Job(raises(error)))
    with pytest.raises(type(error)) as caught:
        job.result()
    assert caught.value is error
    assert job.snapshot.state is JobState.ERROR
    assert job.snapshot.error is not None
    assert job.snapshot.error.type == type(error).__name__
    job.close()


def test_a_result_that_cannot_be_asked_for_its_class_reaches_the_caller() -> None:
    result = LyingClass()
    job = HeardJob(Job(lambda: result))
    assert job.result() is result
    job.close()


RUNNING = JobSnapshot(uid="u", state=JobState.RUNNING, status_text="RUNNING")
DONE = ResultReport(JobState.DONE)
FAILED = ResultReport(JobState.ERROR, JobError("E", "why"))


def reads(known: JobSnapshot, *states: JobState) -> JobSnapshot:
    for state in states:
        known = merge_read(known, known.evolve(state=state), NOW)
    return known


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.QUEUED, JobState.INITIALIZING])
@pytest.mark.parametrize("told", [DONE, FAILED], ids=["returned", "raised"])
def test_reads_that_go_on_saying_the_same_do_not_undo_what_was_learnt(told: ResultReport, state: JobState) -> None:
    known = reads(merge_result(RUNNING, told, NOW), state, state, state)
    assert (known.state, known.error, known.finished_at) == (told.state, told.error, NOW)


def test_a_provider_that_says_something_else_later_is_believed() -> None:
    known = merge_result(RUNNING, FAILED, NOW)
    again = reads(known, JobState.RUNNING, JobState.QUEUED)
    assert (again.state, again.finished_at, again.result_report) == (JobState.QUEUED, None, None)
    assert reads(known, JobState.DONE).state is JobState.DONE
    assert reads(known, JobState.RUNNING, JobState.RUNNING, JobState.CANCELLED).state is JobState.CANCELLED


def test_a_job_called_cancelled_that_has_a_result_is_done() -> None:
    cancelled = RUNNING.evolve(state=JobState.CANCELLED, cancel_state=CancelState.CONFIRMED)
    known = reads(merge_result(cancelled, DONE, NOW), JobState.CANCELLED)
    assert (known.state, known.cancel_state) == (JobState.DONE, CancelState.TOO_LATE)


def test_a_job_called_finished_of_which_the_result_says_that_it_failed_has_failed() -> None:
    class FailedJobError(Exception):
        pass

    job = HeardJob(Job(raises(FailedJobError("division by zero")), "FINISHED"))
    assert end_of(job).state is JobState.DONE
    with pytest.raises(FailedJobError):
        job.result()
    assert (job.state, job.snapshot.error is not None) == ("ERROR", True)
    told = report_of_error(FailedJobError("x"))
    assert told is not None
    done = RUNNING.evolve(state=JobState.DONE)
    assert reads(merge_result(done, told, NOW), JobState.DONE, JobState.DONE).state is JobState.ERROR


@pytest.mark.parametrize("state", [JobState.DONE, JobState.ERROR])
def test_what_the_provider_itself_called_over_stays_what_it_was(state: JobState) -> None:
    known = RUNNING.evolve(state=state, error=JobError("E", "the provider's") if state is JobState.ERROR else None)
    for told in (DONE, FAILED, ResultReport(JobState.CANCELLED)):
        assert merge_result(known, told, NOW) == known


def test_an_exception_after_a_cancel_is_for_the_provider_to_explain() -> None:
    known = merge_result(request_cancel(RUNNING), FAILED, NOW)
    assert known.state is JobState.RUNNING
    assert reads(known, JobState.CANCELLED).cancel_state is CancelState.CONFIRMED
    assert reads(known, JobState.RUNNING).state is JobState.ERROR


def test_what_was_learnt_stays_in_the_process() -> None:
    known = merge_result(RUNNING, DONE, NOW)
    assert "result_report" not in known.to_wire()
    assert not is_unexplained(FAILED.error)


def test_a_future_of_this_process_has_all_to_tell_before_anything_is_learnt() -> None:
    job = HeardJob(submit(print, "hello").job)
    job.result()
    last = end_of(job)
    assert (last.state, last.result_report, last.log) == (JobState.DONE, None, "hello\n")


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (ResultReport(JobState.DONE), JobState.DONE),
        (ResultReport(JobState.ERROR, JobError("ValueError", "no such qubit")), JobState.ERROR),
        (ResultReport(JobState.CANCELLED), JobState.CANCELLED),
    ],
    ids=["a result", "a failure", "a cancel"],
)
def test_of_a_job_that_its_provider_has_deleted_the_result_is_believed(told: ResultReport, state: JobState) -> None:
    deleted = gone(JobSnapshot(uid="u1", state=JobState.RUNNING))
    known = merge_result(deleted, told, NOW)
    again = merge_read(known, gone(known), NOW)
    for snapshot in (known, again):
        assert (snapshot.state, snapshot.gone, snapshot.error) == (state, False, told.error)


def test_of_a_job_that_its_provider_has_deleted_no_result_says_nothing() -> None:
    deleted = gone(JobSnapshot(uid="u1", state=JobState.RUNNING))
    known = merge_result(deleted, ResultReport(JobState.DONE, firm=False), NOW)
    assert (known.state, known.gone, known.error) == (JobState.ERROR, True, deleted.error)
