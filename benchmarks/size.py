"""The size of what the page has to load for a card."""

from __future__ import annotations

import gzip
from typing import Final

from benchmarks.table import Row, number, print_table
from tests.browser.server import CHECKOUT

TARGET_KB: Final = 15.0
_STATIC: Final = CHECKOUT / "primwidgets" / "_static"


def main() -> None:
    """Measure and print."""
    rows = [_measure("card.js", TARGET_KB), _measure("card.css", None)]
    print_table("Size, kB of 1,000 bytes: gzip / raw", rows)


def _measure(name: str, target: float | None) -> Row:
    content = (_STATIC / name).read_bytes()
    packed, raw = len(gzip.compress(content)) / 1000, len(content) / 1000
    return Row(
        name,
        f"{number(packed)} / {number(raw)}",
        target="" if target is None else f"gzip ≤ {number(target)} kB",
        met=None if target is None else packed <= target,
    )
