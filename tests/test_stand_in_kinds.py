"""A wrapped job beside the bare one: for each kind of use, both give the same."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import inspect
import operator
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest

from primwidgets import NotAJobError, WidgetJob


class Plain:
    """A finished job."""

    def __init__(self) -> None:
        self.count = 3

    def job_id(self) -> str:
        return "p1"

    def status(self) -> str:
        return "DONE"

    def result(self, shots: int = 5, *, timeout: float | None = None) -> int:
        return shots

    def in_final_state(self) -> bool:
        return True

    @staticmethod
    def cancel(reason: str = "") -> str:
        return reason


class Keyed(Plain):
    def keys(self) -> list[str]:
        return ["a", "b"]

    def __getitem__(self, key: str) -> int:
        return {"a": 1, "b": 2}[key]


class Counted(Plain):
    def __iadd__(self, more: int) -> Counted:  # type: ignore[misc]  # as some classes have it
        self.count += more
        return self

    def __add__(self, other: object) -> Any:
        return self.count + other.count if type(other) is Counted else NotImplemented

    def __lt__(self, other: object) -> Any:
        return type(other) is Counted or NotImplemented


class WithTexts(Plain):
    def __str__(self) -> str:
        return "told"

    def __format__(self, spec: str) -> str:
        return f"told {spec}"

    def __sizeof__(self) -> int:
        return 4_000


class Entered(Plain):
    async def __aenter__(self) -> Entered:
        return self

    async def __aexit__(self, *_: object) -> None: ...


class Called(Plain):
    def __call__(self, first: int, second: int = 2) -> int:
        return first + second


class Listed(list[int], Plain):  # type: ignore[misc]
    def __init__(self) -> None:
        list.__init__(self, [1, 2, 3])
        Plain.__init__(self)


class Stored(dict[str, int], Plain):
    def __init__(self) -> None:
        dict.__init__(self, a=1)
        Plain.__init__(self)


@dataclasses.dataclass
class Fielded(Plain):
    count: int = 3


class Vector(Plain):
    def __eq__(self, other: object) -> Any:
        return [True, False]

    def __ne__(self, other: object) -> Any:
        return [False, True]

    __hash__ = None  # type: ignore[assignment]


class NotIterable(Plain):
    __iter__ = None

    def __getitem__(self, index: int) -> int:
        return [1, 2][index]


class OutOfArrays(Plain):
    __array_ufunc__ = None
    __array_priority__ = 1_000.0

    def __radd__(self, other: object) -> str:
        return type(other).__name__


class Ufuncs(Plain):
    def __array_ufunc__(self, function: Any, method: str, *_: Any, **__: Any) -> str:
        return str(function.__name__)


class Stateful(Plain):
    def __getstate__(self) -> dict[str, int]:
        return {"count": 9}


def matched(job: Any) -> object:
    match job:
        case [first, *_]:
            return "sequence", first
        case {"a": value}:
            return "mapping", value
        case Plain(count=count):
            return "object", count
        case _:
            return None


def is_still_itself(job: Any) -> object:
    before = job
    job += 2
    return job is before, job.count


async def entered(job: Any) -> bool:
    async with job as inside:
        return inside is job


KINDS: list[tuple[type[Plain], Callable[[Any], object]]] = [
    (Keyed, dict),
    (Keyed, lambda job: {**job}),
    (Keyed, lambda job: job.keys()),
    (Stored, lambda job: sorted(job.items())),
    (Stored, lambda job: job | {"b": 2}),
    (Counted, is_still_itself),
    (Counted, lambda job: job + job),
    (Counted, lambda job: (job < job, sorted([job, job])[0] is job)),
    (Listed, lambda job: job + job),
    (Listed, lambda job: (job == [1, 2, 3], job != [1, 2, 3], [1, 2, 3] == job)),  # noqa: SIM300
    (WithTexts, str),
    (WithTexts, lambda job: f"{job:>5}"),
    (WithTexts, lambda job: job.__sizeof__()),
    (Entered, lambda job: asyncio.run(entered(job))),
    (Called, lambda job: str(inspect.signature(job))),
    (Called, lambda job: job(1)),
    (Listed, matched),
    (Stored, matched),
    (Fielded, matched),
    (Plain, matched),
    (Listed, lambda job: (isinstance(job, Sequence), isinstance(job, Mapping))),
    (Stored, lambda job: (isinstance(job, Sequence), isinstance(job, Mapping))),
    (Fielded, dataclasses.is_dataclass),
    (Fielded, dataclasses.asdict),
    (Fielded, lambda job: [field.name for field in dataclasses.fields(job)]),
    (Fielded, lambda job: dataclasses.replace(job, count=8).count),
    (Plain, dataclasses.is_dataclass),
    (Vector, lambda job: job == 5),
    (Vector, lambda job: job != 5),
    (Vector, lambda job: isinstance(job, Hashable)),
    (Plain, lambda job: isinstance(job, Hashable)),
    (OutOfArrays, lambda job: np.arange(2) + job),
    (OutOfArrays, lambda job: job.__array_priority__),
    (Ufuncs, np.sin),
    (Stateful, lambda job: job.__getstate__()),
    (Stateful, lambda job: copy.copy(job).count),
    (Plain, lambda job: str(inspect.signature(job.result))),
    (Plain, lambda job: str(inspect.signature(job.cancel))),
    (Plain, lambda job: str(inspect.signature(job.status))),
    (Plain, lambda job: job.cancel("late")),
    (Plain, lambda job: (job == job, job != job, job == 5, job != 5)),
]


@pytest.mark.parametrize("index", range(len(KINDS)))
def test_a_wrapped_job_gives_what_the_bare_one_gives(index: int) -> None:
    make, use = KINDS[index]

    assert use(WidgetJob(make())) == use(make())


def test_a_class_that_takes_back_iteration_is_not_iterated_by_index() -> None:
    with pytest.raises(TypeError):
        iter(WidgetJob(NotIterable()))


def test_the_traits_of_a_job_that_has_keys_are_sent_as_ever() -> None:
    job, plain = WidgetJob(Keyed()), WidgetJob(Plain())

    assert set(job.get_state()) == set(plain.get_state())
    assert "snapshot" not in job.keys()  # noqa: SIM118  (it is the method of the job)


def test_methods_that_our_subclasses_define_keep_their_own_signatures() -> None:
    class Patient(WidgetJob[Any, Any]):
        def result(self, patience: float = 1.0) -> Any:
            return patience

    assert str(inspect.signature(Patient(Plain()).result)).startswith("(patience:")


def test_the_signature_of_a_future_is_the_futures() -> None:
    future: Future[int] = Future()
    assert inspect.signature(WidgetJob(future).result) == inspect.signature(future.result)


class Proxy:
    """Has whatever its job has, and nothing of its own."""

    def __init__(self, job: object) -> None:
        self._job = job

    def __getattr__(self, name: str) -> Any:
        return getattr(self._job, name)


class Answering:
    """Has an answer for every name, as mocks and remote objects have."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: name


def finished() -> Future[int]:
    future: Future[int] = Future()
    future.set_result(5)
    return future


@pytest.mark.parametrize("make", [Plain, finished])
def test_a_proxy_that_has_only_getattr_stands_for_its_job(make: Callable[[], Any]) -> None:
    assert WidgetJob(Proxy(make())).result() == 5


@pytest.mark.parametrize("make", [Answering, MagicMock, lambda: Proxy(3), lambda: Proxy(Answering())])
def test_what_answers_to_every_name_or_to_none_is_no_job(make: Callable[[], Any]) -> None:
    with pytest.raises(NotAJobError):
        _ = WidgetJob(make())


def test_operators_with_a_bare_job_on_the_other_side_work_from_both_sides() -> None:
    job, bare = WidgetJob(Counted()), Counted()

    assert (job + bare, bare + bare) == (6, 6)
    assert operator.lt(job, bare)


class Unlisted(Plain):
    """Its class makes up ``__dict__``, and fails."""

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        raise TypeError("no attributes are listed")


def test_a_job_that_does_not_list_its_attributes_is_wrapped() -> None:
    assert WidgetJob(Unlisted()).result() == 5
