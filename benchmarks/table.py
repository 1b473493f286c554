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
        ratio: ours divided by the peer's.
        target: the most that primwidgets should take, with its unit.
        met: whether it does; ``None`` where there is no target.
    """

    what: str
    ours: str
    peer: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """Repeated measurements of one thing, two or more. All are in one unit, which the row has to name."""

    samples: Sequence[float]

    @property
    def p50(self) -> float:
        """The median."""
        return median(self.samples)

    @property
    def p95(self) -> float:
        """What 19 of 20 samples stay below, between the two nearest samples where need be."""
        return quantiles(self.samples, n=20, method="inclusive")[-1]

    def __str__(self) -> str:
        return f"{number(self.p50)} / {number(self.p95)} ({len(self.samples)})"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that were printed.

    Attributes:
        title: what they are about, and their unit.
        rows: the measurements.
    """

    title: str
    rows: Sequence[Row]


#: What this run has printed so far.
printed_tables: Final[list[Table]] = []
HEADER: Final = ("what", "ours", "peer", "ours/peer", "target", "met")
#: Wide enough for most cells, so that the tables of one run are in line.
_WIDTHS: Final = (44, 20, 25, 9, 12, 3)
_MET: Final = {None: "", True: "yes", False: "NO"}


def print_table(title: str, rows: Sequence[Row]) -> None:
    """Print rows below a title, in columns, and keep them for the report."""
    printed_tables.append(Table(title, rows))
    print(f"\n{title}", *map(_line, [HEADER, ["─" * width for width in _WIDTHS], *map(cells_of, rows)]), sep="\n")


def number(value: float) -> str:
    """``value`` to three digits, and never with fewer than there are before its point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def cells_of(row: Row) -> Sequence[str]:
    """The texts of a row, in the order of ``HEADER``."""
    return row.what, row.ours, row.peer, row.ratio, row.target, _MET[row.met]


def _line(cells: Sequence[str]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
