"""``jobs()``: which jobs are listed, and as what."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import Future
from typing import Any

import pytest

from primwidgets import JobGroup, WidgetJob, jobs, submit, submit_map
from primwidgets.testing import FakeJob
from tests.monitored import PATIENCE


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


def test_tags_of_calls_are_words_to_find_them_by_and_a_column_of_the_table() -> None:
    tagged = submit.options(name="Tagged D", tags=["vqe", "night run", "vqe"])(abs, -1)
    plain = submit.options(name="Tagged E")(abs, -1)
    assert tagged.wait(PATIENCE)
    assert plain.wait(PATIENCE)
    assert tagged.job.tags == ("vqe", "night run")
    assert jobs(tag="night run", name="tagged d") == [tagged]
    assert jobs(tag="night", name="tagged d") == []
    assert jobs(name="tagged").matching(["VQE"]) == [tagged]
    assert jobs(name="tagged").matching(["vq"]) == []
    table = jobs(name="tagged")
    assert [row["tags"] for row in table.rows()] == [None, "vqe, night run"]
    ends = [line.split("  ")[-1].strip() for line in repr(table).splitlines()]
    assert ends == ["Tags", plain.job_id(), "vqe, night run"]
    assert "<bdi>vqe, night run</bdi>" in table._repr_html_()
    assert "Tags" not in repr(jobs(name="tagged e"))


def test_tags_are_there_from_the_first_look_on_and_for_each_call_of_a_map() -> None:
    gate = threading.Event()
    group = submit_map(gate.wait, [PATIENCE, PATIENCE], tags="sweep", max_running=1, name="waits")
    assert len(jobs(tag="sweep")) == 2
    gate.set()
    assert group.result(PATIENCE) == [True, True]
    assert len(jobs(tag="sweep")) == 2


@pytest.mark.parametrize("tags", [["a,b"], [""], "  "])
def test_a_tag_is_a_word_without_commas(tags: Any) -> None:
    with pytest.raises(ValueError, match="A tag must be a word without commas"):
        _ = submit.options(tags=tags)


def test_tags_are_words_and_not_longer_than_a_line() -> None:
    with pytest.raises(TypeError, match="tags= takes words, not int"):
        _ = submit.options(tags=[3])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="together must have at most 300 characters"):
        _ = submit.options(tags=["x" * 301])
