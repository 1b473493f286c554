"""Groups of jobs: members, results, cancels, reruns, tables."""

# mypy: disable-error-code="operator, union-attr, unused-awaitable"

from __future__ import annotations

import asyncio
import gc
import pickle
import sys
import threading
from collections import UserList
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from types import ModuleType
from typing import Any
from weakref import ref

import pytest

from primwidgets import JobGroup, JobTimeoutError, NotAJobError, WidgetJob, submit, submit_map
from primwidgets._jupyter.services import hub
from primwidgets.groups.call_group import CALLS_KEPT, CallGroup
from primwidgets.groups.tally import MEMBERS_LISTED
from primwidgets.snapshot import JobState
from primwidgets.testing import FakeJob
from tests.grouped import futures, settled, square
from tests.monitored import PATIENCE


@pytest.mark.parametrize("kind", [list, tuple, lambda jobs: {"a": jobs[0], "b": jobs[1]}])
def test_a_collection_of_jobs_is_wrapped_as_one_job(kind: Any) -> None:
    jobs = futures(2)
    group = WidgetJob(kind(jobs))
    assert type(group).__qualname__ == "JobGroup"
    assert isinstance(group, JobGroup)
    assert [member.job for member in group] == jobs
    for number, future in enumerate(jobs):
        future.set_result(number)
    assert group.result(PATIENCE) == [0, 1]
    assert settled(group).state is JobState.DONE


def test_the_keys_of_a_mapping_are_the_names_of_its_jobs() -> None:
    group = WidgetJob({"small": Future(), "large": Future()})
    assert [member.name for member in group] == ["small", "large"]


@pytest.mark.parametrize("given", [[], (), {}, [1, 2], {"a": 1}, [None]])
def test_a_collection_without_jobs_is_refused_and_the_way_out_is_named(given: Any) -> None:
    with pytest.raises(NotAJobError, match="holds no jobs"):
        WidgetJob(given)


def test_what_is_no_job_in_a_collection_is_named_by_its_place_and_nothing_is_wrapped() -> None:
    before = len(hub().members())
    with pytest.raises(NotAJobError, match=r"Item 1 of the list: .*class int is not a job"):
        WidgetJob([Future(), 3])
    assert len(hub().members()) == before


def test_the_result_is_a_list_in_order_and_a_failure_is_raised_with_its_place() -> None:
    group = submit_map(square, range(5))
    with pytest.raises(ValueError, match="three") as caught:
        group.result(PATIENCE)
    assert caught.value.__notes__ == ["Job 3 of 5 in a group."]
    with pytest.raises(ValueError, match="three") as again:
        group.result(PATIENCE)
    assert again.value.__notes__ == ["Job 3 of 5 in a group."]
    results = group.result(return_exceptions=True)
    assert results[:3] + results[4:] == [0, 1, 4, 16]
    assert isinstance(results[3], ValueError)
    assert settled(group).state is JobState.ERROR
    assert group.snapshot.error.message == "square(3): three"


def test_a_failure_is_raised_before_a_cancel() -> None:
    first, second = futures(2)
    first.cancel()
    second.set_exception(KeyError("x"))
    group = JobGroup([first, second])
    with pytest.raises(KeyError):
        group.result(PATIENCE)
    with pytest.raises(CancelledError):
        JobGroup([first]).result(PATIENCE)
    assert isinstance(group.result(return_exceptions=True)[0], CancelledError)


