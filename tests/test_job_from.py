"""``job_from``: jobs that are two objects, and adapters that are told by a report."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from primwidgets import CancelState, JobFailed, JobState, NotAJobError, WidgetJob, job_from, register_adapter
from primwidgets.adapters import adapter_for
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobError, JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.contract.states import ALL_BUT_INITIALIZING
from tests.monitored import PATIENCE

BLANK = JobSnapshot(uid="u")
WORDS = {
    JobState.QUEUED: "PENDING",
    JobState.RUNNING: "RUNNING",
    JobState.DONE: "SUCCEEDED",
    JobState.ERROR: "FAILED",
    JobState.CANCELLED: "CANCELED",
}


class Client:
    """A client as many clouds have it: everything goes by id."""

    def __init__(self, status: str = "PENDING") -> None:
        self.status = status
        self.requests = 0
        self.cancelled = threading.Event()

    def describe(self, _run: str) -> str:
        self.requests += 1
        return self.status

    def output(self, run: str) -> dict[str, int]:
        return {"run": int(run)}

    def cancel(self, _run: str) -> None:
        if self.status in ("PENDING", "RUNNING"):
            self.cancelled.set()
            self.status = "CANCELED"


def run_on(client: Client, run: str = "7", **more: Any) -> Any:
    return job_from(
        id=run,
        provider="Acme",
        read=lambda: client.describe(run),
        result=lambda: client.output(run),
        cancel=lambda: client.cancel(run),
        **more,
    )


class TestJobsFromFunctions(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL_BUT_INITIALIZING

    def make_job(self, state: JobState) -> Any:
        self.client = Client(WORDS[state])
        return run_on(self.client)

    def finish(self, job: Any) -> None:
        self.client.status = "SUCCEEDED"

    def test_a_read_is_one_request(self, state: JobState) -> None:
        self._read(state)
        assert self.client.requests == 1


def wrapped(client: Client, **more: Any) -> WidgetJob[Any, Any]:
    return WidgetJob(run_on(client, **more))


def test_result_waits_for_the_end_and_asks_for_the_output_then() -> None:
    client = Client("RUNNING")
    job = wrapped(client)
    assert not job.wait(0.01)
    client.status = "SUCCEEDED"
    assert job.result(timeout=240) == {"run": 7}
    assert (job.job_id(), job.state, job.provider) == ("7", "DONE", "Acme")


def test_result_of_a_failed_job_raises_its_reason() -> None:
    told = {"status": "FAILED", "error": "out of memory", "queue_position": ">2000"}
    job = WidgetJob(job_from(id="7", read=lambda: told, result=lambda: 1))
    with pytest.raises(JobFailed, match="out of memory"):
        job.result()
    assert job.snapshot.error == JobError("JobError", "out of memory")


def test_result_of_a_cancelled_job_raises_that_it_was_cancelled() -> None:
    job = wrapped(Client("CANCELED"))
    with pytest.raises(CancelledError):
        job.result()
    assert job.state == JobState.CANCELLED


def test_cancel_asks_the_client_and_the_next_read_confirms() -> None:
    client = Client("RUNNING")
    job = wrapped(client)
    job.cancel()
    assert client.cancelled.is_set()
    assert job.wait(PATIENCE)
    assert (job.state, job.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)


def test_a_job_without_cancel_says_so() -> None:
    job = job_from(id="7", read=lambda: "RUNNING")
    adapter = adapter_for(job)
    read = adapter.read(BLANK)
    assert not read.can_cancel
    assert read.cancel_detail
    with pytest.raises(NotImplementedError):
        WidgetJob(job).cancel()


def test_a_job_without_a_result_gives_none_at_its_end() -> None:
    job: WidgetJob[Any, Any] = WidgetJob(job_from(id="7", read=lambda: "SUCCEEDED"))
    assert job.result(timeout=240) is None


def test_a_wait_with_a_time_out_ends() -> None:
    with pytest.raises(TimeoutError):
        wrapped(Client("RUNNING")).result(timeout=0.05)


def test_a_read_tells_whatever_the_provider_knows() -> None:
    told = StatusReport(
        "RUNNING",
        progress=(3, 4),
        queue_position=2,
        message="epoch 3",
        backend="cluster-1",
        created_at="2026-11-25T12:00:00Z",
        started_at=datetime(2026, 11, 25, 12, 1, tzinfo=UTC),
        finished_at=1_764_072_120_000,
        details={"cost": "3 $", "page": None},
    )
    read = adapter_for(job_from(id="7", read=lambda: told)).read(BLANK)
    assert (read.progress, read.progress_text, read.queue_position) == (0.75, "3 of 4", "2")
    assert (read.message, read.backend, dict(read.metadata)) == ("epoch 3", "cluster-1", {"cost": "3 $"})
    assert read.created_at is not None
    assert read.started_at is not None
    assert read.started_at - read.created_at == 60
    assert read.finished_at == 1_764_072_120


def test_words_of_its_own_can_be_given() -> None:
    job = run_on(Client("HALTED"), states={"HALTED": JobState.ERROR})
    assert adapter_for(job).read(BLANK).state is JobState.ERROR


def test_an_unknown_word_keeps_the_state_and_is_shown() -> None:
    read = adapter_for(run_on(Client("whatever"))).read(BLANK.evolve(state=JobState.RUNNING))
    assert (read.state, read.status_text) == (JobState.RUNNING, "whatever")


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING])
def test_a_job_that_is_being_cancelled_is_in_the_state_it_was(state: JobState) -> None:
    read = adapter_for(run_on(Client("CANCELLING"))).read(BLANK.evolve(state=state))
    assert (read.state, read.cancel_state) == (state, CancelState.REQUESTED)


class _Handle:
    """A job of which one method gives the result."""

    def __init__(self, state: str = "DONE", **methods: Callable[..., Any]) -> None:
        self.id = "h-1"
        self.state = state
        vars(self).update(methods)


class _HandleAdapter(ReportedAdapter[Any]):
    provider = "handles"

    def report(self, last: JobSnapshot) -> StatusReport:
        return StatusReport(self.job.state)


@pytest.mark.parametrize("name", ["get", "wait", "results"])
def test_a_method_that_waits_gives_the_result_and_takes_the_time_out(name: str) -> None:
    given: list[float | None] = []

    def fetch(timeout: float | None = None) -> int:
        given.append(timeout)
        return 5

    adapter = type("A", (_HandleAdapter,), {"fetch": name})(_Handle(state="DONE", **{name: fetch}))
    assert adapter.takes_timeout
    assert adapter.result(timeout=3.0) == 5
    assert given == [3.0]


def test_a_time_out_of_another_name_is_passed_on_by_that_name() -> None:
    job = _Handle(get_results=lambda timeout_secs=300: timeout_secs)
    adapter = type("A", (_HandleAdapter,), {"fetch": "get_results", "fetch_timeout": "timeout_secs"})(job)
    assert adapter.result(timeout=2) == 2


def test_a_method_that_does_not_wait_is_called_at_the_end() -> None:
    job = _Handle(state="RUNNING", fetch=lambda: job.state)
    adapter = type("A", (_HandleAdapter,), {"fetch": "fetch", "fetch_waits": False})(job)
    threading.Timer(0.05, lambda: vars(job).update(state="DONE")).start()
    assert adapter.result(timeout=240) == "DONE"


class _Sometimes:
    def __init__(self, *, takes: bool) -> None:
        self.takes = takes
        self.id = "s-1"
        self.state = "DONE"

    def result(self) -> int:
        return 1

    status = state = "DONE"


class _Picky(_HandleAdapter):
    provider = "picky"

    @classmethod
    def accepts(cls, job: Any) -> bool:
        return bool(job.takes)


class _Refusing(_HandleAdapter):
    provider = "refusing"

    @classmethod
    def accepts(cls, job: object) -> bool:
        raise NotAJobError("This one would run when asked.")


class _Never(_Sometimes):
    pass


def test_an_adapter_may_decline_a_job() -> None:
    register_adapter(_Sometimes, _Picky)
    assert adapter_for(_Sometimes(takes=True)).provider == "picky"
    with pytest.raises(NotAJobError):
        adapter_for(_Sometimes(takes=False))


def test_an_adapter_may_say_why_a_job_cannot_be_read() -> None:
    register_adapter(_Never, _Refusing)
    with pytest.raises(NotAJobError, match="would run when asked"):
        adapter_for(_Never(takes=True))
