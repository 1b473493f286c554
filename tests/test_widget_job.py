from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ClassVar

import pytest
from traitlets import Int, TraitError, Unicode, observe

from primwidgets import JobState, WidgetJob, widget_job
from primwidgets._jupyter import commanded_job, displayed_job
from primwidgets._monitor.monitor import Monitor
from primwidgets._threads import ThreadRunner, Workers
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import FakeJob
from tests.callers import Caller, FarJob, HeardJob, Start
from tests.monitored import MOST_THREADS, PATIENCE, join
from tests.recording_comm import RecordingFrontend


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Monitor:
    """A monitor of the test's own, whose threads end as soon as they have nothing to do."""
    monitor = Monitor(ThreadRunner(Workers(idle_seconds=0.01)))
    for module in (commanded_job, displayed_job, widget_job):
        monkeypatch.setattr(module, "monitor", lambda: monitor)
    return monitor


# Construction.


def test_wrapping_tells_the_frontend_nothing_and_asks_no_far_provider(frontend: RecordingFrontend) -> None:
    asked_by = list[int]()

    class Watched(FarJob):
        def status(self) -> Any:
            asked_by.append(threading.get_ident())
            return super().status()

    job = HeardJob(Watched(), name="x")
    job.heard.await_one(lambda now: now.state == "QUEUED")

    assert frontend.messages == []
    assert threading.get_ident() not in asked_by
    job.close()


def test_a_job_of_this_process_is_known_as_soon_as_it_is_wrapped() -> None:
    future: Future[int] = Future()
    future.set_running_or_notify_cancel()
    running = WidgetJob(future)
    future.set_result(1)
    done = WidgetJob(future)

    assert (running.state, running.progress) == ("RUNNING", None)
    assert (done.state, done.progress) == ("DONE", 1.0)


def test_a_job_can_be_wrapped_in_any_thread(start: Start) -> None:
    job = Caller(start).outcome()
    job.job.finish(4)

    assert job.result() == 4
    assert job.state == "DONE"


def test_each_card_has_a_uid_of_its_own(start: Start) -> None:
    assert len({start().snapshot.uid for _ in range(5)}) == 5


SCRIPT = """
import threading
import time
from concurrent.futures import Future
from primwidgets import WidgetJob
from primwidgets.simulated import SimulatedProvider

future = Future()
future.set_running_or_notify_cancel()
job = WidgetJob(future, name="x")
far = WidgetJob(SimulatedProvider().run(queue=0, seconds=60))
threading.Thread(target=far.result, daemon=True).start()
print(job)
"""


def test_a_script_shows_text_and_ends_although_its_jobs_go_on() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=240, check=False)

    assert (run.returncode, run.stdout, run.stderr) == (0, "<WidgetJob x · concurrent.futures · Running>\n", "")


def test_a_terminal_shows_text() -> None:
    line = f"exec({SCRIPT!r}); job"
    command = [
        sys.executable,
        "-m",
        "IPython",
        "--no-banner",
        "--colors=NoColor",
        "--HistoryManager.enabled=False",
        "-i",
    ]
    run = subprocess.run(command, input=line, capture_output=True, text=True, timeout=240, check=False)

    assert "Out[1]: x · concurrent.futures · Running" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


# Traits.


def test_the_states_of_a_job_are_observed_in_order(start: Start) -> None:
    job = start(FarJob())
    seen: list[str] = []
    job.heard.await_one(lambda now: now.state == "RUNNING")
    job.observe(lambda change: seen.append(change.new), "state")
    job.job.fail(ValueError("no"))
    assert job.wait(PATIENCE)

    # Observers are told on a worker, so one that comes just after a change may still be told of it.
    assert seen[-1] == "ERROR"
    assert seen[:-1] in ([], ["RUNNING"])
    told = job.snapshot
    assert job.error is not None
    assert job.error.items() >= {"type": "ValueError", "message": "no", "traceback": "ValueError: no\n"}.items()
    assert (job.created_at, job.started_at, job.finished_at) == (told.created_at, told.started_at, told.finished_at)
    assert None not in (job.created_at, job.started_at, job.finished_at)


def test_progress_and_queue_reach_the_traits(start: Start) -> None:
    job = start()
    job.job.move_to(JobState.QUEUED, queue_position=">2000", message="busy day")
    job.heard.await_one(lambda now: now.state == "QUEUED" and now.message is not None)
    assert (job.queue_position, job.message) == (">2000", "busy day")

    job.job.move_to(JobState.RUNNING, progress=0.25)
    job.heard.await_one(lambda now: now.progress == 0.25)
    assert (job.state, job.progress, job.queue_position) == ("RUNNING", 0.25, None)


def test_the_state_of_a_job_is_not_the_users_to_set(start: Start) -> None:
    with pytest.raises(TraitError, match="read-only"):
        start().state = "DONE"


def test_a_new_name_reaches_the_snapshot_and_stays(start: Start) -> None:
    job = start()
    job.name = "second"
    job.job.finish()
    job.result()

    assert (job.name, job.snapshot.name) == ("second", "second")


