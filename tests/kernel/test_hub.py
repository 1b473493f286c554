"""The hub is met, and told what to do, while the kernel is busy."""

from __future__ import annotations

from typing import Any

from primwidgets._jupyter.hub import HUB_TARGET
from tests.blocking import SLEEP
from tests.kernel.driver import KernelDriver

#: A job that is shown nowhere, in a cell that goes on.
HIDDEN = f"""
from primwidgets import WidgetJob
from primwidgets.testing import FakeJob
job = WidgetJob(FakeJob("hidden"))
{SLEEP}
"""

#: What a fork of the kernel's process prints if it tells the frontends something: it has no way to them.
FORK = """
import logging, os
from traitlets.log import get_logger
from primwidgets._jupyter import kernel
reader, writer = os.pipe()
if os.fork() == 0:
    warnings = []
    handler = logging.Handler()
    handler.emit = lambda record: warnings.append(record.getMessage())
    get_logger().addHandler(handler)
    kernel.open_broadcast("test")({"primwidgets": 1})
    os.write(writer, str(len(warnings)).encode())
    os._exit(0)
os.close(writer)
print(os.read(reader, 9).decode())
"""


def hub_message(message: dict[str, Any]) -> bool:
    return message["msg_type"] == "comm_msg" and "primwidgets" in message["content"]["data"]


def test_the_hub_makes_itself_known_and_tells_of_a_job_that_is_not_shown_while_its_cell_goes_on(
    kernel: KernelDriver,
) -> None:
    cell = kernel.execute(HIDDEN)
    met = kernel.wait_for(hub_message)
    assert met["content"]["data"]["jobs"] == []
    kernel.send_command({"primwidgets": 1, "verb": "sync"})
    told = kernel.wait_for(lambda message: hub_message(message) and message["content"]["data"]["whole"])
    assert told["content"]["comm_id"] == met["content"]["comm_id"]
    assert [job["job_id"] for job in told["content"]["data"]["jobs"]] == ["hidden"]
    assert not kernel.has_ended(cell)
    kernel.interrupt()
    kernel.wait_for_end(cell)


def test_the_hub_makes_itself_known_once(kernel: KernelDriver) -> None:
    kernel.run("from primwidgets import WidgetJob\nfrom primwidgets.testing import FakeJob")
    for _ in range(3):
        kernel.run("job = WidgetJob(FakeJob())")
    kernel.wait_for(hub_message)
    kernel.catch_up()
    assert sum(map(hub_message, kernel.messages)) == 1


def test_a_kernel_without_a_job_has_no_hub(kernel: KernelDriver) -> None:
    listing = "print(any(comm.target_name == target for comm in get_ipython().kernel.comm_manager.comms.values()))"
    kernel.run("import primwidgets")
    assert kernel.run(f"target = {HUB_TARGET!r}\n{listing}") == "False\n"
    assert not any(map(hub_message, kernel.messages))


def test_a_fork_of_the_kernels_process_sends_nothing(kernel: KernelDriver) -> None:
    assert kernel.run(FORK).strip() == "0"


def test_a_page_that_closes_the_comm_of_the_hub_takes_it_from_no_other_page(kernel: KernelDriver) -> None:
    kernel.run("from primwidgets import WidgetJob\nfrom primwidgets.testing import FakeJob\njob = WidgetJob(FakeJob())")
    comm_id = kernel.wait_for(hub_message)["content"]["comm_id"]
    kernel.send_comm(comm_id, {}, "comm_close")
    listing = "print([c.comm_id for c in get_ipython().kernel.comm_manager.comms.values() if c.target_name == target])"
    assert kernel.run(f"target = {HUB_TARGET!r}\n{listing}") == f"['{comm_id}']\n"
    kernel.send_command({"primwidgets": 1, "verb": "sync"})
    kernel.wait_for(lambda message: hub_message(message) and message["content"]["data"]["whole"])
