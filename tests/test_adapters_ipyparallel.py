"""What is special about the results of ipyparallel's views."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any

import pytest
from ipyparallel.error import CompositeError, RemoteError, TaskAborted

from primwidgets.adapters import adapter_for
from primwidgets.adapters.ipyparallel import HubResultAdapter
from primwidgets.snapshot import CancelState, JobSnapshot, JobState
from tests.callers import HeardJob
from tests.found_again import reattach_code
from tests.ipyparallel_cluster import Gate, await_begun, await_card
from tests.monitored import PATIENCE
from tests.on_engines import pass_and_divide, pass_gate, pass_one_gate, print_and_pass

BLANK = JobSnapshot(uid="u1")


def read(result: Any) -> JobSnapshot:
    return adapter_for(result).read(BLANK)


def ended(result: Any) -> Any:
    assert result.wait(PATIENCE)
    assert result.wait_for_output(PATIENCE)
    return result


def test_the_card_of_a_map_counts_its_items(cluster: Any, pipe_gate: Gate) -> None:
    engine = cluster[cluster.ids[0]]
    first = engine.map_async(abs, range(-4, 0))
    assert read(ended(first)).progress_text is None  # it was sent as one call
    job = HeardJob(cluster.load_balanced_view().map_async(pass_one_gate, [pipe_gate.path] * 6, chunksize=2))
    await_card(job, lambda now: (now.state, now.progress_text) == (JobState.RUNNING, "0 of 6"))
    pipe_gate.open()
    assert job.result(PATIENCE) == [3] * 6
    assert job._waiting.wait(PATIENCE)
    assert (job.state, job.snapshot.progress_text, job.snapshot.backend) == (JobState.DONE, "6 of 6", "engines 0, 1")


def test_what_a_call_prints_is_on_the_card_while_it_runs(cluster: Any, pipe_gate: Gate) -> None:
    job = HeardJob(cluster.load_balanced_view().apply_async(print_and_pass, pipe_gate.path))
    await_card(job, lambda now: (now.state, now.log) == (JobState.RUNNING, "here\n"))
    pipe_gate.open()
    assert job._waiting.wait(PATIENCE)


def test_the_times_are_those_of_the_engine(cluster: Any) -> None:
    before = time.time()
    end = read(ended(cluster.load_balanced_view().apply_async(abs, -1)))
    assert end.created_at is not None
    assert end.started_at is not None
    assert end.finished_at is not None
    assert before - 1 < end.created_at < end.started_at < end.finished_at < time.time() + 1


def test_a_call_that_raises_shows_the_exception_of_the_engine_without_colours(cluster: Any) -> None:
    result = ended(cluster.load_balanced_view().apply_async(divmod, 1, 0))
    end = read(result)
    assert end.state is JobState.ERROR
    assert end.error is not None
    assert end.error.type == "ZeroDivisionError"
    assert "by zero" in end.error.message
    assert end.error.traceback is not None
    assert "ZeroDivisionError" in end.error.traceback
    assert "\x1b" not in end.error.traceback
    with pytest.raises(RemoteError):
        adapter_for(result).result(PATIENCE)


def test_of_several_exceptions_the_first_gives_the_name(cluster: Any) -> None:
    result = ended(cluster[:].apply_async(divmod, 1, 0))
    end = read(result)
    assert end.error is not None
    assert end.error.type == "ZeroDivisionError"
    assert "[0:apply]" in end.error.message
    assert "[1:apply]" in end.error.message
    assert "\x1b" not in (end.error.traceback or "\x1b")
    with pytest.raises(CompositeError):
        adapter_for(result).result()


def test_a_call_that_runs_cannot_be_stopped_and_says_how_else(cluster: Any, pipe_gate: Gate) -> None:
    result = cluster.load_balanced_view().apply_async(pass_gate, pipe_gate.path)
    await_begun(result)
    adapter = adapter_for(result)
    report = adapter.cancel()
    assert report.accepted is False
    assert report.detail is not None
    assert "send_signal" in report.detail
    pipe_gate.open()
    assert read(ended(result)).state is JobState.DONE


def test_an_interrupted_call_is_cancelled(cluster: Any, pipe_gate: Gate) -> None:
    job = HeardJob(cluster[cluster.ids[0]].apply_async(print_and_pass, pipe_gate.path))
    await_card(job, lambda now: now.log == "here\n")
    cluster.send_signal("SIGINT", cluster.ids[0], block=True)
    assert job._waiting.wait(PATIENCE)
    assert job.snapshot.state is JobState.CANCELLED


def test_a_map_of_which_a_part_is_cancelled_ends(
    cluster: Any, pipe_gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "concurrent.futures")  # where ipyparallel fails over it
    result = cluster.load_balanced_view().map_async(pass_one_gate, [pipe_gate.path] * 6, chunksize=1)
    job = HeardJob(result)
    await_card(job, lambda now: now.state is JobState.RUNNING and now.can_cancel)
    job.cancel()
    await_card(job, lambda now: now.cancel_detail is not None)
    assert job.snapshot.cancel_detail == "Calls that no engine has started yet are dropped; running calls continue."
    pipe_gate.open()
    with pytest.raises(TaskAborted):
        job.result(PATIENCE)
    assert job._waiting.wait(PATIENCE)
    assert (job.state, job.snapshot.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)
    assert not result.ready()  # as ipyparallel sees it, for ever


def test_waiting_for_a_result_ends_in_time(cluster: Any, pipe_gate: Gate) -> None:
    adapter = adapter_for(cluster.load_balanced_view().apply_async(pass_gate, pipe_gate.path))
    with pytest.raises(TimeoutError):
        adapter.result(timeout=0.01)


def test_an_abandoned_result_says_that_the_engines_were_not_asked(cluster: Any, pipe_gate: Gate) -> None:
    result = cluster.load_balanced_view().apply_async(pass_gate, pipe_gate.path)
    assert result.cancel()
    end = read(result)
    assert end.state is JobState.CANCELLED
    assert end.message == "This kernel no longer waits for the result; the engines were not asked to stop."


def test_the_id_of_several_calls_is_not_that_of_the_first(cluster: Any) -> None:
    result = ended(cluster[:].apply_async(abs, -1))
    first = result.msg_ids[0]
    assert adapter_for(result).job_id() == f"{first}+1"
    assert adapter_for(result.split()[0]).job_id() == first


@pytest.mark.parametrize(("divisor", "state"), [(1, JobState.DONE), (0, JobState.ERROR)])
def test_the_result_of_another_client_is_asked_for(
    cluster: Any, pipe_gate: Gate, divisor: int, state: JobState, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = cluster.load_balanced_view().apply_async(pass_and_divide, pipe_gate.path, divisor)
    monkeypatch.setenv("IPYTHONDIR", str(Path(cluster.cluster.profile_dir).parent))
    code = reattach_code(adapter_for(call).locate())
    assert code is not None
    names: dict[str, Any] = {}
    exec(code, names)
    result = names["job"].job
    names["job"].close()
    try:
        adapter = adapter_for(result)
        assert isinstance(adapter, HubResultAdapter)
        assert adapter.subscribe(lambda: None) is None
        assert adapter.job_id() == call.msg_ids[0]
        assert adapter.read(BLANK).state is JobState.QUEUED
        pipe_gate.open()
        job = HeardJob(result)
        assert job._waiting.wait(PATIENCE)
        assert job.snapshot.state is state
    finally:
        result._client.close()


def test_a_cluster_of_no_own_profile_cannot_be_found_again(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", "/somewhere/else")
    assert adapter_for(cluster[0].apply_async(abs, -1)).locate() is None


def test_a_map_cannot_be_found_again_as_one_job(cluster: Any) -> None:
    assert adapter_for(ended(cluster[:].apply_async(abs, -1))).locate() is None
