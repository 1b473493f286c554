"""What a report of numbers costs in a job whose card is shown, beside ``tqdm.set_postfix`` in a cell.

Both are called about 10,000 times a second, a hundred calls at once, and what counts is the processor's time of the
thread that calls. The messages are those that the card's comm sends meanwhile.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from IPython.display import clear_output, display

from benchmarks.table import Row, Spread, number, print_table
from primwidgets import report, submit
from tests.kernel.driver import real_kernel

ROUNDS: Final = 5
SECONDS: Final = 2.0
_CALLS: Final = 100
_PAUSE: Final = 0.01
_TARGET_NS: Final = 300.0
_TARGET_MESSAGES: Final = 10.0


def main() -> None:
    """Measure and print."""
    with real_kernel(sys.executable) as kernel:
        rounds = [kernel.run("from benchmarks import series; series.measure()") for _ in range(ROUNDS)]
    measured = [json.loads(printed.splitlines()[-1]) for printed in rounds]
    samples = {name: Spread([value for one in measured for value in one[name]]) for name in measured[0]}
    peer = samples["tqdm.set_postfix"]
    rows = [
        _row(name, samples[name], peer, _TARGET_NS if name == "report(energy=e)" else None)
        for name in ("report(energy=e)", "report(loss=l, lr=r)")
    ]
    messages = samples["messages"]
    target = f"≤ {number(_TARGET_MESSAGES)} /s"
    rows.append(Row("messages a second", str(messages), "", "", target, messages.p95 <= _TARGET_MESSAGES))
    print_table("A report of numbers, 10,000 a second, ns: p50 / p95 (samples)", rows)


def measure() -> None:
    """Print, as JSON, the nanoseconds of a call and the messages a second."""
    from tqdm import tqdm

    samples: dict[str, list[float]] = {"messages": []}
    calls: dict[str, Callable[[], None]] = {
        "report(energy=e)": lambda: report(energy=-1.137),
        "report(loss=l, lr=r)": lambda: report(loss=0.25, lr=0.001),
    }
    for name, call in calls.items():
        job: Any = submit(paced_ns, call)
        display(job)  # type: ignore[no-untyped-call]
        sent = _count_messages(job.comm)
        samples[name] = [job.result()]
        samples["messages"].append(len(sent) / SECONDS)
    with tqdm(total=1_000_000) as bar:
        samples["tqdm.set_postfix"] = [paced_ns(lambda: bar.set_postfix(loss=0.25))]
    clear_output()  # type: ignore[no-untyped-call]
    print(f"\n{json.dumps(samples)}")


def paced_ns(call: Callable[[], object]) -> float:
    """Nanoseconds of one ``call`` without the call of the lambda itself, on average over some seconds."""
    return _paced_ns(call) - _paced_ns(lambda: None, SECONDS / 10)


def _paced_ns(call: Callable[[], object], seconds: float = SECONDS) -> float:
    spent = count = 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.thread_time_ns()
        for _ in range(_CALLS):
            call()
        spent += time.thread_time_ns() - begin
        count += _CALLS
        time.sleep(_PAUSE)
    return spent / count


def _count_messages(comm: Any) -> list[None]:
    sent: list[None] = []
    send = comm.send

    def counted(*args: Any, **keywords: Any) -> None:
        sent.append(None)
        send(*args, **keywords)

    comm.send = counted
    return sent


def _row(what: str, ours: Spread, peer: Spread, target: float | None) -> Row:
    return Row(
        f"{what}, beside tqdm.set_postfix",
        str(ours),
        str(peer),
        number(ours.p50 / peer.p50),
        "" if target is None else f"≤ {number(target)} ns",
        None if target is None else ours.p50 <= target,
    )
