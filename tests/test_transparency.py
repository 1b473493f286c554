"""``WidgetJob`` stands wherever the provider's job stands."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
import qiskit.primitives
from ipywidgets import Widget
from qiskit import QuantumCircuit
from qiskit.primitives import BackendSamplerV2, StatevectorEstimator, StatevectorSampler
from qiskit.providers.basic_provider import BasicSimulator
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer import AerSimulator
from qiskit_aer.primitives import SamplerV2
from traitlets import Int, observe

import primwidgets
from primwidgets import WidgetJob
from primwidgets.simulated import SimulatedProvider
from primwidgets.testing import FakeJob
from tests.monitored import PATIENCE

BELL = QuantumCircuit(2)
BELL.h(0)
BELL.cx(0, 1)
MEASURED = BELL.measure_all(inplace=False)


def future_of(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments)


JOBS: dict[str, Callable[[], Any]] = {
    "statevector sampler": lambda: StatevectorSampler(seed=1).run([MEASURED]),
    "statevector estimator": lambda: StatevectorEstimator().run([(BELL, SparsePauliOp("ZZ"))]),
    "backend sampler": lambda: BackendSamplerV2(backend=BasicSimulator()).run([MEASURED]),
    "aer sampler": lambda: SamplerV2().run([MEASURED]),
    "aer": lambda: AerSimulator().run(MEASURED, shots=8),
    "basic simulator": lambda: BasicSimulator().run(MEASURED, shots=8),
    "simulated": lambda: SimulatedProvider(seconds_per_place=0.001).run(queue=1, seconds=0.01),
    "future": lambda: future_of(int, "7"),
}
QISKIT = [name for name in JOBS if name not in ("simulated", "future")]
QISKIT_PRIMITIVES = [name for name in QISKIT if name not in ("aer", "basic simulator")]

#: The names that jobs have for their own; no trait of the card may hide them.
METHODS_OF_JOBS = {
    "job_id", "result", "status", "done", "running", "cancelled", "in_final_state", "cancel", "metadata", "backend",
    "submit", "exception", "metrics", "logs", "tags", "usage",
}  # fmt: skip


@pytest.fixture(params=JOBS)
def theirs(request: pytest.FixtureRequest) -> Any:
    """The provider's own job, of each provider."""
    return JOBS[request.param]()


@pytest.fixture
def future() -> Iterator[Future[Any]]:
    """A future that is pending."""
    pending: Future[Any] = Future()
    yield pending
    pending.cancel()


# The job's methods.


def test_it_has_the_id_and_the_very_result_of_the_job(theirs: Any) -> None:
    job = WidgetJob(theirs)

    assert job.job is theirs
    assert not hasattr(theirs, "job_id") or job.job_id() == theirs.job_id()
    assert job.result() is theirs.result()
    assert job.wait(PATIENCE)
    assert (job.state, job.done(), job.running(), job.cancelled(), job.in_final_state()) == (
        "DONE",
        True,
        False,
        False,
        True,
    )


def test_its_status_is_the_providers_own_object(theirs: Any) -> None:
    job = WidgetJob(theirs)
    job.result()

    if hasattr(theirs, "status"):
        assert type(job.status()) is type(theirs.status())
        assert job.status() == theirs.status()
    else:
        assert job.status() == "finished"


def test_it_is_of_the_jobs_class_and_of_its_own(theirs: Any) -> None:
    job = WidgetJob(theirs)

    assert isinstance(job, type(theirs))
    assert job.__class__ is type(theirs)
    for own in (WidgetJob, Widget, primwidgets.BasePrimitiveJob, qiskit.primitives.BasePrimitiveJob):
        assert isinstance(job, own)
    assert not isinstance(job, asyncio.Future if isinstance(theirs, Future) else Future)


def test_what_a_failed_job_raises_is_the_very_exception() -> None:
    error = KeyError("qubit")

    def fail() -> None:
        raise error

    with pytest.raises(KeyError) as caught:
        WidgetJob(future_of(fail)).result()
    assert caught.value is error


def test_what_a_failed_simulation_raises_is_the_providers_own() -> None:
    theirs = SimulatedProvider(seconds_per_place=0.001).run(queue=0, seconds=0.01, outcome="fail")

    with pytest.raises(primwidgets.simulated.SimulatedFailure, match="lost lock"):
        WidgetJob(theirs).result()


def test_cancel_takes_and_returns_what_the_providers_does() -> None:
    calls = []

    class Job(FakeJob):
        def cancel(self, *args: Any, **kwargs: Any) -> Any:
            calls.append((args, kwargs))
            return {}

    assert WidgetJob(Job()).cancel("now", reason="cost") == {}
    assert calls == [(("now",), {"reason": "cost"})]


def test_cancel_raises_what_the_providers_does_and_the_card_tells_it() -> None:
    job = WidgetJob(SimulatedProvider().run(queue=0, seconds=60, cancel="refuse"))
    with pytest.raises(primwidgets.simulated.SimulatedRefusal, match="calibration"):
        job.cancel()

    assert job.cancel_state == "REFUSED"
    assert "calibration" in str(job.snapshot.cancel_detail)
    job.close()


def test_a_simulator_without_a_cancel_says_so() -> None:
    with pytest.raises(NotImplementedError):
        WidgetJob(BasicSimulator().run(MEASURED)).cancel()


def test_a_future_is_cancelled_as_a_future_is(future: Future[Any]) -> None:
    job = WidgetJob(future)

    assert job.cancel() is True
    assert job.cancelled() is True
    assert job.done() is True  # as a future means it: finished in whatever way
    assert (job.state, job.cancel_state) == ("CANCELLED", "CONFIRMED")
    with pytest.raises(concurrent.futures.CancelledError):
        job.result()


