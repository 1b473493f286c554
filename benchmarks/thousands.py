"""What thousands of live jobs cost a kernel, beside as many stock progress bars.

Measured in one kernel, with a frontend's hub listening. What counts is the processor's time of all threads of the
kernel, and the messages that it sends to the frontends. In the busy rows a thread changes each job ten times a second;
the cost of that loop alone is subtracted on both sides. The last rows say how the cost of a batch grows: time and
memory of a wrapped job for a hundred to ten thousand jobs, and the exponent that fits the times of the batches.
"""

from __future__ import annotations

import gc
import json
import math
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from IPython.display import display
from ipywidgets import IntProgress

from benchmarks.table import Row, number, print_table
from primwidgets import WidgetJob
from primwidgets._jupyter.protocol import Verb, command_message
from primwidgets._jupyter.running_kernel import find_kernel
from primwidgets._jupyter.services import hub
from primwidgets.snapshot import JobState
from primwidgets.testing import FakeJob
from tests.kernel.driver import real_kernel

JOBS: Final = 1_000
CHANGES_PER_SECOND: Final = 10
DISPLAYED: Final = 50
IDLE_JOBS: Final = 10_000
BATCHES: Final = (100, 1_000, 10_000)
SECONDS: Final = 6.0
#: Before the measurement, so that what a new job causes is over, and the gaps between reads have settled.
_WARM_UP_SECONDS: Final = 3.0
_PATIENCE_SECONDS: Final = 300.0

#: Fractions of a processor, and messages in a second.
Load = tuple[float, float]


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder, real_kernel(sys.executable) as kernel:
        results = Path(folder, "results.json")
        kernel.patience = _PATIENCE_SECONDS
        kernel.execute(f"from benchmarks import thousands; thousands.measure({str(results)!r})")
        kernel.wait_until(results.exists, "the measurement")  # of thousands of messages each is looked at once
        seen: dict[str, Any] = json.loads(results.read_text())
    rows = [_idle_row(seen["idle"])]
    rows += _busy_rows("hub listening", seen["jobs"], seen["bars"], seen["loop"])
    rows += _busy_rows(f"and {DISPLAYED} displayed", seen["displayed"], seen["bars"], seen["loop"])
    print_table(f"Live jobs, {JOBS:,} with {CHANGES_PER_SECOND} changes/s each; peer: as many IntProgress", rows)
    print_table("Batches of futures that are wrapped", _batch_rows(seen["batches"]))


def _idle_row(idle: Load) -> Row:
    return Row(
        f"{IDLE_JOBS:,} futures do nothing, % of a core", number(100 * idle[0]), target="≤ 1", met=idle[0] <= 0.01
    )


def _busy_rows(what: str, ours: Load, peer: Load, loop: Load) -> list[Row]:
    mine, theirs = (100 * (load[0] - loop[0]) for load in (ours, peer))
    cost = (f"{what}, % of a core", number(mine), number(theirs), number(mine / theirs), "≤ 15", mine <= 15)
    sent = (f"{what}, messages/s", number(ours[1]), number(peer[1]), number(ours[1] / peer[1]), "≤ 20", ours[1] <= 20)
    return [Row(*cost), Row(*sent)]


def _batch_rows(batches: Sequence[tuple[int, float, float]]) -> list[Row]:
    rows = [
        Row(f"wrap {size:,}, µs each", number(micros), target="≤ 25", met=micros <= 25) for size, micros, _ in batches
    ]
    rows += [
        Row(f"wrap {size:,}, bytes each", number(memory), target="≤ 4,096", met=memory <= 4_096)
        for size, _, memory in batches
    ]
    return [*rows, Row("exponent: time of a batch ~ jobs ^ e", number(exponent(batches)))]


