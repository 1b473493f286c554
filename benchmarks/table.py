"""The one format in which all benchmarks print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement.

    Attributes:
        what: what was measured.
        ours: what primwidgets takes.
        peer: what the stock widget takes, in the same run.
        target: the most that primwidgets should take, with its unit.
        met: whether it does; ``None`` where there is no target.
    """

    what: str
    ours: str
    peer: str = ""
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """Repeated measurements of one thing, in milliseconds."""

    samples: Sequence[float]

    @property
    def p50(self) -> float:
        """The median."""
        return median(self.samples)

    @property
    def p95(self) -> float:
        """What 19 of 20 samples stay below; no sample, and no guess, is above the worst one seen."""
        return quantiles(self.samples, n=20, method="inclusive")[-1]

    def __str__(self) -> str:
        return f"{_number(self.p50)} / {_number(self.p95)} (n={len(self.samples)})"


_HEADER: Final = ("what", "ours", "peer", "target", "met?")
_MET: Final = {None: "", True: "yes", False: "NO"}


def print_table(title: str, rows: Sequence[Row]) -> None:
    """Print rows below a title, in columns."""
    lines = [_HEADER, *((row.what, row.ours, row.peer, row.target, _MET[row.met]) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["─" * width for width in widths]
    print(f"\n{title}")
    for line in (lines[0], rule, *lines[1:]):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def ratio(ours: float, peer: float) -> str:
    """How ``ours`` compares with ``peer``, in words that do not need to be turned around."""
    return f"{_number(peer / ours)}× faster" if ours <= peer else f"{_number(ours / peer)}× slower"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
