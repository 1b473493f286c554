"""The registry: which adapter reads which job."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from primwidgets import WidgetJob
from primwidgets.adapters import Adapter, adapter_for, register_adapter, registry
from primwidgets.adapters.base_primitive_job import BasePrimitiveJobAdapter
from primwidgets.adapters.foreign_futures import ForeignFutureAdapter
from primwidgets.adapters.qiskit_jobs import JobV1Adapter
from primwidgets.errors import AdapterRegistrationError, NotAJobError
from primwidgets.simulated import SimulatedResult
from primwidgets.snapshot import JobSnapshot, JobState
from tests.monitored import PATIENCE


class Job:
    """Nothing that could be taken for a job by its methods."""


class SubJob(Job):
    pass


class OneAdapter(Adapter[Any]):
    provider = "One"


class OtherAdapter(Adapter[Any]):
    provider = "Other"


class Nameless(Adapter[Any]):
    pass


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    monkeypatch.setattr(registry, "_announced", {})
    registry._found.clear()
    yield
    registry._found.clear()


def announce(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    entry = EntryPoint(name, value, registry.ENTRY_POINT_GROUP)
    monkeypatch.setattr(registry, "_announced", {name: entry})


def test_a_registered_adapter_is_found_for_the_class_and_its_subclasses() -> None:
    register_adapter(Job, OneAdapter)
    assert type(adapter_for(Job())) is OneAdapter
    assert type(adapter_for(SubJob())) is OneAdapter


def test_the_adapter_holds_the_job() -> None:
    register_adapter(Job, OneAdapter)
    job = Job()
    assert adapter_for(job).job is job


def test_the_nearest_class_wins() -> None:
    register_adapter(Job, OneAdapter)
    register_adapter(SubJob, OtherAdapter)
    assert type(adapter_for(SubJob())) is OtherAdapter


def test_names_do_instead_of_classes_and_are_imported_only_when_needed() -> None:
    register_adapter(f"{__name__}:Job", f"{__name__}:OneAdapter")
    register_adapter("a_provider_that_is_not_installed:Job", "a_provider_that_is_not_installed:Adapter")
    assert type(adapter_for(Job())) is OneAdapter


def test_a_class_registered_after_it_was_met_is_found_too() -> None:
    register_adapter(Job, OneAdapter)
    adapter_for(SubJob())
    register_adapter(SubJob, OtherAdapter)
    assert type(adapter_for(SubJob())) is OtherAdapter


@pytest.mark.parametrize("target", [Job, f"{__name__}:Job"], ids=["class", "name"])
def test_registering_twice_is_refused_and_changes_nothing(target: type | str) -> None:
    register_adapter(Job, OneAdapter)
    with pytest.raises(AdapterRegistrationError, match="replace=True"):
        register_adapter(target, OtherAdapter)
    assert type(adapter_for(Job())) is OneAdapter


def test_registering_twice_is_possible_on_request() -> None:
    register_adapter(Job, OneAdapter)
    register_adapter(Job, OtherAdapter, replace=True)
    assert type(adapter_for(Job())) is OtherAdapter


@pytest.mark.parametrize(
    ("target", "adapter"),
    [
        (Job, Job),
        (Job, OneAdapter(None)),
        (Job, Nameless),
        (Job, "no_colon"),
        (Job, None),
        ("no_colon", OneAdapter),
        (":Job", OneAdapter),
        ("module:", OneAdapter),
        (Job(), OneAdapter),
        (None, OneAdapter),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_what_is_no_adapter_or_no_class_is_refused_and_changes_nothing(target: Any, adapter: Any) -> None:
    before = dict(registry._registered)
    with pytest.raises(AdapterRegistrationError):
        register_adapter(target, adapter, replace=True)
    assert registry._registered == before


def test_a_name_that_turns_out_to_be_no_adapter_is_refused_when_it_is_loaded() -> None:
    register_adapter(Job, f"{__name__}:Job")
    with pytest.raises(AdapterRegistrationError, match="not a subclass"):
        adapter_for(Job())


def test_an_announced_adapter_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(monkeypatch, f"{__name__}:Job", f"{__name__}:OneAdapter")
    assert type(adapter_for(SubJob())) is OneAdapter


def test_an_announced_adapter_comes_before_the_one_of_an_ancestor(monkeypatch: pytest.MonkeyPatch) -> None:
    register_adapter(Job, OneAdapter)
    announce(monkeypatch, f"{__name__}:SubJob", f"{__name__}:OtherAdapter")
    assert type(adapter_for(SubJob())) is OtherAdapter


def test_a_registered_adapter_comes_before_an_announced_one(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(monkeypatch, f"{__name__}:Job", f"{__name__}:OtherAdapter")
    register_adapter(Job, OneAdapter)
    assert type(adapter_for(Job())) is OneAdapter


@pytest.mark.parametrize("value", ["a_package_that_is_not_installed:Adapter", f"{__name__}:Job", f"{__name__}:Missing"])
def test_a_broken_announcement_is_logged_and_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, value: str
) -> None:
    register_adapter(Job, OneAdapter)
    announce(monkeypatch, f"{__name__}:SubJob", value)
    assert type(adapter_for(SubJob())) is OneAdapter
    assert value in caplog.text


def test_the_announcements_of_installed_packages_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint(f"{__name__}:Job", f"{__name__}:OneAdapter", registry.ENTRY_POINT_GROUP)
    monkeypatch.setattr(registry, "_announced", None)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry] if group == "primwidgets.adapters" else [])
    assert type(adapter_for(Job())) is OneAdapter


def of_methods(*names: str) -> Any:
    return type("Foreign", (), dict.fromkeys(names, lambda self: None))()


@pytest.mark.parametrize(
    ("job", "adapter"),
    [
        (of_methods("job_id", "status", "result", "in_final_state"), BasePrimitiveJobAdapter),
        (of_methods("job_id", "status", "result"), JobV1Adapter),
        (of_methods("done", "result", "add_done_callback"), ForeignFutureAdapter),
    ],
    ids=["primitive job", "circuit job", "future"],
)
def test_a_job_of_an_unknown_class_is_known_by_its_methods(job: Any, adapter: type[Adapter[Any]]) -> None:
    assert type(adapter_for(job)) is adapter


def test_a_wrapper_that_lies_about_its_class_is_taken_for_what_it_is() -> None:
    class Wrapper(Job):
        @property  # type: ignore[misc]
        def __class__(self) -> type:
            return Future

    register_adapter(Job, OneAdapter)
    assert type(adapter_for(Wrapper())) is OneAdapter


def test_looking_for_an_adapter_imports_no_provider() -> None:
    script = """
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from primwidgets.adapters import adapter_for
adapter_for(Future())
print(sorted(name for name in sys.modules if name.startswith("qiskit")))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=240)
    assert run.stdout.strip() == "[]"


