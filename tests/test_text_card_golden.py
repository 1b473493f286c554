"""The card as text is written on both sides: here by the kernel, and by the JupyterLab extension."""

from __future__ import annotations

import json
from pathlib import Path

from primwidgets._jupyter.text_card import to_html, to_text
from primwidgets.snapshot import JobSnapshot

GOLDEN = Path(__file__).parent / "golden"


def test_the_golden_jobs_have_their_golden_texts() -> None:
    cases = json.loads((GOLDEN / "snapshots.json").read_text("utf-8"))
    snapshots = {case["case"]: JobSnapshot.from_wire(case["snapshot"]) for case in cases}

    texts = [{"case": case, "text": to_text(job), "html": to_html(job)} for case, job in snapshots.items()]

    assert texts == json.loads((GOLDEN / "text_cards.json").read_text("utf-8"))
