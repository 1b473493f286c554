"""*Run again* in a real kernel: the new card is an output of the old one's cell, also while another cell blocks."""

from __future__ import annotations

from primwidgets._jupyter.protocol import Verb
from tests.blocking import WAIT
from tests.kernel.card import Card
from tests.kernel.driver import KernelDriver, Message, is_from

CALL = """
from primwidgets import submit
def work():
    print("worked")
job = submit(work)
"""


def displays(kernel: KernelDriver) -> list[Message]:
    return [message for message in kernel.messages if message["msg_type"] == "display_data"]


def test_a_call_is_run_again_below_its_card_while_a_cell_blocks(kernel: KernelDriver) -> None:
    shown = kernel.execute(CALL + "job")
    kernel.wait_for_end(shown)
    card = Card(kernel)
    card.wait_for(state="DONE")
    blocked = kernel.execute(f"print('waiting', flush=True)\n{WAIT}", until_printed="waiting")

    card.send(Verb.RERUN)
    kernel.wait_until(lambda: len(displays(kernel)) == 2, "a second card")

    assert all(is_from(shown, message) for message in displays(kernel))
    assert not kernel.has_ended(blocked)
    kernel.interrupt()
    kernel.wait_for_end(blocked)
    assert kernel.run("print(job.latest_run.output)") == "worked\n\n"


def test_a_card_in_a_box_has_the_new_one_below_the_box(kernel: KernelDriver) -> None:
    shown = kernel.execute(CALL + "from ipywidgets import VBox\nVBox([job])")
    kernel.wait_for_end(shown)
    card = Card(kernel)
    card.wait_for(state="DONE")
    before = len(displays(kernel))

    card.send(Verb.RERUN)
    kernel.wait_until(lambda: len(displays(kernel)) == before + 1, "a card below the box")

    assert is_from(shown, displays(kernel)[-1])
