"""Cards that nothing but the test moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from traitlets import Int, Unicode

from primwidgets._jupyter.card_widget import CardWidget
from primwidgets.snapshot import JobError, JobSnapshot, JobState

BLANK = JobSnapshot(uid="u1", job_id="j1", provider="Somewhere")
RUNNING = JobSnapshot(uid="u1", job_id="j1", state=JobState.RUNNING, status_text="busy", progress=0.5, can_cancel=True)
FAILED = JobSnapshot(uid="u1", job_id="j1", state=JobState.ERROR, error=JobError("E", "no"), finished_at=9.0)


class Card(CardWidget):
    """A card that nothing but the test moves."""

    def _first_shown(self) -> None:
        self._open_comm(control=False)


class StagedCard(Card):
    """A card with a trait and a row of its own."""

    card_rows: ClassVar[Mapping[str, str]] = {"Stage": "stage", "Remark": "remark"}
    stage = Int(1).tag(sync=True)
    remark = Unicode(None, allow_none=True)


def show(card: CardWidget) -> str:
    """Show ``card``; returns the id of its model."""
    assert card.model_id is not None
    return card.model_id


def applied(card: Card) -> Card:
    """``card`` after the first snapshot."""
    card.apply(BLANK)
    return card
