"""A call of Aer's sampler with 200 PUBs: sharded over two processes and over Dask, beside the call as it is.

Measured in a real kernel, by turns. While a call runs, a thread of the kernel ticks; for the longest time between two
ticks the kernel was silent: it handled no message and no click. The workers have been started and have imported Aer
before. The circuits have 13 qubits: larger ones Aer divides among all processors by itself.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np

from benchmarks.table import Row, Spread, number, print_table
from primwidgets.primitives import ParallelSampler
from tests.kernel.driver import KernelDriver, real_kernel

PUBS: Final = 200
WORKERS: Final = 2
ROUNDS: Final = 3
TARGET_SPEED_UP: Final = 1.6
TARGET_SILENCE_S: Final = 0.3
_QUBITS: Final = 13
_LAYERS: Final = 6
_TICK_S: Final = 0.01
_PATIENCE_S: Final = 600.0

#: What is measured in the kernel: seconds, and seconds of silence.
Sample = tuple[float, float]

_SETUP: Final = f"""
from distributed import Client, LocalCluster
from benchmarks import primitives
from primwidgets.engines.process import ProcessEngine
call = primitives.Call()
processes = ProcessEngine(workers={WORKERS})
dask = Client(LocalCluster(n_workers={WORKERS}, threads_per_worker=1, dashboard_address=":0"))
call.warm_up(processes)
call.warm_up(dask)
"""


def main() -> None:
    """Measure and print."""
    samples: dict[str, list[Sample]] = {"call.alone()": [], "call.sharded(processes)": [], "call.sharded(dask)": []}
    with real_kernel(sys.executable) as kernel:
        kernel.patience = _PATIENCE_S
        kernel.run(_SETUP)
        for _ in range(ROUNDS):
            for code, taken in samples.items():
                taken.append(_measure(kernel, code))
        kernel.run("dask.cluster.close(); dask.close(); processes.close()")
    alone, on_processes, on_dask = samples.values()
    rows = [*_rows(f"{WORKERS} processes", on_processes, alone), *_rows("Dask", on_dask, alone)]
    print_table(f"{PUBS} PUBs of Aer's sampler: median / p95 (samples); peer: the unsharded call", rows)


class Call:
    """The work, in the kernel."""

    def __init__(self) -> None:
        from qiskit.circuit.library import efficient_su2
        from qiskit_aer.primitives import SamplerV2

        circuit = efficient_su2(_QUBITS, reps=_LAYERS).decompose()
        circuit.measure_all()
        angles = np.random.default_rng(1).uniform(0, 2 * np.pi, (PUBS, circuit.num_parameters))
        self._pubs = [(circuit, row) for row in angles]
        self._sampler = SamplerV2(seed=1)
        self._expected = self._sampler.run(self._pubs).result()

    def warm_up(self, engine: Any) -> None:
        """Have all workers import what they need."""
        for _ in range(2):
            ParallelSampler(self._sampler, engine=engine, shard=1).run(self._pubs[: 4 * WORKERS]).result()

    def alone(self) -> Sample:
        """The sampler's own call."""
        return _timed(lambda: self._sampler.run(self._pubs).result())

    def sharded(self, engine: Any) -> Sample:
        """The same on workers."""
        results: list[Any] = []
        sampler = ParallelSampler(self._sampler, engine=engine)
        sample = _timed(lambda: results.append(sampler.run(self._pubs).result()))
        for ours, theirs in zip(results[0], self._expected, strict=True):
            np.testing.assert_array_equal(ours.data.meas.array, theirs.data.meas.array)
        return sample


def _timed(work: Callable[[], object]) -> Sample:
    with _ticking() as pauses:
        begin = time.perf_counter()
        work()
        seconds = time.perf_counter() - begin
    return seconds, max(pauses)


@contextmanager
def _ticking() -> Iterator[list[float]]:
    """A list of the times between the ticks of a thread, which grows meanwhile and is complete afterwards."""
    pauses: list[float] = []
    over = threading.Event()

    def tick() -> None:
        before = time.perf_counter()
        while not over.wait(_TICK_S):
            now = time.perf_counter()
            pauses.append(now - before)
            before = now
        pauses.append(time.perf_counter() - before)

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield pauses
    finally:
        over.set()
        thread.join()


def _measure(kernel: KernelDriver, code: str) -> Sample:
    seconds, silence = json.loads(kernel.run(f"import json; print(json.dumps({code}))"))
    return seconds, silence


def _rows(where: str, ours: list[Sample], alone: list[Sample]) -> list[Row]:
    (seconds, silence), (seconds_alone, silence_alone) = (_spreads(samples) for samples in (ours, alone))
    speed_up = seconds_alone.p50 / seconds.p50
    return [
        Row(f"{where}, s", str(seconds), str(seconds_alone), number(1 / speed_up)),
        Row(
            f"{where}, speed-up",
            f"{speed_up:.2f} times",
            target=f"≥ {TARGET_SPEED_UP}",
            met=speed_up >= TARGET_SPEED_UP,
        ),
        Row(
            f"{where}, kernel silent for, s",
            str(silence),
            str(silence_alone),
            number(silence.p50 / silence_alone.p50),
            f"p50 ≤ {TARGET_SILENCE_S}",
            silence.p50 <= TARGET_SILENCE_S,
        ),
    ]


def _spreads(samples: list[Sample]) -> tuple[Spread, Spread]:
    seconds, silences = zip(*samples, strict=True)
    return Spread(seconds), Spread(silences)
