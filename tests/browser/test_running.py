"""A job that is started from a cell is shown as running at once, in every way to start one."""

from __future__ import annotations

import os
from typing import Final

import pytest

from tests.browser.card import Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend
from tests.lives import PROMISE_SECONDS
from tests.watchdog import Watchdog

#: The same code draws in Notebook 7.
pytestmark = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
#: How often each is tried; for the whole picture set it to 30.
REPEAT: Final = int(os.environ.get("PRIMWIDGETS_REPEAT", "1"))

SETUP: Final = """
%load_ext primwidgets
import time
from concurrent.futures import ThreadPoolExecutor
from distributed import Client, LocalCluster
from primwidgets import job as as_job, submit, track

def work(steps=2000):
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
    "%%job": "%%job --name magic\nfor _ in track(range(2000)):\n    time.sleep(0.02)",
    "executor": "job = submit(work, engine=pool)\njob",
    "process": "job = submit(work, engine='process')\njob",
    "dask": "job = submit(work, engine=client)\njob",
}
STOP: Final = "import primwidgets\nfor one in primwidgets.jobs(): one.cancel()\nprint(len(primwidgets.jobs()))"


def test_a_job_of_a_cell_is_shown_as_running_within_a_second(open_notebook: OpenNotebook) -> None:
    """The time counts from the end of its cell, so that a cell that is slow to run is not blamed on the card."""
    notebook = open_notebook([SETUP, *WAYS.values()])
    notebook.run(0)
    late: list[tuple[str, float]] = []
    with Watchdog() as watchdog:
        for _ in range(REPEAT):
            for cell, way in enumerate(WAYS, 1):
                notebook.run(cell)
                seconds = Card(notebook.output(cell)).seconds_until("Running")
                print(f"{way}: {seconds:.2f} s, machine late by {watchdog.lag():.2f} s")
                if seconds > PROMISE_SECONDS + watchdog.lag():
                    late.append((way, seconds))
                notebook.ask(STOP)
    assert late == []
    assert notebook.complaints == []
