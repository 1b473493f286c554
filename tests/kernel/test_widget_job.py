"""The card is live, and its buttons work, while the kernel is busy."""

from __future__ import annotations

import pytest

from primwidgets._jupyter.protocol import Verb
from tests.blocking import LOOP, SLEEP
from tests.kernel.card import Card
from tests.kernel.driver import KernelDriver, displayed

SIMULATED = """
from primwidgets import WidgetJob
from primwidgets.simulated import SimulatedProvider
job = WidgetJob(SimulatedProvider(seconds_per_place=0.6).run({script}))
display(job)
"""
ENDLESS = SIMULATED.format(script="queue=0, seconds=600, circuits=100_000")
#: A future that waits behind one that runs: ``concurrent.futures`` cannot cancel what runs.
FUTURE = """
import threading
from concurrent.futures import ThreadPoolExecutor
from primwidgets import WidgetJob
executor, finish = ThreadPoolExecutor(1), threading.Event()
executor.submit(finish.wait)
job = WidgetJob(executor.submit(int))
display(job)
"""
JOBS = pytest.mark.parametrize("job", [ENDLESS, FUTURE], ids=["simulated", "future"])
BLOCKERS = pytest.mark.parametrize("blocker", [SLEEP, LOOP, "job.result()"], ids=["sleep", "loop", "result"])


def show(kernel: KernelDriver, job: str) -> Card:
    kernel.run(job)
    return Card(kernel)


def block(kernel: KernelDriver, blocker: str) -> str:
    return kernel.execute(f"print('blocked', flush=True)\n{blocker}", until_printed="blocked")


def interrupt(kernel: KernelDriver, cell: str) -> None:
    kernel.interrupt()
    kernel.wait_for_end(cell)
    assert kernel.error_of(cell) == "KeyboardInterrupt"


@BLOCKERS
def test_the_card_moves_while_a_cell_blocks(kernel: KernelDriver, blocker: str) -> None:
    card = show(kernel, ENDLESS)
    cell = block(kernel, blocker)
    card.wait_for_steps("progress", 3)
    assert not kernel.has_ended(cell)
    interrupt(kernel, cell)


def test_the_card_goes_through_queue_and_run_to_the_end_while_the_cell_waits(kernel: KernelDriver) -> None:
    cell = kernel.execute(SIMULATED.format(script="queue=2, seconds=1") + "job.wait()")
    kernel.wait_for_end(cell)
    card = Card(kernel)
    card.wait_for(state="DONE", progress=1.0, waiting=False)
    assert card.seen("state") == ["QUEUED", "RUNNING", "DONE"]
    assert card.seen("queue_position") == ["2", "1", None]


@JOBS
@pytest.mark.parametrize("blocker", [SLEEP, LOOP], ids=["sleep", "loop"])
def test_cancel_is_obeyed_while_a_cell_blocks(kernel: KernelDriver, job: str, blocker: str) -> None:
    card = show(kernel, job)
    cell = block(kernel, blocker)
    card.send(Verb.CANCEL)
    card.wait_for(state="CANCELLED", cancel_state="CONFIRMED")
    assert not kernel.has_ended(cell)
    interrupt(kernel, cell)


@JOBS
def test_cancel_is_obeyed_while_a_cell_waits_for_the_result(kernel: KernelDriver, job: str) -> None:
    card = show(kernel, job)
    cell = block(kernel, "job.result()")
    card.wait_for(waiting=True)
    card.send(Verb.CANCEL)
    card.wait_for(state="CANCELLED", cancel_state="CONFIRMED", waiting=False)
    kernel.wait_for_end(cell)
    assert kernel.error_of(cell) == "CancelledError"


@JOBS
def test_an_interrupt_ends_the_waiting_and_keeps_the_job(kernel: KernelDriver, job: str) -> None:
    card = show(kernel, job)
    cell = block(kernel, "job.result()")
    card.wait_for(waiting=True)
    interrupt(kernel, cell)
    card.wait_for(waiting=False, cancel_state="NONE")
    assert kernel.run("print(job.in_final_state() or job.done())") == "False\n"


def test_an_interrupt_cancels_the_job_where_that_was_asked_for(kernel: KernelDriver) -> None:
    card = show(kernel, ENDLESS)
    cell = block(kernel, "job.result(on_interrupt='cancel')")
    card.wait_for(waiting=True)
    interrupt(kernel, cell)
    card.wait_for(state="CANCELLED", cancel_state="CONFIRMED")


def test_stop_waiting_releases_the_cell_and_the_job_goes_on(kernel: KernelDriver) -> None:
    card = show(kernel, ENDLESS)
    cell = block(kernel, "job.result()")
    card.wait_for(waiting=True)
    card.send(Verb.STOP_WAITING)
    kernel.wait_for_end(cell)
    assert kernel.error_of(cell) == "StoppedWaiting"
    card.wait_for(state="RUNNING", cancel_state="NONE", waiting=False)


def test_without_a_control_channel_the_comm_carries_the_cancel(kernel: KernelDriver) -> None:
    card = show(kernel, ENDLESS)
    card.send_on_comm(Verb.CANCEL)
    card.wait_for(state="CANCELLED", cancel_state="CONFIRMED")


@pytest.mark.parametrize("change", [{"uid": "another"}, {"verb": "delete"}, {"primwidgets": 2}, {"verb": ["cancel"]}])
def test_what_is_not_a_command_for_the_job_does_nothing(kernel: KernelDriver, change: dict[str, object]) -> None:
    card = show(kernel, ENDLESS)
    command = {"primwidgets": 1, "verb": "cancel", "uid": card.fields()["uid"], **change}
    kernel.wait_for_end(kernel.send_command(command))
    card.wait_for_steps("progress", 2)
    assert card.seen("cancel_state") == ["NONE"]


def test_the_output_that_a_notebook_stores_tells_the_end(kernel: KernelDriver) -> None:
    show(kernel, SIMULATED.format(script="queue=0, seconds=0.5"))
    kernel.wait_for(lambda message: "Done in" in (displayed(message, update=True) or ""))


@pytest.mark.parametrize("wait", ["job.result()", "job.wait()"])
def test_an_interrupt_ends_the_waiting_in_a_cell_that_awaits(kernel: KernelDriver, wait: str) -> None:
    card = show(kernel, f"import asyncio, signal\nhandler = lambda: signal.getsignal(signal.SIGINT)\n{FUTURE}")
    cell = kernel.execute(f"await asyncio.sleep(0)\n{wait}")
    card.wait_for(waiting=True)
    interrupt(kernel, cell)
    again = f"await asyncio.sleep(0)\nbefore = handler()\ntry: {wait[:-1]}timeout=0.3)\nexcept TimeoutError: pass"
    assert kernel.run(f"{again}\nprint(before.__name__, handler() is before)") == "handle_sigint True\n"
