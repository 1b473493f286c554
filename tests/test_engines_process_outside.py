"""Whole processes with engines, seen from outside: who ends with whom."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.monitored import PATIENCE
from tests.system_processes import await_end

KERNEL = """
import os, sys, time
from primwidgets.engines.process import ProcessEngine
from primwidgets.engines.base import FunctionCall
{work}
if __name__ == "__main__":
    engine = ProcessEngine(workers=2)
    job = engine.start(FunctionCall(work, (), {{}}, "work"))
    while not job.running():
        time.sleep(0.01)
    idle = engine.start(FunctionCall(os.getpid, (), {{}}, "idle")).result(100)
    print(job.pid, idle, flush=True)
    input()
    {then}
"""
SPIN = "def work():\n    while True: pass\n"
HOLD = "def work():\n    import ctypes; ctypes.PyDLL(None).sleep(600)\n"


def run_kernel(tmp_path: Path, work: str, then: str) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """A process with an engine, and its workers: one that is busy and one that is idle."""
    script = tmp_path / "kernel.py"
    script.write_text(KERNEL.format(work=work, then=then))
    kernel = subprocess.Popen([sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert kernel.stdin is not None
    assert kernel.stdout is not None
    workers = [psutil.Process(int(pid)) for pid in kernel.stdout.readline().split()]
    kernel.stdin.write("\n")
    kernel.stdin.flush()
    return kernel, workers


@pytest.mark.parametrize("work", [SPIN, HOLD])
def test_a_kernel_that_is_killed_leaves_no_orphans(tmp_path: Path, work: str) -> None:
    kernel, workers = run_kernel(tmp_path, work, "time.sleep(600)")
    with kernel:
        kernel.kill()
    await_end(*workers)


def test_a_kernel_that_ends_takes_its_workers_with_it_without_waiting_for_them(tmp_path: Path) -> None:
    kernel, workers = run_kernel(tmp_path, SPIN, "pass")
    with kernel:
        assert kernel.wait(PATIENCE) == 0
    await_end(*workers)


def test_an_interrupt_of_the_kernel_does_not_reach_processes_that_are_just_being_started(tmp_path: Path) -> None:
    kernel = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    output, _ = kernel.communicate(timeout=PATIENCE)
    assert output == b"done\n"


INTERRUPTED = """
import os, signal, time
from primwidgets.engines.process import ProcessEngine
from primwidgets.engines.base import FunctionCall
signal.signal(signal.SIGINT, lambda *_: None)
job = ProcessEngine(workers=2).start(FunctionCall(str, ("done",)))
while not job.in_final_state():
    os.killpg(0, signal.SIGINT)
    time.sleep(0.01)
print(job.result())
"""


def test_a_script_without_a_guard_gets_an_error_and_starts_no_chain_of_processes(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("from primwidgets import submit\nprint(submit(abs, -1, engine='process').result())\n")
    run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith("primwidgets.errors.EngineError: The processes end before")
    assert '`if __name__ == "__main__":`' in run.stderr.splitlines()[-1]


QUEUED = """
import sys, time
from primwidgets import submit
if __name__ == "__main__":
    jobs = [submit(time.sleep, 600, engine="process") for _ in range(100)]
    while not any(job.running() for job in jobs) and sys.argv[1] == "running":
        time.sleep(0.01)
"""


@pytest.mark.parametrize("when", ["running", "starting"])
def test_a_script_that_ends_with_calls_in_the_queue_waits_for_none_and_is_silent(tmp_path: Path, when: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(QUEUED)
    run = subprocess.run([sys.executable, str(script), when], capture_output=True, text=True, timeout=PATIENCE)

    assert (run.returncode, run.stderr) == (0, "")
