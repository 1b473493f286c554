"""Which preview a result gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from primwidgets import _border as border
from primwidgets.adapters.base import Adapter
from primwidgets.previews.announced import announced
from primwidgets.previews.rich import Bundle
from primwidgets.previews.words import summary_of, text_of
from primwidgets.snapshot import JobSnapshot


def preview_of(adapter: Adapter[Any], result: object) -> Mapping[str, Any] | None:
    """The preview of ``result`` in wire form; ``None`` if there is nothing to show. Blocks as the formatters do.

    Args:
        adapter: that of the job; its own picture comes first.
        result: what the job's ``result()`` returned.
    """
    drawn = border.call(_drawn_by, adapter, result)
    if isinstance(drawn, border.Returned) and drawn.value is not None:
        return drawn.value
    return None if result is None else display(result)


def display(result: object) -> Mapping[str, Any]:
    """``result`` as Jupyter would display it."""
    shown: object = result
    if (preview := announced.preview_for(type(result))) is not None:
        made = border.call(preview, result)
        if isinstance(made, border.Returned) and made.value is not None:
            shown = _Announced(made.value) if isinstance(made.value, Mapping) else made.value
    bundle, summary, text = Bundle(shown), summary_of(result), text_of(shown)
    return {
        "kind": "display",
        "summary": summary,
        "text": "" if summary.replace("\N{MINUS SIGN}", "-") == f"= {text}" else text,
        "html": bundle.html(),
        "image": bundle.image(),
        "document": bundle.document(),
    }


class _Announced:
    """A MIME bundle that another package made of a result."""

    def __init__(self, bundle: Mapping[str, Any]) -> None:
        self._bundle = bundle

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, Any]:
        return self._bundle

    @override
    def __repr__(self) -> str:
        return str(self._bundle.get("text/plain", ""))


def _drawn_by(adapter: Adapter[Any], result: object) -> Mapping[str, Any] | None:
    """What the adapter draws, unless that cannot be sent: it would stop all messages that it is in."""
    drawn = adapter.preview(result)
    json.dumps(drawn, allow_nan=False)
    wire = JobSnapshot(uid="", result_preview=drawn).to_wire(["result_preview"])["result_preview"]
    return drawn if wire is not None else None
