"""What a job prints on other threads than its own, by programs that it starts, and by C code is in its log."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from primwidgets import WorkerDied, track
from primwidgets._progress.stdout import Echo
from primwidgets._progress.track import CallContext, running
from primwidgets.engines import FunctionCall
from primwidgets.engines.base import inside
from primwidgets.engines.process import ProcessEngine
from primwidgets.engines.process.raw_output import RawOutput, raw_output
from tests.monitored import PATIENCE, wait_until


@pytest.fixture(scope="module")
def engine() -> Iterator[ProcessEngine]:
    engine = ProcessEngine(workers=1)
    yield engine
    engine.close()


def run_on_thread(function: Any, *arguments: Any) -> None:
    thread = threading.Thread(target=function, args=arguments)
    thread.start()
    thread.join(PATIENCE)


class TestThreads:
    def test_a_thread_that_a_job_starts_prints_to_its_log(self) -> None:
        context = CallContext()
        with inside(context):
            print("itself")
            run_on_thread(print, "a thread")
            run_on_thread(run_on_thread, print, "a thread of that")
            with ThreadPoolExecutor(1) as pool:
                pool.submit(print, "a pool").result(PATIENCE)
        assert context.log == "itself\na thread\na thread of that\na pool\n"

    def test_what_a_pool_prints_belongs_to_the_job_that_gave_it_the_work(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first, second = CallContext(), CallContext()
        with ThreadPoolExecutor(1) as pool:
            with inside(first):
                pool.submit(print, "first").result(PATIENCE)
            with inside(second):
                assert pool.submit(sorted, [2, 1], reverse=False).result(PATIENCE) == [1, 2]
                pool.submit(print, "second").result(PATIENCE)
                with running(None):
                    pool.submit(print, "nobody's").result(PATIENCE)
                list(pool.map(print, ["mapped"]))
        assert (first.log, second.log) == ("first\n", "second\nmapped\n")
        assert capsys.readouterr().out == "nobody's\n"

    def test_a_subclass_of_thread_runs_once_and_as_it_defines(self) -> None:
        class Counting(threading.Thread):
            runs = 0

            def run(self) -> None:
                self.runs += 1
                print("run", self.runs)

        context = CallContext()
        with inside(context):
            thread = Counting()
            thread.start()
            thread.join(PATIENCE)
        assert (context.log, "run" in vars(thread)) == ("run 1\n", False)

    def test_a_thread_that_outlives_its_job_prints_as_ever(self, capsys: pytest.CaptureFixture[str]) -> None:
        over = threading.Event()
        context = CallContext()
        with inside(context):
            thread = threading.Thread(target=lambda: (over.wait(PATIENCE), print("late")))
            thread.start()
        over.set()
        thread.join(PATIENCE)
        assert (context.log, capsys.readouterr().out) == ("", "late\n")

    def test_a_call_that_is_begun_once_more_prints_to_its_log_again(self) -> None:
        context = CallContext()
        for attempt in (1, 2):
            with inside(context):
                print("attempt", attempt)
                run_on_thread(print, "thread", attempt)
        assert context.log == "attempt 1\nthread 1\nattempt 2\nthread 2\n"

    def test_threads_of_nobody_print_as_ever_while_a_job_runs(self, capsys: pytest.CaptureFixture[str]) -> None:
        begun, over = threading.Event(), threading.Event()
        context = CallContext()

        def work() -> None:
            with inside(context):
                begun.set()
                over.wait(PATIENCE)

        thread = threading.Thread(target=work)
        thread.start()
        assert begun.wait(PATIENCE)
        run_on_thread(print, "not a job's")
        over.set()
        thread.join(PATIENCE)
        assert (context.log, capsys.readouterr().out) == ("", "not a job's\n")

    def test_loops_of_such_threads_do_not_move_the_card(self) -> None:
        context = CallContext()
        with inside(context):
            run_on_thread(lambda: list(track(range(3))))
            assert context.loops == []
            assert context.progress().fraction is None

    def test_starting_threads_is_as_before_when_the_last_job_has_ended(self) -> None:
        before: Any = threading.Thread.start, ThreadPoolExecutor.submit
        with inside(CallContext()), inside(CallContext()):
            assert threading.Thread.start is not before[0]
            assert ThreadPoolExecutor.submit is not before[1]
        assert (threading.Thread.start, ThreadPoolExecutor.submit) == before


@pytest.mark.skipif(os.name != "posix", reason="programs are given streams on POSIX systems only")
class TestPrograms:
    def test_a_program_that_a_job_starts_prints_to_its_log(self) -> None:
        context = CallContext()
        with inside(context):
            print("first")
            subprocess.run(["sh", "-c", "echo out; echo err >&2"], check=True)
            print("then")
            run_on_thread(lambda: subprocess.run(["echo", "of a thread"], check=True))
            subprocess.run(["sh", "-c", "echo '\u00e4'; printf 'no end'"], stderr=subprocess.STDOUT, check=True)
        assert context.log == "first\nout\nerr\nthen\nof a thread\n\u00e4\nno end"

    def test_what_a_program_prints_is_in_the_log_while_it_runs(self) -> None:
        context = CallContext()
        waits = ["sh", "-c", "echo begun; read answer"]
        with inside(context), subprocess.Popen(waits, stdin=subprocess.PIPE) as program:
            wait_until(lambda: "begun" in context.log, PATIENCE)
            program.communicate(b"\n")

    def test_streams_that_the_job_gives_its_program_are_used(self) -> None:
        context = CallContext()
        with inside(context):
            assert subprocess.check_output(["echo", "out"]) == b"out\n"
            subprocess.run(["echo", "nowhere"], stdout=subprocess.DEVNULL, check=True)
            told, _ = subprocess.Popen(["echo", "pipe"], -1, None, None, subprocess.PIPE).communicate()
            assert told == b"pipe\n"
        assert context.log == ""

    @pytest.mark.parametrize("command", ["exit 3", "kill -9 $$", "true"])
    def test_a_command_of_the_shell_prints_to_the_log_and_returns_what_it_would(self, command: str) -> None:
        context = CallContext()
        with inside(context):
            told = os.system(f"echo run; {command}")
        assert (context.log, told) == ("run\n", os.system(command))

    def test_a_program_that_outlives_its_job_is_never_blocked_and_its_output_is_not_lost(self) -> None:
        context = CallContext()
        prints = "read go; yes | head -c 1000000; echo the end"
        with inside(context):
            program = subprocess.Popen(["sh", "-c", prints], stdin=subprocess.PIPE)
        assert context.log == ""
        program.communicate(b"\n", timeout=PATIENCE)
        wait_until(lambda: context.log.endswith("y\nthe end\n"), PATIENCE)
        assert program.returncode == 0

    def test_programs_print_to_the_log_of_a_job_in_a_process_with_many_open_files(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import fcntl
        import resource

        few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(few, min(most, 4096)), most))

        def open_late() -> tuple[int, int]:
            ends = usual()
            high = fcntl.fcntl(ends[0], fcntl.F_DUPFD_CLOEXEC, 2000), fcntl.fcntl(ends[1], fcntl.F_DUPFD_CLOEXEC, 2000)
            for end in ends:
                os.close(end)
            return high

        usual, context = os.pipe, CallContext()
        with inside(context):
            with monkeypatch.context() as patch:
                patch.setattr(os, "pipe", open_late)
                program = subprocess.Popen(["sh", "-c", "yes | head -c 200000; echo the end"])
            program.wait(PATIENCE)
        wait_until(lambda: context.log.endswith("the end\n"), PATIENCE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (few, most))

    def test_starting_programs_is_as_before_when_the_last_job_has_ended(self) -> None:
        before: Any = subprocess.Popen
        init, system = before.__init__, os.system
        with inside(CallContext()), inside(CallContext()):
            assert before.__init__ is not init
        assert (before.__init__, os.system) == (init, system)

    def test_programs_of_a_script_print_to_its_terminal(self) -> None:
        context = CallContext()
        context.echo = Echo("a script's job", lambda lines, stream: None)
        with inside(context):
            assert context.output_of_programs is None


def print_everywhere() -> None:
    print("Python")
    os.write(1, b"descriptor\n")
    subprocess.run(["sh", "-c", "echo program; echo err >&2"], check=True)
    os.system("echo shell")
    sys.__stdout__.buffer.write(b"buffer\n")  # type: ignore[union-attr]
    sys.__stdout__.buffer.flush()  # type: ignore[union-attr]
    run_on_thread(print, "thread")
    ctypes.CDLL(None).puts(b"C")


def crash() -> None:
    os.write(2, b"before the end\n")
    os.abort()


def fork(how: str) -> str:
    child = os.fork()
    if child == 0:
        if how == "returns":
            return "child"
        if how == "raises":
            raise ValueError("in the child")
        sys.exit(7)
    return f"parent, {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}"


@pytest.mark.skipif(os.name != "posix", reason="processes are given a file for their output on POSIX systems only")
class TestProcesses:
    def test_all_that_a_process_prints_is_in_the_log_of_its_call(self, engine: ProcessEngine) -> None:
        job = engine.start(FunctionCall(print_everywhere))
        job.result(PATIENCE)
        assert job.output == "Python\ndescriptor\nprogram\nerr\nshell\nbuffer\nthread\nC\n"
        after = engine.start(FunctionCall(print, ("next",)))
        after.result(PATIENCE)
        assert after.output == "next\n"

    def test_what_a_process_printed_before_it_crashed_is_in_the_log(self, engine: ProcessEngine) -> None:
        job = engine.start(FunctionCall(crash))
        with pytest.raises(WorkerDied):
            job.result(PATIENCE)
        assert job.output.startswith("before the end\n")

    @pytest.mark.parametrize(("how", "code"), [("returns", 0), ("raises", 1), ("exits", 7)])
    def test_a_forked_child_that_leaves_the_function_ends_and_the_call_goes_on(
        self, engine: ProcessEngine, how: str, code: int
    ) -> None:
        job = engine.start(FunctionCall(fork, (how,)))
        assert job.result(PATIENCE) == f"parent, {code}"
        assert ("ValueError: in the child" in job.output) is (how == "raises")
        assert engine.start(FunctionCall(abs, (-1,))).result(PATIENCE) == 1


class TestRawOutput:
    @pytest.fixture
    def output(self) -> Iterator[RawOutput]:
        output = raw_output()
        assert output is not None
        yield output
        output.close()

    def write(self, output: RawOutput, data: bytes) -> None:
        connection = output.connection()
        os.write(connection.fileno(), data)
        connection.close()

    def test_what_comes_after_a_call_belongs_to_it_and_not_to_the_next(self, output: RawOutput) -> None:
        first, second = CallContext(), CallContext()
        output.begin(first)
        self.write(output, b"one\n")
        output.end()
        self.write(output, b"late\n")
        output.begin(second)
        self.write(output, b"two \xe2\x82")
        assert second.log == "two "
        self.write(output, b"\xac\n")
        assert (first.log, second.log) == ("one\nlate\n", "two \u20ac\n")

    def test_of_very_much_the_end_is_kept_and_the_file_is_emptied(self, output: RawOutput) -> None:
        context = CallContext()
        output.begin(context)
        self.write(output, b"x" * 20_000_000)
        self.write(output, b"the end\n")
        assert context.log.endswith("xthe end\n")
        assert os.fstat(output._file.fileno()).st_size == 0
        self.write(output, b"more\n")
        assert context.log.endswith("the end\nmore\n")

    def test_where_no_file_can_be_made_there_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_space(**_: Any) -> Any:
            raise OSError("no space")

        monkeypatch.setattr("tempfile.TemporaryFile", no_space)
        assert raw_output() is None
