"""What ``submit`` returns is a full future: for ``concurrent.futures``, for asyncio, and by its own methods."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from primwidgets import submit
from tests.monitored import PATIENCE


@pytest.fixture(params=["threads", "executor"])
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Engines whose calls have their outcome in a future."""
    if request.param == "threads":
        yield None
        return
    with ThreadPoolExecutor(4) as executor:
        yield executor


def held(gate: Event, value: int) -> int:
    assert gate.wait(PATIENCE)
    if value < 0:
        raise ValueError(value)
    return value


def test_they_are_waited_for_and_come_as_completed(engine: Any) -> None:
    gates = [Event() for _ in range(3)]
    numbers = {submit(held, gate, number, engine=engine): number for number, gate in enumerate(gates)}
    completed = concurrent.futures.as_completed(numbers, timeout=PATIENCE)

    for number in (1, 0, 2):
        gates[number].set()
        job = next(completed)
        assert (numbers[job], job.result()) == (number, number)  # type: ignore[index]
    done, not_done = concurrent.futures.wait(numbers, timeout=PATIENCE)
    assert done == set(numbers)
    assert not_done == set()


def test_waiting_for_the_first_one_leaves_the_others(engine: Any) -> None:
    gate, opened = Event(), Event()
    opened.set()
    slow, quick = submit(held, gate, 1, engine=engine), submit(held, opened, 2, engine=engine)
    done, not_done = concurrent.futures.wait([slow, quick], PATIENCE, concurrent.futures.FIRST_COMPLETED)
    gate.set()

    assert (done, not_done) == ({quick}, {slow})


def test_a_call_back_comes_once_with_a_future_that_equals_the_job(engine: Any) -> None:
    gate, told = Event(), Event()
    job = submit(held, gate, 1, engine=engine)
    heard: list[Any] = []

    def hear(future: Any) -> None:
        heard.append(future)
        told.set()

    job.add_done_callback(hear)
    gate.set()

    assert told.wait(PATIENCE)
    assert heard == [job]
    assert heard[0].result() == 1


def test_exception_is_what_the_function_raised(engine: Any) -> None:
    gate = Event()
    failing, fine = submit(held, gate, -1, engine=engine), submit(held, gate, 1, engine=engine)
    with pytest.raises(TimeoutError):
        failing.exception(0.01)
    gate.set()

    assert isinstance(failing.exception(), ValueError)
    assert fine.exception(PATIENCE) is None


def test_exception_of_a_cancelled_job_raises() -> None:
    gate = Event()
    with ThreadPoolExecutor(1) as executor:
        first = submit(held, gate, 1, engine=executor)
        waiting = submit(held, gate, 2, engine=executor)
        waiting.cancel()
        gate.set()

        with pytest.raises(CancelledError):
            waiting.exception(PATIENCE)
        assert first.result() == 1


async def test_asyncio_takes_it_as_a_future_of_a_thread(engine: Any) -> None:
    gate = Event()
    fine, failing = submit(held, gate, 1, engine=engine), submit(held, gate, -1, engine=engine)
    wrapped = [asyncio.wrap_future(job) for job in (fine, failing)]  # type: ignore[var-annotated]
    gate.set()
    results = await asyncio.gather(*wrapped, return_exceptions=True)

    assert results[0] == 1
    assert isinstance(results[1], ValueError)
    assert isinstance(fine, concurrent.futures.Future)
