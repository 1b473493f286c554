"""Functions as jobs in a real kernel: what they print and their bars are on the card, and in no cell."""

from __future__ import annotations

import pytest

from tests.kernel.card import Card
from tests.kernel.driver import KernelDriver, displayed

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
    assert sorted(models) == ["AnyModel", "LayoutModel", "WidgetModel"]  # the card, and the code of all cards


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


ASTRAY = """
import logging, sys, threading
logging.basicConfig(level=logging.INFO, format="%(message)s")
kept = sys.stdout
"""
JOB_THAT_LOGS = """
import subprocess
from IPython.display import HTML, clear_output, display
from primwidgets import submit

def work():
    begun.set()
    go.wait()
    logging.info("a record")
    print("by a kept stream", file=kept)
    print("by Python's own", file=sys.__stderr__)
    on_a_thread = threading.Thread(target=lambda: (print("by a thread"), display("displayed by it")))
    on_a_thread.start()
    on_a_thread.join()
    subprocess.run(["echo", "by a program"])
    handle = display(HTML("<b>bold</b>"), display_id=True)
    handle.update("again")
    clear_output()
    of_the_cell.update("from the job")

begun, go = threading.Event(), threading.Event()
of_the_cell = display("from the cell", display_id=True)
job = submit(work)
job
"""


def test_whatever_a_job_writes_to_and_displays_is_on_its_card_and_in_no_cell(kernel: KernelDriver) -> None:
    kernel.run(ASTRAY)
    kernel.run(JOB_THAT_LOGS)
    card = Card(kernel)
    cell = kernel.execute("begun.wait(); go.set(); job.wait(); print('the cell')")
    kernel.wait_for_end(cell)
    html = "<IPython.core.display.HTML object>"
    log = (
        f"a record\nby a kept stream\nby Python's own\nby a thread\n'displayed by it'\nby a program\n{html}\n'again'\n"
    )
    card.wait_for(state="DONE", log=log)

    assert kernel.printed_by(cell) == "the cell\n"
    assert [m for m in kernel.messages if m["msg_type"] == "clear_output"] == []
    shown = [displayed(m, update=False) for m in kernel.messages]
    assert html not in shown
    kernel.wait_for(lambda message: displayed(message, update=True) == "'from the job'")
    assert kernel.run("logging.info('later'); print('as ever')").split("\n") == ["later", "as ever", ""]


ASKING = """
import getpass, sys, threading
from primwidgets import submit

def ask(how):
    go.wait()
    try:
        return how()
    except EOFError as error:
        return str(error)

go = threading.Event()
during, secretly = submit(ask, lambda: input("?")), submit(ask, lambda: getpass.getpass())
plainly = submit(ask, lambda: sys.stdin.readline())
"""


@pytest.mark.parametrize("while_idle", [False, True], ids=["during a cell", "between cells"])
def test_a_job_that_asks_for_input_gets_an_error(kernel: KernelDriver, while_idle: bool) -> None:
    ask = "for job in (during, secretly, plainly): print(job.result()[:41])"
    if while_idle:
        kernel.run(f"{ASKING}\nthreading.Timer(0.2, go.set).start()")
        kernel.run("pass")
        answers = kernel.run(ask)
    else:
        answers = kernel.run(f"{ASKING}\ngo.set()\n{ask}")
    assert answers == "A job cannot ask for input in a notebook:\n" * 3
    assert kernel.run("import builtins; print(type(builtins.input).__name__)") == "method\n", "a cell asks as ever"


def test_what_the_process_has_is_as_it_was_before_the_first_job_and_after_the_last(kernel: KernelDriver) -> None:
    look = """
def look():
    import builtins, getpass, sys
    shell = get_ipython()
    own = {name for name in ("raw_input", "getpass") if name in vars(shell.kernel)}
    streams = sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__, sys.stdin
    switched = {"flush", "isatty", "readline"} & {name for stream in streams for name in vars(stream)}
    return own, switched, [id(type(stream)) for stream in streams], shell.display_pub._hooks
before = look()
"""
    kernel.run(look)
    kernel.run("from primwidgets import submit")
    assert kernel.run("print(look() == before)") == "True\n"
    kernel.run("submit(print).result()")
    assert kernel.run("print(look() == before, before[:2])") == "True (set(), set())\n"
