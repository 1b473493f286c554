"""Whatever the file of a notebook holds as a job, the page goes on and the cards have an end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import expect

from tests.browser.card import Card
from tests.browser.conftest import OpenContent
from tests.browser.lab import Frontend

pytestmark = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
MIME: Final = "application/vnd.primwidgets.job+json"
GOLDEN: Final = json.loads((Path(__file__).parents[2] / "golden" / "snapshots.json").read_text("utf-8"))
DONE: Final = next(entry["snapshot"] for entry in GOLDEN if entry["case"] == "done with counts")
METADATA: Final = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
#: A few screens.
HEIGHT: Final = 5000
BARS: Final = [{"label": "0" * 40, "count": 1}] * 100_000
ODD: Final = "id\N{POP DIRECTIONAL ISOLATE}\N{RIGHT-TO-LEFT OVERRIDE}txt\N{PARAGRAPH SEPARATOR}"

MALFORMED: Final[dict[str, dict[str, Any]]] = {
    "no panels": {"result_preview": {"kind": "counts"}},
    "no bars": {"result_preview": {"kind": "counts", "panels": [{"title": "t", "shots": 1, "bars": None}]}},
    "many bars": {"result_preview": {"kind": "counts", "panels": [{"title": "t", "shots": 1, "bars": BARS}] * 3}},
    "many notes": {"metadata": {f"key {number}": "x" for number in range(200_000)}},
    "a long message": {"message": "m" * 5_000_000},
    "many lines": {"job_id": "x\n" * 2000, "metadata": {"note": "y\n" * 2000}, "message": "z\n" * 2000},
    "far times": {"created_at": -1e300, "started_at": 1e300, "finished_at": 1e300},
}


def notebook_with(*changes: dict[str, Any], text: str | None = None) -> str:
    """The file of a notebook with one stored job for each of the changes."""
    cells = []
    for number, change in enumerate(changes):
        snapshot = {**DONE, "uid": f"u{number}", **change}
        data = {MIME: {"primwidgets": 1, "epoch": "e", "snapshot": snapshot}, "text/plain": text or "a job"}
        output = {"output_type": "display_data", "metadata": {}, "data": data}
        cells.append(
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {},
                "source": "",
                "execution_count": 1,
                "outputs": [output],
            }
        )
    return json.dumps({"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_job_leaves_the_page_alive_and_has_an_end(open_content: OpenContent, kind: str) -> None:
    notebook = open_content(notebook_with(MALFORMED[kind], text="a job\n" * 100_000))
    shown = notebook.output(0).locator(".primwidgets-JobOutput")
    card = Card(notebook.output(0))
    expect(shown).to_be_visible()
    if card.element.count():
        card.details.click()
        expect(card.details).to_have_attribute("aria-expanded", "true")
    box = shown.bounding_box()
    assert box is not None
    assert box["height"] < HEIGHT
    assert notebook.ask("print(1 + 1)") == "2"
    assert notebook.complaints == []


def test_text_of_another_direction_stays_in_its_place(open_content: OpenContent) -> None:
    """What a card looks like must not depend on overrides in its texts: it is compared with a card without them."""
    plain = {"name": "n", "job_id": "idtxt", "provider": "Acme", "backend": "eagle"}
    odd = {"name": "n", "job_id": ODD.removesuffix("\N{PARAGRAPH SEPARATOR}"), "provider": f"Ac{ODD[2:4]}me"}
    notebook = open_content(notebook_with(plain, {**plain, **odd}))
    places = []
    for cell in (0, 1):
        card = Card(notebook.output(cell))
        card.details.click()
        expect(card.details).to_have_attribute("aria-expanded", "true")
        corner = card.element.bounding_box()
        boxes = [card.element.get_by_role("button", name="Copy ID").bounding_box()]
        boxes += [part.bounding_box() for part in card.element.locator(".primwidgets-JobCard-rows dd > bdi").all()]
        assert corner is not None
        places.append([(box["x"] - corner["x"], box["y"] - corner["y"]) for box in boxes if box is not None])
    assert places[0] == places[1]
    assert len(places[0]) == 5
    assert notebook.complaints == []