async def test_a_task_is_cancelled_as_a_task_is() -> None:
    task = asyncio.create_task(asyncio.sleep(60))
    job = WidgetJob(task)

    assert isinstance(job, asyncio.Task)
    assert job.job_id() == task.get_name()
    assert job.cancel("enough") is True
    with pytest.raises(asyncio.CancelledError, match="enough"):
        await job
    assert job.state == "CANCELLED"


# Attributes.


def test_other_attributes_are_the_jobs() -> None:
    theirs = AerSimulator().run(MEASURED, shots=8)
    job = WidgetJob(theirs)

    assert job.backend() is theirs.backend()
    assert job.metadata is theirs.metadata
    assert job._future is theirs._future
    assert {*dir(theirs)} <= {*dir(job)}
    assert {"observe", "snapshot"} <= {*dir(job)}


def test_attributes_are_written_to_and_deleted_on_the_job() -> None:
    theirs = FakeJob()
    job = WidgetJob(theirs)
    job.note = "mine"
    job._session = 3
    job.metadata["a"] = 1

    assert (theirs.note, theirs._session, theirs.metadata) == ("mine", 3, {"a": 1})  # type: ignore[attr-defined]
    del job.note
    assert not hasattr(theirs, "note")
    assert not hasattr(job, "note")


@pytest.mark.parametrize("name", ["wishful", "_private", "_repr_svg_", "_state_changed"])
def test_an_attribute_that_neither_has_is_missing(name: str, future: Future[Any]) -> None:
    job = WidgetJob(future)

    with pytest.raises(AttributeError, match=name):
        getattr(job, name)
    with pytest.raises(AttributeError):
        delattr(job, name)


def test_what_goes_wrong_in_a_property_of_a_subclass_is_not_hidden(future: Future[Any]) -> None:
    class Job(WidgetJob[Any, Any]):
        @property
        def broken(self) -> int:
            return self.job.no_such_thing  # type: ignore[no-any-return]

    with pytest.raises(AttributeError, match=r"no_such_thing|broken"):
        Job(future).broken  # noqa: B018  (it raises)


def test_the_attributes_of_a_subclass_are_its_own() -> None:
    class Job(WidgetJob[Any, Any]):
        colour = "red"
        level = Int(1).tag(sync=True)

    theirs = FakeJob()
    job = Job(theirs, level=2)
    job.colour, job.level = "blue", 3

    assert (job.colour, job.level) == ("blue", 3)
    assert not hasattr(theirs, "colour")
    assert not hasattr(theirs, "level")


def test_old_style_observers_of_a_subclass_work_and_none_is_looked_for_on_the_job() -> None:
    class Theirs(FakeJob):
        def _progress_changed(self, *_: object) -> None:
            raise AssertionError

    class Job(WidgetJob[Any, Any]):
        seen = ""

        @observe("state")
        def _state_changed(self, change: Any) -> None:
            self.seen += change.new

    theirs = Theirs()
    job = Job(theirs)
    progress: list[float] = []
    job.observe(lambda change: progress.append(change.new), "progress")
    theirs.move_to(primwidgets.JobState.RUNNING, progress=0.5)
    theirs.finish()

    assert job.wait(PATIENCE)
    assert re.fullmatch("QUEUED(RUNNING)?DONE", job.seen)
    assert progress[-1] == 1.0


def test_no_trait_has_the_name_of_a_method_of_jobs() -> None:
    assert not METHODS_OF_JOBS & {*WidgetJob.class_trait_names()}


def test_nothing_that_jobs_have_is_hidden_but_the_methods_that_call_it(theirs: Any) -> None:
    contract = {"job_id", "result", "status", "done", "running", "cancelled", "in_final_state", "cancel"}
    public = {name for name in dir(theirs) if not name.startswith("_")}

    assert public & {*dir(WidgetJob)} <= contract


def test_it_is_of_an_interface_that_is_loaded_later() -> None:
    script = """if True:
        from primwidgets import WidgetJob
        from primwidgets.testing import FakeJob
        job = WidgetJob(FakeJob())
        from qiskit.primitives import BasePrimitiveJob
        print(isinstance(job, BasePrimitiveJob))
    """
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=240, check=True)

    assert run.stdout == "True\n"


# What is no job.


async def coroutine() -> None: ...


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (None, "Did run"),
        (print, "wrap executor.submit"),
        (FakeJob, "call it"),
        ([], "makes one job of several"),
        ("cfd1f3ac", "get the job from its provider"),
        (7, "Expected what a provider's run"),
    ],
)
def test_what_is_no_job_is_refused_with_advice(
    given: object, hint: str, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    left_over: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", left_over.append)
    with pytest.raises(TypeError, match=hint) as caught:
        _ = WidgetJob(given)

    assert isinstance(caught.value, primwidgets.NotAJobError)
    del caught
    gc.collect()
    assert left_over == []
    assert not recwarn


def test_a_coroutine_is_refused_with_advice() -> None:
    given = coroutine()
    with pytest.raises(TypeError, match=r"wrap asyncio\.create_task"):
        _ = WidgetJob(given)
    given.close()


@pytest.mark.parametrize("keyword", ["backend", "shots", "state", "job_id", "_esm", "progress"])
def test_an_unknown_keyword_is_refused(keyword: str, future: Future[Any]) -> None:
    with pytest.raises(TypeError, match=rf"WidgetJob\(\) has no keyword '{keyword}'"):
        _ = WidgetJob(future, **{keyword: "x"})
