"""Commands reach Python while a cell runs, and nothing else comes of them."""

from __future__ import annotations

import pytest

from primwidgets._jupyter.kernel import COMMAND_COMM
from tests.blocking import LOOP, SLEEP, WAIT
from tests.kernel.driver import KernelDriver, Message, displayed, is_from

#: Has each command answered, from the thread that handles it, by a display update.
ANSWER_COMMANDS = """
from primwidgets._jupyter import kernel

def answer(content):
    kernel.publish_display({"text/plain": f"got {content}"}, {}, "answers", update=True)

print("accepted" if kernel.accept_commands(answer) else "no control channel")
"""
CANCEL = {"primwidgets": 1, "verb": "cancel", "uid": "u1"}


def is_answer(message: Message) -> bool:
    return (displayed(message, update=True) or "").startswith("got ")


@pytest.mark.parametrize("blocker", [SLEEP, LOOP, WAIT])
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
        "from primwidgets._jupyter import kernel\n"
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
    kernel.run(
        "from primwidgets._jupyter import kernel; seen = []; kernel.accept_commands(lambda c: seen.append(c['verb']))"
    )
    kernel.wait_for_end(kernel.send_command([]))
    kernel.wait_for_end(kernel.send_command(CANCEL))
    assert kernel.run("print(seen)") == "['cancel']\n"


def test_the_messages_of_earlier_frontends_are_handled_too(kernel: KernelDriver) -> None:
    cell = kernel.execute(f"{ANSWER_COMMANDS}\n{WAIT}", until_printed="accepted")
    kernel.send_control("primwidgets_command", CANCEL)
    assert displayed(kernel.wait_for(is_answer), update=True) == f"got {CANCEL}"
    kernel.interrupt()
    kernel.wait_for_end(cell)


def test_a_command_on_the_shell_channel_is_handled_after_the_cell(kernel: KernelDriver) -> None:
    kernel.run(ANSWER_COMMANDS)
    cell = kernel.execute("input_seen = True")
    kernel.send_comm(COMMAND_COMM, CANCEL)
    answer = kernel.wait_for(is_answer)
    assert displayed(answer, update=True) == f"got {CANCEL}"
    assert kernel.has_ended(cell)


#: A comm of somebody else's that says what it was sent.
FOREIGN_COMM = """
from comm import create_comm
theirs = create_comm(target_name="theirs", comm_id="theirs")
heard = []
theirs.on_msg(lambda message: heard.append(message["content"]["data"]))
"""


def test_messages_of_other_comms_on_the_control_channel_reach_them_while_a_cell_runs(kernel: KernelDriver) -> None:
    kernel.run(ANSWER_COMMANDS + FOREIGN_COMM + "\nimport threading; arrived = threading.Event()")
    kernel.run("theirs.on_msg(lambda message: (heard.append(message['content']['data']), arrived.set()))")
    cell = kernel.execute("print('waiting', flush=True); arrived.wait()", until_printed="waiting")
    kernel.send_control("comm_msg", {"comm_id": "theirs", "data": {"x": 1}})
    kernel.wait_for_end(cell)
    assert kernel.run("print(heard)") == "[{'x': 1}]\n"
    assert not any(map(is_answer, kernel.messages))


def test_what_was_registered_for_comms_on_the_control_channel_before_is_called_for_the_others(
    kernel: KernelDriver,
) -> None:
    kernel.run(
        "passed = []\n"
        "async def before(stream, ident, message): passed.append(message['content']['comm_id'])\n"
        "get_ipython().kernel.control_handlers['comm_msg'] = before"
    )
    kernel.run(ANSWER_COMMANDS)
    kernel.wait_for_end(kernel.send_control("comm_msg", {"comm_id": "theirs", "data": {}}))
    kernel.wait_for_end(kernel.send_command(CANCEL))
    kernel.wait_for(is_answer)
    assert kernel.run("print(passed)") == "['theirs']\n"
    kernel.catch_up()
    assert kernel.indicator() == "idle"


@pytest.mark.parametrize("content", [[1, 2], 7, "text", {}, {"comm_id": {}}, {"comm_id": "nobody"}])
def test_what_is_no_message_of_a_comm_leaves_the_cell_alone(kernel: KernelDriver, content: object) -> None:
    kernel.run(ANSWER_COMMANDS)
    cell = kernel.execute(f"print('waiting', flush=True)\n{WAIT}", until_printed="w")
    kernel.wait_for_end(kernel.send_control("comm_msg", content))
    kernel.wait_until(lambda: kernel.indicator() == "busy", "a truthful indicator")
    assert kernel.printed_by(cell) == "waiting\n"
    kernel.interrupt()
    kernel.wait_for_end(cell)
    kernel.wait_for_end(kernel.send_command(CANCEL))
    kernel.wait_for(is_answer)


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_a_frontend_that_closes_the_comm_of_commands_takes_it_from_no_other_frontend(
    kernel: KernelDriver, channel: str
) -> None:
    kernel.run(ANSWER_COMMANDS)
    kernel.send_comm(COMMAND_COMM, {}, "comm_close")
    if channel == "shell":
        kernel.send_comm(COMMAND_COMM, CANCEL)
    else:
        kernel.send_command(CANCEL)
    kernel.wait_for(is_answer)
