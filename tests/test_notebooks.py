"""The lessons run from top to bottom in a real kernel, with nobody there to click."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def run_all(name: str) -> nbformat.NotebookNode:
    """The lesson after *Run all*."""
    notebook: nbformat.NotebookNode = nbformat.read(NOTEBOOKS / name, as_version=4)
    NotebookClient(notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": NOTEBOOKS}}).execute()
    return notebook


@pytest.fixture(scope="module")
def quickstart() -> nbformat.NotebookNode:
    return run_all("01_quickstart.ipynb")


@pytest.fixture(scope="module")
def any_function() -> nbformat.NotebookNode:
    return run_all("02_any_function.ipynb")


@pytest.fixture(scope="module")
def dask_cluster() -> nbformat.NotebookNode:
    return run_all("03_dask_cluster.ipynb")


@pytest.fixture(scope="module")
def primitives() -> nbformat.NotebookNode:
    return run_all("04_primitives_in_parallel.ipynb")


@pytest.fixture(scope="module")
def optimisation() -> nbformat.NotebookNode:
    return run_all("05_watch_an_optimisation.ipynb")


@pytest.fixture(scope="module")
def scan_of_jobs() -> nbformat.NotebookNode:
    return run_all("06_scan_of_jobs.ipynb")


@pytest.fixture(scope="module")
def provider() -> nbformat.NotebookNode:
    return run_all("07_teach_it_your_provider.ipynb")


def outputs_of(notebook: nbformat.NotebookNode, cell_id: str) -> list[dict[str, Any]]:
    return next(list(cell.outputs) for cell in notebook.cells if cell.id == cell_id)


def text_of(notebook: nbformat.NotebookNode, cell_id: str) -> str:
    return "".join(
        output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs_of(notebook, cell_id)
    )


@pytest.mark.parametrize("cell_id", ["real-job", "queue-job", "cancel-job"])
def test_a_card_is_kept_with_its_final_state(quickstart: nbformat.NotebookNode, cell_id: str) -> None:
    card = outputs_of(quickstart, cell_id)[0]["data"]
    assert "Done in" in card["text/plain"]
    assert {"application/vnd.primwidgets.job+json", "text/html"} <= card.keys()


def test_the_three_qubits_agree(quickstart: nbformat.NotebookNode) -> None:
    counts = text_of(quickstart, "real-result")
    assert "'000'" in counts
    assert "'111'" in counts


def test_awaiting_the_queued_job_gives_its_counts(quickstart: nbformat.NotebookNode) -> None:
    assert text_of(quickstart, "queue-result").startswith("{")


def test_run_all_passes_the_cell_that_waits_for_a_click(quickstart: nbformat.NotebookNode) -> None:
    assert text_of(quickstart, "cancel-job").endswith("it ran to its end.\n")


def test_the_failure_of_a_future_is_shown(quickstart: nbformat.NotebookNode) -> None:
    told = text_of(quickstart, "futures-result")
    assert "3.1415" in told
    assert "The other one failed: 'str' object cannot be interpreted as an integer" in told


def test_the_futures_end_as_the_lesson_says(quickstart: nbformat.NotebookNode) -> None:
    assert text_of(quickstart, "futures-states") == "('DONE', 'ERROR')"


@pytest.mark.parametrize("cell_id", ["submit-job", "cancel-job", "tqdm-job", "decorator-job", "magic-job"])
def test_the_card_of_a_function_is_kept_with_its_final_state(any_function: nbformat.NotebookNode, cell_id: str) -> None:
    card = outputs_of(any_function, cell_id)[0]["data"]
    assert "Done in" in card["text/plain"]
    assert {"application/vnd.primwidgets.job+json", "text/html"} <= card.keys()


@pytest.mark.parametrize(
    ("cell_id", "value"),
    [
        ("submit-result", "after 6 printed lines'"),
        ("tqdm-result", "25997"),
        ("process-results", "(17984, 25997)"),
        ("decorator-result", "'a cake'"),
        ("magic-result", "328350"),
    ],
)
def test_a_function_gives_its_result(any_function: nbformat.NotebookNode, cell_id: str, value: str) -> None:
    assert text_of(any_function, cell_id).endswith(value)


@pytest.mark.parametrize("cell_id", ["submit-job", "tqdm-job", "process-jobs", "magic-job"])
def test_prints_and_bars_of_a_function_are_in_no_cell(any_function: nbformat.NotebookNode, cell_id: str) -> None:
    (card,) = outputs_of(any_function, cell_id)
    assert card["output_type"] in ("display_data", "execute_result")


def test_the_jobs_of_the_lesson_are_listed(any_function: nbformat.NotebookNode) -> None:
    listed = text_of(any_function, "magic-jobs")
    assert all(name in listed for name in ("squares", "bake", "Primes below 300,000"))


@pytest.mark.parametrize(
    ("cell_id", "end"),
    [
        ("function-job", "Done in"),
        ("cancel-job", "Cancelled after"),
        ("collection-job", "Done in"),
        ("futures-job", "Done in"),
    ],
)
def test_the_cards_of_a_cluster_are_kept_with_their_ends(
    dask_cluster: nbformat.NotebookNode, cell_id: str, end: str
) -> None:
    assert end in outputs_of(dask_cluster, cell_id)[0]["data"]["text/plain"]


def test_the_lesson_on_a_cluster_shows_what_it_says(dask_cluster: nbformat.NotebookNode) -> None:
    assert text_of(dask_cluster, "function-result").startswith("3.1")
    assert text_of(dask_cluster, "cancel-job").endswith("The worker is free again: 6\n")
    assert "52,527 takes longest: 339 steps" in text_of(dask_cluster, "collection-result")


@pytest.mark.parametrize(
    ("cell_id", "end"), [("watch-run", "Done in"), ("parallel-job", "Done in"), ("cancel-job", "Cancelled after")]
)
def test_the_cards_of_primitives_are_kept_with_their_ends(
    primitives: nbformat.NotebookNode, cell_id: str, end: str
) -> None:
    assert end in outputs_of(primitives, cell_id)[0]["data"]["text/plain"]


def test_the_lesson_on_primitives_shows_what_it_says(primitives: nbformat.NotebookNode) -> None:
    assert text_of(primitives, "watch-is") == "(True, 50)"
    waves = text_of(primitives, "parallel-result")
    assert waves[1] == waves[31] == waves[-2] == "█"
    assert waves[16] == waves[46] == "▁"
    assert text_of(primitives, "same") == "[True, True, True, True, True]"
    assert text_of(primitives, "cancel-result").endswith("of 600 results are here'")
    assert text_of(primitives, "fail").startswith("pubs[7]: StatevectorSampler cannot")


@pytest.mark.parametrize(
    ("cell_id", "end"),
    [
        ("vqe-job", "Done in"),
        ("endless-job", "Cancelled after"),
        ("again-job", "Done in"),
        ("second-search", "Done in"),
    ],
)
def test_the_cards_of_an_optimisation_are_kept_with_their_curves(
    optimisation: nbformat.NotebookNode, cell_id: str, end: str
) -> None:
    card = outputs_of(optimisation, cell_id)[0]["data"]
    assert end in card["text/plain"]
    assert "energy" in card["text/plain"]
    assert card["application/vnd.primwidgets.job+json"]["snapshot"]["series"][0]["name"] == "energy"


def test_the_lesson_on_an_optimisation_finds_the_energy(optimisation: nbformat.NotebookNode) -> None:
    assert float(text_of(optimisation, "vqe-result")) < -1.8
    assert "iterations, from" in text_of(optimisation, "vqe-series")
    assert text_of(optimisation, "endless-flat") == "'CANCELLED'"
    assert text_of(optimisation, "other-result").endswith("of -1.8573'")


def test_a_call_that_is_run_again_with_the_same_seed_finds_the_same_energy(optimisation: nbformat.NotebookNode) -> None:
    told = text_of(optimisation, "again-energy").strip("'")
    again, first = told.removeprefix("run 2: ").split(", and the first: ")
    assert again == first


@pytest.mark.parametrize(
    ("cell_id", "told"),
    [
        ("scan-job", "100 of 100 done"),
        ("scan-result", "100 jobs; at θ = 1.57 the qubit is 1 in "),
        ("order-job", "36 of 40 done · 4 failed"),
        ("order-loop", "36 done, 4 failed"),
        ("failed-job", "['measure(4)', 'measure(13)', 'measure(22)', 'measure(31)']"),
        ("failed-result", "40 values, 44 calls"),
        ("board-job", "measure(39)"),
        ("board-list", "measure(4)"),
    ],
)
def test_the_lesson_on_many_jobs_shows_what_it_says(
    scan_of_jobs: nbformat.NotebookNode, cell_id: str, told: str
) -> None:
    assert told in text_of(scan_of_jobs, cell_id)


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_lesson_names_the_kernel_that_everybody_has(path: Path) -> None:
    assert nbformat.read(path, as_version=4).metadata["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize(
    ("cell_id", "end"), [("five-job", "Done in"), ("adapted-job", "Done in"), ("failed-job", "Failed after")]
)
def test_the_jobs_of_a_taught_provider_are_kept_with_their_end(
    provider: nbformat.NotebookNode, cell_id: str, end: str
) -> None:
    assert end in outputs_of(provider, cell_id)[0]["data"]["text/plain"]


def test_a_taught_provider_gives_results_and_reasons(provider: nbformat.NotebookNode) -> None:
    assert text_of(provider, "five-result") == "{'photons': 400}"
    assert text_of(provider, "adapted-result").startswith("{'photons': 1000}")
    assert text_of(provider, "failed-job").endswith("No shots were asked for.\n")
