"""Sharded primitives in real processes."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from qiskit.primitives import StatevectorSampler
from qiskit_aer.primitives import EstimatorV2, SamplerV2

from primwidgets import JobCancelled, WorkerDied
from primwidgets.engines import FunctionCall
from primwidgets.engines.process import ProcessEngine
from primwidgets.primitives import ParallelEstimator, ParallelSampler
from tests.monitored import PATIENCE, wait_until
from tests.primitive_calls import assert_same, estimator_pubs, few, finished, named, sampler_pubs


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessEngine]:
    engine = ProcessEngine(workers=2)
    yield engine
    engine.close()


@given(pubs=sampler_pubs())
@few
def test_aers_sampler_gives_the_same_in_processes(processes: ProcessEngine, pubs: list[Any]) -> None:
    sampler = SamplerV2(seed=11, default_shots=30)
    assert_same(ParallelSampler(sampler, engine=processes, shard=2).run(pubs).result(), sampler.run(pubs).result())


@given(pubs=estimator_pubs())
@few
def test_aers_estimator_gives_the_same_in_processes(processes: ProcessEngine, pubs: list[Any]) -> None:
    estimator = EstimatorV2(options={"run_options": {"seed_simulator": 4}})
    sharded = ParallelEstimator(estimator, engine=processes, shard=2)
    assert_same(sharded.run(pubs).result(), estimator.run(pubs).result())


def test_processes_have_random_numbers_of_their_own(processes: ProcessEngine) -> None:
    result = ParallelSampler(StatevectorSampler(), engine=processes, shard=1).run(named(6), shots=100).result()
    assert len({pub.data.meas.array.tobytes() for pub in result}) == 6


def test_processes_share_the_processors_instead_of_each_taking_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with contextlib.closing(ProcessEngine(workers=2)) as engine:
        threads = engine.start(FunctionCall(os.getenv, ("OMP_NUM_THREADS",))).result(PATIENCE)
    assert threads == str(max(1, (os.cpu_count() or 1) // 2))


def test_cancel_ends_work_that_never_checks_for_it_and_its_process(processes: ProcessEngine, tmp_path: Path) -> None:
    job = ParallelSampler(_RecordedSampler(tmp_path), engine=processes, shard=2).run(named(8))
    stuck = [tmp_path / name for name in ("3", "5")]  # one in each process
    wait_until(lambda: all(mark.exists() and mark.read_text() for mark in stuck))
    running = [int(mark.read_text()) for mark in stuck]
    job.cancel()
    assert job.wait(PATIENCE)
    assert job.state == "CANCELLED"
    with pytest.raises(JobCancelled):
        job.result()
    assert finished(job.partial_results()) == [True, True, *[False] * 6]
    wait_until(lambda: not any(map(psutil.pid_exists, running)))


def test_a_process_that_dies_is_reported_with_its_pubs(processes: ProcessEngine) -> None:
    job = ParallelSampler(_Dying(), engine=processes, shard=2).run(named(4))
    with pytest.raises(WorkerDied):
        job.result(timeout=PATIENCE)
    assert job.wait(PATIENCE)
    assert job.message == "pubs[2:4] failed."


def test_a_failure_in_a_process_has_its_traceback(processes: ProcessEngine) -> None:
    job = ParallelSampler(_Failing(), engine=processes, shard=4).run(named(4))
    with pytest.raises(ZeroDivisionError) as caught:
        job.result(timeout=PATIENCE)
    assert caught.value.__notes__[0].startswith("pubs[2] failed:\nTraceback")
    assert "_run_pub" in caught.value.__notes__[0]
    assert finished(job.partial_results()) == [True, True, False, False]


class _RecordedSampler(StatevectorSampler):  # type: ignore[misc]
    """Leaves a file with its process for each circuit, and never ends at ``3`` and ``5``."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    def _run_pub(self, pub: Any) -> Any:
        (self._directory / pub.circuit.name).write_text(str(os.getpid()))
        while pub.circuit.name in ("3", "5"):
            time.sleep(1)
        return super()._run_pub(pub)


class _Dying(StatevectorSampler):  # type: ignore[misc]
    def _run_pub(self, pub: Any) -> Any:
        if pub.circuit.name == "3":
            os._exit(3)
        return super()._run_pub(pub)


class _Failing(StatevectorSampler):  # type: ignore[misc]
    def _run_pub(self, pub: Any) -> Any:
        if pub.circuit.name == "2":
            _ = 1 // 0
        return super()._run_pub(pub)
