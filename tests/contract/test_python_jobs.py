"""Processes, pools and threads of Python's own library keep the contract of adapters."""

from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing.pool import AsyncResult, ThreadPool
from pathlib import Path
from typing import Any, ClassVar

import pytest

from primwidgets import CancelState, JobState, WidgetJob
from primwidgets.adapters import adapter_for
from primwidgets.errors import StoppedWaiting
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import LiveAdapterContract
from tests.monitored import PATIENCE

#: Waits until its standard input is closed, and then ends with the code that it was given.
WAITS = "import sys; print('begun', flush=True); sys.stdin.read(); sys.exit(int(sys.argv[1]))"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
ALL_BUT_WAITING = (JobState.RUNNING, JobState.DONE, JobState.ERROR)


class TestProcesses(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL_BUT_WAITING

    @pytest.fixture(autouse=True)
    def _ended(self) -> Iterator[None]:
        self.processes: list[subprocess.Popen[bytes]] = []
        yield
        for process in self.processes:
            process.kill()
            process.wait(PATIENCE)
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def make_job(self, state: JobState) -> subprocess.Popen[bytes]:
        code = "3" if state is JobState.ERROR else "0"
        pipe = subprocess.PIPE
        process = subprocess.Popen([sys.executable, "-c", WAITS, code], stdin=pipe, stdout=pipe)
        self.processes.append(process)
        if state.is_final:
            self.finish(process)
        return process

    def finish(self, job: subprocess.Popen[bytes]) -> None:
        assert job.stdin is not None
        job.stdin.close()
        job.wait(PATIENCE)

    def test_the_result_is_the_exit_code(self) -> None:
        assert WidgetJob(self.make_job(JobState.ERROR)).result() == 3

    def test_a_time_out_is_the_one_of_the_process(self) -> None:
        with pytest.raises(subprocess.TimeoutExpired):
            WidgetJob(self.make_job(JobState.RUNNING)).result(timeout=0.01)

    def test_an_exit_code_is_shown_as_the_reason(self) -> None:
        error = self._read(JobState.ERROR).error
        assert error is not None
        assert (error.type, error.message) == ("ExitCode", "Exit code 3.")

    def test_one_that_a_signal_ended_here_was_cancelled(self) -> None:
        job = WidgetJob(self.make_job(JobState.RUNNING))
        job.cancel()
        assert job.wait(PATIENCE)
        assert (job.state, job.cancel_state) == (JobState.CANCELLED, CancelState.CONFIRMED)

    def test_a_process_that_another_program_killed_has_failed(self) -> None:
        process = self.make_job(JobState.RUNNING)
        process.kill()
        process.wait(PATIENCE)
        job = WidgetJob(process)
        assert job.state == JobState.ERROR
        assert job.snapshot.error is not None
        assert job.snapshot.error.message == "Ended by the signal SIGKILL."

    def test_one_that_does_not_end_when_asked_is_killed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("primwidgets.adapters._common.local_processes.KILL_AFTER_SECONDS", 0.1)
        process = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)
        self.processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"deaf\n"
        job = WidgetJob(process)
        job.cancel()
        assert job.wait(PATIENCE)
        assert (job.state, process.returncode) == (JobState.CANCELLED, -9)

    def test_nothing_is_read_from_its_pipe(self) -> None:
        process = self.make_job(JobState.RUNNING)
        assert WidgetJob(process).snapshot.log is None
        self.finish(process)
        assert process.stdout is not None
        assert process.stdout.read() == b"begun\n"

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which file a process writes to")
    def test_what_it_writes_to_a_file_is_on_the_card(self, tmp_path: Path) -> None:
        with (tmp_path / "out.txt").open("wb") as out:
            process = subprocess.Popen([sys.executable, "-c", WAITS, "0"], stdin=subprocess.PIPE, stdout=out)
        self.processes.append(process)
        job = WidgetJob(process)
        self.finish(process)
        assert job.wait(PATIENCE) == 0
        assert job.snapshot.is_final
        assert job.snapshot.log == "begun\n"


async def test_a_process_of_asyncio_runs_ends_and_gives_its_exit_code() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WAITS, "3", stdin=-1, stdout=-1)
    job = WidgetJob(process)
    assert job.state == JobState.RUNNING
    assert process.stdin is not None
    process.stdin.close()
    assert await job == 3
    assert job.state == JobState.ERROR


async def test_a_process_of_asyncio_is_cancelled() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WAITS, "0", stdin=-1, stdout=-1)
    job = WidgetJob(process)
    job.cancel()
    assert await job == -15
    assert job.state == JobState.CANCELLED


