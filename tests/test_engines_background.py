"""Calls that outlive the kernel, with a real service."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from primwidgets import WidgetJob, report, submit, track
from primwidgets.engines.background import background_jobs, files, find_background_job, stop_service
from primwidgets.engines.background.channel import MessageFile, MessageReader
from primwidgets.engines.background.files import JobFiles
from primwidgets.engines.background.service import is_serving, service_pid
from primwidgets.errors import EngineError, JobCancelled, WorkerDied
from primwidgets.snapshot import JobState
from tests.background_service import own_service
from tests.monitored import PATIENCE, wait_until


@pytest.fixture(scope="module", autouse=True)
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with own_service(tmp_path_factory.mktemp("data")):
        yield


def run(function: Any, *arguments: Any) -> WidgetJob[Any, str]:
    return submit(function, *arguments, engine="background")


def test_a_call_runs_elsewhere_and_its_result_progress_and_prints_come_back() -> None:
    def work(count: int) -> int:
        for step in track(range(count)):
            print("step", step)
            report(energy=1.0 - step)
        return os.getpid()

    job = run(work, 3)

    assert job.result(timeout=PATIENCE) not in (os.getpid(), service_pid())
    assert job.output == "step 0\nstep 1\nstep 2\n"
    wait_until(lambda: job.state == JobState.DONE)
    assert job.progress == 1.0
    assert list(job.series()["energy"]) == [1.0, 0.0, -1.0]


def test_a_call_keeps_its_tags() -> None:
    job = submit.options(engine="background", tags=["night", "h2"])(abs, -1)
    assert job.result(timeout=PATIENCE) == 1
    assert job.job.tags == ("night", "h2")
    assert job.snapshot.metadata["tags"] == "night, h2"


def test_what_the_function_raises_is_raised_here() -> None:
    def fail() -> None:
        raise ValueError("no luck")

    with pytest.raises(ValueError, match="no luck"):
        run(fail).result(timeout=PATIENCE)


def test_a_cancel_kills_a_call_that_does_not_stop_by_itself(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"

    def block() -> None:
        import time

        pid_file.write_text(str(os.getpid()))
        time.sleep(600)

    job = run(block)
    wait_until(lambda: job.running() and pid_file.exists() and bool(pid_file.read_text()), PATIENCE)
    assert job.cancel()

    with pytest.raises(JobCancelled):
        job.result(timeout=PATIENCE)
    wait_until(lambda: not psutil.pid_exists(int(pid_file.read_text())))
    wait_until(lambda: job.state == JobState.CANCELLED)


def test_a_call_that_waits_can_be_cancelled_before_it_begins(tmp_path: Path) -> None:
    gate = tmp_path / "open"
    blocking = [run(wait_for_file, str(gate)) for _ in range(2)]
    waiting = run(wait_for_file, str(gate))
    wait_until(lambda: all(job.running() for job in blocking), PATIENCE)
    assert waiting.cancel()

    with pytest.raises(JobCancelled):  # at once, while both workers are busy
        waiting.result(timeout=PATIENCE)
    gate.touch()
    assert [job.result(timeout=PATIENCE) for job in blocking] == [7, 7]
    assert waiting.snapshot.started_at is None


def test_a_crash_is_an_error_of_that_call_alone() -> None:
    with pytest.raises(WorkerDied, match="exit code 3"):
        run(os._exit, 3).result(timeout=PATIENCE)
    assert run(abs, -4).result(timeout=PATIENCE) == 4


def test_a_job_is_found_again_after_its_kernel_was_killed(tmp_path: Path) -> None:
    gate = tmp_path / "open"
    kernel = f"""
