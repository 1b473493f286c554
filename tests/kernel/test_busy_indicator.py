"""The kernel's indicator tells the truth although commands arrive while a cell runs."""

from __future__ import annotations

import pytest

from tests.blocking import WAIT
from tests.kernel.driver import KernelDriver

ACCEPT = "from primwidgets._jupyter import kernel; accepted = kernel.accept_commands(lambda content: None)"
BLOCK = f"print('running', flush=True)\n{WAIT}"


def send_many(kernel: KernelDriver, count: int) -> list[str]:
    return [kernel.send_command({"number": number}) for number in range(count)]


def all_ended(kernel: KernelDriver, requests: list[str]) -> bool:
    return {("idle", request) for request in requests} <= set(kernel.states())


def wait_for_busy(kernel: KernelDriver, commands: list[str]) -> None:
    """The indicator has to come to rest at "busy" once the commands are handled: without that this times out."""
    kernel.wait_until(lambda: all_ended(kernel, commands) and kernel.indicator() == "busy", "a truthful indicator")


def stop(kernel: KernelDriver, cell: str) -> None:
    kernel.interrupt()
    kernel.wait_for_end(cell)
    kernel.catch_up()
    assert kernel.indicator() == "idle"


@pytest.mark.parametrize("count", [1, 100])
def test_commands_during_the_cell_that_installed_them_leave_it_busy(kernel: KernelDriver, count: int) -> None:
    cell = kernel.execute(f"{ACCEPT}\n{BLOCK}", until_printed="running")
    wait_for_busy(kernel, send_many(kernel, count))
    stop(kernel, cell)


def test_commands_during_a_later_cell_leave_it_busy(kernel: KernelDriver) -> None:
    kernel.run(ACCEPT)
    cell = kernel.execute(BLOCK, until_printed="running")
    wait_for_busy(kernel, send_many(kernel, 10))
    assert kernel.states()[-1] == ("busy", cell)
    stop(kernel, cell)


def test_a_command_that_is_handled_while_the_kernel_prepares_a_cell_leaves_it_busy(kernel: KernelDriver) -> None:
    kernel.run(
        "import asyncio, threading; from primwidgets._jupyter import kernel\n"
        "handled = threading.Event()\n"
        "kernel.accept_commands(lambda content: asyncio.get_running_loop().call_soon(handled.set))\n"
        "def hold_back(lines):\n"
        "    if 'running' in lines[0]:\n"
        "        print('preparing', flush=True)\n"
        "        handled.wait()\n"
        "    return lines\n"
        "get_ipython().input_transformers_cleanup.append(hold_back)"
    )
    cell = kernel.execute(BLOCK, until_printed="preparing")
    commands = send_many(kernel, 1)
    kernel.wait_until(lambda: "running" in kernel.printed_by(cell), "the cell")
    wait_for_busy(kernel, commands)
    stop(kernel, cell)


def test_two_hundred_commands_around_the_end_of_a_cell_leave_it_idle(kernel: KernelDriver) -> None:
    cell = kernel.execute(
        "import threading; from primwidgets._jupyter import kernel\n"
        "half = threading.Event()\n"
        "kernel.accept_commands(lambda content: content['number'] == 100 and half.set())\n"
        "print('running', flush=True)\n"
        "half.wait()",
        until_printed="running",
    )
    commands = send_many(kernel, 200)
    kernel.wait_until(lambda: all_ended(kernel, [*commands, cell]), "the end of all")
    kernel.catch_up()
    states = kernel.states()
    assert ("busy", cell) not in states[states.index(("idle", cell)) :], "busy came after the end of the cell"
    assert kernel.indicator() == "idle"


def test_a_command_between_cells_leaves_it_idle(kernel: KernelDriver) -> None:
    kernel.run(ACCEPT)
    kernel.wait_for_end(kernel.send_command({}))
    kernel.run("pass")
    kernel.catch_up()
    assert kernel.indicator() == "idle"


@pytest.mark.parametrize(
    "inner", ["get_ipython().run_cell('1')", "get_ipython().run_cell('1/0')", "get_ipython().run_cell(' ')"]
)
def test_a_cell_that_ran_another_one_stays_busy(kernel: KernelDriver, inner: str) -> None:
    kernel.run(ACCEPT)
    cell = kernel.execute(f"{inner}\n{BLOCK}", until_printed="running")
    wait_for_busy(kernel, send_many(kernel, 3))
    stop(kernel, cell)


def test_a_cell_that_awaits_stays_busy_to_its_end(kernel: KernelDriver) -> None:
    cell = kernel.execute(
        "import asyncio; from primwidgets._jupyter import kernel\n"
        "loop, end = asyncio.get_running_loop(), asyncio.Event()\n"
        "kernel.accept_commands(lambda content: 'end' in content and loop.call_soon_threadsafe(end.set))\n"
        "print('running', flush=True)\n"
        "await end.wait()",
        until_printed="running",
    )
    wait_for_busy(kernel, send_many(kernel, 3))
    kernel.send_command({"end": True})
    kernel.wait_for_end(cell)
    kernel.catch_up()
    assert kernel.indicator() == "idle"


def test_accepting_on_a_thread_while_a_cell_runs_knows_of_the_cell(kernel: KernelDriver) -> None:
    on_thread = (
        f"import threading\ndef accept():\n    {ACCEPT}\nt = threading.Thread(target=accept); t.start(); t.join()"
    )
    cell = kernel.execute(f"{on_thread}\n{BLOCK}", until_printed="running")
    wait_for_busy(kernel, send_many(kernel, 3))
    stop(kernel, cell)
