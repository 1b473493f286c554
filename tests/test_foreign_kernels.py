"""Kernels that are none of ipykernel's: whatever they lack, jobs are wrapped, shown and waited for."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

#: What differs between kernels: the class ``Kernel``, for the shell.
SHAPES = {
    "xeus-python, with the header alone": """
class Kernel:
    comm_manager = Manager()
    def get_parent(self): return {"msg_id": "r1", "msg_type": "execute_request", "session": "s"}
""",
    "Pyodide, with the whole message": """
class Kernel:
    comm_manager = Manager()
    def get_parent(self):
        return {"header": {"msg_id": "r1", "msg_type": "execute_request"}, "metadata": {"cellId": "c"}}
""",
    "one whose parent raises": """
class Kernel:
    comm_manager = Manager()
    def get_parent(self, channel=None): raise RuntimeError("no request")
""",
    "one without a parent": "class Kernel: comm_manager = Manager()",
    "one whose parent is no message": """
class Kernel:
    comm_manager = Manager()
    def get_parent(self, channel=None): return "request"
""",
    "one whose parent is full of others' types": """
class Kernel:
    comm_manager = Manager()
    session = object()
    control_handlers = {}
    def get_parent(self, channel): return {"header": "r1", "metadata": None, "content": 3}
""",
    "one without comms": "class Kernel: get_parent = None",
    "one whose comms are its own": """
class Kernel:
    comm_manager = object()
    def get_parent(self): return None
""",
}
PROLOGUE = """
import json, sys, threading
import comm
from comm.base_comm import BaseComm, CommManager as Manager
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

sent = []

class Comm(BaseComm):
    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        json.dumps(data)
        sent.append([msg_type, self.target_name])

manager = Manager()
comm.create_comm, comm.get_comm_manager = Comm, lambda: manager

class Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **kwargs):
        published.append([update, sorted(data), data["text/plain"]])

published = []
InteractiveShell.display_pub_class = Publisher
shell = InteractiveShell.instance()
"""
#: One cell after another, as a kernel runs them.
CELLS = """
shell.kernel = Kernel()
def run(code):
    result = shell.run_cell(code, silent=False)
    result.raise_error()
    return result.result

run('''
from concurrent.futures import ThreadPoolExecutor
from primwidgets import WidgetJob, submit
from primwidgets._jupyter.services import hub
go = threading.Event()
job = WidgetJob(ThreadPoolExecutor(1).submit(go.wait), name="waits")
hub().receive({"primwidgets": 1, "verb": "sync"})
display(job)
''')
run("go.set(); answer = job.result()")
run("value = submit(abs, -3).result()")
run("job.wait()")
report = {name: shell.user_ns[name] for name in ("answer", "value")}
for _ in range(6_000):  # the output is replaced once the preview of the result is there, which a worker makes
    if " Done" not in published[-1][2]:
        threading.Event().wait(0.02)
report["state"], report["published"] = shell.user_ns["job"].state, published
for _ in range(6_000 if shell.kernel_has_hub else 0):  # the hub's message comes from a worker
    if ["comm_msg", "primwidgets.hub"] not in sent:
        threading.Event().wait(0.02)
report["sent"] = sent
shell.user_ns["job"].close()
sys.stdout.flush()
print("REPORT", json.dumps(report))
"""


def run_cells(shape: str, *, has_hub: bool) -> dict[str, Any]:
    namespace = "shell.user_ns.update(threading=threading)"
    script = f"{PROLOGUE}\n{SHAPES[shape]}\n{namespace}\nshell.kernel_has_hub = {has_hub}\n{CELLS}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], check=False, capture_output=True, text=True, timeout=240
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    head, _, report = done.stdout.rpartition("REPORT ")
    assert "Traceback" not in head
    told: dict[str, Any] = json.loads(report)
    return told


@pytest.mark.parametrize("shape", SHAPES)
def test_a_job_is_shown_and_gives_its_result(shape: str) -> None:
    told = run_cells(shape, has_hub="Manager" in SHAPES[shape])

    assert (told["answer"], told["value"], told["state"]) == (True, 3, "DONE")
    update, types, text = told["published"][0]
    assert not update
    assert {"text/html", "text/plain", "application/vnd.jupyter.widget-view+json"} <= set(types)
    assert text.startswith("waits · concurrent.futures")
    assert told["published"][-1][2].startswith("waits · concurrent.futures · Done")


def test_the_hub_of_a_kernel_without_a_session_sends_on_its_comm() -> None:
    told = run_cells("one without a parent", has_hub=True)

    assert ["comm_msg", "primwidgets.hub"] in told["sent"]
    assert ["comm_open", "primwidgets.hub"] not in told["sent"]
