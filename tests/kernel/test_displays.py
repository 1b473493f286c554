"""A display can be replaced from any thread, during a cell and after it."""

from __future__ import annotations

from typing import Final

import pytest

from tests.blocking import WAIT
from tests.kernel.driver import KernelDriver, Message, displayed, is_from, origin, stream_text

SHOW: Final = """
import contextvars, threading
from primwidgets._jupyter.kernel import publish_display

def show(text, update):
    publish_display({"text/plain": text}, {"text/plain": {"a": 1}}, "card", update=update)

go = threading.Event()
def update_when_told(text):
    go.wait()
    show(text, update=True)

def start(text, context):
    threading.Thread(target=context.run, args=(update_when_told, text)).start()
"""


def wait_for_update(kernel: KernelDriver, text: str) -> str:
    """The request that the update to ``text`` came with."""
    return origin(kernel.wait_for(lambda message: displayed(message, update=True) == text))


def test_a_new_display_is_part_of_the_output_of_its_cell(kernel: KernelDriver) -> None:
    kernel.run(SHOW)
    cell = kernel.execute("show('new', update=False)")
    shown = kernel.wait_for(lambda message: displayed(message, update=False) == "new")
    assert is_from(cell, shown)
    assert shown["content"]["transient"] == {"display_id": "card"}
    assert shown["content"]["metadata"] == {"text/plain": {"a": 1}}


def test_a_thread_replaces_a_display_while_the_cell_blocks(kernel: KernelDriver) -> None:
    kernel.run(SHOW)
    cell = kernel.execute(f"start('later', contextvars.Context()); go.set()\n{WAIT}")
    assert wait_for_update(kernel, "later") == cell
    assert not kernel.has_ended(cell)
    kernel.interrupt()
    kernel.wait_for_end(cell)


def test_a_thread_replaces_a_display_after_its_cell(kernel: KernelDriver) -> None:
    kernel.run(f"{SHOW}\nstart('late', contextvars.Context())")
    kernel.run("threading.Timer(0, go.set).start()")
    wait_for_update(kernel, "late")


def test_an_update_belongs_to_the_running_cell_whatever_context_its_thread_was_started_with(
    kernel: KernelDriver,
) -> None:
    """Executors of notebooks drop messages of other cells."""
    kernel.run(f"{SHOW}\ncontexts = {{'bare': contextvars.Context(), 'copied': contextvars.copy_context()}}")
    for text in ("bare", "copied"):
        kernel.run(f"go.clear(); start('{text}', contexts['{text}'])")
        cell = kernel.execute(f"go.set()\n{WAIT}")
        assert wait_for_update(kernel, text) == cell
        kernel.interrupt()
        kernel.wait_for_end(cell)


def test_an_update_is_not_caught_by_the_capture_of_another_cell(kernel: KernelDriver) -> None:
    kernel.run(f"{SHOW}\nfrom IPython.utils.capture import capture_output")
    kernel.run("with capture_output() as caught: show('seen', update=True)\nprint(caught.outputs)")
    wait_for_update(kernel, "seen")


JOBS: Final = """
import threading
from concurrent.futures import ThreadPoolExecutor
from ipywidgets import HBox, Label
from primwidgets import WidgetJob
go = threading.Event()
job = WidgetJob(ThreadPoolExecutor(1).submit(go.wait), name="the job")
"""
VIEW: Final = "application/vnd.jupyter.widget-view+json"


@pytest.mark.parametrize("shown", ["job", "HBox([job])", "HBox([HBox([job]), Label('x')])"])
def test_a_frontend_gets_a_live_view_and_the_card_as_text_and_html(kernel: KernelDriver, shown: str) -> None:
    kernel.run(f"{JOBS}\ndisplay({shown})")
    kinds = ("display_data", "execute_result")
    (data,) = (m["content"]["data"] for m in kernel.messages if m["msg_type"] in kinds)

    assert VIEW in data
    assert all("the job" in data[kind] and "when last seen" in data[kind] for kind in ("text/plain", "text/html"))
    kernel.run("go.set(); job.result()")


