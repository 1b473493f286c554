"""What is not a job is refused without running it, and the advice of the refusal works when it is followed."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, NoReturn

import numpy as np
import pytest

from primwidgets import JobGroup, NotAJobError, WidgetJob, job_from, submit
from tests.monitored import PATIENCE


def _run() -> NoReturn:
    raise AssertionError("a refusal must not call a method of what it refuses")


def _slow(*bases: type) -> Any:
    """A subclass of a collection whose methods would be noticed."""
    names = ("__iter__", "__len__", "__bool__", "__getitem__", "__contains__", "__repr__", "items", "keys", "values")
    return type("Slow", bases, {name: lambda *_: _run() for name in names})


SLOW: dict[str, Callable[[], Any]] = {
    "a list": lambda: _slow(list)([1]),
    "an empty list": lambda: _slow(list)(),
    "a tuple": lambda: _slow(tuple)([1]),
    "a set": lambda: _slow(set)([1]),
    "a frozenset": lambda: _slow(frozenset)([1]),
    "a dictionary": lambda: _slow(dict)(a=1),
    "a deque": lambda: _slow(deque)([1]),
    "a list in a list": lambda: [_slow(list)([1])],
    "a dictionary in a dictionary": lambda: {"a": _slow(dict)(b=1)},
}


@pytest.mark.parametrize("kind", SLOW)
def test_no_method_of_a_collection_without_jobs_is_called(kind: str) -> None:
    with pytest.raises(NotAJobError, match="Slow is not a job"):
        _ = WidgetJob(SLOW[kind]())


def test_what_a_collection_stores_is_wrapped_whatever_its_methods_say() -> None:
    assert len(WidgetJob(_slow(list)([Future(), Future()]))) == 2


def test_an_ordered_dictionary_keeps_its_order() -> None:
    jobs = OrderedDict(first=Future[int](), second=Future[int]())
    jobs.move_to_end("first")

    assert [job.name for job in WidgetJob(jobs)] == ["second", "first"]


def done(value: int = 7) -> Future[int]:
    future: Future[int] = Future()
    future.set_result(value)
    return future


async def seven() -> int:
    return 7


class Awaited:
    def __await__(self) -> Any:
        return seven().__await__()


def sevens() -> Iterator[int]:
    yield 7


async def later_sevens() -> AsyncIterator[int]:
    yield 7


def in_pool(function: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return WidgetJob(pool.submit(function))


def from_id(text: str) -> Any:
    return WidgetJob(job_from(id=text, read=lambda: "DONE", result=lambda: 7))


#: What is refused, a part of the advice, and what somebody does who follows it.
ADVICE: dict[str, tuple[Callable[[], Any], str, Callable[[Any], Any]]] = {
    "a class": (lambda: Future, "call it", lambda kind: WidgetJob(done()) if kind is Future else None),
    "a function": (lambda: done, "call it if it returns one", lambda function: WidgetJob(function())),
    "a function to run": (lambda: lambda: 7, "executor.submit(function)", in_pool),
    "a partial function": (lambda: partial(int, "7"), "executor.submit(function)", in_pool),
    "an id": (lambda: "job-7", "primwidgets.job_from", from_id),
    "the answer of a cloud": (
        lambda: {"jobArn": "arn:7", "ResponseMetadata": {}},
        "primwidgets.job_from",
        lambda answer: from_id(answer["jobArn"]),
    ),
    "an executor": (
        lambda: ThreadPoolExecutor(1),
        "Wrap what its submit() returns",
        lambda pool: WidgetJob(pool.submit(int, "7")),
    ),
    "a generator": (sevens, "submit(list, generator)", lambda numbers: submit(list, numbers)),
    "an empty list": (list, "WidgetJob([job, job])", lambda _: WidgetJob([done(), done()])),
    "a list without jobs": (lambda: [3], "an empty group", lambda _: JobGroup("scan")),
    "a deque of jobs": (lambda: deque([done()]), "WidgetJob(list(", lambda jobs: WidgetJob(list(jobs))),
    "an iterator over jobs": (lambda: iter([done()]), "WidgetJob(list(", lambda jobs: WidgetJob(list(jobs))),
    "a map that gives jobs": (lambda: map(done, [7]), "WidgetJob(list(", lambda jobs: WidgetJob(list(jobs))),
    "a view of jobs": (lambda: {"a": done()}.values(), "WidgetJob(list(", lambda jobs: WidgetJob(list(jobs))),
    "an array of jobs": (lambda: np.array([done()]), "WidgetJob(list(", lambda jobs: WidgetJob(list(jobs))),
}


@pytest.mark.parametrize("given", ADVICE)
def test_advice_works_when_it_is_followed(given: str) -> None:
    make, advice, follow = ADVICE[given]
    mistake = make()
    with pytest.raises(NotAJobError) as refused:
        _ = WidgetJob(mistake)

    assert advice in str(refused.value)
    job = follow(mistake)
    if isinstance(job, JobGroup) and job.job.is_open:
        job.job.complete()
        assert job.result() == []
    else:
        assert job.result(timeout=PATIENCE) in (7, [7], [7, 7])


async def take_all(values: AsyncIterator[int]) -> list[int]:
    return [value async for value in values]


ADVICE_ON_A_LOOP: dict[str, tuple[Callable[[], Any], str, Callable[[Any], Any]]] = {
    "a coroutine": (seven, "asyncio.create_task", asyncio.create_task),
    "something to await": (Awaited, "asyncio.ensure_future", asyncio.ensure_future),
    "an asynchronous generator": (
        later_sevens,
        "asyncio.create_task",
        lambda values: asyncio.create_task(take_all(values)),
    ),
}


@pytest.mark.parametrize("given", ADVICE_ON_A_LOOP)
async def test_advice_for_what_is_awaited_works_when_it_is_followed(given: str) -> None:
    make, advice, follow = ADVICE_ON_A_LOOP[given]
    mistake = make()
    with pytest.raises(NotAJobError) as refused:
        _ = WidgetJob(mistake)

    assert advice in str(refused.value)
    assert await WidgetJob(follow(mistake)) in (7, [7])


async def test_the_first_item_of_a_collection_is_named_where_it_explains_more() -> None:
    coroutine = seven()
    with pytest.raises(NotAJobError, match=r"Item 0 of the list.*asyncio\.create_task"):
        _ = WidgetJob([coroutine])
    coroutine.close()


async def a_while(value: int) -> int:
    await asyncio.sleep(0)
    return value


BLOCKING: list[Callable[[Any], object]] = [
    lambda group: group.result(),
    lambda group: group.result(timeout=PATIENCE),
    lambda group: group.wait(),
    lambda group: group.job.result(),
    lambda group: list(group.as_completed()),
]


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("block", range(len(BLOCKING)))
async def test_a_group_of_tasks_of_the_running_loop_says_what_to_write(block: int, nested: bool) -> None:
    tasks = [asyncio.create_task(a_while(value)) for value in (1, 2)]
    group = WidgetJob([tasks] if nested else tasks)

    with pytest.raises(RuntimeError, match="Use `await group`"):
        BLOCKING[block](group)

    assert await group == ([[1, 2]] if nested else [1, 2])
    assert group.result() == ([[1, 2]] if nested else [1, 2])


async def test_a_group_of_other_jobs_may_block_the_running_loop() -> None:
    assert WidgetJob([done(), done()]).result() == [7, 7]
