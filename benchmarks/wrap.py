"""What it costs to wrap a job, and to show its card for the first time, beside a row of stock widgets.

Measured in a real kernel, ours and the peer by turns. Stock widgets open their comms when they are made, so the peer is
made and, for the display, shown; the card is wrapped, and shown in a later step.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final

from IPython.display import display
from ipywidgets import Button, DOMWidget, HBox, IntProgress, Label

from benchmarks.table import Row, Spread, number, print_table
from primwidgets import WidgetJob
from tests.kernel.driver import KernelDriver, real_kernel

#: With the warm-up, and twelve messages each, below 500 messages: of larger bursts ZeroMQ may drop some.
ROUNDS: Final = 30
TARGET_WRAP_US: Final = 50.0
TARGET_SHOW_MS: Final = 3.0
#: Calls before the first that counts: they import, fill caches and start threads.
_WARM_UP: Final = 10
#: Wrapping sends nothing, so there can be more of them: until the interpreter has specialised the code.
_WRAP_WARM_UP: Final = 300

Samples = list[float]


@dataclass(frozen=True, slots=True)
class _Cost:
    """What something costs, each time: how long it takes, and how many messages are sent to the frontends."""

    time: Spread
    messages: float


def main() -> None:
    """Measure and print."""
    with real_kernel(sys.executable) as kernel:
        kernel.run("from benchmarks import wrap; wrap.WidgetJob(next(wrap.futures()))")  # makes the hub known, once
        rows = _wrap_rows(kernel, "Future", "wrap.futures()")
        rows += _wrap_rows(kernel, "StatevectorSampler job", "wrap.sampler_jobs()")
        rows += _show_rows(kernel)
    print_table("Costs, each time: median / p95 (samples), and messages to the frontends", rows)


def futures() -> Iterator[Future[None]]:
    """Running futures."""
    while True:
        future: Future[None] = Future()
        future.set_running_or_notify_cancel()
        yield future


def sampler_jobs() -> Iterator[Any]:
    """Finished jobs of Qiskit's statevector sampler."""
    from qiskit import QuantumCircuit  # takes a second, which only this row needs
    from qiskit.primitives import StatevectorSampler

    circuit = QuantumCircuit(1)
    circuit.measure_all()
    while True:
        job = StatevectorSampler().run([circuit], shots=1)
        job.result()
        yield job


def measure_wrapping(jobs: Iterator[Any]) -> Samples:
    """Seconds to wrap a job, each time."""
    prepared = [next(jobs) for _ in range(_WRAP_WARM_UP + ROUNDS)]
    kept: list[Any] = []
    return [_seconds(lambda job: kept.append(WidgetJob(job)), job) for job in prepared][_WRAP_WARM_UP:]


def measure_making() -> Samples:
    """Seconds to make a row of stock widgets, each time."""
    kept: list[HBox] = []
    return [_seconds(lambda: kept.append(_stock_row())) for _ in range(_WARM_UP + ROUNDS)][_WARM_UP:]


def measure_showing() -> Samples:
    """Seconds to show a card that was wrapped before, each time."""
    cards = [WidgetJob(job) for job, _ in zip(futures(), range(_WARM_UP + ROUNDS), strict=False)]
    return [_seconds(_show, card) for card in cards][_WARM_UP:]


def measure_making_and_showing() -> Samples:
    """Seconds to make and show a row of stock widgets, each time."""
    return [_seconds(lambda: _show(_stock_row())) for _ in range(_WARM_UP + ROUNDS)][_WARM_UP:]


def _stock_row() -> HBox:
    return HBox([IntProgress(), Button(), Label()])


def _show(widget: DOMWidget) -> None:
    display(widget)  # type: ignore[no-untyped-call]


def _seconds(task: Callable[..., object], *arguments: Any) -> float:
    begin = time.perf_counter()
    task(*arguments)
    return time.perf_counter() - begin


def _wrap_rows(kernel: KernelDriver, what: str, jobs: str) -> list[Row]:
    ours = _measure(kernel, f"wrap.measure_wrapping({jobs})", 1e6, _WRAP_WARM_UP + ROUNDS)
    return _rows(f"wrap a {what}", ours, _measure(kernel, "wrap.measure_making()", 1e6), "µs", TARGET_WRAP_US, 0)


def _show_rows(kernel: KernelDriver) -> list[Row]:
    ours = _measure(kernel, "wrap.measure_showing()", 1e3)
    return _rows("show a card", ours, _measure(kernel, "wrap.measure_making_and_showing()", 1e3), "ms", TARGET_SHOW_MS)


def _rows(what: str, ours: _Cost, peer: _Cost, unit: str, target: float, most_messages: int | None = None) -> list[Row]:
    ratio = number(ours.time.p50 / peer.time.p50)
    messages = (number(ours.messages), number(peer.messages), number(ours.messages / peer.messages))
    limit = ("", None) if most_messages is None else (str(most_messages), ours.messages <= most_messages)
    return [
        Row(
            f"{what}, {unit}", str(ours.time), str(peer.time), ratio, f"p50 ≤ {number(target)}", ours.time.p50 <= target
        ),
        Row(f"{what}, messages", *messages, *limit),
    ]


def _measure(kernel: KernelDriver, call: str, scale: float, calls: int = _WARM_UP + ROUNDS) -> _Cost:
    """What ``call`` measures in the kernel, in units of ``1 / scale`` seconds; it makes so many ``calls`` in all."""
    kernel.catch_up()
    before = len(kernel.messages)
    printed = kernel.run(f"import json; print(json.dumps({call}))")
    kernel.catch_up()
    told = sum(m["msg_type"] in ("comm_open", "comm_msg", "display_data") for m in kernel.messages[before:])
    return _Cost(Spread([scale * seconds for seconds in json.loads(printed)]), told / calls)
