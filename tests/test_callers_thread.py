"""``result()`` runs on the thread of the caller, where some providers need it, and can be ended there."""

from __future__ import annotations

import asyncio
import contextvars
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from primwidgets import JobTimeoutError, StoppedWaiting, WidgetJob
from primwidgets._monitor import blocked_callers
from primwidgets.primitive_job import BasePrimitiveJob
from primwidgets.snapshot import JobSnapshot
from tests.callers import Caller
from tests.monitored import PATIENCE

_kept: contextvars.ContextVar[str] = contextvars.ContextVar("_kept", default="unset")


class BoundJob(BasePrimitiveJob[Any, str]):
    """A job of an unknown provider, which works in its ``result()``."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__("bound-1")
        self.work = work
        self.cancels = 0
        self.over = False

    def result(self) -> Any:
        self.over, result = True, self.work()
        return result

    def status(self) -> str:
        return "DONE" if self.over else "RUNNING"

    def done(self) -> bool:
        return self.over

    def running(self) -> bool:
        return not self.over

    def cancelled(self) -> bool:
        return False

    def in_final_state(self) -> bool:
        return self.over

    def cancel(self) -> None:
        self.cancels += 1


class Watched(WidgetJob[Any, Any]):
    """Tells when its card shows that a caller is blocked."""

    def __init__(self, job: Any) -> None:
        self.blocked = threading.Event()
        super().__init__(job)

    def snapshot_changed(self, snapshot: JobSnapshot) -> None:
        if snapshot.waiting:
            self.blocked.set()


def when_blocked(job: Watched, action: Callable[[], object]) -> None:
    """Call ``action`` on another thread when the card of ``job`` shows that a caller is blocked."""

    def act() -> None:
        if job.blocked.wait(PATIENCE):
            action()

    threading.Thread(target=act, daemon=True).start()


def interrupt() -> None:
    thread = threading.main_thread().ident
    assert thread is not None
    signal.pthread_kill(thread, signal.SIGINT)


def sleep_in_steps() -> None:
    for _ in range(int(PATIENCE * 100)):
        time.sleep(0.01)


def wait_for_ever() -> None:
    threading.Event().wait(PATIENCE)


def wait_in_one_sleep() -> None:
    time.sleep(PATIENCE)


def wait_for_a_lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire(timeout=PATIENCE)


BLOCKS = [sleep_in_steps, wait_for_ever, wait_in_one_sleep, wait_for_a_lock]


# What is bound to a thread.


def test_a_provider_finds_the_event_loop_of_the_callers_thread() -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        job = WidgetJob(BoundJob(lambda: asyncio.get_event_loop().run_until_complete(asyncio.sleep(0, "slept"))))
        assert job.result() == "slept"
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def test_a_database_connection_can_be_used_that_the_caller_has_opened() -> None:
    connection = sqlite3.connect(":memory:")
    try:
        assert WidgetJob(BoundJob(lambda: connection.execute("select 7").fetchone())).result() == (7,)
    finally:
        connection.close()


def test_a_provider_may_handle_signals() -> None:
    def work() -> str:
        before = signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.signal(signal.SIGUSR1, before)
        return "handled"

    assert WidgetJob(BoundJob(work)).result() == "handled"


@pytest.mark.parametrize("call", [lambda work: work(), lambda work: Caller(work).outcome()], ids=["main", "other"])
def test_the_variables_of_the_callers_thread_are_the_providers(call: Callable[[Callable[[], Any]], Any]) -> None:
    def work() -> Any:
        local = threading.local()
        local.value = 3
        return WidgetJob(BoundJob(lambda: (local.value, threading.get_ident()))).result(), threading.get_ident()

    (value, thread), caller = call(work)
    assert (value, thread) == (3, caller)


@pytest.mark.parametrize("timeout", [None, PATIENCE])
def test_a_context_variable_that_the_provider_sets_stays_set(timeout: float | None) -> None:
    def check() -> str:
        WidgetJob(BoundJob(lambda: _kept.set("by the provider"))).result(timeout=timeout)
        return _kept.get()

    assert contextvars.copy_context().run(check) == "by the provider"


async def test_a_context_variable_that_is_set_while_the_job_is_awaited_stays_set() -> None:
    await WidgetJob(BoundJob(lambda: _kept.set("while awaited")))

    assert _kept.get() == "while awaited"


# Ending it.


@pytest.mark.parametrize("block", BLOCKS)
def test_stop_waiting_ends_a_providers_call_on_the_main_thread(block: Callable[[], None]) -> None:
    job = Watched(BoundJob(block))
    when_blocked(job, job.stop_waiting)
    with pytest.raises(StoppedWaiting, match="The job continues"):
        job.result()

    assert signal.getsignal(signal.SIGURG) is signal.SIG_DFL
    assert not job.snapshot.waiting


def test_stop_waiting_ends_a_providers_call_on_another_thread_between_two_looks() -> None:
    job = Watched(BoundJob(sleep_in_steps))
    caller = Caller(job.result)
    assert job.blocked.wait(PATIENCE)
    job.stop_waiting()

    with pytest.raises(StoppedWaiting):
        caller.outcome()


@pytest.mark.parametrize("on_main_thread", [True, False], ids=["main thread", "another thread"])
def test_a_provider_whose_call_is_stopped_can_tidy_up(monkeypatch: pytest.MonkeyPatch, on_main_thread: bool) -> None:
    monkeypatch.setattr(blocked_callers, "STOP_AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(blocked_callers, "TIDY_UP_SECONDS", PATIENCE)
    tidied: list[int] = []

    def work() -> None:
        try:
            sleep_in_steps()
        finally:
            tidied.extend(step for step in range(20) if not threading.Event().wait(0.02))

    job = Watched(BoundJob(work))
    if on_main_thread:
        when_blocked(job, job.stop_waiting)
        call = job.result
    else:
        call = Caller(job.result).outcome
        assert job.blocked.wait(PATIENCE)
        job.stop_waiting()
    with pytest.raises(StoppedWaiting):
        call()
    assert tidied == list(range(20))


def test_a_provider_that_swallows_what_ends_its_call_is_stopped_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocked_callers, "STOP_AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(blocked_callers, "TIDY_UP_SECONDS", 0.05)
    swallowed: list[BaseException] = []

    def work() -> None:
        while not swallowed:
            try:
                sleep_in_steps()
            except BaseException as error:  # noqa: BLE001  (as some providers do)
                swallowed.append(error)
        sleep_in_steps()

    job = Watched(BoundJob(work))
    caller = Caller(job.result)
    assert job.blocked.wait(PATIENCE)
    job.stop_waiting()
    with pytest.raises(StoppedWaiting):
        caller.outcome()


@pytest.mark.parametrize("swallowed", [Exception, KeyboardInterrupt])
def test_a_provider_that_catches_errors_or_interrupts_does_not_keep_the_caller(swallowed: type[BaseException]) -> None:
    caught: list[BaseException] = []

    def work() -> None:
        while not caught:
            try:
                wait_in_one_sleep()
            except swallowed as error:
                caught.append(error)

    job = Watched(BoundJob(work))
    when_blocked(job, job.stop_waiting)
    with pytest.raises(StoppedWaiting):
        job.result()

    assert not caught


def test_a_provider_that_wraps_whatever_ends_its_call_hides_nothing() -> None:
    def work() -> None:
        try:
            wait_in_one_sleep()
        except BaseException as error:
            raise ValueError("the client broke") from error

    job = Watched(BoundJob(work))
    when_blocked(job, job.stop_waiting)
    with pytest.raises(StoppedWaiting):
        job.result()


STOP_THEN_TRACE = """
import sys, threading
from primwidgets import StoppedWaiting
from tests.callers import Caller
from tests.monitored import PATIENCE
from tests.test_callers_thread import BoundJob, Watched, sleep_in_steps, when_blocked

