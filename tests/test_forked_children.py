"""A forked child has none of its parent's threads and processes: what exists once in a process begins anew in it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

#: How long a child may take, in seconds; one that hangs tells where.
PATIENCE = 90

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")

SCRIPT = """
import faulthandler, gc, os, sys, time, threading, warnings
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from primwidgets import WidgetJob, submit
warnings.filterwarnings("ignore", category=DeprecationWarning)  # newer Pythons warn of a fork beside threads

def in_child(work):
    child = os.fork()
    if not child:
        faulthandler.dump_traceback_later({patience}, exit=True)
        work()
        sys.exit()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "The child failed."

if __name__ == "__main__":
{before}
    def work():
{inside}
    in_child(work)
    print("done", flush=True)
{after}
"""


def run(before: str, inside: str, after: str = "", said: str = "") -> None:
    """Run a script that forks; neither it nor its child says a word but ``said`` and ``done``."""
    parts = {"before": _indented(before, 4), "inside": _indented(inside, 8), "after": _indented(after, 4)}
    script = SCRIPT.format(patience=PATIENCE, **parts)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE + 20)
    assert (done.stdout, done.stderr, done.returncode) == (f"{said}done\n", "", 0)


def _indented(text: str, columns: int) -> str:
    return "\n".join(" " * columns + line for line in text.strip("\n").splitlines()) or " " * columns + "pass"


JOBS = {
    "future": "job = WidgetJob(Future()); end = job.job.set_result, 1",
    "thread": """
go = threading.Event()
job, end = submit(go.wait), (go.set,)
while not job.running(): time.sleep(0.01)
""",
    "queued": """
go = threading.Event()
jobs = [submit(go.wait) for _ in range(50)]
job, end = jobs[-1], (go.set,)
""",
    "process": """
job = submit(time.sleep, 600, engine="process"); end = job.cancel,
while not job.running(): time.sleep(0.01)
""",
    "executor": """
pool = ThreadPoolExecutor(1)
go = threading.Event()
job, end = submit(go.wait, engine=pool), (go.set,)
""",
    "process pool": """
import multiprocessing
pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
job, end = submit(time.sleep, 1, engine=pool), (int,)
while not job.running(): time.sleep(0.01)
""",
}


@pytest.mark.parametrize("kind", JOBS)
def test_inherited_jobs_are_closed_and_collected_and_the_parents_go_on(kind: str) -> None:
    closed = "job.close(); del globals()['job']; globals().pop('jobs', None); gc.collect(); os._exit(0)"
    run(JOBS[kind], closed, "assert not job.in_final_state(), job.state; end[0](*end[1:]); assert job.wait(100)")


@pytest.mark.parametrize("kind", [kind for kind in JOBS if kind != "process pool"])  # Python's own says a lot then
def test_a_child_that_collects_inherited_jobs_and_ends_does_so_in_silence(kind: str) -> None:
    run(JOBS[kind], "globals().pop('job'); globals().pop('jobs', None); gc.collect()", "end[0](*end[1:])")


def test_a_job_of_a_process_is_not_cancelled_by_the_child() -> None:
    run(JOBS["process"], "assert not job.job.cancel(); assert not job.job.cancelled()", "assert job.running()")


@pytest.mark.parametrize("engine", [None, "process"])
def test_the_child_has_engines_of_its_own(engine: str | None) -> None:
    call = f"assert submit(abs, -1, engine={engine!r}).result(timeout=240) == 1"
    run(call, call, call)


def test_a_child_of_a_job_runs_jobs_and_what_it_prints_afterwards_is_not_lost() -> None:
    run(
        "submit(abs, -1).result()",
        """
job = submit(print, "on the card")
job.result(timeout=240)
assert job.wait(100) and job.output == "on the card\\n", job.output
assert not type(sys.stdout).__module__.startswith("primwidgets"), type(sys.stdout)
""",
        said="[print] on the card\n",
    )


def test_the_streams_of_a_child_are_its_own_while_jobs_of_the_parent_print() -> None:
    own = "assert not type(sys.stdout).__module__.startswith('primwidgets'), type(sys.stdout)"
    run(JOBS["thread"], own, "end[0]()")


POLLED = """
from primwidgets.engines.executor.polling import PollingFuture
class Job:
    ended = False
    def done(self): return self.ended
    def result(self): return 42
    def cancel(self): pass
def polled(job): return PollingFuture(job, lambda: True, job.done)
theirs = Job(); inherited = polled(theirs)
"""


def test_futures_of_jobs_that_have_to_be_asked_end_in_the_child() -> None:
    inside = """
mine = Job(); future = polled(mine)
mine.ended = True
assert future.result(100) == 42
theirs.ended = True
assert inherited.result(100) == 42
"""
    run(POLLED, inside, "assert not inherited.done(); theirs.ended = True; assert inherited.result(100) == 42")


PARALLEL = """
from primwidgets import ParallelSampler
from qiskit import QuantumCircuit
from qiskit.primitives import StatevectorSampler
circuit = QuantumCircuit(1); circuit.measure_all()
sampler = ParallelSampler(StatevectorSampler(), engine=None, shard=1)
def sample(): assert len(sampler.run([circuit] * 3, shots=10).result(timeout=240)) == 3
sample()
"""


def test_a_sharded_sampler_runs_in_the_child() -> None:
    run(PARALLEL, "sample()", "sample()")
