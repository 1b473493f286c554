"""A display can be replaced from any thread, during a cell and after it."""

from __future__ import annotations

from typing import Final

from tests.kernel.driver import KernelDriver, displayed, is_from, origin

SHOW: Final = """
import contextvars, threading
from primwidgets.kernel import publish_display

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
    cell = kernel.execute("start('later', contextvars.Context()); go.set(); threading.Event().wait()")
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
        cell = kernel.execute("go.set(); threading.Event().wait()")
        assert wait_for_update(kernel, text) == cell
        kernel.interrupt()
        kernel.wait_for_end(cell)


def test_an_update_is_not_caught_by_the_capture_of_another_cell(kernel: KernelDriver) -> None:
    kernel.run(f"{SHOW}\nfrom IPython.utils.capture import capture_output")
    kernel.run("with capture_output() as caught: show('seen', update=True)\nprint(caught.outputs)")
    wait_for_update(kernel, "seen")
