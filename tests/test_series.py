"""The numbers that a job reports, from ``report`` to the snapshot and to ``job.series()``."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from inspect import signature
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize, rosen  # type: ignore[import-untyped]

from primwidgets import JobCancelled, WidgetJob, report, submit
from primwidgets._jupyter.series_table import as_table
from primwidgets._monitor.provider_calls import read_snapshot
from primwidgets._progress.track import CallContext, running
from primwidgets.adapters.base import Metrics
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import FakeAdapter, FakeJob
from tests.dask_cluster import dask_client
from tests.ipyparallel_cluster import running_cluster
from tests.monitored import PATIENCE

VALUES = [1.0, 0.5, 0.25, 0.125]


def fit(values: Sequence[float]) -> int:
    for number, value in enumerate(values):
        report(loss=value, step_size=0.1 * number)
    return len(values)


@pytest.fixture(autouse=True)
def without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)


@pytest.fixture
def context() -> Iterator[CallContext]:
    context = CallContext()
    with running(context):
        yield context


@pytest.fixture(scope="module", params=["threads", "process", "executor", "thread executor", "dask", "ipyparallel"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    match request.param:
        case "threads":
            yield None
        case "process":
            yield "process"
        case "executor":
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                yield pool
        case "thread executor":
            with ThreadPoolExecutor(1) as threads:
                yield threads
        case "dask":
            with dask_client() as client:
                yield client
        case "ipyparallel":
            with running_cluster(Path(tmp_path_factory.mktemp("cluster"))) as cluster:
                yield cluster


def test_every_engine_brings_all_numbers_to_the_kernel(engine: Any) -> None:
    job = submit(fit, [*VALUES, *[0.1] * 100], engine=engine)
    assert job.result(PATIENCE) == 104
    assert job.wait(PATIENCE)
    loss, step_size = job.snapshot.series
    assert (loss.name, loss.count, loss.first, loss.latest, loss.best) == ("loss", 104, 1.0, 0.1, 0.1)
    assert list(loss.values)[:4] == VALUES
    assert step_size.count == 104
    table = job.series()
    assert list(table) == ["step", "loss", "step_size"]
    assert table["step"] == list(range(104))
    assert table["loss"][:4] == VALUES


def test_a_report_that_is_only_numbers_moves_no_progress(context: CallContext) -> None:
    report(0.5, "fitting")
    report(loss=0.3)
    progress = context.progress()
    assert (progress.fraction, progress.message) == (0.5, "fitting")
    report(0.75, loss=0.2)
    assert context.progress().fraction == 0.75
    assert [list(values) for _, values in context.series.columns().values()] == [[0.3, 0.2]]


def test_best_is_a_number_or_a_direction(context: CallContext) -> None:
    report(best=-1.1)
    report(gain=1.0, best="max")
    report(gain=0.5, best="max")
    assert {series.name: series.best for series in context.series.views()} == {"best": -1.1, "gain": 1.0}
    with pytest.raises(ValueError, match="'min', 'max' or a number"):
        report(gain=0.5, best="most")  # type: ignore[arg-type]


def test_what_is_no_number_is_refused_where_it_is_reported(context: CallContext) -> None:
    with pytest.raises(TypeError, match="loss='high'"):
        report(loss="high")
    with pytest.raises(TypeError, match="loss="):
        report(0.5, loss=[1.0])
    assert context.progress().fraction is None


def test_a_report_of_numbers_is_a_place_to_stop(context: CallContext) -> None:
    context.cancelled = True
    with pytest.raises(JobCancelled):
        report(loss=0.5)


def test_report_has_the_signature_that_its_users_read() -> None:
    assert list(signature(report).parameters) == ["fraction", "message", "done", "total", "unit", "best", "values"]
    assert "report(energy=e)" in (report.__doc__ or "")


@pytest.mark.parametrize("method", ["COBYLA", "Nelder-Mead", "BFGS", "Powell", "SLSQP"])
def test_a_callback_of_scipy_draws_the_curve_and_stops_the_search(method: str) -> None:
    reported = threading.Event()
    go_on = threading.Event()

    def search(stops: bool) -> float:
        seen = 0

        def callback(intermediate_result: Any) -> None:
            nonlocal seen
            seen += 1
            report(energy=intermediate_result.fun)
            if stops and seen == 2:
                reported.set()
                assert go_on.wait(PATIENCE)

        return float(minimize(rosen, [-1.2, 1.0], method=method, callback=callback).fun)

    done = submit(search, False)
    assert done.result(PATIENCE) < 5
    assert done.wait(PATIENCE)
    (energy,) = done.snapshot.series
    assert energy.best is not None
    assert energy.best < 5
    stopped = submit(search, True)
    assert reported.wait(PATIENCE)
    stopped.cancel()
    go_on.set()
    assert stopped.wait(PATIENCE)
    assert stopped.snapshot.state == "CANCELLED"
    assert stopped.snapshot.series[0].count == 2


class MeasuredJob(FakeJob):
    """A provider's job that has metrics."""

    measured: Any = None


class MeasuredAdapter(FakeAdapter):
    has_metrics = True

    def metrics(self) -> Metrics:
        assert isinstance(self.job, MeasuredJob)
        if isinstance(self.job.measured, Exception):
            raise self.job.measured
        known: Metrics = self.job.measured
        return known


def test_the_numbers_of_a_provider_are_on_the_card_and_in_the_table() -> None:
    job = MeasuredJob()
    adapter = MeasuredAdapter(job)
    known = JobSnapshot(uid="u")
    job.measured = {"loss": ([0, 5, 10], np.array([1, 0.5, 0.25])), "lr": ((), ())}
    read = read_snapshot(adapter, known)
    assert [(one.name, one.count, one.first, one.latest, list(one.steps)) for one in read.series] == [
        ("loss", 3, 1.0, 0.25, [0, 5, 10])
    ]
    job.measured = RuntimeError("no metrics today")
    assert read_snapshot(adapter, read).series == read.series
    job.measured = None
    assert read_snapshot(adapter, read).series == ()


class Frame:
    """What pandas would make of the table."""

    def __init__(self, columns: dict[str, list[float]], index: tuple[list[float], str]) -> None:
        self.columns, self.index = columns, index


def test_with_pandas_the_table_is_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = SimpleNamespace(DataFrame=Frame, Index=lambda steps, name: (steps, name))
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    frame = as_table({"a": ([0, 1], [1.0, 2.0])})
    assert (frame.columns, frame.index) == ({"a": [1.0, 2.0]}, ([0, 1], "step"))


def test_without_pandas_the_table_is_a_dict_of_lists() -> None:
    def function() -> None:
        report(a=1.0)
        report(a=2.0, b=3.0)

    job = submit(function)
    job.result(PATIENCE)
    table = job.series()
    assert table["step"] == [0, 1]
    assert table["a"] == [1.0, 2.0]
    assert math.isnan(table["b"][0])
    assert table["b"][1] == 3.0


def test_a_job_that_reports_nothing_has_an_empty_table() -> None:
    job = submit(int)
    job.result(PATIENCE)
    assert job.series() == {"step": []}
    assert job.snapshot.series == ()


class Measured:
    """A provider's job that has attributes of these names."""

    series = "my own"
    elapsed = 5

    def job_id(self) -> str:
        return "1"

    def status(self) -> str:
        return "RUNNING"

    def result(self) -> int:
        return 1

    def in_final_state(self) -> bool:
        return False


def test_what_the_job_itself_calls_series_is_the_jobs() -> None:
    job: Any = WidgetJob(Measured())
    assert job.series == "my own"
    assert job.elapsed == 5
    assert job.eta is None
