"""What `make bench` writes down."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.live import exponent, percent
from benchmarks.report import write_report
from benchmarks.table import Row, Spread, Table

TABLES = [
    Table(
        "Costs",
        [Row("a | b <c>", "1 / 2 (3)", "4", "0.25", "≤ 2", True), Row("only ours", "7", target="≤ 5", met=False)],
    ),
    Table("Slower", [Row("submit()", "1,300", "100", "13")]),
]


def test_a_report_has_all_tables_and_the_machine(tmp_path: Path) -> None:
    write_report(tmp_path / "RESULTS.md", "Python 3\n2 processors, load 9", TABLES)
    text = (tmp_path / "RESULTS.md").read_text("utf-8")

    assert "- 2 processors, load 9\n" in text
    assert "| a \\| b <c> | 1 / 2 (3) | 4 | 0.25 | ≤ 2 | yes |" in text
    assert "| only ours | 7 |  |  | ≤ 5 | NO |" in text
    assert text.index("## Costs") < text.index("## Slower")


def test_the_picture_compares_what_has_a_peer(tmp_path: Path) -> None:
    write_report(tmp_path / "RESULTS.md", "", TABLES)
    picture = ElementTree.parse(tmp_path / "RESULTS.svg")
    titles = [title.text for title in picture.iter("{http://www.w3.org/2000/svg}title")]

    assert titles == ["a | b <c>: 0.25", "submit(): 13"]


def test_a_report_without_peers_has_no_picture(tmp_path: Path) -> None:
    write_report(tmp_path / "RESULTS.md", "", [Table("Ours", [Row("only ours", "7")])])

    assert [path.name for path in tmp_path.iterdir()] == ["RESULTS.md"]


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_the_exponent_says_how_a_cost_grows(power: float) -> None:
    assert exponent([(size, 3 * size**power) for size in (100, 1_000, 10_000)]) == pytest.approx(power)


def test_the_cost_of_a_loop_is_subtracted() -> None:
    spread = percent([0.2, 0.3, 0.4], [0.1, 0.1, 0.9])

    assert list(spread.samples) == pytest.approx([10, 20, 30])
    assert str(Spread([1.0, 1.0])) == "1 / 1 (2)"
