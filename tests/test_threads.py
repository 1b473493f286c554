from __future__ import annotations

import contextvars
import logging
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest

from primwidgets._threads import Action, ThreadRunner, Workers
from tests.monitored import PATIENCE


class Gate:
    """A task that many workers can be inside of at the same time, until it is opened."""

    def __init__(self) -> None:
        self.threads: set[threading.Thread] = set()
        self._open = False
        self._changed = threading.Condition()

    def __call__(self) -> None:
        with self._changed:
            self.threads.add(threading.current_thread())
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._open, 6 * PATIENCE)

    def await_inside(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.threads) >= count, PATIENCE)

    def open(self) -> None:
        with self._changed:
            self._open = True
            self._changed.notify_all()


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open()
    for thread in gate.threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "a worker that is idle ends"


def pool(limit: int = 2, hung_limit: int = 2) -> Workers:
    return Workers(limit, hung_limit, idle_seconds=0.05)


def done_by(submit: Callable[[Action], None]) -> threading.Thread:
    """The worker that does a task."""
    threads: list[threading.Thread] = []
    done = threading.Event()

    def task() -> None:
        threads.append(threading.current_thread())
        done.set()

    submit(task)
    assert done.wait(PATIENCE)
    return threads[0]


def test_tasks_are_done_on_daemon_threads_of_our_name() -> None:
    thread = done_by(pool().submit)

    assert (thread.daemon, thread.name) == (True, "primwidgets-worker")


def test_there_are_no_threads_before_the_first_task() -> None:
    before = {*threading.enumerate()}
    Workers()

    assert {*threading.enumerate()} <= before


def test_tasks_are_done_at_the_same_time_up_to_the_limit(gate: Gate) -> None:
    workers = pool(limit=3)
    for _ in range(20):
        workers.submit(gate)
    gate.await_inside(3)

    assert len(gate.threads) == 3


def test_tasks_beyond_the_limit_are_done_when_a_worker_is_free(gate: Gate) -> None:
    workers = pool(limit=1)
    order: list[int] = []
    workers.submit(gate)
    for number in range(5):
        workers.submit(lambda number=number: order.append(number))  # type: ignore[misc]
    gate.await_inside(1)
    assert order == []

    gate.open()
    done_by(workers.submit)
    assert order == [0, 1, 2, 3, 4]


def test_workers_are_used_again() -> None:
    workers = Workers(limit=1_000)

    assert len({done_by(workers.submit) for _ in range(50)}) < 50


