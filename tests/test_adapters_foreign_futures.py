"""Futures of other packages: what their classes really have, and what their cancel means."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any

import pytest

from primwidgets import WidgetJob
from primwidgets.adapters import Adapter, adapter_for
from primwidgets.adapters.concurrent_futures import CANCELLED_HERE_ONLY, FutureAdapter
from primwidgets.adapters.foreign_futures import ForeignFutureAdapter
from primwidgets.adapters.polled import NO_CANCEL
from primwidgets.snapshot import CancelState, JobError, JobSnapshot, JobState
from primwidgets.testing import LiveAdapterContract
from tests.callers import HeardJob
from tests.contract.states import ALL_BUT_INITIALIZING
from tests.monitored import PATIENCE

BLANK = JobSnapshot(uid="u1")


class RemoteFuture:
    """A future in the manner of Google's: each question is a request, which is noted with its thread."""

    def __init__(self, state: JobState = JobState.RUNNING) -> None:
        self.state = state
        self.asked: list[tuple[str, str]] = []
        self.callbacks: list[Callable[[Any], None]] = []

    def _ask(self, question: str) -> None:
        self.asked.append((question, threading.current_thread().name))

    def done(self) -> bool:
        self._ask("done")
        return self.state.is_final

    def running(self) -> bool:
        self._ask("running")
        return self.state is JobState.RUNNING

    def cancelled(self) -> bool:
        self._ask("cancelled")
        return self.state is JobState.CANCELLED

    def exception(self, timeout: float | None = None) -> Exception | None:
        self._ask("exception")
        return ValueError("no such qubit") if self.state is JobState.ERROR else None

    def result(self, timeout: float | None = None) -> Any:
        self._ask("result")
        if self.state is JobState.ERROR:
            raise ValueError("no such qubit")
        return {"0": 1}

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self.callbacks.append(callback)

    def cancel(self) -> bool:
        self.state = self.state if self.state.is_final else JobState.CANCELLED
        return self.state is JobState.CANCELLED


class TestForeignFutures(LiveAdapterContract):
    states = ALL_BUT_INITIALIZING

    def make_job(self, state: JobState) -> RemoteFuture:
        return RemoteFuture(state)

    def finish(self, job: RemoteFuture) -> None:
        job.state = JobState.DONE
        for callback in job.callbacks:
            callback(job)


class Poller:
    """In the manner of Azure's ``LROPoller``: no ``running()``, no ``exception()``, and a word for the state."""

    def __init__(self, word: str, error: Exception | None = None) -> None:
        self.word = word
        self.error = error

    def status(self) -> str:
        return self.word

    def done(self) -> bool:
        return self.word in ("Succeeded", "Failed", "Canceled")

    def result(self, timeout: float | None = None) -> Any:
        if self.error is not None:
            raise self.error
        return {"0": 1}

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Never calls it."""


class Bare:
    """The least that is a future."""

    def __init__(self, over: bool, outcome: Callable[[], Any] = lambda: 1) -> None:
        self.over = over
        self.outcome = outcome

    def done(self) -> bool:
        return self.over

    def result(self) -> Any:
        return self.outcome()

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        """Never calls it."""


class GlobusLike(Future[Any]):
    """Never set running, and its ``cancel()`` is inherited."""

    task_id: str | None = None


class ParslLike(Future[Any]):
    def cancel(self) -> bool:
        raise NotImplementedError("Cancel not implemented")

    def cancelled(self) -> bool:
        return False

    def task_status(self) -> str:
        return "running"


class Killable(Future[Any]):
    """In the manner of pebble's: ``cancel()`` ends what runs."""

    def cancel(self) -> bool:
        self.set_exception(CancelledError())
        return True


def ray_like() -> Future[Any]:
    future: Any = Future()
    future.object_ref = object()
    return future  # type: ignore[no-any-return]


def read(job: Any, last: JobSnapshot = BLANK) -> JobSnapshot:
    return adapter_for(job).read(last)


def test_wrapping_a_foreign_future_asks_it_nothing_on_this_thread() -> None:
    future = RemoteFuture()
    job = HeardJob(future)
    job.heard.await_one(lambda now: now.state is JobState.RUNNING)
    assert future.asked
    assert {thread for _, thread in future.asked} == {"primwidgets-worker"}
    assert job.snapshot.remote
    assert adapter_for(future).pace.requests_per_second is not None
    job.close()


