"""What thousands of live jobs cost a kernel, beside as many stock progress bars.

Measured in one kernel, with a frontend's hub listening. What counts is the processor's time of all threads of the
kernel, and the messages that it sends to the frontends. In the busy rows a thread changes each job ten times a second;
the cost of that loop alone is subtracted on both sides. Then the same number of jobs changes among more and more that
are live: the exponent that fits those costs is near zero where only changes cost something. The last rows say how the
cost of a batch grows: time and memory of a wrapped job for a hundred to ten thousand jobs, and the exponent that fits
the times of the batches.
"""

from __future__ import annotations

import gc
import json
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

from benchmarks.live import Load, exponent, load, percent
from benchmarks.table import Row, Spread, number, print_table
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
#: How many jobs change among those of ``BATCHES`` that are live.
CHANGING: Final = 100
#: Before the measurement, so that what a new job causes is over, and the gaps between reads have settled.
_WARM_UP_SECONDS: Final = 3.0
_PATIENCE_SECONDS: Final = 300.0


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder, real_kernel(sys.executable) as kernel:
        results = Path(folder, "results.json")
        kernel.patience = _PATIENCE_SECONDS
        kernel.execute(f"from benchmarks import thousands; thousands.measure({str(results)!r})")
        kernel.wait_until(results.exists, "the measurement")  # of thousands of messages each is looked at once
        seen: dict[str, Any] = json.loads(results.read_text())
    rows = [_idle_row(seen["idle"])]
    for peer, name in (("bars", "IntProgress"), ("tqdm", "tqdm.notebook")):
        rows += _busy_rows(f"hub listening, beside {name}", seen["jobs"], seen[peer], seen["loop"])
        rows += _busy_rows(f"and {DISPLAYED} displayed, beside {name}", seen["displayed"], seen[peer], seen["loop"])
    print_table(f"Live jobs, {JOBS:,} with {CHANGES_PER_SECOND} changes/s each; peer: as many stock bars", rows)
    print_table(f"{CHANGING} jobs change among more that are live", _growth_rows(seen["growth"], seen["growth loop"]))
    print_table("Batches of futures that are wrapped", _batch_rows(seen["batches"]))


def _idle_row(idle: Load) -> Row:
    cost = percent(idle[0])
    return Row(f"{IDLE_JOBS:,} futures do nothing, % of a core", str(cost), target="≤ 1", met=cost.p50 <= 1)


def _busy_rows(what: str, ours: Load, peer: Load, loop: Load) -> list[Row]:
    mine, theirs = (percent(taken[0], loop[0]) for taken in (ours, peer))
    sent, stock = Spread(ours[1]), Spread(peer[1])
    return [
        _row(f"{what}, % of a core", mine, theirs, 15),
        _row(f"{what}, messages/s", sent, stock, 20),
    ]


def _row(what: str, ours: Spread, peer: Spread, most: float) -> Row:
    ratio = number(ours.p50 / peer.p50) if peer.p50 else ""
    return Row(what, str(ours), str(peer), ratio, f"≤ {number(most)}", ours.p50 <= most)


def _growth_rows(growth: Sequence[tuple[int, Load]], loop: Load) -> list[Row]:
    costs = [(size, percent(taken[0], loop[0])) for size, taken in growth]
    rows = [Row(f"{size:,} live, % of a core", str(cost)) for size, cost in costs]
    fitted = exponent([(size, cost.p50) for size, cost in costs])
    return [*rows, Row("exponent: cost ~ live jobs ^ e", number(fitted), target="≤ 0.5", met=fitted <= 0.5)]


def _batch_rows(batches: Sequence[tuple[int, float, float]]) -> list[Row]:
    rows = [
        Row(f"wrap {size:,}, µs each", number(micros), target="≤ 25", met=micros <= 25) for size, micros, _ in batches
    ]
    rows += [
        Row(f"wrap {size:,}, bytes each", number(memory), target="≤ 4,096", met=memory <= 4_096)
        for size, _, memory in batches
    ]
    fitted = exponent([(size, size * micros) for size, micros, _ in batches])
    return [*rows, Row("exponent: time of a batch ~ jobs ^ e", number(fitted))]


def measure(results: str) -> None:
    """Write everything into the file ``results``, as JSON; in the kernel."""
    sent = count_messages()
    first: WidgetJob[Any, Any] = WidgetJob(Future())
    hub().receive(command_message(Verb.SYNC, draws_outputs=True))
    seen: dict[str, Any] = {"batches": [_batch(size) for size in BATCHES], "idle": _idle(sent)}
    seen["loop"] = _busy([_change(FakeJob()) for _ in range(JOBS)], sent)
    seen["jobs"] = _cards(0, sent)
    seen["displayed"] = _cards(DISPLAYED, sent)
    seen["bars"] = _busy([_move(IntProgress(max=1_000_000)) for _ in range(JOBS)], sent)
    seen["tqdm"] = _tqdm_bars(sent)
    seen["growth loop"] = _busy([_change(FakeJob()) for _ in range(CHANGING)], sent)
    seen["growth"] = [(size, _growth(size, sent)) for size in BATCHES]
    first.close()
    part = Path(f"{results}.part")
    part.write_text(json.dumps(seen))
    part.rename(results)


def count_messages() -> list[int]:
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
    idle = load(sent, _WARM_UP_SECONDS)
    del kept
    return idle


def _cards(displayed: int, sent: list[int]) -> Load:
    jobs = [FakeJob(f"job-{number}") for number in range(JOBS)]
    cards: list[WidgetJob[Any, Any]] = [WidgetJob(job) for job in jobs]
    for card in cards[:displayed]:
        display(card)  # type: ignore[no-untyped-call]
    busy = _busy(list(map(_change, jobs)), sent)
    for card in cards:
        card.close()
    return busy


def _growth(live: int, sent: list[int]) -> Load:
    """The load of ``CHANGING`` jobs among ``live`` ones."""
    jobs = [FakeJob(f"job-{number}") for number in range(live)]
    for job in jobs:
        job.move_to(JobState.RUNNING, progress=0.5)
    cards: list[WidgetJob[Any, Any]] = [WidgetJob(job) for job in jobs]
    busy = _busy(list(map(_change, jobs[:CHANGING])), sent)
    for card in cards:
        card.close()
    return busy


def _tqdm_bars(sent: list[int]) -> Load:
    from tqdm.notebook import tqdm

    bars = [tqdm(total=1_000_000) for _ in range(JOBS)]
    return _busy([lambda _, bar=bar: bar.update(1) for bar in bars], sent)  # type: ignore[misc]


def _change(job: FakeJob) -> Callable[[int], None]:
    return lambda step: job.move_to(JobState.RUNNING, progress=step % 1_000 / 1_000)


def _move(bar: IntProgress) -> Callable[[int], None]:
    return lambda step: setattr(bar, "value", step)


def _busy(changes: Sequence[Callable[[int], None]], sent: list[int]) -> Load:
    over = threading.Event()
    thread = threading.Thread(target=_play, args=(changes, over), daemon=True)
    thread.start()
    busy = load(sent, _WARM_UP_SECONDS)
    over.set()
    thread.join()
    return busy


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
