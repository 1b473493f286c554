from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections.abc import Iterator
from typing import Any

from primwidgets.printing import prints_to_log
from primwidgets.progress import Run, running


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
    finally:
        sys.stdout, sys.stderr = before


def test_a_job_prints_to_its_log() -> None:
    with fake_terminal() as terminal:
        run = Run()
        with prints_to_log(), running(run):
            print("hello", 1)
            print("oh", file=sys.stderr, flush=True)
            sys.stdout.writelines(["a", "b"])
        assert run.log == "hello 1\noh\nab"
        assert terminal.getvalue() == ""


def test_who_is_in_no_job_prints_as_ever() -> None:
    with fake_terminal() as terminal:
        with prints_to_log():
            with running(Run()):
                other = threading.Thread(target=print, args=("a cell",))  # a thread of no job
                other.start()
                other.join()
            print("after", flush=True)
        assert terminal.getvalue() == "a cell\nafter\n"


def test_a_job_has_no_terminal() -> None:
    with fake_terminal(), prints_to_log():
        assert sys.stdout.isatty()
        with running(Run()):
            assert not sys.stdout.isatty()


def test_what_else_a_stream_has_is_there() -> None:
    with fake_terminal() as terminal, prints_to_log():
        assert sys.stdout.fileno() == 7
        assert sys.stdout.encoding == terminal.encoding
        assert sys.stdout.errors == terminal.errors
        stream: Any = sys.stdout
        assert stream.getvalue() == ""


def test_the_last_one_puts_the_streams_back() -> None:
    with fake_terminal() as terminal:
        with contextlib.ExitStack() as second:
            with prints_to_log():
                second.enter_context(prints_to_log())
            assert sys.stdout is not terminal
        assert sys.stdout is terminal


def test_who_captures_meanwhile_gets_back_what_was_there() -> None:
    with fake_terminal() as terminal:
        captured, run = io.StringIO(), Run()
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