def test_a_group_counts_its_members_and_lists_the_failures_first() -> None:
    jobs = futures(100)
    group = JobGroup(jobs, name="scan")
    for future in jobs[:60]:
        future.set_running_or_notify_cancel()
    for future in jobs[:30]:
        future.set_result(1)
    jobs[59].set_exception(ValueError("no luck"))
    done = list(zip(range(31), group.as_completed(PATIENCE), strict=False))
    assert len(done) == 31
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_until, lambda: group.snapshot.group.failed + group.snapshot.group.done == 31).result(PATIENCE)
    summary = group.snapshot.group
    assert (summary.total, summary.done, summary.failed) == (100, 30, 1)
    assert summary.done + summary.failed + summary.running + summary.waiting == 100
    assert len(summary.members) == MEMBERS_LISTED
    assert summary.members[0].note == "ValueError: no luck"
    assert group.snapshot.progress_text.startswith("30 of 100 done · 1 failed · ")
    assert group.snapshot.state is JobState.RUNNING
    assert 0.3 <= group.snapshot.progress <= 0.32
    group.cancel()


def _until(true: Any) -> None:
    while not true():
        threading.Event().wait(0.01)


def test_cancel_asks_all_members_that_have_not_ended() -> None:
    jobs = [FakeJob(f"fake-{number}") for number in range(4)]
    jobs[0].finish(1)
    group = JobGroup(jobs)
    assert group.snapshot.can_cancel
    assert group.cancel()
    assert settled(group).state is JobState.CANCELLED
    assert [job.cancels for job in jobs] == [0, 1, 1, 1]
    assert (group.snapshot.group.done, group.snapshot.group.cancelled) == (1, 3)
    assert group.snapshot.cancel_state == "CONFIRMED"


def test_what_is_submitted_or_wrapped_in_the_block_belongs_to_the_group() -> None:
    outside = submit(square, 9)
    with JobGroup("scan") as scan:
        assert isinstance(scan, JobGroup)
        first = submit(square, 1)
        second = WidgetJob(Future())
        with JobGroup("inner") as inner:
            third = submit(square, 2)
        with pytest.raises(RuntimeError, match="still open"):
            scan.result()
    after = submit(square, 4)
    assert list(scan) == [first, second, inner]
    assert list(inner) == [third]
    assert first.snapshot.group_id == scan.job_id()
    assert inner.snapshot.group_id == scan.job_id()
    assert third.snapshot.group_id == inner.job_id()
    assert outside.snapshot.group_id is after.snapshot.group_id is None
    second.job.set_result(7)
    assert scan.result(PATIENCE) == [1, 7, [4]]
    with pytest.raises(RuntimeError, match="complete"):
        scan.add(after)


def test_a_block_that_raises_completes_its_group() -> None:
    scan = JobGroup("scan")

    def fail_in_block() -> None:
        with scan:
            submit(square, 2)
            raise KeyError

    with pytest.raises(KeyError):
        fail_in_block()
    assert scan.result(PATIENCE) == [4]


def test_jobs_come_in_the_order_in_which_they_end() -> None:
    first, second = jobs = futures(2)
    group = JobGroup(jobs)
    completed = group.as_completed(PATIENCE)
    second.set_result(2)
    assert next(completed) == second
    first.set_result(1)
    assert [job.result() for job in completed] == [1]
    assert {job.result() for job in group.as_completed(PATIENCE)} == {1, 2}


def test_waiting_for_the_next_end_has_a_limit() -> None:
    group = JobGroup(futures(1))
    with pytest.raises(JobTimeoutError):
        next(group.as_completed(timeout=0.01))

    async def on_a_loop() -> None:
        with pytest.raises(JobTimeoutError):
            await anext(group.as_completed(timeout=0.01))

    asyncio.run(on_a_loop())
    with pytest.raises(JobTimeoutError):
        group.result(timeout=0.01)


def test_jobs_come_in_an_async_loop_while_tasks_of_that_loop_run() -> None:
    async def number(x: int) -> int:
        return x

    async def main() -> None:
        group = JobGroup([asyncio.create_task(number(x)) for x in range(3)])
        assert sorted([await job async for job in group.as_completed(PATIENCE)]) == [0, 1, 2]
        assert await group == [0, 1, 2]

    asyncio.run(main())


