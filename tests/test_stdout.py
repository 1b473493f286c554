from __future__ import annotations

import contextlib
import gc
import io
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from weakref import ref

import pytest

from primwidgets._progress.stdout import Echo, prints_to_log
from primwidgets._progress.track import CallContext, running


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 7


@contextlib.contextmanager
def fake_terminal() -> Iterator[FakeTerminal]:
    """Stands in for both streams; no fixture, since pytest sets the streams anew between set-up and test."""
    terminal, before = FakeTerminal(), (sys.stdout, sys.stderr)
    sys.stdout = sys.stderr = terminal
    try:
        yield terminal
        assert sys.stdout is sys.stderr is terminal, "the streams were put back"
        assert not {"write", "flush", "isatty"} & set(vars(terminal)), "and nothing is left of the switches"
    finally:
        sys.stdout, sys.stderr = before


def test_a_job_prints_to_its_log() -> None:
    with fake_terminal() as terminal:
        run = CallContext()
        with prints_to_log(), running(run):
            print("hello", 1)
            print("oh", file=sys.stderr, flush=True)
            sys.stdout.writelines(["a", "b"])
        assert run.log == "hello 1\noh\nab"
        assert terminal.getvalue() == ""


def test_who_is_in_no_job_prints_as_ever() -> None:
    with fake_terminal() as terminal:
        with prints_to_log():
            with running(CallContext()):
                other = threading.Thread(target=print, args=("a cell",))  # a thread of no job
                other.start()
                other.join()
            print("after", flush=True)
        assert terminal.getvalue() == "a cell\nafter\n"


def test_a_job_has_no_terminal() -> None:
    with fake_terminal(), prints_to_log():
        assert sys.stdout.isatty()
        with running(CallContext()):
            assert not sys.stdout.isatty()


def test_what_else_a_stream_has_is_there() -> None:
    with fake_terminal() as terminal, prints_to_log():
        assert sys.stdout.fileno() == 7
        assert sys.stdout.encoding == terminal.encoding
        assert sys.stdout.errors == terminal.errors
        stream: Any = sys.stdout
        assert stream.getvalue() == ""


def test_the_last_one_puts_the_streams_back() -> None:
    run = CallContext()
    with fake_terminal() as terminal:
        with contextlib.ExitStack() as second:
            with prints_to_log():
                second.enter_context(prints_to_log())
            with running(run):
                print("logged")
        with running(run):
            print("not logged")
        assert (run.log, terminal.getvalue()) == ("logged\n", "not logged\n")


def test_who_captures_meanwhile_gets_back_what_was_there() -> None:
    with fake_terminal() as terminal:
        captured, run = io.StringIO(), CallContext()
        with contextlib.ExitStack() as capture:
            with prints_to_log():
                before = sys.stdout
                capture.enter_context(contextlib.redirect_stdout(captured))
                print("captured")
            assert sys.stdout is captured
        assert sys.stdout is before
        print("passed on")
        with prints_to_log(), running(run):
            print("logged")
        assert (captured.getvalue(), terminal.getvalue(), run.log) == ("captured\n", "passed on\n", "logged\n")


def test_a_stream_reference_that_was_kept_is_captured_as_well() -> None:
    with fake_terminal() as terminal:
        kept, write, handler, run = sys.stdout, sys.stdout.write, logging.StreamHandler(), CallContext()
        with prints_to_log(), running(run):
            print("kept", file=kept)
            handler.emit(logging.makeLogRecord({"msg": "record"}))
            write("the method itself\n")
        assert run.log == "kept\nrecord\n"
        assert terminal.getvalue() == "the method itself\n", "which nobody can follow"
        handler.emit(logging.makeLogRecord({"msg": "later"}))
        assert terminal.getvalue().endswith("later\n")


def test_pythons_own_streams_go_the_same_way() -> None:
    run = CallContext()
    with prints_to_log(), running(run):
        print("own", file=sys.__stderr__)
    assert run.log == "own\n"


class Slotted:
    """A stream whose methods cannot be replaced."""

    __slots__ = ("text",)

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None: ...


class Passing:
    """A stream that passes what is set on it, as what is read from it, on to another."""

    def __init__(self, stream: Any) -> None:
        vars(self)["stream"] = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.stream, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self.stream, name)


def text_of(stream: Any) -> Any:
    return stream.text if isinstance(stream, Slotted) else stream.getvalue()


@pytest.mark.parametrize("make", [Slotted, lambda: Passing(FakeTerminal())], ids=["slots", "proxy"])
def test_a_stream_that_cannot_be_switched_has_a_stand_in(make: Callable[[], Any], monkeypatch: Any) -> None:
    run = CallContext()
    stream = make()
    monkeypatch.setattr(sys, "stdout", stream)
    with prints_to_log():
        with running(run):
            print("logged")
        print("passed on", flush=True)
    assert run.log == "logged\n"
    assert sys.stdout is stream
    assert text_of(stream) == "passed on\n"


def test_a_method_that_was_replaced_before_is_there_again() -> None:
    with fake_terminal() as terminal:
        told: list[str] = []
        terminal.write = told.append  # type: ignore[assignment,method-assign]
        with prints_to_log(), running(CallContext()):
            print("logged")
        print("told")
        assert "".join(told) == "told\n"
        del terminal.write


def test_a_stream_of_a_capture_is_not_kept() -> None:
    with fake_terminal(), prints_to_log():
        with contextlib.redirect_stdout(io.StringIO()) as captured, prints_to_log():
            pass
        gone = ref(captured)
        del captured
        gc.collect()
        assert gone() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_prints_as_ever() -> None:
    script = """
import os, sys, warnings
warnings.simplefilter("ignore")
from primwidgets._progress.stdout import prints_to_log
from primwidgets._progress.track import CallContext, running
with prints_to_log(), running(CallContext()):
    if (child := os.fork()) == 0:
        print("child", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=240)
    assert done.stdout == "child\n"


def test_what_is_passed_on_has_the_name_in_front_of_each_whole_line() -> None:
    passed: list[tuple[str, Any]] = []
    echo = Echo("a\nfit", lambda lines, stream: passed.append((lines, stream)))
    echo("one\ntw", "out")
    echo("10 %\r20 %", "err")
    echo("o\n\n", "out")
    echo.close()
    assert passed == [
        ("[a fit] one\n", "out"),
        ("[a fit] two\n[a fit] \n", "out"),
        ("[a fit] 20 %\n", "err"),
    ]


def test_a_line_without_end_is_passed_on_by_and_by() -> None:
    passed: list[str] = []
    echo = Echo("fit", lambda lines, _: passed.append(lines))
    for _ in range(30_000):
        echo("x")
    assert len(passed) == 2
    assert {len(lines) for lines in passed} == {len("[fit] ") + 10_001 + 1}


def test_a_stream_that_was_closed_does_not_hinder_the_end() -> None:
    def write(lines: str, _: object) -> None:
        raise ValueError("closed")

    echo = Echo("fit", write)
    echo("x")
    echo.close()
