"""A stand-in has what its job's class has: special methods, arguments, and names that mean something else there."""

from __future__ import annotations

import copy
import inspect
import pickle
import threading
from collections.abc import Awaitable, Callable, Iterator, Sized
from concurrent.futures import Future
from typing import Any
from unittest.mock import create_autospec

import pytest
from qiskit.providers import JobV1

from primwidgets import JobSnapshot, JobState, WidgetJob, register_adapter
from primwidgets.adapters import Adapter
from primwidgets.testing import FakeJob
from tests.monitored import PATIENCE
from tests.recording_comm import RecordingFrontend


class Plain:
    """A finished job."""

    def job_id(self) -> str:
        return "p1"

    def status(self, detailed: bool = False) -> Any:
        return ("DONE", "in detail") if detailed else "DONE"

    def result(self, sharpen: Any = None, timeout: float | None = None) -> Any:
        return sharpen, timeout

    def done(self, force_check: bool = False) -> Any:
        return "checked" if force_check else True

    def running(self) -> bool:
        return False

    def cancelled(self) -> bool:
        return False

    def in_final_state(self) -> bool:
        return True


class Container(Plain):
    """One that is a sequence, a context and callable, as the results of maps and of apps are."""

    def __init__(self) -> None:
        self.entered = False

    def __len__(self) -> int:
        return 3

    def __iter__(self) -> Iterator[int]:
        return iter((0, 2, 4))

    def __getitem__(self, index: int) -> int:
        return 2 * index

    def __contains__(self, item: object) -> bool:
        return item == 2

    def __enter__(self) -> Container:
        self.entered = True
        return self

    def __exit__(self, *raised: object) -> None:
        self.entered = False

    def __call__(self, argument: int) -> int:
        return argument + 1

    def __bool__(self) -> bool:
        return False

    def __add__(self, other: int) -> int:
        return 10 + other

    def __radd__(self, other: int) -> int:
        return 20 + other


def test_a_stand_in_is_what_its_job_is() -> None:
    job: Any = WidgetJob(Container())

    assert (len(job), list(job), job[4], 2 in job, job(1), bool(job)) == (3, [0, 2, 4], 8, True, 2, False)
    assert (job + 1, 1 + job) == (11, 21)
    assert isinstance(job, Sized)
    assert callable(job)
    assert isinstance(job, Container)
    assert isinstance(job, WidgetJob)


def test_entering_a_stand_in_gives_the_stand_in() -> None:
    theirs = Container()
    job: Any = WidgetJob(theirs)

    with job as entered:
        assert entered is job
        assert theirs.entered
    assert not theirs.entered


NOTHING_OF_A_CONTAINER: list[Callable[[Any], object]] = [
    len,
    iter,
    lambda job: job[0],
    lambda job: job(),
    lambda job: 1 in job,
]


@pytest.mark.parametrize("use", NOTHING_OF_A_CONTAINER)
def test_what_the_class_of_the_job_does_not_have_is_missing(use: Callable[[Any], object]) -> None:
    job = WidgetJob(Plain())

    with pytest.raises(TypeError):
        use(job)
    assert not isinstance(job, Sized)
    assert not hasattr(job, "__len__")
    assert bool(job)


def test_a_special_method_that_a_class_has_taken_back_is_missing() -> None:
    class NoLength(Container):
        __len__ = None  # type: ignore[assignment]

    assert not isinstance(WidgetJob(NoLength()), Sized)


def test_stand_ins_for_jobs_with_the_same_special_methods_share_one_class() -> None:
    assert type(WidgetJob(Container())) is type(WidgetJob(Container()))
    assert type(WidgetJob(Future())) is type(WidgetJob(Future()))


def test_a_subclass_keeps_its_traits_where_its_job_has_special_methods() -> None:
    class Named(WidgetJob[Any, Any]):
        colour = "red"

        def __len__(self) -> int:
            return 7

    job = Named(Container())

    assert (type(job).__name__, job.colour, len(job), job[1]) == ("Named", "red", 7, 2)


def test_it_pickles_and_copies_into_the_class_that_users_know() -> None:
    again = pickle.loads(pickle.dumps(WidgetJob(Container(), name="mine")))

    assert (again.name, len(again)) == ("mine", 3)
    assert len(copy.copy(WidgetJob(Container()))) == 3


def test_tools_that_look_at_all_members_can() -> None:
    job = WidgetJob(Future())

    assert {"state", "result", "job_id"} <= {name for name, _ in inspect.getmembers(job)}
    assert create_autospec(job).job_id.return_value is not None


