"""The lessons run from top to bottom in a real kernel, with nobody there to click."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
QUICKSTART = NOTEBOOKS / "01_quickstart.ipynb"


@pytest.fixture(scope="module")
def quickstart() -> nbformat.NotebookNode:
    """The quickstart after *Run all*."""
    notebook: nbformat.NotebookNode = nbformat.read(QUICKSTART, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": NOTEBOOKS}}).execute()
    return notebook


def outputs_of(notebook: nbformat.NotebookNode, cell_id: str) -> list[dict[str, Any]]:
    return next(list(cell.outputs) for cell in notebook.cells if cell.id == cell_id)


def text_of(notebook: nbformat.NotebookNode, cell_id: str) -> str:
    return "".join(
        output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs_of(notebook, cell_id)
    )


def card_states(notebook: nbformat.NotebookNode) -> Counter[str]:
    """How many cards ended in which state, as the frontend was told."""
    widgets = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"].values()
    return Counter(widget["state"]["state"] for widget in widgets if "cancel_state" in widget["state"])


def test_the_cards_of_the_quickstart_end_in_the_states_the_lesson_tells(quickstart: nbformat.NotebookNode) -> None:
    assert card_states(quickstart) == {"DONE": 4, "ERROR": 1}


def test_the_three_qubits_agree(quickstart: nbformat.NotebookNode) -> None:
    counts = text_of(quickstart, "real-result")
    assert "'000'" in counts
    assert "'111'" in counts


def test_a_card_is_shown_as_a_widget_and_as_text(quickstart: nbformat.NotebookNode) -> None:
    (shown,) = outputs_of(quickstart, "queue-job")
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"} <= shown["data"].keys()


def test_awaiting_the_queued_job_gives_its_counts(quickstart: nbformat.NotebookNode) -> None:
    assert text_of(quickstart, "queue-result").startswith("{")


def test_run_all_passes_the_cell_that_waits_for_a_click(quickstart: nbformat.NotebookNode) -> None:
    assert text_of(quickstart, "cancel-job").endswith("it ran to its end.\n")


def test_the_failure_of_a_future_is_told(quickstart: nbformat.NotebookNode) -> None:
    told = text_of(quickstart, "futures-result")
    assert "3.1415" in told
    assert "The other one failed: 'str' object cannot be interpreted as an integer" in told


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_lesson_names_the_kernel_that_everybody_has(path: Path) -> None:
    assert nbformat.read(path, as_version=4).metadata["kernelspec"]["name"] == "python3"
