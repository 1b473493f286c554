"""The job of a sharded call: progress, cancel, failures, and what is left of it then."""

from __future__ import annotations

import pickle
import threading
from concurrent.futures import CancelledError
from typing import Any

import cloudpickle
import pytest
from qiskit import QiskitError, QuantumCircuit
from qiskit.primitives import BaseSamplerV2, PrimitiveJob, PrimitiveResult, StatevectorSampler
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub

from primwidgets import EngineError, JobCancelled, WidgetJob
from primwidgets._progress.track import CallContext, running
from primwidgets.engines import FunctionCall, FunctionJob
from primwidgets.engines.threads import LocalEngine
from primwidgets.primitives import ParallelSampler, shard_run
from primwidgets.primitives.shard_run import run_shard
from primwidgets.primitives.sharding import SHARDS, Shared, cut
from tests.monitored import PATIENCE, wait_until
from tests.primitive_calls import ENERGY, MEASURED_BELL, MEASURED_TURNED, TURNED, Gate, Scripted, finished, named

UNMEASURABLE = QuantumCircuit(1, 1)
UNMEASURABLE.measure(0, 0)
UNMEASURABLE.h(0)
UNMEASURABLE.measure(0, 0)


def one_by_one(sampler: Any, count: int, *, shard: int = 1) -> WidgetJob[Any, Any]:
    """A call whose PUBs run one after the other."""
    return ParallelSampler(sampler, engine=LocalEngine(threads=1), shard=shard).run(named(count))


