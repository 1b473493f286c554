"""Functions as jobs in a real kernel: what they print and their bars are on the card, and in no cell."""

from __future__ import annotations

from tests.kernel.card import Card
from tests.kernel.driver import KernelDriver

CELL = """%%job fit
print("begun")
go.wait()
6 * 7
"""
LOOP = """
import threading
from primwidgets import submit
from tqdm.auto import tqdm as auto_tqdm
from tqdm.notebook import tqdm as notebook_tqdm

def work():
    print("begun")
    for _ in notebook_tqdm(range(2), desc="Outer"):
        for _ in auto_tqdm(range(2)):
            go.acquire()

go = threading.Semaphore(0)
job = submit(work)
job
"""


def test_bars_and_prints_of_a_job_are_on_its_card_and_in_no_cell(kernel: KernelDriver) -> None:
    kernel.run(LOOP)
    card = Card(kernel)
    card.wait_for(log="begun\n", progress=0.0, progress_text="Outer: 0 of 2")
    kernel.run("for _ in range(3): go.release()")
    card.wait_for(progress=0.75, progress_text="Outer: 1 of 2", log="begun\n")
    kernel.run("go.release(); job.result()")
    card.wait_for(state="DONE")

    assert [m for m in kernel.messages if m["msg_type"] == "stream"] == []
    assert sum(m["msg_type"] == "display_data" for m in kernel.messages) == 1
    models = [m["content"]["data"]["state"]["_model_name"] for m in kernel.messages if m["msg_type"] == "comm_open"]
    assert sorted(models) == ["AnyModel", "LayoutModel"]


def test_a_cell_in_the_background_has_a_card_and_leaves_the_kernel_free(kernel: KernelDriver) -> None:
    kernel.run("%load_ext primwidgets\nimport threading\ngo = threading.Event()")
    kernel.run(CELL)
    card = Card(kernel)
    card.wait_for(name="fit", state="RUNNING", log="begun\n")
    assert kernel.run("jobs = %jobs running\nprint(jobs == [fit], _ is fit)") == "True True\n"
    assert kernel.run("go.set(); print(fit.result())") == "42\n"
    card.wait_for(state="DONE")
    assert all("begun" not in m["content"].get("text", "") for m in kernel.messages if m["msg_type"] == "stream")


def test_the_magics_are_completed(kernel: KernelDriver) -> None:
    kernel.run("%load_ext primwidgets")
    assert "%%job" in kernel.complete("%%jo")
    assert "%jobs" in kernel.complete("%jo")
    assert "running" in kernel.complete("%jobs r")