def test_a_box_without_jobs_and_a_closed_box_are_displayed_as_ever(kernel: KernelDriver) -> None:
    kernel.run(f"{JOBS}\ndisplay(job)")
    kernel.run("box = HBox([Label('x')]); display(box); box.children = [job]; box.close(); display(box)\ngo.set()")
    texts = [m["content"]["data"] for m in kernel.messages if m["msg_type"] == "display_data"][1:]

    assert [("HBox(" in data["text/plain"], "text/html" in data) for data in texts] == [(True, False)] * 2


@pytest.mark.parametrize("shown", ["job", "HBox([job])", "HBox([HBox([WidgetJob(job.job)]), Label('x'), job])"])
def test_an_end_while_a_frontend_looks_on_replaces_the_output_once(kernel: KernelDriver, shown: str) -> None:
    kernel.run(f"{JOBS}\ndisplay({shown})")
    kernel.run("go.set(); job.result()")
    kernel.run("job.wait(); 1")
    kernel.wait_for(lambda message: VIEW in update_in(message))
    kernel.catch_up()

    updates = [update for message in kernel.messages if (update := update_in(message))]
    assert [VIEW in update for update in updates] == [False, True]
    assert all("Done in" in update["text/html"] for update in updates)


def test_a_box_is_replaced_when_the_last_of_its_jobs_has_ended(kernel: KernelDriver) -> None:
    kernel.run(f"{JOBS}\nother = WidgetJob(ThreadPoolExecutor(1).submit(int, '7'))\ndisplay(HBox([other, job]))")
    kernel.run("other.wait(); 1")
    kernel.catch_up()
    assert not any(map(update_in, kernel.messages))
    kernel.run("go.set(); job.wait(); 1")
    told = update_in(kernel.wait_for(lambda message: VIEW in update_in(message)))
    assert told["text/plain"].count("Done in") == 2


@pytest.mark.parametrize("filled", ["pass", "display(job)", "print('text')"], ids=["empty", "with a job", "with text"])
@pytest.mark.parametrize("shown", ["display(out)", "out", "display(HBox([out]))"])
def test_an_output_widget_is_displayed_on_a_page_by_its_view(kernel: KernelDriver, shown: str, filled: str) -> None:
    kernel.run(f"{JOBS}\nfrom ipywidgets import Output\nclass Captured(Output): pass\nout = Captured()")
    kernel.run(f"with out: {filled}")
    before = len(kernel.messages)
    kernel.run(shown)
    later = kernel.messages[before:]
    outputs = [m["content"]["data"] for m in later if m["msg_type"] in ("display_data", "execute_result")]
    assert [VIEW in data for data in outputs] == [True]


@pytest.mark.parametrize("told_first", [True, False], ids=["told before the end", "told after the end"])
@pytest.mark.parametrize("shown", ["job", "HBox([job])"])
def test_what_an_output_widget_has_captured_of_a_job_tells_its_end(
    kernel: KernelDriver, shown: str, told_first: bool
) -> None:
    kernel.run(
        f"{JOBS}\nfrom ipywidgets import Output\nout = Output()\nwith out: display({shown})\nprint(out.comm.comm_id)"
    )
    (data,) = (m["content"]["data"] for m in kernel.messages if m["msg_type"] == "display_data")
    comm_id = stream_text(kernel.wait_for(lambda message: bool(stream_text(message)))).strip()
    other = {"output_type": "stream", "name": "stdout", "text": "hello"}
    captured = [other, {"output_type": "display_data", "data": data, "metadata": {}}]
    tell = {"method": "update", "state": {"outputs": captured}, "buffer_paths": []}
    if told_first:
        kernel.send_comm(comm_id, tell)
    kernel.run("go.set(); job.wait(); 1")
    if not told_first:
        kernel.send_comm(comm_id, tell)
    outputs = kernel.wait_for(lambda message: _ends_in(message, comm_id))["content"]["data"]["state"]["outputs"]
    assert outputs[0] == other
    assert "Done in" in outputs[1]["data"]["text/html"]


def _ends_in(message: Message, comm_id: str) -> bool:
    content = message["content"]
    is_state = message["msg_type"] == "comm_msg" and content["comm_id"] == comm_id
    return is_state and "Done in" in str(content["data"].get("state", {}).get("outputs"))


def update_in(message: Message) -> Message:
    """The MIME bundle that replaces an output; empty for other messages."""
    return dict(message["content"]["data"]) if message["msg_type"] == "update_display_data" else {}