@pytest.fixture
def no_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each PUB is a call of the primitive."""
    monkeypatch.setattr(shard_run, "CHUNK_SECONDS", 0.0)


# Progress.


@pytest.mark.parametrize("shard", [1, 3, 5])
@pytest.mark.usefixtures("no_chunks")
def test_the_progress_counts_pubs(shard: int) -> None:
    gate = Gate("3")
    job = one_by_one(Scripted(gate), 5, shard=shard)
    assert job.state in ("QUEUED", "RUNNING")
    assert gate.reached.wait(PATIENCE)
    wait_until(lambda: job.job.context.progress().text == "3 of 5 PUBs")
    assert job.job.context.progress().fraction == pytest.approx(0.6)
    assert job.running()
    gate.open.set()
    job.result()
    assert job.job.context.progress().text == "5 of 5 PUBs"


def test_what_the_workers_print_is_in_the_log_in_order() -> None:
    job = one_by_one(Scripted(lambda name: None), 1)
    job.result()
    assert job.job.output == ""
    loud = one_by_one(_Loud(), 3)
    loud.result()
    assert loud.job.output == "0\n1\n2\n"
    assert loud.job.context.log_tail(1000) == "0\n1\n2\n"


# Cancel.


def test_a_queued_call_is_cancelled_at_once() -> None:
    engine, gate = LocalEngine(threads=1), Gate("0")
    blocking = ParallelSampler(Scripted(gate), engine=engine).run(named(1))
    assert gate.reached.wait(PATIENCE)
    job = ParallelSampler(StatevectorSampler(), engine=engine).run(named(3))
    assert job.cancel()
    assert job.wait(PATIENCE)
    assert job.cancelled()
    with pytest.raises(CancelledError):
        job.result()
    gate.open.set()
    blocking.result()


@pytest.mark.parametrize("shard", [1, 5])
@pytest.mark.usefixtures("no_chunks")
def test_a_running_call_stops_before_the_next_pub_and_keeps_what_is_done(shard: int) -> None:
    gate = Gate("2")
    job = one_by_one(Scripted(gate), 5, shard=shard)
    assert gate.reached.wait(PATIENCE)
    assert job.cancel()
    assert not job.in_final_state()  # something of it still runs
    gate.open.set()
    assert job.wait(PATIENCE)
    assert job.state == "CANCELLED"
    assert gate.passed == ["0", "1", "2"]
    assert finished(job.partial_results()) == [True, True, True, False, False]
    with pytest.raises(JobCancelled, match="partial_results"):
        job.result()


def test_threads_take_turns_and_do_not_begin_when_theirs_comes_too_late() -> None:
    gate = Gate("0")
    job = ParallelSampler(Scripted(gate), engine=LocalEngine(threads=3), shard=1).run(named(3))
    assert gate.reached.wait(PATIENCE)
    wait_until(lambda: all(part.context.started_at is not None for part in job.parts))
    job.cancel()
    gate.open.set()
    assert job.wait(PATIENCE)
    assert gate.passed[-1] == "0"


def test_a_call_that_is_over_cannot_be_cancelled() -> None:
    job = one_by_one(StatevectorSampler(), 2)
    job.result()
    assert job.cancel() is False
    assert job.done()


def test_a_call_that_ends_although_it_is_to_stop_is_done() -> None:
    gate = Gate("0")
    job = one_by_one(Scripted(gate), 1)
    assert gate.reached.wait(PATIENCE)
    job.cancel()
    gate.open.set()
    assert len(job.result()) == 1
    assert job.done()


# Failures.


@pytest.mark.parametrize("shard", [1, 3, 11])
def test_a_failure_tells_which_pub_it_was_and_the_others_are_kept(shard: int) -> None:
    pubs = [MEASURED_BELL] * 5 + [UNMEASURABLE] + [MEASURED_BELL] * 5
    job = ParallelSampler(StatevectorSampler(), engine=LocalEngine(threads=1), shard=shard).run(pubs)
    with pytest.raises(QiskitError, match="mid-circuit") as caught:
        job.result()
    assert caught.value.__notes__ == ["pubs[5] failed."]
    assert job.failed_pub == 5
    assert finished(job.partial_results())[:6] == [True] * 5 + [False]
    assert job.wait(PATIENCE)
    assert (job.state, job.message) == ("ERROR", "pubs[5] failed.")
    assert job.snapshot.error is not None
    assert job.snapshot.error.type == "QiskitError"


def test_a_failure_ends_the_other_shards() -> None:
    gate = Gate("2")

    def before(name: str) -> None:
        if name == "1":
            raise ArithmeticError("no")
        gate(name)

    job = one_by_one(Scripted(before), 6)
    wait_until(lambda: all(part.job is None or part.job.context.cancelled for part in job.parts))
    gate.open.set()
    with pytest.raises(ArithmeticError):
        job.result()
    assert gate.passed in (["0"], ["0", "2"])  # the next one may have begun before
    assert finished(job.partial_results())[3:] == [False] * 3


def test_an_exception_that_cannot_be_pickled_is_shown_as_text() -> None:
    def before(name: str) -> None:
        raise _Unpicklable(threading.Lock())

    outcome = run_shard(cut(Scripted(before), _pubs(1), None, None)[0])
    assert type(outcome.error) is RuntimeError
    assert str(outcome.error).startswith("_Unpicklable: ")
    assert "_Unpicklable" in (outcome.trace or "")


def test_a_sampler_that_loses_results_is_an_error() -> None:
    job = ParallelSampler(_Forgetful(), engine=None).run(named(1))
    with pytest.raises(RuntimeError, match="_Forgetful was given 1 PUBs and returned 0 results"):
        job.result()


def test_a_worker_that_dies_fails_its_pubs() -> None:
    job = ParallelSampler(StatevectorSampler(), engine=_Deadly(LocalEngine(), 2), shard=2).run(named(7))
    with pytest.raises(EngineError, match="died"):
        job.result()
    assert job.failed_pub is None
    assert job.wait(PATIENCE)
    assert job.message == "pubs[4:6] failed."
    assert finished(job.partial_results())[4:6] == [False, False]


def test_a_shard_that_cannot_be_sent_takes_back_the_others() -> None:
    engine = _Refusing(LocalEngine(), 2)
    with pytest.raises(EngineError, match="refused"):
        _ = ParallelSampler(StatevectorSampler(), engine=engine, shard=1).run(named(4))
    wait_until(lambda: all(job.in_final_state() for job in engine.started))
    assert len(engine.started) == 2


# Shards.


@pytest.mark.parametrize(
    ("count", "size", "sizes"), [(0, None, [0]), (3, None, [1] * 3), (5, 2, [2, 2, 1]), (2, 9, [2])]
)
def test_pubs_are_cut_in_order(count: int, size: int | None, sizes: list[int]) -> None:
    pubs = _pubs(count)
    shards = cut(None, pubs, None, size)
    assert [len(shard.pubs) for shard in shards] == sizes
    assert [pub for shard in shards for pub in shard.pubs] == pubs
    assert [shard.first for shard in shards] == [sum(sizes[:index]) for index in range(len(sizes))]


def test_there_are_not_many_shards() -> None:
    assert len(cut(None, _pubs(1) * 200, None, None)) == 29 <= SHARDS


def test_quick_pubs_run_many_at_a_time_and_slow_ones_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_run, "CHUNK_SECONDS", 1e6)
    counted = _Counting()
    run_shard(cut(counted, _pubs(30), None, 30)[0])
    assert counted.calls == [1, 4, 16, 9]
    counted = _Counting()
    monkeypatch.setattr(shard_run, "CHUNK_SECONDS", 0.0)
    run_shard(cut(counted, _pubs(5), None, 5)[0])
    assert counted.calls == [1] * 5


def test_a_call_of_several_that_fails_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_run, "CHUNK_SECONDS", 1e6)
    counted = _Counting(most=2)
    outcome = run_shard(cut(counted, _pubs(6), None, 6)[0])
    assert counted.calls == [1, 4, 1, 1, 1, 1, 1]
    assert len(outcome.results) == 6


def test_a_shard_that_is_cancelled_returns_what_it_has() -> None:
    run = CallContext()

    def before(name: str) -> None:
        run.cancelled = name == "1"

    with running(run):
        outcome = run_shard(cut(Scripted(before), _pubs(12), None, None)[0])
    assert outcome.error is None
    assert len(outcome.results) < 12


def test_what_the_shards_share_is_pickled_once_and_unpickled_once_on_a_thread() -> None:
    _Picky.pickled = 0
    shards = cut(_Picky(), _pubs(4), None, 1)
    sent = [cloudpickle.dumps(shard) for shard in shards]
    assert _Picky.pickled == 1
    received = [pickle.loads(data) for data in sent]
    assert all(shard.primitive is received[0].primitive for shard in received)
    assert isinstance(received[0].primitive, Shared)


def test_a_circuit_of_many_pubs_is_sent_once_and_the_pubs_arrive_as_they_were() -> None:
    sampler_pubs = [SamplerPub.coerce((MEASURED_TURNED, [[0.1 * k], [0.2]], 5)) for k in range(2)]
    estimator_pubs = [EstimatorPub.coerce((TURNED, [["XX"], [ENERGY]], [[0.1 * k], [0.2]], 0.5)) for k in range(2)]
    for pubs in (sampler_pubs, estimator_pubs):
        first, second = (pickle.loads(cloudpickle.dumps(shard)) for shard in cut(None, pubs, None, 1))
        assert first.pubs[0].circuit is second.pubs[0].circuit
        assert first.pubs[0].circuit == pubs[0].circuit
        for sent, got in zip(pubs, [first.pubs[0], second.pubs[0]], strict=True):
            assert (got.shape, type(got)) == (sent.shape, type(sent))
            assert got.parameter_values.ravel().as_array().tolist() == sent.parameter_values.ravel().as_array().tolist()
            assert getattr(got, "shots", None) == getattr(sent, "shots", None)
            assert getattr(got, "precision", None) == getattr(sent, "precision", None)
            assert str(getattr(got, "observables", None)) == str(getattr(sent, "observables", None))


# Doubles.


class _Loud(StatevectorSampler):  # type: ignore[misc]
    def run(self, pubs: Any, **options: Any) -> Any:
        for pub in pubs:
            print(pub.circuit.name)
        return super().run(pubs, **options)


class _Unpicklable(Exception):
    pass


class _Forgetful(BaseSamplerV2):  # type: ignore[misc]
    def run(self, pubs: Any, *, shots: Any = None) -> Any:
        job = PrimitiveJob(lambda: PrimitiveResult([]))
        job._submit()
        return job


class _Counting(StatevectorSampler):  # type: ignore[misc]
    """Notes how many PUBs it was given at a time, and fails at more than ``most``."""

    def __init__(self, most: int = 1000) -> None:
        super().__init__(default_shots=1)
        self.calls: list[int] = []
        self._most = most

    def run(self, pubs: Any, **options: Any) -> Any:
        self.calls.append(len(pubs))
        if len(pubs) > self._most:
            raise MemoryError
        return super().run(pubs, **options)


class _Picky:
    pickled = 0

    def __reduce__(self) -> Any:
        _Picky.pickled += 1
        return _Picky, ()


class _Engine:
    """Does something else than the engine behind it with one of the tasks."""

    def __init__(self, engine: LocalEngine, at: int) -> None:
        self.engine = engine
        self.at = at
        self.started: list[FunctionJob[Any]] = []

    def start(self, task: FunctionCall) -> FunctionJob[Any]:
        self.started.append(self.engine.start(self.exchanged(task) if len(self.started) == self.at else task))
        return self.started[-1]

    def exchanged(self, task: FunctionCall) -> FunctionCall:
        raise EngineError("refused")


class _Refusing(_Engine):
    pass


class _Deadly(_Engine):
    def exchanged(self, task: FunctionCall) -> FunctionCall:
        def die() -> None:
            raise EngineError("The process died.")

        return FunctionCall(die)


def _pubs(count: int) -> list[Any]:
    return [SamplerPub.coerce(circuit, 1) for circuit in named(count)]
