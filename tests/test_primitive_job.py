from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from abc import ABC

import pytest

from primwidgets.primitive_job import BasePrimitiveJob, add_counterpart


class PlainJob(BasePrimitiveJob[int, str]):
    """A job that needs nothing but the interface."""

    def result(self) -> int:
        return 42

    def status(self) -> str:
        return "as fine as can be"

    def done(self) -> bool:
        return True

    def running(self) -> bool:
        return False

    def cancelled(self) -> bool:
        return False

    def in_final_state(self) -> bool:
        return True

    def cancel(self) -> None:
        """Nothing left to cancel."""


ABSTRACT = ("result", "status", "done", "running", "cancelled", "in_final_state", "cancel")


def test_the_id_and_the_metadata_are_kept() -> None:
    job = PlainJob("job-1", shots=100, tags=["demo"])
    assert job.job_id() == "job-1"
    assert job.metadata == {"shots": 100, "tags": ["demo"]}


def test_without_metadata_there_is_an_empty_dictionary() -> None:
    assert PlainJob("job-1").metadata == {}


def test_the_interface_itself_cannot_be_instantiated() -> None:
    with pytest.raises(TypeError, match="abstract"):
        BasePrimitiveJob("job-1")  # type: ignore[abstract]


@pytest.mark.parametrize("missing", ABSTRACT)
def test_every_method_but_the_id_is_abstract(missing: str) -> None:
    methods = {name: getattr(PlainJob, name) for name in ABSTRACT if name != missing}
    incomplete = type("Incomplete", (BasePrimitiveJob,), methods)
    with pytest.raises(TypeError, match=missing):
        incomplete("job-1")


def test_the_class_of_a_job_is_its_class() -> None:
    job = PlainJob("job-1")
    assert job.__class__ is type(job) is PlainJob


def test_a_job_can_be_copied_and_pickled() -> None:
    job = PlainJob("job-1", shots=100)
    for twin in (copy.copy(job), pickle.loads(pickle.dumps(job))):
        assert type(twin) is PlainJob
        assert (twin.job_id(), twin.metadata) == ("job-1", {"shots": 100})


def test_a_class_that_only_has_the_name_is_not_recognised() -> None:
    named = type("BasePrimitiveJob", (), {})
    assert not issubclass(type("Job", (named,), {}), BasePrimitiveJob)


def test_subclasses_of_an_interface_of_the_same_name_and_shape_are_recognised() -> None:
    shape = {name: lambda self: None for name in ("job_id", *ABSTRACT)}
    interface = type("BasePrimitiveJob", (), shape)
    assert issubclass(type("Job", (interface,), {}), BasePrimitiveJob)
    assert not issubclass(interface, BasePrimitiveJob)


def test_being_recognised_does_not_make_a_job_of_ours_a_job_of_each_class_of_ours() -> None:
    shape = {name: lambda self: None for name in ("job_id", *ABSTRACT)}
    interface = type("BasePrimitiveJob", (), shape)
    assert not issubclass(type("Job", (interface,), {}), PlainJob)


def test_a_counterpart_that_is_loaded_later_is_met_when_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    job = PlainJob("job-1")
    add_counterpart("a_provider_of_later", "Interface")
    module = type(sys)("a_provider_of_later")
    monkeypatch.setitem(sys.modules, "a_provider_of_later", module)
    assert isinstance(job, PlainJob)  # while the import has not come as far as the class

    class Interface(ABC):  # noqa: B024  (what it asks for does not matter here)
        pass

    module.__dict__["Interface"] = Interface
    assert isinstance(job, Interface)
    assert issubclass(PlainJob, Interface)


QISKIT_FIRST = "import qiskit.primitives as q; import primwidgets.adapters"
OURS_FIRST = (
    "import primwidgets.adapters; job = __import__('tests.test_primitive_job', fromlist='PlainJob').PlainJob('job-1')"
)
SCRIPT = """
{start}
import qiskit.primitives as q
from primwidgets.primitive_job import BasePrimitiveJob
from tests.test_primitive_job import PlainJob
job = globals().get("job") or PlainJob("job-1")
theirs = q.PrimitiveJob(None)
assert isinstance(job, q.BasePrimitiveJob)
assert issubclass(PlainJob, q.BasePrimitiveJob)
assert isinstance(theirs, BasePrimitiveJob)
assert issubclass(q.PrimitiveJob, BasePrimitiveJob)
assert not isinstance(job, q.PrimitiveJob)
assert not isinstance(object(), (BasePrimitiveJob, q.BasePrimitiveJob))
print("both ways")
"""


@pytest.mark.parametrize("start", [QISKIT_FIRST, OURS_FIRST], ids=["qiskit first", "ours first"])
def test_the_interface_and_qiskits_recognise_each_other_in_any_order_of_imports(start: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(start=start)], capture_output=True, text=True, check=False, timeout=240
    )
    assert (run.stdout.strip(), run.stderr) == ("both ways", "")