def test_a_foreign_future_that_pushes_nothing_is_polled() -> None:
    class Silent(RemoteFuture):
        def add_done_callback(self, callback: Callable[[Any], None]) -> None:
            """Never calls it."""

    future = Silent()
    job = HeardJob(future)
    job.heard.await_one(lambda now: now.state is JobState.RUNNING)
    future.state = JobState.DONE
    assert job.wait(PATIENCE)
    assert job.state == "DONE"


def test_no_callback_is_given_to_a_future_that_would_poll_for_it() -> None:
    polling = type("Operation", (RemoteFuture,), {"__module__": "google.api_core.operation"})()
    assert adapter_for(polling).subscribe(lambda: None) is None
    assert polling.callbacks == []


@pytest.mark.parametrize(
    ("word", "state"),
    [("InProgress", "RUNNING"), ("Queued", "QUEUED"), ("Succeeded", "DONE"), ("Failed", "ERROR"), ("odd", "RUNNING")],
)
def test_a_poller_without_running_is_read_by_its_word(word: str, state: str) -> None:
    snapshot = read(Poller(word, ValueError("no such qubit") if word == "Failed" else None))
    assert snapshot.state == state
    assert (snapshot.error is not None and snapshot.error.message == "no such qubit") == (state == "ERROR")
    assert not snapshot.can_cancel
    assert adapter_for(Poller(word)).cancel().detail == NO_CANCEL


def test_a_poller_that_is_being_cancelled_says_so() -> None:
    snapshot = read(Poller("Cancelling"), BLANK.evolve(state=JobState.QUEUED))
    assert (snapshot.state, snapshot.cancel_state) == (JobState.QUEUED, CancelState.REQUESTED)
    assert snapshot.being_cancelled
    assert read(Poller("Canceled")).state is JobState.CANCELLED


def test_the_least_that_is_a_future_has_a_beginning_and_an_end() -> None:
    assert read(Bare(over=False)).state is JobState.RUNNING
    assert read(Bare(over=True)).state is JobState.DONE
    failed = read(Bare(over=True, outcome=lambda: 1 // 0))
    assert failed.state is JobState.ERROR
    assert failed.error is not None
    assert failed.error.type == "ZeroDivisionError"


class Declared(Bare):
    def running(self) -> bool:
        raise NotImplementedError

    def cancelled(self) -> bool:
        raise NotImplementedError

    def exception(self) -> Any:
        raise NotImplementedError


class Attribute(Bare):
    exception = None


class ClassOfError(Bare):
    def exception(self) -> Any:
        return ZeroDivisionError


class TextOfError(Bare):
    def exception(self) -> Any:
        return "no laser"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Declared, None),
        (Attribute, None),
        (ClassOfError, JobError("ZeroDivisionError", "")),
        (TextOfError, JobError("JobError", "no laser")),
    ],
)
def test_the_error_of_a_future_may_have_any_form(kind: type[Bare], error: JobError | None) -> None:
    end = read(kind(over=True))
    assert (end.state, end.error) == (JobState.ERROR if error else JobState.DONE, error)


def test_a_question_that_a_future_only_declares_is_not_needed() -> None:
    assert read(Declared(over=False)).state is JobState.RUNNING
    assert read(Declared(over=True)).state is JobState.DONE


def test_futures_of_different_packages_share_no_request_budget() -> None:
    class OfAnotherPackage(Bare):
        pass

    assert adapter_for(Bare(over=False)).budget_key == adapter_for(Bare(over=True)).budget_key
    assert adapter_for(Bare(over=False)).budget_key != adapter_for(OfAnotherPackage(over=False)).budget_key


def test_a_network_error_while_the_outcome_is_fetched_is_no_failure_of_the_job() -> None:
    def unreachable() -> None:
        raise ConnectionError("refused")

    with pytest.raises(ConnectionError):
        read(Bare(over=True, outcome=unreachable))


def test_a_method_that_is_called_like_an_id_and_is_none_does_not_matter() -> None:
    class Keyed(Bare):
        def key(self, name: str) -> str:
            return name

    assert adapter_for(Keyed(over=False)).job_id().startswith("job-")


@pytest.mark.parametrize("name", ["job_id", "id", "task_id", "key", "__getattr__"])
def test_an_id_that_has_to_be_asked_for_is_asked_for_on_a_worker(name: str) -> None:
    asked: list[str] = []

    def answer(_: object, missing: str = "id") -> str:
        asked.append(threading.current_thread().name)
        if missing != "id":
            raise AttributeError(missing)
        return "far-7"

    kind = type("Far", (Bare,), {name: answer if name == "__getattr__" else property(answer)})
    job = HeardJob(kind(over=False))
    job.heard.await_one(lambda now: now.job_id == "far-7")

    assert threading.current_thread().name not in asked
    job.close()