def test_a_name_given_while_the_job_moves_is_not_lost(start: Start) -> None:
    job, rounds = start(), 300
    mover = Caller(lambda: [job.job.move_to(JobState.RUNNING, progress=n / rounds) for n in range(rounds)])
    for number in range(rounds):
        job.name = f"n{number}"
    mover.outcome()
    job.job.finish()
    job.result()

    assert (job.name, job.snapshot.name) == ("n299", "n299")


def test_a_subclass_adds_traits_rows_and_a_hook(start: Start, frontend: RecordingFrontend) -> None:
    class Staged(HeardJob):
        card_rows: ClassVar[Mapping[str, str]] = {"Stage": "stage"}
        stage = Unicode("waiting").tag(sync=True)
        ends = Int(0)

        def snapshot_changed(self, snapshot: JobSnapshot) -> None:
            self.stage = "over" if snapshot.is_final else "on"
            super().snapshot_changed(snapshot)

        @observe("finished_at")
        def _note_end(self, _: object) -> None:
            self.ends += self.job.in_final_state()

    job = Staged(start().job, stage="new")
    assert frontend.shown_by(job)["_parts"] == {"Stage": "new"}
    assert "application/vnd.primwidgets.job+json" not in job._repr_mimebundle_()  # a snapshot has no such rows
    assert "application/vnd.primwidgets.job+json" in start()._repr_mimebundle_()

    job.job.finish()
    assert job.wait(PATIENCE)
    assert (job.stage, job.ends) == ("over", 1)
    assert frontend.seen_of(job)["_parts"] == {"Stage": "over"}


def test_an_observer_that_fails_does_not_stop_the_card(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    job = start()
    job.observe(lambda _: 1 / 0, "state")
    job.job.finish(3)

    assert job.result() == 3
    assert (job.state, job.progress) == ("DONE", 1.0)
    assert "ZeroDivisionError" in caplog.text


def test_an_observer_may_ask_for_the_result(start: Start) -> None:
    job, got = start(), Future[Any]()
    job.observe(lambda _: got.set_result(job.result()), "state")
    job.job.finish(3)

    assert got.result(PATIENCE) == 3


# Being shown.


def test_without_a_frontend_there_is_text_and_html_only(start: Start) -> None:
    job = start()

    assert set(job._repr_mimebundle_()) == {"text/plain", "text/html"}
    with pytest.raises(NotImplementedError):
        job._ipython_display_()


def test_with_a_frontend_there_is_a_view_too(start: Start, frontend: RecordingFrontend) -> None:
    job = start()
    view = job._repr_mimebundle_()["application/vnd.jupyter.widget-view+json"]

    assert view == {"version_major": 2, "version_minor": 0, "model_id": job.model_id}


def test_what_is_stored_of_a_job_that_runs_tells_when_that_was_known(start: Start, frontend: RecordingFrontend) -> None:
    before = time.time()
    bundle = start()._repr_mimebundle_()

    assert before <= bundle["application/vnd.primwidgets.job+json"]["seen_at"] <= time.time()
    assert "when last seen, 20" in bundle["text/plain"]
    assert "when last seen, 20" in bundle["text/html"]


def test_a_closed_card_is_still_shown_as_text(start: Start, frontend: RecordingFrontend) -> None:
    job = start()
    assert job.model_id is not None
    job.close()

    assert set(job._repr_mimebundle_()) == {"text/plain", "text/html"}


# The end.


def test_a_dropped_card_is_collected_and_its_job_watched_no_more(monitor: Monitor) -> None:
    theirs = FakeJob()
    job = WidgetJob(theirs)
    with pytest.raises(TimeoutError):
        job.result(timeout=0.01)
    card = weakref.ref(job)
    assert [tracked.adapter.job for tracked in monitor.tracked_jobs] == [theirs]
    del job
    gc.collect()

    assert card() is None
    assert monitor.tracked_jobs == []
    theirs.finish()  # for the helper that waits for the result


def test_closing_a_card_ends_the_watch_but_not_the_job(monitor: Monitor, frontend: RecordingFrontend) -> None:
    theirs = FakeJob()
    job = WidgetJob(theirs)
    model_id = job.model_id
    job.close()
    job.close()
    theirs.finish(8)

    assert monitor.tracked_jobs == []
    assert {"type": "comm_close", "comm_id": model_id, "data": {}} in frontend.messages
    assert job.result() == 8


def test_no_thread_is_left_when_all_is_closed(monitor: Monitor) -> None:
    before = {*threading.enumerate()}
    with ThreadPoolExecutor(1) as pool:
        jobs = [WidgetJob(FarJob()) for _ in range(20)] + [WidgetJob(pool.submit(int)) for _ in range(20)]
        assert [job.result() for job in jobs[20:]] == [0] * 20
    ours = {*threading.enumerate()} - before
    for job in jobs:
        job.close()

    assert ours
    join(*ours)


def test_many_jobs_are_watched_by_few_threads(monitor: Monitor) -> None:
    before = set(threading.enumerate())
    jobs = [HeardJob(FarJob()) for _ in range(2000)]
    jobs[-1].heard.await_one(lambda now: now.state == "QUEUED")

    assert len(monitor.tracked_jobs) == 2000
    started = [thread for thread in threading.enumerate() if thread not in before]
    assert len([thread for thread in started if thread.name.startswith("primwidgets")]) <= MOST_THREADS
    for job in jobs:
        job.close()
