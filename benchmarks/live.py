"""What live jobs cost a kernel in a window of time, and how that grows with their number."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Final

from benchmarks.table import Spread

#: What is measured is measured in so many windows of time, one after the other.
WINDOWS: Final = 6
WINDOW_SECONDS: Final = 1.0

#: Fractions of a processor, and messages in a second: one for each window.
Load = tuple[list[float], list[float]]


def load(sent: list[int], warm_up_seconds: float) -> Load:
    """The processor's time of all threads of this process, and the messages that it sends.

    Args:
        sent: holds the number of messages that were sent.
        warm_up_seconds: how long to wait before the first window.
    """
    time.sleep(warm_up_seconds)
    windows = [_window(sent) for _ in range(WINDOWS)]
    return [cpu for cpu, _ in windows], [messages for _, messages in windows]


def _window(sent: list[int]) -> tuple[float, float]:
    before, begin, used = sent[0], time.monotonic(), time.process_time()
    time.sleep(WINDOW_SECONDS)
    seconds = time.monotonic() - begin
    return (time.process_time() - used) / seconds, (sent[0] - before) / seconds


def percent(fractions: Sequence[float], bare: Sequence[float] = (0.0,)) -> Spread:
    """``fractions`` of a processor in percent, without what the loop alone takes, in the median."""
    middle = sorted(bare)[len(bare) // 2]
    return Spread([100 * max(0.0, fraction - middle) for fraction in fractions])


def exponent(costs: Sequence[tuple[float, float]]) -> float:
    """The slope of the line that fits the logarithms of sizes and costs best; a cost is at least a thousandth."""
    xs = [math.log(size) for size, _ in costs]
    ys = [math.log(max(cost, 1e-3)) for _, cost in costs]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)
