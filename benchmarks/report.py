"""Writes what a run has measured into a Markdown file, with a picture beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from benchmarks.table import HEADER, Row, Table, cells_of

#: Rows of the picture, which shows how many times more or less than the peer something costs.
_MOST_BARS: Final = 60
_CELL: Final = str.maketrans({"|": "\\|", "\n": " "})


def write_report(path: Path, machine: str, tables: Sequence[Table]) -> None:
    """Write ``path`` anew, and the picture beside it, where there is something to compare.

    Args:
        path: the Markdown file.
        machine: the versions and the load, in lines.
        tables: what was measured, in the order of the run.
    """
    picture = path.with_suffix(".svg")
    has_picture = _draw(picture, tables)
    lines = [_INTRODUCTION, *(f"- {line}" for line in machine.splitlines()), ""]
    lines += [f"![How many times the cost of its peer each row has]({picture.name})", ""] if has_picture else []
    for table in tables:
        lines += [*_markdown(table), ""]
    path.write_text("\n".join(lines).rstrip() + "\n", "utf-8")


_INTRODUCTION: Final = """# Results

Written by `make bench`, from one run. Medians and 95th percentiles with the number of samples; *ours/peer* below 1
means that primwidgets costs less than what it is compared with, which was measured in the same process or page. On a
machine that does other things, times are too long and only *ours/peer* can be trusted.
"""


def _markdown(table: Table) -> list[str]:
    rows = [HEADER, ["---"] * len(HEADER), *map(cells_of, table.rows)]
    return [f"## {table.title}", "", *("| " + " | ".join(cell.translate(_CELL) for cell in row) + " |" for row in rows)]


def ratios(tables: Sequence[Table]) -> list[tuple[str, float]]:
    """The rows that have a peer, with ours divided by the peer's."""
    rows: list[Row] = [row for table in tables for row in table.rows if row.ratio]
    known = [(row.what, float(row.ratio.replace(",", ""))) for row in rows]
    return [(what, ratio) for what, ratio in known if ratio > 0][:_MOST_BARS]


def _draw(path: Path, tables: Sequence[Table]) -> bool:
    """Draw the ratios on a logarithmic scale, as SVG; whether there are any."""
    bars = ratios(tables)
    if not bars:
        return False
    decades = max(1, *(math.ceil(abs(math.log10(ratio))) for _, ratio in bars))
    height = _ROW * len(bars) + 2 * _ROW
    parts = [
        _GRID.format(x=_x(10**power, decades), y=height - _ROW, power=power) for power in range(-decades, decades + 1)
    ]
    for number, (what, ratio) in enumerate(bars):
        begin, end = sorted((_x(ratio, decades), _x(1, decades)))
        color = "#2e7d32" if ratio <= 1 else "#b26a00"
        y = number * _ROW
        parts.append(
            _BAR.format(y=y, text=y + 13, what=escape(what), x=begin, width=end - begin, color=color, ratio=ratio)
        )
    style = "font: 11px sans-serif; background: white"
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{style}">{"".join(parts)}</svg>\n', "utf-8")
    return True


def _x(ratio: float, decades: int) -> float:
    """Where a ratio is on the scale, which has 1 in its middle."""
    return _LABELS + (_WIDTH - _LABELS - _NUMBERS) * (math.log10(ratio) + decades) / (2 * decades)


_ROW: Final = 18
_WIDTH: Final = 1000
#: The room for the names on the left, and for the numbers on the right.
_LABELS: Final = 400
_NUMBERS: Final = 60
_GRID: Final = (
    '<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{y}" stroke="#ddd"/>'
    '<text x="{x:.1f}" y="{y}" dy="14" text-anchor="middle">1e{power}</text>'
)
_BAR: Final = (
    '<text x="0" y="{text}">{what}</text>'
    '<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="13" fill="{color}"><title>{what}: {ratio:.3g}</title></rect>'
    '<text x="1000" y="{text}" text-anchor="end">{ratio:.3g}</text>'
)
