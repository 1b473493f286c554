"""The examples in the README do what it says."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from primwidgets import JobState, WidgetJob

ROOT = Path(__file__).parents[1]


def example(heading: str) -> str:
    """The first Python block under a heading of the README."""
    found = re.search(rf"^## {heading}\n.*?^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    assert found is not None, f"the README has no example under {heading!r}"
    return found.group(1)


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> type:
    """The job class of the provider that the README makes up."""

    class Job:
        __module__ = "acme.jobs"
        __qualname__ = "Job"
        id = "acme-1"

        def fetch_status(self) -> str:
            return "ok"

    jobs = ModuleType("acme.jobs")
    monkeypatch.setattr(jobs, "Job", Job, raising=False)
    monkeypatch.setitem(sys.modules, "acme.jobs", jobs)
    return Job


def test_the_first_example_counts_a_bell_pair() -> None:
    names: dict[str, Any] = {}
    exec(example("Use it"), names)
    assert set(names["counts"]) == {"00", "11"}
    assert names["job"].wait(timeout=240)
    assert names["job"].state == JobState.DONE


def test_the_function_runs_as_a_job() -> None:
    names: dict[str, Any] = {}
    exec(example("Run a function"), names)
    assert names["job"].result(timeout=240) == 332_833_500
    assert names["job"].output == "done with 1000\n"


def test_the_adapter_of_the_readme_reads_its_providers_jobs(acme: type) -> None:
    exec(example("Write an adapter"), {})
    job: WidgetJob[Any, Any] = WidgetJob(acme())
    assert job.wait(timeout=240)
    assert (job.job_id(), job.state, job.status_text) == ("acme-1", JobState.DONE, "ok")


def test_the_sharded_call_of_the_readme_gives_what_the_sampler_gives() -> None:
    names: dict[str, Any] = {}
    exec(example("Use it"), names)
    exec(example("Primitives on all cores").replace("200", "3"), names)
    alone = names["SamplerV2"](seed=7).run([names["circuit"]] * 3).result()
    assert [pub.data.meas for pub in names["result"]] == [pub.data.meas for pub in alone]
    assert names["job"].snapshot.progress_text == "3 of 3 PUBs"