def test_its_class_is_what_the_job_says_it_is() -> None:
    theirs = create_autospec(JobV1, instance=True)
    job = WidgetJob(theirs)

    assert isinstance(theirs, JobV1)
    assert isinstance(job, JobV1)


ASKED: list[tuple[Callable[[Any], object], object]] = [
    (lambda job: job.result(), (None, None)),
    (lambda job: job.result(True), (True, None)),
    (lambda job: job.result("often", 5), ("often", 5)),
    (lambda job: job.result(sharpen=1, timeout=2), (1, 2)),
    (lambda job: job.result(timeout=3), (None, 3)),
    (lambda job: job.result("often", on_interrupt="cancel"), ("often", None)),
    (lambda job: job.status(), "DONE"),
    (lambda job: job.status(True), ("DONE", "in detail")),
    (lambda job: job.status(detailed=True), ("DONE", "in detail")),
    (lambda job: job.done(force_check=True), "checked"),
]


@pytest.mark.parametrize(("ask", "answer"), ASKED)
def test_arguments_are_the_providers(ask: Callable[[Any], object], answer: object) -> None:
    assert ask(WidgetJob(Plain())) == answer


def test_arguments_without_names_are_passed_on_as_they_are() -> None:
    class Open(Plain):
        def result(self, *args: Any, **kwargs: Any) -> Any:
            return args, kwargs

    assert WidgetJob(Open()).result(1, 2, deep=True) == ((1, 2), {"deep": True})


def test_too_many_arguments_are_refused_as_the_provider_would() -> None:
    with pytest.raises(TypeError, match="takes from 1 to 3 positional arguments but 4 were given"):
        WidgetJob(Plain()).result(1, 2, 3)
    with pytest.raises(TypeError, match="multiple values for argument 'sharpen'"):
        WidgetJob(Plain()).result(1, sharpen=2)
    with pytest.raises(TypeError):
        WidgetJob(Plain()).running(1)


def test_a_single_argument_is_the_time_out_where_the_provider_takes_none() -> None:
    class Waits(Plain):
        def in_final_state(self) -> bool:
            return True

        def result(self) -> Any:  # type: ignore[override]
            return "ready"

    assert WidgetJob(Waits()).result(5) == "ready"
    assert isinstance(WidgetJob(Waits()), Awaitable)


# Names that are the provider's.


class Counting(Plain):
    """Its words mean something else than those of a card."""

    over = True
    status = "all fine"  # type: ignore[assignment]
    progress = 3

    def __init__(self) -> None:
        self.name = "theirs"

    def queue_position(self) -> int:
        return 41

    @property
    def state(self) -> str:
        return "WORKING"


class CountingAdapter(Adapter[Counting]):
    provider = "Counting"

    def job_id(self) -> str:
        return self.job.job_id()

    def read(self, last: JobSnapshot) -> JobSnapshot:
        return last.evolve(state=JobState.DONE if self.job.over else JobState.RUNNING)


register_adapter(Counting, CountingAdapter)


def test_a_name_that_the_job_has_is_the_jobs() -> None:
    job: Any = WidgetJob(Counting(), name="mine")

    assert (job.status, job.progress, job.name, job.queue_position(), job.state) == (
        *("all fine", 3, "theirs", 41),
        "WORKING",
    )
    assert job.job_id() == "p1"
    assert job.wait(PATIENCE)
    assert (job.snapshot.name, job.snapshot.state) == ("mine", "DONE")


def test_the_cards_own_view_is_observed_and_sent_although_the_name_is_the_jobs(frontend: RecordingFrontend) -> None:
    theirs = Counting()
    theirs.over = False
    job: Any = WidgetJob(theirs, name="mine")
    seen, ended = [], threading.Event()

    def see(change: Any) -> None:
        seen.append(change["new"])
        if change["new"] == "DONE":
            ended.set()

    job.observe(see, "state")
    theirs.over = True

    assert ended.wait(PATIENCE)
    assert job.state == "WORKING"
    state = job.get_state()
    assert (state["state"], state["name"]) == ("DONE", "mine")
    assert (job.get_state("state"), set(job.keys) - set(state)) == ({"state": "DONE"}, set())


def test_an_unnamed_job_of_ours_has_the_cards_names() -> None:
    job = WidgetJob(FakeJob())

    assert (job.state, job.name) == ("QUEUED", None)