job = Watched(BoundJob(sleep_in_steps))
if sys.argv[1] == "main":
    when_blocked(job, job.stop_waiting)
    call = job.result
else:
    caller = Caller(job.result)
    assert job.blocked.wait(PATIENCE)
    job.stop_waiting()
    call = caller.outcome
try:
    call()
except StoppedWaiting:
    sys.settrace(lambda *_: None)
    print(len([abs(number) for number in range(-3, 0)]))
"""


@pytest.mark.parametrize("thread", ["main", "other"])
def test_a_debugger_can_trace_after_a_stop(thread: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", STOP_THEN_TRACE, thread], capture_output=True, text=True, timeout=PATIENCE, check=True
    )

    assert run.stdout == "3\n"


def test_a_stop_that_comes_too_late_does_nothing() -> None:
    job = Watched(BoundJob(lambda: 5))
    assert job.result() == 5
    job.stop_waiting()
    thread = threading.main_thread().ident
    assert thread is not None
    signal.pthread_kill(thread, signal.SIGURG)

    assert job.result() == 5


@pytest.mark.parametrize("block", BLOCKS)
def test_an_interrupt_ends_a_providers_call(block: Callable[[], None]) -> None:
    job = Watched(BoundJob(block))
    when_blocked(job, interrupt)
    with pytest.raises(KeyboardInterrupt):  # what blocks returns normally, later
        job.result()


def test_an_interrupt_ends_a_providers_call_in_a_cell_with_await() -> None:
    async def cell() -> None:
        await asyncio.sleep(0)
        job = Watched(BoundJob(wait_in_one_sleep))
        when_blocked(job, interrupt)
        with pytest.raises(KeyboardInterrupt):
            job.result()

    asyncio.run(cell())  # which handles interrupts as ipykernel does


def test_other_jobs_go_on_while_a_provider_blocks_the_main_thread() -> None:
    job, moved = Watched(BoundJob(wait_in_one_sleep)), threading.Event()
    other: Watched = Watched(BoundJob(lambda: 1))
    other.observe(lambda _: moved.set(), "state")

    def move_the_other() -> None:
        other.job.over = True
        assert moved.wait(PATIENCE)
        job.cancel()
        job.stop_waiting()

    when_blocked(job, move_the_other)
    with pytest.raises(StoppedWaiting):
        job.result()

    assert (other.state, job.job.cancels) == ("DONE", 1)


def test_a_time_out_that_the_provider_does_not_have_ends_the_waiting() -> None:
    with pytest.raises(JobTimeoutError):
        WidgetJob(BoundJob(wait_for_ever)).result(timeout=0.01)


def test_a_call_by_position_can_be_stopped_too() -> None:
    class Positional(BoundJob):
        def result(self, seconds: float, /) -> None:  # type: ignore[override]
            time.sleep(seconds)

    job = Watched(Positional(wait_for_ever))
    when_blocked(job, job.stop_waiting)
    with pytest.raises(StoppedWaiting):
        job.result(PATIENCE)


@pytest.mark.parametrize("timeout", [None, PATIENCE])
@pytest.mark.parametrize("kind", ["a provider's job", "a future"])
def test_a_traceback_shows_no_frame_of_this_package(kind: str, timeout: float | None) -> None:
    error, future = ValueError("no such qubit"), Future[int]()

    def fail() -> None:
        raise error

    job: WidgetJob[Any, Any] = WidgetJob(BoundJob(fail) if kind == "a provider's job" else future)
    threading.Timer(0.05, future.set_exception, (error,)).start()
    with pytest.raises(ValueError, match="no such qubit") as caught:
        job.result(timeout=timeout)

    frames = [entry.frame for entry in caught.traceback]
    ours = [frame for frame in frames if str(frame.f_globals["__name__"]).startswith("primwidgets.")]
    assert [frame.code.name for frame in ours if "__tracebackhide__" not in frame.f_locals] == []
    assert any(str(entry.frame.f_globals["__name__"]).startswith("primwidgets.") for entry in caught.traceback)
