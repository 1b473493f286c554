"""Boxes of widgets with cards in them: a notebook stores the cards, beside or instead of a view that needs a kernel.

ipywidgets stores the ``repr`` of a box as it was at first. A frontend that shows the view is given the cards as text
and as HTML beside it, once with their states at that moment and once more when all of them have ended. In a notebook
that an executor runs, where nobody sees a view, they take its place, and are kept up to date as the outputs of single
jobs are. Other widgets in the box are left out.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import cache, partial
from typing import Any, Protocol, cast

from ipywidgets import Box

from primwidgets._clock import SYSTEM_CLOCK
from primwidgets._jupyter import text_card
from primwidgets._jupyter.cells import display_by, is_page_drawn_later
from primwidgets._jupyter.job_proxy import JobProxy
from primwidgets._jupyter.kernel import in_kernel
from primwidgets._jupyter.services import stored_outputs
from primwidgets._jupyter.stored_outputs import Bundle, Displayed, Drawing
from primwidgets.snapshot import JobSnapshot


class _Job(Protocol):
    """What is used of a ``WidgetJob``."""

    snapshot: JobSnapshot

    def _awaits_news(self) -> bool: ...

    def _draw_output(self) -> Drawing: ...


@cache
def store_cards_in_boxes() -> None:
    """From now on outputs of boxes hold the cards of their jobs as text, too."""
    display_by(Box, _show, _bundle_with_view)


def _show(box: Any) -> None:
    if not in_kernel() or next(_jobs_in(box), None) is None or not callable(box._repr_mimebundle_):
        raise NotImplementedError  # displayed as usual, with _bundle_with_view
    displayed = Displayed(partial(_draw, box), partial(_awaits_news, box), partial(_is_settled, box))
    try:
        stored_outputs().show(displayed, f"box-{uuid.uuid4().hex}")
    except Exception as error:  # a kernel that is not ipykernel's
        raise NotImplementedError from error


def _draw(box: Any) -> Drawing:
    is_viewed = not stored_outputs().executed or is_page_drawn_later()
    has_view = is_viewed and callable(box._repr_mimebundle_)  # a closed box has none
    return Drawing(_bundle_with_view(box) if has_view else _cards(list(_jobs_in(box))), _is_settled(box))


def _awaits_news(box: Any) -> bool:
    return any(job._awaits_news() for job in _jobs_in(box))


def _is_settled(box: Any) -> bool:
    return all(job.snapshot.is_final and job._draw_output().is_settled for job in _jobs_in(box))


def _bundle_with_view(box: Any) -> Bundle:
    if not callable(box._repr_mimebundle_):  # a closed box has none
        raise NotImplementedError
    bundle: Bundle = box._repr_mimebundle_()
    jobs = list(_jobs_in(box))
    return {**bundle, **_cards(jobs)} if jobs else bundle


def _cards(jobs: list[_Job]) -> Bundle:
    snapshots, seen_at = [job.snapshot for job in jobs], SYSTEM_CLOCK.now()
    return {
        "text/plain": "\n".join(text_card.to_text(snapshot, seen_at) for snapshot in snapshots),
        "text/html": f"<div>{''.join(text_card.to_html(snapshot, seen_at) for snapshot in snapshots)}</div>",
    }


def _jobs_in(widget: Any, depth: int = 20) -> Iterator[_Job]:
    """The jobs in a box and the boxes in it, from left to right; not below ``depth``, where boxes may go in circles."""
    for child in widget.children if depth and isinstance(widget, Box) else ():
        if isinstance(child, JobProxy):
            yield cast(_Job, child)
        else:
            yield from _jobs_in(child, depth - 1)
