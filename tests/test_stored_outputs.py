"""What an executor of notebooks stores of jobs, and what becomes of it as HTML without a network."""

from __future__ import annotations

import os
import re
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook

VIEW = "application/vnd.jupyter.widget-view+json"
JOB = "application/vnd.primwidgets.job+json"

SETUP = """
import asyncio, threading, time
from concurrent.futures import ThreadPoolExecutor
from IPython.display import HTML, display
from ipywidgets import Accordion, Button, HBox, Label, Output, VBox
from primwidgets import WidgetJob, submit

executor = ThreadPoolExecutor(2)

def work(answer, seconds=0.02):
    time.sleep(seconds)
    return answer

def fail():
    time.sleep(0.02)
    raise ValueError("no such qubit")
"""
CIRCUIT = """
from qiskit import QuantumCircuit
from qiskit.primitives import StatevectorSampler
circuit = QuantumCircuit(12); circuit.h(range(12)); circuit.measure_all()
"""
KINDS = {
    "circuit": "WidgetJob(StatevectorSampler().run([circuit], shots=100_000))",
    "future": "WidgetJob(executor.submit(work, 1))",
    "thread": "submit(work, 2)",
    "process": "submit(work, 3, engine='process')",
}


def execute(*cells: str) -> list[list[dict[str, Any]]]:
    """The outputs of the cells after *Run all*."""
    return [list(cell.outputs) for cell in executed(*cells).cells[1:]]


def executed(*cells: str, **hooks: Any) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = new_notebook(cells=[new_code_cell(source) for source in (SETUP, *cells)])
    # nbclient may miss the reply to a cell with an Output widget, and finds it when its time is over.
    NotebookClient(notebook, timeout=60, kernel_name="python3", **hooks).execute()
    return notebook


def card_in(outputs: list[dict[str, Any]]) -> dict[str, Any]:
    """The only output of a cell, which is a card that nothing draws but text and HTML."""
    (output,) = outputs
    data: dict[str, Any] = output["data"]
    assert VIEW not in data
    return data


def tells(outputs: list[dict[str, Any]], state: str) -> bool:
    data = card_in(outputs)
    return all(state in data[kind] and "when last seen" not in data[kind] for kind in ("text/plain", "text/html"))


