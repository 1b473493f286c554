"""A wrapped task, future or awaitable job beside the bare one, in what asyncio offers: both give or raise the same."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from typing import Any

import pytest

from primwidgets import WidgetJob

Wrap = Callable[[Any], Any]
Use = Callable[[Wrap], Awaitable[object]]


async def give(value: int = 5) -> int:
    await asyncio.sleep(0)
    return value


async def fail() -> None:
    await asyncio.sleep(0)
    raise ValueError("no such qubit")


async def last() -> None:
    await asyncio.Event().wait()


def task(wrap: Wrap, coroutine: Any) -> Any:
    return wrap(asyncio.get_running_loop().create_task(coroutine))


class Asynchronous:
    """A job all of whose methods are coroutines, and that can be awaited, entered and iterated."""

    def __init__(self) -> None:
        self.left: list[Any] = []

    def job_id(self) -> str:
        return "a1"

    async def status(self) -> str:
        return "DONE"

    async def result(self, timeout: float | None = None) -> tuple[int, float | None]:
        await asyncio.sleep(0)
        return 42, timeout

    async def cancel(self, reason: str = "") -> str:
        return reason

    async def wait(self, limit: int = 1) -> int:
        return limit

    def __await__(self) -> Generator[Any, None, Any]:
        return self.result().__await__()

    async def __aenter__(self) -> Asynchronous:
        return self

    async def __aexit__(self, kind: Any, *_: object) -> None:
        self.left.append(kind)

    async def __aiter__(self) -> AsyncIterator[int]:
        yield 1
        yield 2


class NeverReady(Asynchronous):
    async def result(self, timeout: float | None = None) -> Any:
        try:
            await last()
        except asyncio.CancelledError as error:
            self.left.append(type(error))
            raise


async def awaited_twice(wrap: Wrap) -> object:
    job = task(wrap, give())
    return await job, await job


async def gathered(wrap: Wrap) -> object:
    same = task(wrap, give(1))
    return await asyncio.gather(same, same, task(wrap, give(2)), give(3), task(wrap, fail()), return_exceptions=True)


async def gathered_and_cancelled(wrap: Wrap) -> object:
    job = task(wrap, last())
    together = asyncio.gather(job)
    await asyncio.sleep(0)
    together.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await together
    return job.cancelled()


async def waited_for_as_keys(wrap: Wrap) -> object:
    numbers = {task(wrap, give(number)): number for number in range(3)}
    done, pending = await asyncio.wait(numbers)
    return sorted(numbers[one] for one in done), pending


async def first_of_two(wrap: Wrap) -> object:
    quick, slow = task(wrap, give()), task(wrap, last())
    done, pending = await asyncio.wait({quick, slow}, return_when=asyncio.FIRST_COMPLETED)
    slow.cancel()
    return done == {quick}, pending == {slow}, slow.cancelling()


async def as_completed(wrap: Wrap) -> object:
    return sorted([await one for one in asyncio.as_completed([task(wrap, give(number)) for number in range(3)])])


async def shielded(wrap: Wrap) -> object:
    job = task(wrap, give())
    shield = asyncio.shield(job)
    shield.cancel()
    await asyncio.sleep(0)
    return await job, shield.cancelled()


async def timed_out(wrap: Wrap) -> object:
    outcomes = []
    for limit in (0, 0.01):
        job = task(wrap, last())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(job, limit)
        outcomes.append(job.cancelled())
    job = task(wrap, last())
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.01):
            await job
    return [*outcomes, job.cancelled()]


async def in_a_group_that_fails(wrap: Wrap) -> object:
    try:
        async with asyncio.TaskGroup() as group:
            failing, other = wrap(group.create_task(fail())), wrap(group.create_task(last()))
    except ExceptionGroup as error:
        return [str(one) for one in error.exceptions], failing.done(), other.cancelled()
    return None


async def cancelled_with_a_message(wrap: Wrap) -> object:
    job = task(wrap, last())
    await asyncio.sleep(0)
    asked = job.cancel(msg="too dear"), job.cancel(), job.cancelling(), job.uncancel()
    try:
        await job
    except asyncio.CancelledError as error:
        return asked, error.args, job.cancel(), job.cancelled()
    return None


async def swallowed(wrap: Wrap) -> object:
    async def deaf() -> str:
        with contextlib.suppress(asyncio.CancelledError):
            await last()
        return "deaf"

    job = task(wrap, deaf())
    await asyncio.sleep(0)
    job.cancel()
    return await job, job.cancelled(), job.done()


async def one_of_two_who_await_is_cancelled(wrap: Wrap) -> object:
    job = task(wrap, last())

    async def outer() -> None:
        await job

    first, second = asyncio.create_task(outer()), asyncio.create_task(outer())
    await asyncio.sleep(0)
    first.cancel()
    outcomes = await asyncio.gather(first, second, return_exceptions=True)
    return [type(one) for one in outcomes], job.cancelled()


async def asked_too_early(wrap: Wrap) -> object:
    future = wrap(asyncio.get_running_loop().create_future())
    try:
        future.exception()
    except asyncio.InvalidStateError as error:
        return str(error), future.cancel(), future.cancelled()
    return None


async def future_set_later(wrap: Wrap) -> object:
    loop = asyncio.get_running_loop()
    future, failing = wrap(loop.create_future()), wrap(loop.create_future())
    loop.call_soon(future.set_result, 3)
    loop.call_soon(failing.set_exception, ValueError("no such qubit"))
    try:
        return await future, await failing
    except ValueError as error:
        return str(error), failing.exception() is error, future.result()


async def described(wrap: Wrap) -> object:
    job, stack = task(wrap, give()), io.StringIO()
    job.set_name("renamed")
    job.print_stack(file=stack)
    told = (
        job.get_name(),
        job.get_coro().__name__,
        job.get_loop() is asyncio.get_running_loop(),
        job in asyncio.all_tasks(),
    )
    await job
    return told, "give" in stack.getvalue(), asyncio.isfuture(job), isinstance(job, asyncio.Task)


async def itself(wrap: Wrap) -> object:
    box: list[Any] = []

    async def ask() -> bool:
        return bool(asyncio.current_task() == box[0])

    box.append(task(wrap, ask()))
    return await box[0]


async def methods_awaited(wrap: Wrap) -> object:
    job = wrap(Asynchronous())
    told = await job.status(), await job.cancel("late"), await job.wait(), await job.wait(2)
    return told, await job.result(), await job.result(3), await job.result(timeout=4), inspect.isawaitable(job)


async def job_awaited(wrap: Wrap) -> object:
    job = wrap(Asynchronous())
    scheduled = await asyncio.ensure_future(job)
    return await job, await asyncio.gather(job, job), await asyncio.wait_for(job, 60), scheduled


async def entered_and_iterated(wrap: Wrap) -> object:
    job = wrap(Asynchronous())
    async with job as inside:
        entered = inside is job
    with contextlib.suppress(KeyError):
        async with job:
            raise KeyError
    return entered, job.left, [one async for one in job]


async def cancelled_while_awaited(wrap: Wrap) -> object:
    job = wrap(NeverReady())
    waiting = asyncio.ensure_future(job)
    await asyncio.sleep(0.01)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.01):
            await job.result()
    return job.left


USES: list[Use] = [
    *(awaited_twice, gathered, gathered_and_cancelled, waited_for_as_keys, first_of_two, as_completed, shielded),
    *(timed_out, in_a_group_that_fails, cancelled_with_a_message, swallowed, one_of_two_who_await_is_cancelled),
    *(asked_too_early, future_set_later, described, itself, methods_awaited, job_awaited, entered_and_iterated),
    cancelled_while_awaited,
]


def outcome(use: Use, wrap: Wrap) -> str:
    """What ``use`` gives, or what it raises."""
    try:
        return repr(asyncio.run(use(wrap)))  # type: ignore[arg-type]
    except Exception as error:  # noqa: BLE001  (those are compared, too)
        return repr(error)


@pytest.mark.parametrize("use", USES)
def test_a_wrapped_job_is_awaited_as_a_bare_one(use: Use) -> None:
    assert outcome(use, WidgetJob) == outcome(use, lambda job: job)