async def _coroutine() -> None:
    pass


class Unspeakable:
    """Whatever is asked of it runs somebody's code."""

    def __repr__(self) -> str:
        raise AssertionError("a refusal must not show the value")

    __str__ = __repr__

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        raise AssertionError("a refusal must not ask for the class")


class UnspeakableList(list[Any]):
    def __repr__(self) -> str:
        raise AssertionError("a refusal must not show the value")


class Delayed:
    """A job of an asynchronous provider that has its result elsewhere."""

    def job_id(self) -> str:
        return "later-1"

    async def status(self) -> str:
        return "DONE"


def foreign(module: str, name: str, *bases: type) -> Any:
    return type(name, bases, {"__module__": module})()


MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "nothing": (lambda: None, "Did run() return the job?"),
    "a class": (lambda: Job, "This is a class"),
    "a function": (lambda: partial, "This is a class"),
    "a lambda": (lambda: lambda: None, "executor.submit(function)"),
    "a partial function": (lambda: partial(print), "executor.submit(function)"),
    "an id": (lambda: "job-1", "get the job from its provider by the id"),
    "a result": (lambda: SimulatedResult({"0": 1}, 1), "already a result"),
    "a list of jobs": (lambda: [Job()], "makes one job of several"),
    "a dictionary of jobs": (lambda: {"a": Job()}, "makes one job of several"),
    "a number": (lambda: 3, "Expected what"),
    "something that cannot be shown": (Unspeakable, "Unspeakable"),
    "a list that cannot be shown": (UnspeakableList, "makes one job of several"),
    "a job of an asynchronous provider without a result": (Delayed, "asyncio.create_task"),
    "an iterator over a pool's results": (lambda: foreign("multiprocessing.pool", "IMapIterator"), "map_async"),
    "a generator": (lambda: (number for number in range(3)), "submit(list, generator)"),
    "a signature of Celery": (lambda: foreign("celery.canvas", "Signature", dict), "not been sent yet"),
    "an executor": (lambda: ThreadPoolExecutor(1), "Wrap what its submit() returns"),
    "a handle without its backend": (lambda: foreign("pytket.backends", "ResultHandle", tuple), "backend.get_result"),
    "the answer of a cloud": (lambda: {"jobArn": "arn:x", "ResponseMetadata": {}}, "answer to a request"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_is_no_job_is_refused_with_a_helpful_text(mistake: str) -> None:
    make, hint = MISTAKES[mistake]
    with pytest.raises(TypeError) as caught:
        adapter_for(make())
    assert isinstance(caught.value, NotAJobError)
    assert hint in str(caught.value)
    assert "primwidgets.register_adapter" in str(caught.value)


def test_a_collection_of_dask_says_what_has_to_be_installed() -> None:
    script = """
import sys
sys.modules["distributed"] = None
from dask import delayed
from primwidgets import NotAJobError, WidgetJob
try:
    WidgetJob(delayed(abs)(-1))
except NotAJobError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=240)
    assert "install the package 'distributed'" in run.stdout


def test_an_adapter_may_decline_a_class_and_the_search_goes_on() -> None:
    class Choosy(OneAdapter):
        @classmethod
        def suits(cls, kind: type) -> bool:
            return kind is Job

    register_adapter(Job, OtherAdapter)
    register_adapter(SubJob, Choosy)
    assert type(adapter_for(SubJob())) is OtherAdapter


def test_an_attribute_called_loop_makes_no_asyncio_adapter() -> None:
    class Looping(OneAdapter):
        loop = "for ever"

        def job_id(self) -> str:
            return "one-1"

        def read(self, last: JobSnapshot) -> JobSnapshot:
            return last.evolve(state=JobState.DONE)

        def result(self, timeout: float | None = None, **kwargs: Any) -> Any:
            return 42

        @property
        def takes_timeout(self) -> bool:
            return False

    register_adapter(Job, Looping)
    assert adapter_for(Job()).event_loop is None
    assert WidgetJob(Job()).result(timeout=PATIENCE) == 42


def test_a_coroutine_is_to_be_made_a_task() -> None:
    coroutine = _coroutine()
    with pytest.raises(NotAJobError, match=r"asyncio\.create_task"):
        adapter_for(coroutine)
    coroutine.close()


async def test_something_else_to_await_is_to_be_made_a_future() -> None:
    class Awaitable:
        def __await__(self) -> Any:
            return asyncio.sleep(0).__await__()

    with pytest.raises(NotAJobError, match=r"asyncio\.ensure_future"):
        adapter_for(Awaitable())


def test_the_text_about_a_huge_mistake_is_short() -> None:
    with pytest.raises(NotAJobError) as caught:
        adapter_for(["x" * 1_000_000] * 1_000)
    assert len(str(caught.value)) < 1_500


class _Noted:
    """Notes that one of its attributes was looked up."""

    looked_up = False

    def __getattribute__(self, name: str) -> Any:
        _Noted.looked_up = True
        return object.__getattribute__(self, name)


@pytest.mark.parametrize("collect", [list, tuple, lambda items: dict(enumerate(items))])
def test_a_collection_without_jobs_is_refused_at_its_first_item(collect: Callable[[list[object]], Any]) -> None:
    with pytest.raises(NotAJobError, match="holds no jobs"):
        adapter_for(collect([3, _Noted()]))

    assert not _Noted.looked_up