def exponent(batches: Sequence[tuple[int, float, float]]) -> float:
    """The slope of the line that fits the logarithms of jobs and of the time of a whole batch best."""
    xs = [math.log(size) for size, _, _ in batches]
    ys = [math.log(size * micros) for size, micros, _ in batches]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def measure(results: str) -> None:
    """Write everything into the file ``results``, as JSON; in the kernel."""
    sent = _count_messages()
    first: WidgetJob[Any, Any] = WidgetJob(Future())
    hub().receive(command_message(Verb.SYNC, draws_outputs=True))
    seen: dict[str, Any] = {"batches": [_batch(size) for size in BATCHES], "idle": _idle(sent)}
    seen["loop"] = _busy([_change(FakeJob()) for _ in range(JOBS)], sent)
    seen["jobs"] = _cards(0, sent)
    seen["displayed"] = _cards(DISPLAYED, sent)
    seen["bars"] = _busy([_move(IntProgress(max=1_000_000)) for _ in range(JOBS)], sent)
    first.close()
    part = Path(f"{results}.part")
    part.write_text(json.dumps(seen))
    part.rename(results)


def _count_messages() -> list[int]:
    """A list with one number: the messages about widgets and jobs that the kernel has sent."""
    sent = [0]
    session = find_kernel().session
    send = session.send

    def counted(stream: Any, message: Any, *args: Any, **kwargs: Any) -> Any:
        kind = message if isinstance(message, str) else message["msg_type"]
        sent[0] += kind in ("comm_open", "comm_msg", "display_data", "update_display_data")
        return send(stream, message, *args, **kwargs)

    session.send = counted
    return sent


def _batch(size: int) -> tuple[int, float, float]:
    """The number of jobs, and the microseconds and bytes that each took."""
    futures: list[Future[None]] = [Future() for _ in range(size)]
    begin = time.thread_time()  # of this thread: what else the machine does costs nothing
    kept = [WidgetJob(future) for future in futures]
    micros = (time.thread_time() - begin) / size * 1e6
    del kept
    gc.collect()
    tracemalloc.start(1)
    kept = [WidgetJob(future) for future in futures]
    memory = tracemalloc.get_traced_memory()[0] / len(kept)
    tracemalloc.stop()
    return size, micros, memory


def _idle(sent: list[int]) -> Load:
    futures: list[Future[None]] = [Future() for _ in range(IDLE_JOBS)]
    kept = [WidgetJob(future) for future in futures]
    load = _load(sent)
    del kept
    return load


def _cards(displayed: int, sent: list[int]) -> Load:
    jobs = [FakeJob(f"job-{number}") for number in range(JOBS)]
    cards: list[WidgetJob[Any, Any]] = [WidgetJob(job) for job in jobs]
    for card in cards[:displayed]:
        display(card)  # type: ignore[no-untyped-call]
    load = _busy(list(map(_change, jobs)), sent)
    for card in cards:
        card.close()
    return load


def _change(job: FakeJob) -> Callable[[int], None]:
    return lambda step: job.move_to(JobState.RUNNING, progress=step % 1_000 / 1_000)


def _move(bar: IntProgress) -> Callable[[int], None]:
    return lambda step: setattr(bar, "value", step)


def _busy(changes: Sequence[Callable[[int], None]], sent: list[int]) -> Load:
    over = threading.Event()
    thread = threading.Thread(target=_play, args=(changes, over), daemon=True)
    thread.start()
    load = _load(sent)
    over.set()
    thread.join()
    return load


def _play(changes: Sequence[Callable[[int], None]], over: threading.Event) -> None:
    """Make all changes ten times a second, spread evenly over the time."""
    parts = 20
    begin = time.monotonic()
    for step in count(1):
        for change in changes[step % parts :: parts]:
            change(step)
        pause = begin + step / (parts * CHANGES_PER_SECOND) - time.monotonic()
        if over.wait(max(0.0, pause)):
            return


def _load(sent: list[int]) -> Load:
    time.sleep(_WARM_UP_SECONDS)
    before, begin, used = sent[0], time.monotonic(), time.process_time()
    time.sleep(SECONDS)
    seconds = time.monotonic() - begin
    return (time.process_time() - used) / seconds, (sent[0] - before) / seconds