def test_idle_workers_end_and_new_ones_come_when_there_is_work() -> None:
    workers = pool(limit=1)
    first = done_by(workers.submit)
    first.join(PATIENCE)
    assert not first.is_alive()

    assert done_by(workers.submit) is not first


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("error", [ValueError("a defect"), SystemExit(1), KeyboardInterrupt()], ids=repr)
def test_a_worker_outlives_whatever_a_task_raises(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    workers = Workers(limit=1)

    def fail() -> None:
        raise error

    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            workers.submit(fail)
        assert done_by(workers.submit).is_alive()
    assert [record.exc_info[1] for record in caplog.records if record.exc_info] == [error] * 3


def test_a_worker_that_hangs_is_made_up_for(gate: Gate) -> None:
    workers = pool(limit=1)
    workers.submit(gate)
    gate.await_inside(1)
    workers.replace_worker()

    assert done_by(workers.submit) not in gate.threads


def test_tasks_that_wait_already_are_begun_when_a_worker_is_made_up_for(gate: Gate) -> None:
    workers = pool(limit=1)
    workers.submit(gate)
    gate.await_inside(1)
    done = threading.Event()
    workers.submit(done.set)
    workers.replace_worker()

    assert done.wait(PATIENCE)


def test_no_more_workers_are_made_up_for_than_the_limit_says(gate: Gate) -> None:
    workers = pool(limit=1, hung_limit=2)
    for _ in range(10):
        workers.submit(gate)
        workers.replace_worker()
    gate.await_inside(3)

    assert len(gate.threads) == 3


def test_workers_that_came_back_are_not_made_up_for_any_more(gate: Gate) -> None:
    workers = pool(limit=1)
    for _ in range(5):
        workers.replace_worker()
        workers.worker_returned()
    for _ in range(3):
        workers.submit(gate)
    gate.await_inside(1)

    assert len(gate.threads) == 1


@pytest.mark.parametrize("start", ["worker", "monitor"])
def test_a_thread_that_the_system_refuses_is_asked_for_again(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    done = threading.Event()

    def pump() -> None:
        done.set()

    runner = ThreadRunner(pool(limit=1))
    attempts: dict[str, Action] = {"worker": lambda: runner.submit(done.set), "monitor": lambda: runner.start(pump)}
    attempt = attempts[start]
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start"):
            attempt()

    attempt()
    assert done.wait(PATIENCE)


def test_a_worker_that_waits_for_work_keeps_nothing_of_its_last_task_alive() -> None:
    class Job:
        def read(self) -> None:
            """Do nothing."""

    job = Job()
    gone = threading.Event()
    weakref.finalize(job, gone.set)
    Workers(idle_seconds=60 * PATIENCE).submit(job.read)
    del job

    assert gone.wait(PATIENCE)


def test_a_worker_starts_in_an_empty_context_or_in_the_one_it_is_given() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("from the cell")
    seen: list[str] = []
    done = threading.Barrier(2)

    def task() -> None:
        seen.append(variable.get("nothing"))
        done.wait(PATIENCE)

    for workers in (pool(), Workers(context=contextvars.copy_context)):
        workers.submit(task)
        done.wait(PATIENCE)
    assert seen == ["nothing", "from the cell"]


class FakePump:
    """A pump that returns what it is told and counts its calls."""

    def __init__(self, *delays: float | None) -> None:
        self.calls = 0
        self.threads: list[threading.Thread] = []
        self._delays = list(delays)
        self._changed = threading.Condition()

    def __call__(self) -> float | None:
        with self._changed:
            self.calls += 1
            self.threads.append(threading.current_thread())
            self._changed.notify_all()
            return self._delays.pop(0) if self._delays else None

    def await_calls(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.calls >= count, PATIENCE)

    def await_end(self) -> None:
        for thread in set(self.threads):
            thread.join(PATIENCE)
            assert not thread.is_alive()


def test_the_pump_is_called_after_the_seconds_it_returned_and_no_more_after_none() -> None:
    pump = FakePump(0.0, 0.01, None, 0.0)
    ThreadRunner().start(pump)
    pump.await_calls(3)
    pump.await_end()

    assert pump.calls == 3
    assert (pump.threads[0].name, pump.threads[0].daemon) == ("primwidgets-monitor", True)


def test_a_wake_calls_the_pump_long_before_its_time() -> None:
    pump = FakePump(3600.0, 3600.0)
    runner = ThreadRunner()
    runner.start(pump)
    for calls in (1, 2):
        pump.await_calls(calls)
        runner.wake()
    pump.await_end()

    assert pump.calls == 3


def test_a_second_start_calls_the_pump_on_the_thread_that_is_there() -> None:
    pump = FakePump(3600.0)
    runner = ThreadRunner()
    runner.start(pump)
    pump.await_calls(1)
    runner.start(pump)
    pump.await_end()

    assert len(set(pump.threads)) == 1


def test_the_thread_ends_with_the_work_and_a_start_brings_a_new_one() -> None:
    pump = FakePump()
    runner = ThreadRunner()
    runner.start(pump)
    pump.await_end()
    runner.start(pump)
    pump.await_calls(2)
    pump.await_end()

    assert len(set(pump.threads)) == 2


def test_a_pump_that_fails_is_called_again(caplog: pytest.LogCaptureFixture) -> None:
    failed = threading.Event()
    pump = FakePump()

    def fail_first() -> float | None:
        if not failed.is_set():
            failed.set()
            raise ValueError("a defect of ours")
        return pump()

    runner = ThreadRunner()
    with caplog.at_level(logging.ERROR):
        runner.start(fail_first)
        assert failed.wait(PATIENCE)
        runner.wake()
        pump.await_calls(1)
    assert "a defect of ours" in caplog.text


def test_no_start_is_lost_while_the_thread_is_about_to_end() -> None:
    changed = threading.Condition()
    wanted = seen = 0

    def pump() -> None:
        nonlocal seen
        with changed:
            seen = wanted
            changed.notify_all()

    runner = ThreadRunner()
    for number in range(1, 1_000):
        wanted = number
        runner.start(pump)
        with changed:
            assert changed.wait_for(lambda number=number: seen == number, PATIENCE)  # type: ignore[misc]