def test_an_id_that_is_at_hand_is_known_at_once() -> None:
    named = Bare(over=False)
    named.task_id = "t-1"  # type: ignore[attr-defined]
    assert adapter_for(named).job_id() == "t-1"


def test_a_future_that_ran_is_not_queued_again_when_it_ends_between_two_questions() -> None:
    class Racing(RemoteFuture):
        def running(self) -> bool:
            self.state = JobState.DONE
            return False

    assert read(Racing(), BLANK.evolve(state=JobState.RUNNING)).state is JobState.RUNNING


@pytest.mark.parametrize("kind", [Future, GlobusLike, Killable, type("Own", (Future,), {})])
def test_what_looks_as_a_future_does_is_read_at_once(kind: type) -> None:
    assert isinstance(adapter_for(kind()), FutureAdapter)


@pytest.mark.parametrize("look", ["done", "running", "cancelled", "exception"])
def test_what_looks_for_itself_is_read_on_a_worker(look: str) -> None:
    kind = type("Odd", (Future,), {look: lambda self, **_: getattr(Future, look)(self)})
    adapter = adapter_for(kind())
    assert isinstance(adapter, ForeignFutureAdapter)
    assert adapter.blocking


@pytest.mark.parametrize("make", [GlobusLike, ray_like], ids=["globus", "ray"])
def test_a_cancel_that_only_the_future_knows_of_is_not_confirmed(make: Callable[[], Future[Any]]) -> None:
    job = HeardJob(make())
    job.cancel()
    job.heard.await_one(lambda now: now.cancel_detail == CANCELLED_HERE_ONLY)
    with pytest.raises(CancelledError):
        job.result()
    assert (job.state, job.cancel_state) == ("QUEUED", "REQUESTED")
    assert not job.snapshot.can_cancel
    job.close()


def test_a_cancel_that_the_executor_has_noted_is_confirmed() -> None:
    future = GlobusLike()
    job = HeardJob(future)
    job.cancel()
    future.set_running_or_notify_cancel()  # as an executor does with each call that it takes up
    adapter: Adapter[Any] = adapter_for(future)
    assert adapter.read(job.snapshot).state is JobState.CANCELLED
    job.close()


def test_a_cancel_of_a_call_that_waits_in_a_pool_is_confirmed_as_before() -> None:
    release = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(release.wait)
        job = HeardJob(pool.submit(print))
        job.cancel()
        assert job.wait(PATIENCE)
        assert (job.state, job.cancel_state) == ("CANCELLED", "CONFIRMED")
        release.set()


@pytest.mark.parametrize("base", [Future, RemoteFuture], ids=["real", "foreign"])
def test_cancel_is_not_offered_where_the_class_only_says_that_it_cannot(base: type) -> None:
    def cancel(self: Any) -> bool:
        """Cancel."""
        raise NotImplementedError(f"{type(self).__name__} cannot be cancelled")

    for kind in (type("Own", (base,), {"cancel": cancel}), type("Heir", (type("B", (base,), {"cancel": cancel}),), {})):
        snapshot = read(kind())
        assert (snapshot.can_cancel, snapshot.cancel_detail) == (False, NO_CANCEL)


def test_a_cancel_that_one_job_was_given_is_offered() -> None:
    job = Poller("InProgress")
    job.cancel = lambda: True  # type: ignore[attr-defined]
    assert read(job).can_cancel


def test_a_cancel_that_refuses_only_sometimes_is_offered() -> None:
    class Sometimes(RemoteFuture):
        def cancel(self) -> bool:
            if self.state is JobState.INITIALIZING:
                raise NotImplementedError
            return True

    assert read(Sometimes()).can_cancel


def test_a_task_of_parsl_runs_when_it_says_so_and_cannot_be_cancelled() -> None:
    snapshot = read(ParslLike())
    assert (snapshot.state, snapshot.status_text) == (JobState.RUNNING, "running")
    assert (snapshot.can_cancel, snapshot.cancel_detail) == (False, NO_CANCEL)


def test_a_running_call_of_a_class_that_can_stop_it_can_be_cancelled() -> None:
    future = Killable()
    future.set_running_or_notify_cancel()
    snapshot = read(future)
    assert (snapshot.state, snapshot.can_cancel, snapshot.cancel_detail) == (JobState.RUNNING, True, None)
    assert "cannot be stopped" not in str(read(RemoteFuture()).cancel_detail)


def test_wrapping_a_plain_future_stays_plain() -> None:
    job: WidgetJob[Any, Any] = WidgetJob(Future())
    assert not job.snapshot.remote
    assert job.state == "QUEUED"