def test_all_jobs_whose_results_were_returned_are_stored_with_their_ends() -> None:
    kinds = list(KINDS.values())
    shows = ["job{n} = {job}\njob{n}", "job{n} = {job}\ndisplay(HBox([VBox([job{n}])]))"]
    cells: list[str] = []
    for number in range(48):
        show = shows[number // len(kinds) % 2]
        cells.append(show.format(n=number, job=kinds[number % len(kinds)]))
        cells.append(f"result = job{number}.result()")
    _, *outputs = execute(CIRCUIT, *cells)

    assert [number for number in range(48) if not tells(outputs[2 * number], "Done in")] == []


@pytest.mark.parametrize(
    ("kind", "wait"),
    [
        ("circuit", "job.result()"),
        ("future", "job.wait()"),
        ("thread", "await job"),
        ("process", "value = await asyncio.gather(job)"),
    ],
)
def test_the_last_cell_is_not_over_before_the_end_is_stored(kind: str, wait: str) -> None:
    *_, shown, _ = execute(CIRCUIT if kind == "circuit" else "", f"job = {KINDS[kind]}\njob", f"{wait}; None")

    assert tells(shown, "Done in")


def test_an_end_between_two_cells_is_stored_with_the_next_cell(tmp_path: Path) -> None:
    """The executor drops what is published between cells. It goes on to the next one when the job has ended."""
    go, ended = tmp_path / "go", tmp_path / "ended"
    os.mkfifo(go)
    os.mkfifo(ended)

    async def have_job_end(cell_index: int, **_: Any) -> None:
        if cell_index == 2:
            go.write_text("go")
            ended.read_text()

    show = f"""
from pathlib import Path
job = WidgetJob(executor.submit(Path({str(go)!r}).read_text), name="between")
display(job)
threading.Thread(target=lambda: (job.wait(), Path({str(ended)!r}).write_text("ended"))).start()
"""
    notebook = executed(show, "pass", on_cell_start=have_job_end)

    assert tells(notebook.cells[1].outputs, "Done in")


def test_the_end_of_a_job_of_a_slow_provider_is_stored_when_its_result_has_come() -> None:
    shown, _ = execute(
        """
class Slow:
    def __init__(self): self.ended = threading.Event()
    def job_id(self): return "slow"
    def status(self): time.sleep(0.3); return "DONE" if self.ended.is_set() else "RUNNING"
    def result(self): time.sleep(0.2); self.ended.set(); return 7
    def done(self): return self.ended.is_set()
    def running(self): return not self.ended.is_set()
    def cancelled(self): return False
    def in_final_state(self): return self.ended.is_set()
    def cancel(self): return False
job = WidgetJob(Slow()); job""",
        "job.result(); None",
    )

    assert tells(shown, "Done in")


def test_a_failure_is_stored_though_the_cell_goes_on() -> None:
    shown, _ = execute("job = submit(fail)\njob", "try: job.result()\nexcept ValueError: pass")

    assert tells(shown, "Failed after")
    assert "no such qubit" in card_in(shown)["text/html"]


def test_the_picture_of_a_result_is_stored_too() -> None:
    *_, shown, _ = execute(CIRCUIT, f"job = {KINDS['circuit']}\njob", "job.result(); None")

    assert card_in(shown)[JOB]["snapshot"]["result_preview"]["panels"]


def test_all_outputs_of_one_job_are_stored_with_its_end() -> None:
    first, second, _, third = execute(
        "go = threading.Event(); job = submit(go.wait, 60)\njob", "job", "go.set(); job.result(); None", "job"
    )

    assert all(tells(shown, "Done in") for shown in (first, second, third))


def test_a_job_that_runs_when_the_kernel_ends_is_stored_as_it_was_seen_last() -> None:
    shown, _ = execute(
        "job = submit(threading.Event().wait, 600, name='endless')\njob",
        "while job.state != 'RUNNING': time.sleep(0.01)\ntime.sleep(1)",
    )

    assert "Running when last seen" in card_in(shown)["text/html"]
    assert "Running when last seen" in card_in(shown)["text/plain"]


def test_a_box_stores_all_its_cards_however_deep() -> None:
    shown, plain, _ = execute(
        "a, b = submit(work, 1, name='first'), submit(work, 2, name='<second>')\n"
        "VBox([Label('x'), Accordion([HBox([a])]), b])",
        "HBox([Button(description='press')])",
        "a.result(), b.result(); None",
    )

    assert tells(shown, "Done in")
    text = card_in(shown)["text/html"]
    assert text.index("first") < text.index("&lt;second&gt;")
    assert VIEW in plain[0]["data"]  # a box without jobs is left alone
    assert "text/html" not in plain[0]["data"]


def test_the_value_of_a_cell_that_shows_a_box_is_the_box() -> None:
    _, told = execute("VBox([submit(work, 1)])", "print(type(_).__name__)")

    assert told[0]["text"] == "VBox\n"


def test_voila_which_executes_a_notebook_too_gets_live_views(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")  # which the kernel inherits
    alone, boxed, _ = execute(
        "job = submit(work, 1)\njob", "other = submit(work, 2)\nHBox([other])", "job.result(), other.result(); None"
    )

    for (output,) in (alone, boxed):
        assert {VIEW, "text/html"} <= output["data"].keys()
        assert JOB not in output["data"]  # the extension would draw it, and finds no kernel on such a page
        assert "Done in" in output["data"]["text/plain"]


# As HTML, without a network.


def html_of(notebook: nbformat.NotebookNode) -> str:
    exporter: Any = HTMLExporter  # it has no types
    return str(exporter().from_notebook_node(notebook)[0])


def test_html_of_an_executed_notebook_shows_every_card_without_a_script() -> None:
    notebook = executed(
        "job = submit(work, 1, name='alone')\njob",
        "boxed = submit(work, 1, name='boxed')\nHBox([boxed])",
        "job.result(), boxed.result(); None",
    )
    html = html_of(notebook)

    cards = re.findall(r'<div class="primwidgets-static".*?</div></div>', html, re.DOTALL)
    told = [unescape(re.sub("<[^>]+>", " ", card)) for card in cards]
    assert [("alone" in text, "boxed" in text, "Done in" in text) for text in told] == [
        (True, False, True),
        (False, True, True),
    ]
    assert "jupyter-widgets-view" not in html
    assert f'<script type="{VIEW}">' not in html


def test_an_output_widget_is_stored_as_its_content_with_the_ends_of_its_jobs() -> None:
    before, filled, _, last = execute(
        "before = Output()\ndisplay(before)\njob = submit(work, 1, name='later')",
        "full = Output()\ndisplay(full)\nwith full:\n    display(job, HTML('<b>bold</b>'))\n    print('a < b')",
        "slow = submit(work, 2, 0.1, name='slow')\nwith before: display(slow)\nslow.result(); None",
        "end = Output()\nwith end: display(job)\njob.wait()\nend",
    )

    for outputs, name in ((before, "slow"), (filled, "later"), (last, "later")):
        card = card_in(outputs)
        assert all(name in card[kind] and "Done in" in card[kind] for kind in ("text/plain", "text/html"))
        assert "primwidgets-static" in card["text/html"]
    assert "<b>bold</b>" in card_in(filled)["text/html"]
    assert "a &lt; b" in card_in(filled)["text/html"]
    assert "a < b" in card_in(filled)["text/plain"]


def test_an_output_widget_with_something_else_keeps_its_view() -> None:
    plain, mixed, _ = execute(
        "plain = Output()\ndisplay(plain)\nwith plain: print('no job')",
        "mixed = Output()\ndisplay(mixed)\nwith mixed: display(submit(work, 1), Label('x'))",
        "1",
    )

    for (output,) in (plain, mixed):
        assert VIEW in output["data"]


def test_the_cards_module_is_not_stored_with_jobs_that_are_never_shown_live() -> None:
    notebook = executed("jobs = [submit(work, n) for n in range(6)]\ndisplay(*jobs)", "[job.result() for job in jobs]")

    assert "widgets" not in notebook.metadata
    assert len(notebook.cells[1].outputs) == 6