def test_the_members_are_rows_and_a_table_where_pandas_is(monkeypatch: pytest.MonkeyPatch) -> None:
    group = submit_map(square, range(4))
    settled(group)
    row = group.rows()[2]
    assert (row["name"], row["state"], row["result"], row["error"]) == ("square(2)", "DONE", 4, None)
    assert row["run_seconds"] >= 0
    assert group.rows()[3]["error"] == "ValueError: three"
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match="rows\\(\\) gives the same"):
        group.to_frame()
    pandas = ModuleType("pandas")
    pandas.DataFrame = dict_of_columns  # type: ignore[attr-defined]
    pandas.to_datetime = lambda column, **_: column  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    assert group.to_frame()["result"] == [0, 1, 4, None]


def dict_of_columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {key: [row[key] for row in rows] for key in rows[0]}


def test_a_class_that_a_provider_has_for_several_jobs_is_a_group() -> None:
    theirs = futures(3)
    result_set = type("ResultSet", (UserList,), {"__module__": "celery.result"})
    group: Any = WidgetJob(result_set(theirs))
    for number, future in enumerate(theirs):
        future.set_result(number)

    assert group.result(PATIENCE) == [0, 1, 2]


def test_groups_of_groups_end_with_their_last_member() -> None:
    inner = [futures(2), futures(1)]
    group = JobGroup(inner, name="sweep")
    assert [len(member) for member in group] == [2, 1]
    for number, future in enumerate([*inner[0], *inner[1]]):
        future.set_result(number)
    assert group.result(PATIENCE) == [[0, 1], [2]]


def test_a_change_of_a_member_costs_the_same_in_a_large_group() -> None:
    """Nothing but the member that changed is looked at."""
    jobs = [FakeJob(f"fake-{number}") for number in range(300)]
    group = JobGroup(jobs)
    reads = sum(job.reads for job in jobs)
    jobs[7].finish(1)
    assert next(group.as_completed(PATIENCE)) == jobs[7]
    assert sum(job.reads for job in jobs) - reads <= 5
    group.cancel()


def test_a_group_without_references_goes_and_its_members_stay() -> None:
    member = WidgetJob(Future())
    group = JobGroup([member])
    gone = ref(group.job)
    del group
    gc.collect()
    assert gone() is None
    member.job.set_result(1)
    assert member.result(PATIENCE) == 1


def test_a_group_is_pickled_with_its_members() -> None:
    group = JobGroup([FakeJobOfBytes(1), FakeJobOfBytes(2)], name="scan")
    again = pickle.loads(pickle.dumps(group))
    assert again.name == "scan"
    assert again.result(PATIENCE) == [1, 2]


class FakeJobOfBytes:
    """A finished job that can be pickled."""

    def __init__(self, value: int) -> None:
        self.value = value

    def job_id(self) -> str:
        return f"job-{self.value}"

    def status(self) -> str:
        return "DONE"

    def result(self) -> int:
        return self.value

    def in_final_state(self) -> bool:
        return True

    def done(self) -> bool:
        return True


def test_a_group_shows_its_counts_and_failures_as_text() -> None:
    group = submit_map(square, range(5), name="scan")
    settled(group)
    text = group._repr_mimebundle_()["text/plain"]
    assert "4 of 5 done · 1 failed" in text
    assert "✗ square(3)" not in text
    assert "✗ scan(3) · ValueError: three" in text


def test_of_many_calls_the_newest_are_kept_and_all_are_counted() -> None:
    group = JobGroup(CallGroup("calls"))
    for number in range(CALLS_KEPT + 30):
        future: Future[int] = Future()
        future.set_result(number)
        group.job.add(future)
    group.job.complete()
    snapshot = settled(group)
    assert snapshot.group.total == snapshot.group.done == CALLS_KEPT + 30
    assert group.result() == list(range(30, CALLS_KEPT + 30))
    assert snapshot.progress_text.startswith(f"{CALLS_KEPT + 30} calls · last ")
    assert snapshot.progress == 1.0
