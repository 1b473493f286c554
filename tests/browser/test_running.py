"""A job that is started from a cell is shown as running while it runs, in every way to start one."""

from __future__ import annotations

from typing import Final

import pytest

from tests.browser.card import Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend

#: The same code draws in Notebook 7.
pytestmark = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])

SETUP: Final = """
%load_ext primwidgets
import time
from concurrent.futures import ThreadPoolExecutor
from distributed import Client, LocalCluster
from primwidgets import job as as_job, submit, track

def work(steps=1_000_000):
    for _ in track(range(steps)):
        time.sleep(0.02)

@as_job
def decorated():
    work()

pool = ThreadPoolExecutor(2)
cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0")
client = Client(cluster)
for engine in ("process", client):
    submit(work, 1, engine=engine).result()
"""
#: Each in a cell of its own.
WAYS: Final = {
    "submit": "job = submit(work)\njob",
    "@job": "job = decorated()\njob",
    "%%job": "%%job --name magic\nfor _ in track(range(1_000_000)):\n    time.sleep(0.02)",
    "executor": "job = submit(work, engine=pool)\njob",
    "process": "job = submit(work, engine='process')\njob",
    "dask": "job = submit(work, engine=client)\njob",
}
STOP: Final = "import primwidgets\nfor one in primwidgets.jobs(): one.cancel()\nprint(len(primwidgets.jobs()))"


def test_a_job_of_a_cell_is_shown_as_running_while_it_runs(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SETUP, *WAYS.values()])
    notebook.run(0)
    for cell in range(1, len(WAYS) + 1):
        notebook.run(cell)
        Card(notebook.output(cell)).expect_state("Running")
        notebook.ask(STOP)
    assert notebook.complaints == []
