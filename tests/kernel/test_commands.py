"""Commands reach Python while a cell runs, and nothing else comes of them."""

from __future__ import annotations

import pytest

from tests.kernel.driver import KernelDriver, Message, displayed, is_from

#: Has each command answered, from the thread that handles it, by a display update.
ANSWER_COMMANDS = """
from primwidgets import kernel

def answer(content):
    kernel.publish_display({"text/plain": f"got {content}"}, {}, "answers", update=True)

print("accepted" if kernel.accept_commands(answer) else "no control channel")
"""
CANCEL = {"primwidgets": 1, "verb": "cancel", "uid": "u1"}


def is_answer(message: Message) -> bool:
    return (displayed(message, update=True) or "").startswith("got ")


@pytest.mark.parametrize(
    "blocker", ["import time; time.sleep(600)", "while True: pass", "import threading; threading.Event().wait()"]
)
def test_a_command_is_handled_while_a_cell_blocks(kernel: KernelDriver, blocker: str) -> None:
    cell = kernel.execute(f"{ANSWER_COMMANDS}\n{blocker}", until_printed="accepted")
    kernel.send_command(CANCEL)

    answer = kernel.wait_for(is_answer)

    assert displayed(answer, update=True) == f"got {CANCEL}"
    assert is_from(cell, answer)
    assert not kernel.has_ended(cell)
    kernel.interrupt()
    kernel.wait_for_end(cell)
    assert kernel.error_of(cell) == "KeyboardInterrupt"


def test_a_command_is_handled_while_no_cell_runs(kernel: KernelDriver) -> None:
    kernel.run(ANSWER_COMMANDS)
    kernel.send_command(CANCEL)
    kernel.wait_for(is_answer)


def test_accepting_twice_handles_each_command_once(kernel: KernelDriver) -> None:
    printed = kernel.run(ANSWER_COMMANDS * 2)
    kernel.wait_for_end(kernel.send_command(CANCEL))
    kernel.catch_up()
    assert printed.count("accepted") == 2
    assert len(list(filter(is_answer, kernel.messages))) == 1


@pytest.mark.parametrize("content", [{}, [1, 2], "<img onerror=alert(1)>", 7, {"primwidgets": 1, "uid": {"a": []}}])
def test_what_no_command_is_reaches_the_handler_as_it_came_and_the_cell_sees_nothing(
    kernel: KernelDriver, content: object
) -> None:
    cell = kernel.execute(
        "from primwidgets import kernel\n"
        "import threading\n"
        "got, arrived = [], threading.Event()\n"
        "def refuse(content):\n"
        "    got.append(content)\n"
        "    arrived.set()\n"
        "    raise ValueError('not a command')\n"
        "print(kernel.accept_commands(refuse))\n"
        "arrived.wait()\n",
        until_printed="True",
    )
    kernel.wait_for_end(kernel.send_command(content))
    kernel.wait_for_end(cell)
    assert kernel.printed_by(cell) == "True\n"
    assert kernel.error_of(cell) is None
    assert kernel.run("print(got)") == f"{[content]}\n"


def test_commands_after_one_that_failed_are_handled(kernel: KernelDriver) -> None:
    kernel.run("from primwidgets import kernel; seen = []; kernel.accept_commands(lambda c: seen.append(c['verb']))")
    kernel.wait_for_end(kernel.send_command([]))
    kernel.wait_for_end(kernel.send_command(CANCEL))
    assert kernel.run("print(seen)") == "['cancel']\n"
