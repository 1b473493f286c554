"""Calls of functions that are run again: by ``job.rerun()`` and by the button of the card."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pytest

from primwidgets import JobGroup, JobState, WidgetJob, job, settings, submit
from primwidgets._jupyter.kept_calls import CALLS_KEPT, KeptCalls
from primwidgets._jupyter.protocol import Verb, command_message
from primwidgets._jupyter.services import hub, kept_calls
from primwidgets._settings import Settings
from primwidgets.engines import FunctionCall, FunctionJob
from primwidgets.engines.argument_sizes import sizes_of
from primwidgets.engines.threads import LocalEngine
from primwidgets.errors import EngineError
from primwidgets.snapshot import JobSnapshot
from tests.callers import heard_of
from tests.monitored import PATIENCE, wait_until


class Flaky:
    """Fails in the runs that are named, counted from 1."""

    def __init__(self, *failures: int) -> None:
        self.failures = failures
        self.runs = 0

    def __call__(self, value: int = 1) -> int:
        self.runs += 1
        if self.runs in self.failures:
            raise ValueError(f"run {self.runs}")
        return value


def ended(handle: WidgetJob[Any, Any]) -> JobSnapshot:
    assert handle.wait(PATIENCE)
    return handle.snapshot


@pytest.fixture
def as_before() -> Iterator[None]:
    yield
    settings.kept_arguments = Settings().kept_arguments


def test_a_failed_call_is_run_again_with_the_same_arguments() -> None:
    first = submit(Flaky(1), 41, name="fit")
    assert ended(first).state is JobState.ERROR
    second = first.rerun()

    assert second.result(PATIENCE) == 41
    assert (second.name, second.job_id() == first.job_id()) == ("fit", False)
    told = second.snapshot.run
    assert told is not None
    assert (told.number, told.repeats) == (2, first.snapshot.uid)
    again = first.snapshot.run
    assert again is not None
    assert (again.number, again.repeats, again.reruns) == (1, None, 1)


@pytest.mark.parametrize("engine", [None, "process", "executor", "user's"])
def test_every_engine_runs_a_call_again(engine: str | None) -> None:
    class Own:
        def start(self, task: FunctionCall) -> FunctionJob[Any]:
            return local.start(task)

    local = LocalEngine(threads=1)
    with ThreadPoolExecutor(1) as executor:
        where: object = {"executor": executor, "user's": Own()}.get(str(engine), engine)
        first = submit(abs, -3, engine=where)
        assert (first.result(PATIENCE), first.rerun().result(PATIENCE)) == (3, 3)
        assert first.latest_run.snapshot.provider == first.snapshot.provider


def test_a_decorated_function_and_a_run_of_a_run_are_run_again() -> None:
    flaky = Flaky(1, 2)
    first = job(flaky)(7)
    assert first.exception(PATIENCE) is not None
    second = first.rerun()
    assert second.exception(PATIENCE) is not None
    third = second.rerun()

    assert third.result(PATIENCE) == 7
    assert first.latest_run is third
    assert third.latest_run is third
    assert third.snapshot.run is not None
    assert third.snapshot.run.number == 3


def test_a_run_has_the_name_that_the_job_has_now() -> None:
    first = submit(abs, -1)
    first.name = "renamed"
    assert ended(first.rerun()).name == "renamed"


def test_a_job_that_is_no_call_cannot_be_run_again() -> None:
    handle = WidgetJob(Future[int]())
    assert handle.snapshot.run is None
    with pytest.raises(TypeError, match=r"Future cannot be run again: only a call of submit\(\)"):
        _ = handle.rerun()
    with pytest.raises(TypeError, match="Group cannot be run again"):
        _ = JobGroup([handle]).rerun()


def test_a_provider_that_runs_jobs_again_itself_does_so() -> None:
    class Rerunnable(Future[int]):
        def rerun(self) -> str:
            return "the provider's"

    assert WidgetJob(Rerunnable()).rerun() == "the provider's"


def test_the_failed_members_of_any_group_of_calls_are_run_again() -> None:
    flaky = Flaky(1)
    with JobGroup("scan") as scan:
        _ = submit(flaky, 1)
        _ = submit(abs, -2)
    assert scan.wait(PATIENCE)
    again = scan.rerun_failed()

    assert again.result(PATIENCE) == [1, 2]
    assert again[1] == scan[1]
    assert again[0].snapshot.run is not None
    assert again[0].snapshot.run.repeats == scan[0].snapshot.uid


# What is kept for that.


class Big:
    """An argument."""


def test_arguments_are_kept_as_long_as_the_job_and_no_longer() -> None:
    big = Big()
    gone = weakref.ref(big)
    handle = submit(lambda _: None, big)
    del big
    ended(handle)
    assert gone() is not None
    del handle
    wait_until(lambda: gc.collect() >= 0 and gone() is None)


def test_a_closed_job_keeps_no_arguments() -> None:
    big = Big()
    gone = weakref.ref(big)
    handle = submit(lambda _: None, big)
    del big
    ended(handle)
    handle.close()
    wait_until(lambda: gone() is None)


def test_a_job_does_not_keep_the_one_that_it_repeats() -> None:
    first = submit(abs, -1)
    ended(first)
    second, gone = first.rerun(), weakref.ref(first)
    ended(second)
    del first
    wait_until(lambda: gc.collect() >= 0 and gone() is None)
    assert ended(second.rerun()).state is JobState.DONE


@pytest.mark.usefixtures("as_before")
def test_the_arguments_of_the_oldest_calls_are_dropped_and_the_cards_say_so() -> None:
    settings.kept_arguments = 2.5
    jobs = [submit(len, bytes(1_000_000 + number)) for number in range(3)]
    listeners = [heard_of(one) for one in jobs]
    for number, one in enumerate(jobs):
        assert one.result(PATIENCE) == 1_000_000 + number
    wait_until(lambda: sum(one.snapshot.run is not None and not one.snapshot.run.can_rerun for one in jobs) == 1)
    (dropped,) = [one for one in jobs if one.snapshot.run is not None and not one.snapshot.run.can_rerun]

    listeners[jobs.index(dropped)].await_one(lambda now: now.run is not None and not now.run.can_rerun)
    with pytest.raises(TypeError, match=r"settings\.kept_arguments"):
        _ = dropped.rerun()
    assert kept_calls().bytes < 2_500_000


@pytest.mark.usefixtures("as_before")
def test_with_a_setting_of_nothing_no_arguments_are_kept() -> None:
    settings.kept_arguments = 0
    big = Big()
    gone = weakref.ref(big)
    handle = submit(lambda _: None, big)
    del big
    ended(handle)
    wait_until(lambda: gone() is None)
    assert handle.snapshot.run is not None
    wait_until(lambda: handle.snapshot.run is not None and not handle.snapshot.run.can_rerun)


class Holder:
    """A job that keeps arguments of given sizes."""

    def __init__(self, **sizes: int) -> None:
        self.sizes = {hash(name): size for name, size in sizes.items()}
        self.dropped = False

    def _argument_sizes(self) -> dict[int, int]:
        return self.sizes

    def _drop_arguments(self) -> None:
        self.dropped = True


def counted(*holders: Holder) -> KeptCalls:
    kept = KeptCalls(lambda _seconds, task: task())
    for number, holder in enumerate(holders):
        kept.note_end(f"u{number}", holder)
    return kept


def test_what_several_calls_have_in_common_counts_once() -> None:
    holders = [Holder(shared=200_000_000, own=1) for _ in range(5)]
    assert counted(*holders).bytes == 200_000_001
    assert not any(holder.dropped for holder in holders)


def test_the_latest_calls_stay_and_a_call_that_is_larger_than_all_room_does_not() -> None:
    first, second, huge = Holder(a=200_000_000), Holder(b=100_000_000), Holder(c=300_000_000)
    kept = counted(first, second)
    assert (first.dropped, second.dropped, kept.bytes) == (True, False, 100_000_000)
    kept.note_end("huge", huge)
    assert (huge.dropped, kept.bytes) == (True, 0)


def test_jobs_that_are_gone_or_closed_are_not_counted() -> None:
    first, second = Holder(a=10), Holder(b=20)
    tasks: list[Callable[[], None]] = []
    kept = KeptCalls(lambda _seconds, task: tasks.append(task))
    kept.note_end("gone", Holder(c=30))
    kept.note_end("u1", first)
    kept.note_end("u2", second)
    kept.leave("u1")
    assert len(tasks) == 1
    tasks[0]()
    assert kept.bytes == 20


def test_the_number_of_small_calls_is_bounded_too() -> None:
    holders = [Holder() for _ in range(CALLS_KEPT + 2)]
    _ = counted(*holders)
    assert [holder.dropped for holder in holders[:3]] == [True, True, False]


def _with_closure() -> Any:
    captured = bytes(1_000_000)
    return lambda: captured


class _Owner:
    def __init__(self) -> None:
        self.data = [bytes(1_000_000)]

    def method(self) -> None: ...


class _Hostile:
    @property
    def nbytes(self) -> int:
        raise SystemExit

    def __sizeof__(self) -> int:
        raise SystemExit


_ARRAY = np.zeros(125_000)


@pytest.mark.parametrize(
    "call",
    [
        FunctionCall(print, (bytes(1_000_000),)),
        FunctionCall(print, (), {"x": [{"y": (bytes(1_000_000),)}]}),
        FunctionCall(_with_closure()),
        FunctionCall(partial(print, bytes(1_000_000))),
        FunctionCall(_Owner().method),
        FunctionCall(print, (_ARRAY, _ARRAY)),
        FunctionCall(print, (_ARRAY[:], _Hostile())),
    ],
    ids=["bytes", "nested", "closure", "partial", "method", "array twice", "array view and hostile"],
)
def test_a_megabyte_is_seen_wherever_it_is(call: FunctionCall) -> None:
    assert 1_000_000 <= sum(sizes_of(call).values()) < 1_100_000


def test_a_long_list_is_estimated_by_its_beginning() -> None:
    size = sum(sizes_of(FunctionCall(len, ([float(number) for number in range(1_000_000)],))).values())
    assert 30_000_000 < size < 100_000_000


# The button of the card.


def press(handle: WidgetJob[Any, Any]) -> None:
    """What the kernel does with the command of the frontend."""
    hub().receive(command_message(Verb.RERUN, handle.snapshot.uid))


def test_the_button_runs_an_ended_call_again() -> None:
    first = submit(Flaky(1), 5)
    ended(first)
    listener = heard_of(first)
    press(first)
    listener.await_one(lambda now: now.run is not None and now.run.reruns == 1)

    assert first.latest_run is not first
    assert first.latest_run.result(PATIENCE) == 5
    assert first.latest_run.snapshot.cell_id == first.snapshot.cell_id


def test_the_button_of_a_call_that_runs_does_nothing() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait() -> bool:
        begun.set()
        return go_on.wait(PATIENCE)

    handle = submit(wait)
    assert begun.wait(PATIENCE)
    press(handle)
    go_on.set()
    assert handle.result(PATIENCE)
    assert handle.latest_run is handle


@pytest.mark.parametrize("uid", ["another", ""], ids=["a job of another kernel", "no job"])
def test_a_command_for_a_job_that_is_not_of_this_kernel_does_nothing(uid: str) -> None:
    handle = submit(abs, -1)
    ended(handle)
    hub().receive({**command_message(Verb.RERUN, "x"), "uid": uid})
    assert handle.latest_run is handle


def test_a_call_that_cannot_be_started_again_says_so_on_its_card() -> None:
    class Closing:
        closed = False

        def start(self, task: FunctionCall) -> FunctionJob[Any]:
            if self.closed:
                raise EngineError("This client is closed.")
            return LocalEngine(threads=1).start(task)

    engine = Closing()
    handle = submit(abs, -1, engine=engine)
    ended(handle)
    listener = heard_of(handle)
    engine.closed = True
    press(handle)
    listener.await_one(lambda now: now.run is not None and now.run.problem == "EngineError: This client is closed.")

    engine.closed = False
    press(handle)
    listener.await_one(lambda now: now.run is not None and (now.run.reruns, now.run.problem) == (1, None))
