"""Writes the table of adapters in the README: ``python docs/adapter_table.py``, after a change of the catalogue."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Final

from primwidgets.adapters.catalogue import CATALOGUE, Listed

README: Final = Path(__file__).parents[1] / "README.md"
BEGIN: Final = "<!-- adapters: written by docs/adapter_table.py -->\n"
END: Final = "<!-- end of adapters -->\n"


def table() -> str:
    """The table in Markdown, with a heading row for each family."""
    rows = ["| jobs of | package | adapter | tested with |", "|---|---|---|---|"]
    for family, listed in groupby(CATALOGUE, key=lambda one: one.family):
        rows += [f"| **{family}** | | | |", *map(_row, listed)]
    return "\n".join(rows) + "\n"


def with_table(readme: str) -> str:
    """The README with the table as it should be."""
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


def _row(one: Listed) -> str:
    module, _, _ = one.adapter.partition(":")
    package = f"`{one.install}`" if one.install else "Python"
    return f"| {one.name} | {package} | [{module}](primwidgets/adapters/{module}.py) | {one.tried} |"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