import os, signal
from primwidgets import submit
from tests.test_engines_background import wait_for_file
job = submit(wait_for_file, {str(gate)!r}, engine="background", name="survivor")
while job.output != "waiting\\n": pass
print(job.job_id(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", kernel], capture_output=True, text=True, timeout=PATIENCE)
    assert killed.returncode == -signal.SIGKILL
    job_id = killed.stdout.split()[-1]

    job = WidgetJob(find_background_job(job_id))
    assert (job.name, job.job_id(), job.running()) == ("survivor", job_id, True)
    assert job.output == "waiting\n"
    gate.touch()
    assert job.result(timeout=PATIENCE) == 7
    assert job_id in [known.job_id() for known in background_jobs()]
    assert WidgetJob(find_background_job(job_id)).result() == 7
    again = WidgetJob.attach(job.snapshot.locator or {})
    assert (again.name, again.result()) == ("survivor", 7)


def test_the_text_of_a_job_that_is_found_again_is_not_printed_again(capsys: pytest.CaptureFixture[str]) -> None:
    job = run(print, "once")
    job.result(timeout=PATIENCE)
    capsys.readouterr()

    assert WidgetJob(find_background_job(job.job_id())).output == "once\n"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("job_id", ["bg-" + "0" * 32, "../../etc", "", "bg-../../etc"])
def test_an_unknown_id_is_refused(job_id: str) -> None:
    with pytest.raises(LookupError, match="no background job"):
        find_background_job(job_id)


def test_only_the_user_may_enter_the_directory_of_queue_and_jobs() -> None:
    run(abs, -1).result(timeout=PATIENCE)
    assert files.home().stat().st_mode & 0o777 == 0o700


def test_what_cannot_be_pickled_is_refused_and_leaves_no_files() -> None:
    before = len(JobFiles.all())
    with pytest.raises(EngineError, match="cannot be sent to another process"):
        _ = run(threading.Lock().acquire)
    assert len(JobFiles.all()) == before


def test_calls_end_with_the_service_that_is_stopped_and_the_next_one_starts_by_itself(tmp_path: Path) -> None:
    job = run(wait_for_file, str(tmp_path / "never"))
    wait_until(job.running, PATIENCE)
    assert stop_service()

    with pytest.raises(WorkerDied):
        job.result(timeout=PATIENCE)
    wait_until(lambda: not is_serving(), PATIENCE)
    assert run(abs, -5).result(timeout=PATIENCE) == 5


def test_a_call_is_lost_and_not_forgotten_when_service_and_runner_are_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    job = run(note_pid_and_wait, str(pid_file))
    wait_until(lambda: pid_file.exists() and bool(pid_file.read_text()), PATIENCE)
    wait_until(lambda: service_pid() is not None, PATIENCE)
    for pid in (service_pid(), int(pid_file.read_text())):
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    with pytest.raises(WorkerDied):
        job.result(timeout=PATIENCE)


def test_old_and_surplus_jobs_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        run(abs, -1).result(timeout=PATIENCE)
    newest = JobFiles.all()[-1].job_id
    wait_until(lambda: not any(job.is_running for job in JobFiles.all()))

    monkeypatch.setattr(files, "KEPT_JOBS", 1)
    files.prune()
    assert [job.job_id for job in JobFiles.all() if job.has_outcome] == [newest]
    monkeypatch.setattr(files, "KEPT_SECONDS", -1.0)
    files.prune()
    assert [job for job in JobFiles.all() if job.has_outcome] == []


def test_a_long_file_of_messages_is_replaced_by_a_short_one_that_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("primwidgets.engines.background.channel._FILE_LIMIT", 20_000)
    reader = MessageReader(tmp_path / "messages")
    with MessageFile(tmp_path / "messages") as messages:
        messages.append({"started": 5.0, "place": "here"})
        for number in range(3_000):
            messages.append({"printed": f"{number}\n"})
            messages.append({"fraction": number / 3_000, "text": None, "message": "on"})
        assert (tmp_path / "messages").stat().st_size < 1_500_000

    read = reader.read()
    assert read[0] == {"reset": True}
    assert {"started": 5.0, "place": "here"} in read
    assert "".join(message.get("printed", "") for message in read).endswith("2998\n2999\n")
    assert [message["fraction"] for message in read if "fraction" in message][-1] == 2_999 / 3_000
    assert reader.read() == []


def test_malformed_messages_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "messages").write_bytes(b'nonsense\n[1]\n{"printed": "x"}\n{"half')
    assert MessageReader(tmp_path / "messages").read() == [{"printed": "x"}]
    assert MessageReader(tmp_path / "none").read() == []


def wait_for_file(path: str) -> int:
    import time

    print("waiting")
    while not os.path.exists(path):
        time.sleep(0.005)
    return 7


def note_pid_and_wait(path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    wait_for_file(f"{path}.never")
