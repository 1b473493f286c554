"""Spark itself: streaming queries, and jobs by a function that runs them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pyspark.sql import DataFrame, SparkSession

from primwidgets import CancelState, JobState, WidgetJob
from primwidgets.adapters import adapter_for
from primwidgets.testing import LiveAdapterContract
from tests.providers.recipes import run_recipe
from tests.providers.work import PATIENCE


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .getOrCreate()
    )
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Spark has put its own in its place
    yield session
    session.stop()


def broken(batch: DataFrame, number: int) -> None:
    raise ValueError("no such qubit")


class TestStreamingQueries(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (JobState.RUNNING, JobState.DONE, JobState.ERROR)

    @pytest.fixture(autouse=True)
    def _session(self, spark: SparkSession, tmp_path: Path) -> Iterator[None]:
        self.spark = spark
        self.folder = tmp_path
        self.queries: list[Any] = []
        yield
        for query in self.queries:
            query.stop()

    def make_job(self, state: JobState) -> Any:
        rows = self.spark.readStream.format("rate").option("rowsPerSecond", 5).load()
        writer = rows.writeStream.format("noop")
        if state is JobState.ERROR:
            writer = rows.writeStream.foreachBatch(broken)
        query = writer.option("checkpointLocation", str(self.folder / f"c{len(self.queries)}")).start()
        self.queries.append(query)
        if state is JobState.DONE:
            self.finish(query)
        if state is JobState.ERROR:
            with pytest.raises(Exception, match="no such qubit"):
                query.awaitTermination(int(PATIENCE))
        return query

    def finish(self, job: Any) -> None:
        job.stop()

    def test_a_stop_from_the_card_is_a_cancel_that_is_confirmed(self) -> None:
        job = WidgetJob(self.make_job(JobState.RUNNING))
        job.cancel()
        assert job.wait(PATIENCE)
        assert (job.snapshot.state, job.snapshot.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)

    def test_the_reason_of_a_failure_is_shown(self) -> None:
        error = self._read(JobState.ERROR).error
        assert error is not None
        assert error.message

    def test_result_waits_for_the_end(self) -> None:
        query = self.make_job(JobState.RUNNING)
        job = WidgetJob(query)
        query.stop()
        assert job.result() is None
        assert adapter_for(query).job_id() == str(query.runId)


def test_a_job_of_spark_is_a_function_that_runs_it(spark: SparkSession) -> None:
    job = run_recipe("Spark", spark=spark)["job"]
    assert job.result(timeout=PATIENCE) == 4950
