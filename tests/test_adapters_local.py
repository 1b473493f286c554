"""What is special about the jobs of this process: Qiskit's primitives, futures, asyncio, derived jobs."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import pickle
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from enum import Enum
from typing import Any
from weakref import ref

import pytest
from qiskit import QuantumCircuit
from qiskit.primitives import PrimitiveJob, StatevectorSampler
from qiskit.providers import JobStatus

from primwidgets import WidgetJob
from primwidgets.adapters import Adapter, adapter_for
from primwidgets.adapters.concurrent_futures import FutureAdapter
from primwidgets.primitive_job import BasePrimitiveJob
from primwidgets.snapshot import JobSnapshot, JobState
from tests.monitored import PATIENCE

BLANK = JobSnapshot(uid="u1")


def pending_primitive() -> tuple[Any, Future[Any]]:
    """A primitive job as it is until its thread has picked the work up."""
    job = PrimitiveJob(lambda: None)
    job._future = Future()
    return job, job._future


def sampler_job() -> Any:
    circuit = QuantumCircuit(1)
    circuit.h(0)
    circuit.measure_all()
    return StatevectorSampler().run([circuit])


def test_reading_a_primitive_job_before_it_runs_does_not_make_it_an_error_for_good() -> None:
    job, future = pending_primitive()
    read = adapter_for(job).read(BLANK)
    assert (read.state, read.status_text, read.can_cancel) == (JobState.QUEUED, "PENDING", True)
    future.set_running_or_notify_cancel()
    future.set_result(7)
    assert job.status() is JobStatus.DONE


def test_a_primitive_job_whose_own_status_is_wrong_reads_right() -> None:
    job, future = pending_primitive()
    assert job.status() is JobStatus.ERROR  # somebody asked too early
    adapter = adapter_for(job)
    assert adapter.read(BLANK).state is JobState.QUEUED
    future.set_running_or_notify_cancel()
    assert adapter.read(BLANK).state is JobState.RUNNING
    future.set_result(7)
    assert adapter.read(BLANK).state is JobState.DONE
    assert job.status() is JobStatus.ERROR


def test_a_running_primitive_job_refuses_a_cancel_with_a_reason() -> None:
    job, future = pending_primitive()
    future.set_running_or_notify_cancel()
    adapter = adapter_for(job)
    reason = "A local primitive cannot be stopped while it runs."
    assert adapter.read(BLANK).cancel_detail == reason
    report = adapter.cancel()
    assert (report.accepted, report.value, report.detail) == (False, False, reason)


def test_a_primitive_job_out_of_a_pickle_is_done() -> None:
    job = pickle.loads(pickle.dumps(sampler_job()))
    adapter = adapter_for(job)
    read = adapter.read(BLANK)
    assert (read.state, read.can_preview, read.can_cancel) == (JobState.DONE, True, False)
    assert adapter.subscribe(lambda: None) is None
    assert adapter.preview(adapter.result()) is not None


def test_a_primitive_job_that_was_not_submitted_says_so() -> None:
    read = adapter_for(PrimitiveJob(lambda: None)).read(BLANK)
    assert (read.state, read.cancel_detail) == (JobState.INITIALIZING, "The job has not been submitted.")


def test_the_metadata_of_a_primitive_job_are_shown() -> None:
    job = sampler_job()
    job.metadata = {"shots": 1024, "tags": ["demo"]}
    assert adapter_for(job).read(BLANK).metadata == {"shots": "1024", "tags": "['demo']"}


def test_why_a_future_failed_stays_the_same_however_often_the_result_is_asked_for() -> None:
    future: Future[Any] = Future()
    future.set_exception(ValueError("no such qubit"))
    adapter = adapter_for(future)
    first = adapter.read(BLANK)
    for _ in range(3):
        with pytest.raises(ValueError, match="no such qubit"):
            adapter.result()
    assert adapter.read(first) == first


def test_a_future_that_failed_in_another_process_keeps_the_traceback_of_there() -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        future = pool.submit(divmod, 1, 0)
    error = adapter_for(future).read(BLANK).error
    assert error is not None
    assert (error.type, error.message) == ("ZeroDivisionError", "integer division or modulo by zero")
    assert error.traceback is not None
    assert "process.py" in error.traceback  # where the worker process called the function


def test_a_result_that_is_an_exception_is_no_failure() -> None:
    future: Future[Any] = Future()
    future.set_result(ValueError("kept for later"))
    assert adapter_for(future).read(BLANK).state is JobState.DONE


def test_futures_of_other_packages_bear_their_name() -> None:
    other = type("OtherFuture", (Future,), {"__module__": "a_scheduler.client"})
    assert adapter_for(other()).provider == "a_scheduler"
    assert adapter_for(Future()).provider == "concurrent.futures"


def test_who_unsubscribed_is_not_kept_alive_by_the_future() -> None:
    class Listener:
        def changed(self) -> None:
            """Nothing to do."""

    future: Future[Any] = Future()
    adapter = adapter_for(future)
    listener = Listener()
    reference = ref(listener)
    unsubscribe = adapter.subscribe(listener.changed)
    assert unsubscribe is not None
    unsubscribe()
    del listener
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize("threads", [False, True], ids=["on the loop", "from a thread"])
async def test_a_task_is_cancelled_at_its_next_turn(threads: bool) -> None:
    task = asyncio.create_task(asyncio.Event().wait())
    await asyncio.sleep(0)
    adapter = adapter_for(task)
    report = await asyncio.to_thread(adapter.cancel) if threads else adapter.cancel()
    assert (report.accepted, report.value) == (True, True)
    await asyncio.wait([task])
    assert adapter.read(BLANK).state is JobState.CANCELLED


async def test_a_task_that_refuses_to_be_cancelled_is_seen_cancelling_and_ends_done() -> None:
    asked = asyncio.Event()
    let_go = asyncio.Event()

    async def stubborn() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            asked.set()
            await let_go.wait()
        return "done all the same"

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    adapter = adapter_for(task)
    adapter.cancel()
    await asked.wait()
    read = adapter.read(BLANK)
    assert (read.state, read.status_text, read.being_cancelled) == (JobState.RUNNING, "cancelling", True)
    let_go.set()
    await task
    assert adapter.read(BLANK).state is JobState.DONE


async def test_cancelling_a_task_that_is_over_is_refused() -> None:
    task = asyncio.create_task(asyncio.sleep(0))
    await task
    report = await asyncio.to_thread(adapter_for(task).cancel)
    assert (report.accepted, report.value) == (False, False)


async def test_the_message_of_a_cancel_reaches_the_task() -> None:
    task = asyncio.create_task(asyncio.Event().wait())
    await asyncio.sleep(0)
    adapter_for(task).cancel("enough")
    with pytest.raises(asyncio.CancelledError, match="enough"):
        await task


async def test_tasks_and_futures_are_distinguished_and_know_their_loop() -> None:
    task = asyncio.create_task(asyncio.sleep(0), name="vqe step 3")
    adapter: Any = adapter_for(task)
    assert (adapter.read(BLANK).state, adapter.job_id()) == (JobState.RUNNING, "vqe step 3")
    assert adapter.loop is adapter.event_loop is asyncio.get_running_loop()
    assert adapter_for(asyncio.get_running_loop().create_future()).read(BLANK).state is JobState.QUEUED
    await task


def test_a_future_of_a_closed_loop_neither_pushes_nor_can_be_cancelled_from_another_thread() -> None:
    loop = asyncio.new_event_loop()
    future = loop.create_future()
    loop.close()
    adapter = adapter_for(future)
    assert adapter.subscribe(lambda: None) is None
    report = adapter.cancel()
    assert (report.accepted, report.detail) == (False, "Event loop is closed")


def test_a_process_whose_object_was_closed_is_gone_unless_its_end_was_seen() -> None:
    process = multiprocessing.get_context("fork").Process(target=int)
    process.start()
    adapter = adapter_for(process)
    process.join()
    seen = adapter.read(JobSnapshot(uid="u"))
    process.close()
    unseen = adapter.read(JobSnapshot(uid="u", state=JobState.RUNNING))
    assert (seen.state, unseen.state, unseen.gone) == (JobState.DONE, JobState.ERROR, True)
    assert adapter.read(seen).state is JobState.DONE


def test_a_task_of_a_closed_loop_has_failed_since_it_never_goes_on() -> None:
    loop = asyncio.new_event_loop()
    task, ended = loop.create_future(), loop.create_future()
    ended.set_result(1)
    job = WidgetJob(task)
    loop.close()
    assert job.wait(PATIENCE)
    assert job.snapshot.error is not None
    assert (job.state, job.snapshot.error.type, job.snapshot.can_cancel) == ("ERROR", "LoopClosed", False)
    with pytest.raises(asyncio.InvalidStateError):
        job.result()
    assert adapter_for(ended).read(JobSnapshot(uid="u")).state is JobState.DONE
    job.close()


async def test_the_python_versions_of_task_and_future_are_known_too() -> None:
    future = asyncio.futures._PyFuture()  # type: ignore[attr-defined]  # where there is no compiled one
    assert adapter_for(future).provider == "asyncio"


class Mood(Enum):
    """A status that sounds like states and means something else."""

    DONE = "done with this world"
    RUNNING = "running late"
    QUEUED = "waiting"


class MoodyJob(BasePrimitiveJob[int, Any]):
    """A job whose status words are misleading, and whose booleans are right."""

    def __init__(self, status: Any, state: JobState, **metadata: Any) -> None:
        super().__init__("moody-1", **metadata)
        self.word = status
        self.state = state
        self.asked: list[str] = []

    def result(self) -> int:
        raise AssertionError("nobody may download this")

    def status(self) -> Any:
        self.asked.append("status")
        return self.word

    def done(self) -> bool:
        self.asked.append("done")
        return self.state is JobState.DONE

    def running(self) -> bool:
        self.asked.append("running")
        return self.state is JobState.RUNNING

    def cancelled(self) -> bool:
        self.asked.append("cancelled")
        return self.state is JobState.CANCELLED

    def in_final_state(self) -> bool:
        self.asked.append("in_final_state")
        return self.state.is_final

    def cancel(self) -> None:
        """Take note."""


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.DONE, JobState.CANCELLED, JobState.ERROR])
@pytest.mark.parametrize("status", [Mood.DONE, Mood.RUNNING, Mood.QUEUED, "DONE", "RUNNING", "gone fishing", 7, None])
def test_the_booleans_are_believed_and_the_word_is_only_shown(status: Any, state: JobState) -> None:
    read = adapter_for(MoodyJob(status, state)).read(BLANK)
    assert read.state is state
    assert read.status_text == {Mood.DONE: "DONE", Mood.RUNNING: "RUNNING", Mood.QUEUED: "QUEUED", 7: "7"}.get(
        status, status
    )


@pytest.mark.parametrize("status", [JobStatus.RUNNING, JobState.RUNNING], ids=repr)
def test_a_status_with_one_meaning_needs_no_further_question(status: Any) -> None:
    job = MoodyJob(status, JobState.RUNNING)
    assert adapter_for(job).read(BLANK).state is JobState.RUNNING
    assert job.asked == ["status"]


@pytest.mark.parametrize("before", [JobState.INITIALIZING, JobState.QUEUED, JobState.RUNNING])
def test_an_unknown_word_of_a_job_that_waits_keeps_the_state(before: JobState) -> None:
    read = adapter_for(MoodyJob("defrosting", JobState.QUEUED)).read(JobSnapshot(uid="u1", state=before))
    assert (read.state, read.status_text) == (before, "defrosting")


def test_a_job_that_takes_its_end_back_is_queued_again() -> None:
    read = adapter_for(MoodyJob("defrosting", JobState.QUEUED)).read(JobSnapshot(uid="u1", state=JobState.ERROR))
    assert (read.state, read.error) == (JobState.QUEUED, None)


@pytest.mark.parametrize("word", ["queued", "QUEUED", Mood.QUEUED], ids=repr)
def test_the_word_tells_how_a_job_waits(word: Any) -> None:
    assert adapter_for(MoodyJob(word, JobState.QUEUED)).read(BLANK).state is JobState.QUEUED


def test_a_job_that_can_tell_why_it_failed_is_asked_once() -> None:
    class Talking(MoodyJob):
        def error_message(self) -> str:
            self.asked.append("error_message")
            return "The fridge is warm."

    job = Talking("sad", JobState.ERROR)
    adapter: Adapter[Any] = adapter_for(job)
    read = adapter.read(adapter.read(BLANK))
    assert read.error is not None
    assert read.error.message == "The fridge is warm."
    assert job.asked.count("error_message") == 1


def test_a_push_comes_from_the_thread_that_finishes_the_job() -> None:
    job, future = pending_primitive()
    told: list[str] = []
    adapter_for(job).subscribe(lambda: told.append(threading.current_thread().name))
    future.set_running_or_notify_cancel()
    worker = threading.Thread(target=future.set_result, args=(1,), name="the worker")
    worker.start()
    worker.join()
    assert told == ["the worker"]


def test_a_task_whose_loop_does_not_run_is_cancelled_at_once() -> None:
    loop = asyncio.new_event_loop()
    task = loop.create_task(asyncio.sleep(0, "too late"))
    report = adapter_for(task).cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()

    assert report.value is True


def test_looking_at_a_failed_task_does_not_silence_asyncio() -> None:
    async def fail() -> None:
        raise ValueError("nobody handles this")

    async def main() -> list[str]:
        messages: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: messages.append(context["message"]))
        task = asyncio.create_task(fail())
        adapter = adapter_for(task)
        await asyncio.wait([task])
        assert adapter.read(JobSnapshot(uid="u1")).state is JobState.ERROR
        del task, adapter
        gc.collect()
        return messages

    assert asyncio.run(main()) == ["Task exception was never retrieved"]


def test_the_start_of_a_future_changes_its_mark() -> None:
    future: Future[int] = Future()
    adapter = adapter_for(future)
    pending = adapter.change_mark()
    future.set_running_or_notify_cancel()
    running = adapter.change_mark()
    future.set_result(1)

    assert len({None, pending, running, adapter.change_mark()}) == 4


def test_an_adapter_that_reads_more_than_its_ancestor_is_not_looked_at_by_the_marks_of_that_one() -> None:
    class Half(FutureAdapter):
        def read(self, last: JobSnapshot) -> JobSnapshot:
            return super().read(last)

    class Whole(Half):
        def change_mark(self) -> object:
            return super().change_mark()

    assert [kind.has_marks for kind in (FutureAdapter, Half, Whole)] == [True, False, True]
