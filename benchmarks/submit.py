"""What it costs to submit a function, beside the executors of Python's standard library.

Measured in one kernel, by turns: the call of ``submit`` itself, and the way to a result that takes no time to compute.
Both have their threads and processes running already. A job has a card, progress and a log, which a future has not.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any, Final

from benchmarks.table import Row, Spread, number, print_table
from primwidgets import submit
from tests.kernel.driver import real_kernel

ROUNDS: Final = 100
#: Calls before the first that counts: they import, fill caches and start threads and processes.
_WARM_UP: Final = 10

#: For each call the seconds until ``submit`` came back, and until the result was there.
Samples = list[tuple[float, float]]
Submit = Callable[..., Any]


def main() -> None:
    """Measure and print."""
    with real_kernel(sys.executable) as kernel:
        printed = kernel.run("from benchmarks import submit; submit.measure()")
    samples: dict[str, Samples] = json.loads(printed.splitlines()[-1])
    rows = _rows("threads", samples["threads"], "ThreadPoolExecutor", samples["ThreadPoolExecutor"])
    rows += _rows("processes", samples["processes"], "ProcessPoolExecutor", samples["ProcessPoolExecutor"])
    print_table("Submit a function, µs: p50 / p95 (samples); peer: the executor of the standard library", rows)


def measure() -> None:
    """Print, as JSON, what each call took with each engine."""
    context = get_context("spawn")  # a kernel has threads, so it is not forked
    with ThreadPoolExecutor() as threads, ProcessPoolExecutor(1, mp_context=context) as processes:
        ways: dict[str, Submit] = {
            "threads": submit,
            "ThreadPoolExecutor": threads.submit,
            "processes": partial(submit, engine="process"),
            "ProcessPoolExecutor": processes.submit,
        }
        samples: dict[str, Samples] = {name: [] for name in ways}
        for _ in range(_WARM_UP + ROUNDS):
            for name, way in ways.items():
                samples[name].append(_times(way))
    print(json.dumps({name: values[_WARM_UP:] for name, values in samples.items()}))


def _times(way: Submit) -> tuple[float, float]:
    begin = time.perf_counter()
    job = way(int)
    submitted = time.perf_counter()
    job.result()
    return submitted - begin, time.perf_counter() - begin


def _rows(what: str, ours: Samples, peer_name: str, peer: Samples) -> list[Row]:
    rows = []
    for index, step in enumerate(("submit()", "submit() to result()")):
        mine, theirs = (Spread([1e6 * times[index] for times in samples]) for samples in (ours, peer))
        rows.append(Row(f"{what}, {step}", str(mine), str(theirs), number(mine.p50 / theirs.p50)))
    return rows
