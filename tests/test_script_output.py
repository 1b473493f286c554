"""What a person sees of jobs in ``python script.py``, piped and on a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import WIPE, on_terminal

FIT = """
import logging, sys
from primwidgets import submit, track
logging.basicConfig(format="%(message)s")

def fit(steps):
    for step in range(steps):
        print("epoch", step)
    logging.warning("a record")
    print("no end", end="")
    return steps

if __name__ == "__main__":
    print(submit(fit, 2, engine=ENGINE).result())
"""


def piped(path: Path, script: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    (file := path / "script.py").write_text(script, "utf-8")
    command = [sys.executable, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, input=stdin)


@pytest.mark.parametrize("engine", ["None", "__import__('concurrent.futures').futures.ThreadPoolExecutor()"])
def test_what_a_job_prints_comes_out_of_the_script_with_its_name(tmp_path: Path, engine: str) -> None:
    done = piped(tmp_path, FIT.replace("ENGINE", engine))
    assert done.stdout == "[fit] epoch 0\n[fit] epoch 1\n[fit] no end\n2\n"
    assert done.stderr == "[fit] a record\n"


def test_what_a_job_in_a_process_prints_comes_out_of_the_script_with_its_name(tmp_path: Path) -> None:
    done = piped(tmp_path, FIT.replace("ENGINE", "'process'"))
    assert done.stdout == "[fit] epoch 0\n[fit] epoch 1\n[fit] a record\n[fit] no end\n2\n"
    assert done.stderr == ""


def test_what_a_job_of_a_job_in_a_process_prints_comes_out_too(tmp_path: Path) -> None:
    script = """
from primwidgets import submit

def inner():
    print("inside")

def outer():
    submit(inner).result()

if __name__ == "__main__":
    submit(outer, engine="process").result()
"""
    assert piped(tmp_path, script).stdout == "[outer] [inner] inside\n"


@pytest.mark.parametrize("engine", ["None", "'process'", "pool"])
def test_a_bar_of_tqdm_in_a_job_leaves_its_last_line(engine: str, tmp_path: Path) -> None:
    script = f"""
from concurrent.futures import ProcessPoolExecutor
import tqdm
from primwidgets import submit

def fit():
    for _ in tqdm.tqdm(range(3), desc="files"):
        for _ in tqdm.tqdm(range(2), leave=False):
            pass

if __name__ == "__main__":
    with ProcessPoolExecutor(1) as pool:
        submit(fit, engine={engine}).result()
"""
    done = piped(tmp_path, script)
    assert done.stderr.startswith("[fit] files: 100%|")
    assert done.stderr.count("\n") == 1


def test_track_is_silent_where_there_is_no_terminal(tmp_path: Path) -> None:
    done = piped(tmp_path, "from primwidgets import track\nprint(list(track(range(3), desc='fit', unit='files')))")
    assert (done.stdout, done.stderr) == ("[0, 1, 2]\n", "")


def test_a_script_that_ends_while_a_job_prints_ends_quietly(tmp_path: Path) -> None:
    script = """
import threading
from primwidgets import submit

def endless():
    while True:
        print("x")
        begun.set()

begun = threading.Event()
job = submit(endless)
begun.wait()
"""
    done = piped(tmp_path, script)
    assert (done.returncode, done.stderr) == (0, "")


ASK = """
from primwidgets import submit

def ask():
    return input("Which? ")

job = submit(ask)
while job.snapshot.message is None:
    job.wait(0.05)
print(job.snapshot.message, flush=True)
print("got", job.result())
"""


def test_a_job_that_waits_for_input_says_so_and_gets_it(tmp_path: Path) -> None:
    with on_terminal(tmp_path, ASK) as terminal:
        terminal.wait_for(lambda: "Which? " in terminal.text and "Waits for input()" in terminal.text)
        terminal.type("this\n")
        assert "got this\n" in terminal.wait_for_end()


GATED = """
from primwidgets import submit, track

def fit():
    for step in track(range(4), unit="files"):
        if step == 2:
            print("half way")
            open("GATE").read()
            ENDING

submit(fit).result()
print("the end")
"""


def gated(path: Path, ending: str) -> tuple[str, Path]:
    """A script whose job waits half way until somebody writes to the gate, and the gate."""
    os.mkfifo(gate := path / "gate")
    return GATED.replace("GATE", str(gate)).replace("ENDING", ending), gate


@pytest.mark.parametrize("no_rich", ["", "import sys; sys.modules['rich'] = None"], ids=["rich", "plain"])
def test_who_waits_sees_one_line_that_is_wiped_away(tmp_path: Path, no_rich: str) -> None:
    script, gate = gated(tmp_path, "pass")
    with on_terminal(tmp_path, f"{no_rich}\n{script}") as terminal:
        terminal.wait_for(lambda: "50 % 2 of 4 files" in terminal.text)
        gate.write_text("go on")
        terminal.wait_for_end()
        assert terminal.screen == ["[fit] half way", "the end", ""]
        assert ("━" in terminal.text) is (not no_rich)


def test_the_line_is_wiped_away_before_what_an_error_prints(tmp_path: Path) -> None:
    script, gate = gated(tmp_path, "raise ValueError('no luck')")
    with on_terminal(tmp_path, script) as terminal:
        terminal.wait_for(lambda: "2 of 4 files" in terminal.text)
        gate.write_text("go on")
        terminal.wait_for_end()
        screen = terminal.screen
        assert screen[:2] == ["[fit] half way", "Traceback (most recent call last):"]
        assert screen[-2:] == ["ValueError: no luck", ""]


def test_the_line_is_wiped_away_at_an_interrupt(tmp_path: Path) -> None:
    script, _ = gated(tmp_path, "pass")
    with on_terminal(tmp_path, script) as terminal:
        terminal.wait_for(lambda: "2 of 4 files" in terminal.text)
        terminal.type("\x03")
        terminal.wait_for_end()
        screen = terminal.screen
        assert screen[:2] == ["[fit] half way", "Traceback (most recent call last):"]
        assert screen[-2:] == ["KeyboardInterrupt", ""]


def test_track_outside_a_job_draws_a_bar_that_stays(tmp_path: Path) -> None:
    script = """
from primwidgets import track
for outer in track(range(3), desc="fit", unit="files"):
    for inner in track(range(2)):
        pass
never_begun = track([1])
for step in track(range(4), desc="left"):
    if step == 2:
        break
print("after")
"""
    with on_terminal(tmp_path, script) as terminal:
        terminal.wait_for_end()
        fit, left, *rest = terminal.screen
        assert (fit[:4], fit.split("━")[-1]) == ("fit ", " 100 % 3 of 3 files 0:00")
        assert left.endswith("50 % 2 of 4 0:00")
        assert rest == ["after", ""]


def test_a_loop_on_a_terminal_draws_ten_times_a_second_at_most(tmp_path: Path) -> None:
    script = """
import time
from primwidgets import track
began = time.monotonic()
for _ in track(iter(lambda: time.monotonic() - began > 1, True)):
    pass
"""
    with on_terminal(tmp_path, script) as terminal:
        assert 2 <= terminal.wait_for_end().count(WIPE) <= 14
