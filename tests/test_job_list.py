"""``jobs()``: which jobs are listed, and as what."""

from __future__ import annotations

import sys
from concurrent.futures import Future
from typing import Any

import pytest

from primwidgets import JobGroup, WidgetJob, jobs
from primwidgets.testing import FakeJob


def kept(future_or_job: Any, name: str) -> WidgetJob[Any, Any]:
    return WidgetJob(future_or_job, name=name)


def test_jobs_are_found_by_state_name_provider_and_tag() -> None:
    failed: Future[int] = Future()
    failed.set_exception(ValueError("no luck"))
    one, two = kept(failed, "Lookup A"), kept(FakeJob(tags=["calibration", "night"], owner="me"), "Lookup B")
    assert jobs(state="error", name="lookup") == [one]
    assert jobs(state="LIVE", name="lookup") == [two]
    assert set(jobs(name="lookup")) == {one, two}
    assert one in jobs(provider="CONCURRENT")
    assert two not in jobs(provider="CONCURRENT")
    for tag in ("calibration", "night", "owner", "me"):
        assert jobs(tag=tag, name="lookup") == [two]
    assert jobs(tag="cali", name="lookup") == []
    assert {one, two} <= set(jobs())


def test_an_unknown_state_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"There is no state 'finished'; there are live, .*done"):
        jobs(state="finished")


def test_the_members_of_a_group_are_listed_if_anything_is_asked_for() -> None:
    group = JobGroup([Future(), Future()], name="scan of two")
    assert group in jobs()
    assert not set(group) & set(jobs())
    assert set(group) <= set(jobs(members=True))
    assert set(group) <= set(jobs(state="live"))


def test_a_list_of_jobs_is_a_table_where_pandas_is(monkeypatch: pytest.MonkeyPatch) -> None:
    job = kept(FakeJob(), "Fit C")
    assert [row["name"] for row in jobs(name="fit c").rows()] == ["Fit C"]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match=r"rows\(\) gives the same"):
        jobs().to_frame()
    assert "Fit C" in repr(jobs(name="fit c"))
    assert job.state == "QUEUED"
