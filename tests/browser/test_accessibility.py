"""What axe finds on the card in its states, in the light and in the dark theme."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.card import FAKE, IMPORTS, Card
from tests.browser.conftest import OpenNotebook

SAMPLER = f"""{IMPORTS}
from qiskit import QuantumCircuit
from qiskit.primitives import StatevectorSampler
circuit = QuantumCircuit(2)
circuit.h(0)
circuit.measure_all()
WidgetJob(StatevectorSampler(seed=1).run([circuit]))
"""
CELLS = [
    f"{IMPORTS}WidgetJob(run(queue=5000, seconds=600), name='Queued')",
    f"{IMPORTS}WidgetJob(run(queue=0, seconds=600), name='Running')",
    f"{IMPORTS}WidgetJob(run(queue=0, seconds=600, remote=True), name='Asking')",
    FAKE + "fake.refuse_cancel('No.')\njob",
    "from primwidgets import submit\ndef fit(x):\n    return 1 / x\nsubmit(fit, 0)",
    SAMPLER,
]


@pytest.mark.own_page
def test_axe_has_no_objection_in_any_state_and_theme(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(CELLS)
    notebook.run_all()
    cards = [Card(notebook.output(cell)) for cell in range(len(CELLS))]
    queued, running, asking, refused, failed, done = cards
    queued.expect_state("Queued")
    running.details.click()
    asking.press("Cancel")
    refused.press("Cancel")
    refused.expect_text("Cancel refused: No.")
    failed.details.click()
    expect(failed.element.locator(".primwidgets-JobCard-frame")).to_be_visible()
    done.press("Show result")
    expect(done.picture.first).to_be_visible()

    light = [text for card in cards for text in violations(card.element)]
    notebook.use_dark_theme()
    dark = [text for card in cards for text in violations(card.element)]

    assert light == []
    assert dark == []