async def test_a_wait_that_blocks_the_loop_of_a_process_says_to_await_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("primwidgets.adapters.subprocess._EXIT_CODE_SECONDS", 0.1)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "pass")
    job: WidgetJob[Any, Any] = WidgetJob(process)
    with pytest.raises(StoppedWaiting, match="await job"):
        job.result()
    assert await job == 0


class TestCallsInAPool(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = ALL_BUT_WAITING

    @pytest.fixture(autouse=True)
    def _pool(self) -> Iterator[None]:
        self.go = threading.Event()
        with ThreadPool(2) as self.pool:
            yield
            self.go.set()

    def make_job(self, state: JobState) -> AsyncResult[Any]:
        if state is JobState.RUNNING:
            return self.pool.apply_async(self.go.wait, (PATIENCE,))
        job = self.pool.apply_async(int, ("x" if state is JobState.ERROR else "7",))
        job.wait(PATIENCE)
        return job

    def finish(self, job: AsyncResult[Any]) -> None:
        self.go.set()
        job.wait(PATIENCE)

    def test_results_and_errors_are_the_pools_own(self) -> None:
        assert WidgetJob(self.make_job(JobState.DONE)).result() == 7
        with pytest.raises(ValueError, match="invalid literal"):
            WidgetJob(self.make_job(JobState.ERROR)).result()
        with pytest.raises(multiprocessing.TimeoutError):
            WidgetJob(self.make_job(JobState.RUNNING)).result(timeout=0.01)

    def test_a_map_tells_how_many_of_its_chunks_are_done(self) -> None:
        begun = threading.Event()

        def work(number: int) -> bool:
            begun.set()
            return number == 0 or self.go.wait(PATIENCE)

        job = self.pool.map_async(work, range(4), chunksize=1)
        assert begun.wait(PATIENCE)
        adapter = adapter_for(job)
        while (read := adapter.read(JobSnapshot(uid="u"))).progress == 0:
            pass
        assert (read.progress, read.progress_text) == (0.25, "1 of 4")

    def test_a_call_of_a_terminated_pool_has_failed(self) -> None:
        job = WidgetJob(self.make_job(JobState.RUNNING))
        self.go.set()
        job = WidgetJob(self.pool.apply_async(threading.Event().wait, (0.3,)))
        self.pool.terminate()
        assert job._waiting.wait(PATIENCE)  # the pool's own wait() may never end
        assert job.snapshot.error is None or job.snapshot.error.type == "PoolTerminated"


class TestMultiprocessingProcesses(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (JobState.INITIALIZING, *ALL_BUT_WAITING)

    @pytest.fixture(autouse=True)
    def _ended(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        # A process that does not import the main script, pytest, begins much sooner.
        monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
        monkeypatch.delattr(sys.modules["__main__"], "__file__", raising=False)  # a worker of xdist has none
        self.context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
        self.line, go = self.context.Pipe()  # not an event: a process that is ended while it waits for one locks it
        self.go = go
        yield
        self.line.close()
        go.close()

    def make_job(self, state: JobState) -> Any:
        fails = state is JobState.ERROR
        target, args = (sys.exit, (3,)) if fails else (self.go.poll, (PATIENCE,))
        process: Any = self.context.Process(target=target, args=args)  # type: ignore[attr-defined]
        if state is not JobState.INITIALIZING:
            process.start()
        if state.is_final:
            self.finish(process)
        return process

    def finish(self, job: Any) -> None:
        if job.pid is None:
            job.start()
        self.line.send("go")
        job.join(PATIENCE)

    def test_the_result_is_the_exit_code(self) -> None:
        assert WidgetJob(self.make_job(JobState.ERROR)).result() == 3

    def test_it_is_cancelled(self) -> None:
        job = WidgetJob(self.make_job(JobState.RUNNING))
        job.cancel()
        assert job.wait(PATIENCE)
        assert job.state == JobState.CANCELLED


class TestThreads(LiveAdapterContract):
    states: ClassVar[tuple[JobState, ...]] = (JobState.INITIALIZING, JobState.RUNNING, JobState.DONE)

    def make_job(self, state: JobState) -> threading.Thread:
        self.go = threading.Event()
        thread = threading.Thread(target=self.go.wait, args=(PATIENCE,), daemon=True)
        if state is not JobState.INITIALIZING:
            thread.start()
        if state.is_final:
            self.finish(thread)
        return thread

    def finish(self, job: threading.Thread) -> None:
        if job.ident is None:
            job.start()
        self.go.set()
        job.join(PATIENCE)

    def test_the_result_is_nothing(self) -> None:
        assert WidgetJob(self.make_job(JobState.DONE)).result() is None
