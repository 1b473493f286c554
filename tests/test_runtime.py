from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from primwidgets import _runtime
from primwidgets._runtime import once_per_process


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_what_exists_once_is_made_once_also_by_many_threads() -> None:
    meeting, made = threading.Barrier(8), []

    def make() -> object:
        made.append(object())
        return made[-1]

    get = once_per_process(make)

    def meet() -> object:
        meeting.wait()
        return get()

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: meet(), range(8)))
    assert got == [made[0]] * 8
    assert len(made) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_child_makes_its_own() -> None:
    script = """
import os, sys
from primwidgets._runtime import once_per_process
pid = once_per_process(os.getpid)
assert pid() == os.getpid()
child = os.fork()
assert pid() == os.getpid()
if child:
    print(os.waitpid(child, 0)[1])
"""
    assert run(script) == "0\n"


def test_at_the_exit_what_was_registered_last_is_closed_first_and_before_what_it_was_made_with() -> None:
    script = """
import atexit
from primwidgets._runtime import at_exit
at_exit(lambda: print("first"))
atexit.register(lambda: print("what it was made with"))
at_exit(lambda: print("second"))
"""
    assert run(script) == "second\nfirst\nwhat it was made with\n"


def test_a_defect_in_one_keeps_none_of_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    called: list[str] = []
    monkeypatch.setattr(
        _runtime, "_in_child", [lambda: called.append("one"), lambda: 1 // 0, lambda: called.append("two")]
    )
    _runtime._reset_after_fork()
    assert called == ["one", "two"]
    assert "ZeroDivisionError" in caplog.text
