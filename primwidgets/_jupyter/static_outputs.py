"""``ipywidgets.Output`` with jobs in it, in a notebook that an executor runs: its content takes the place of its view.

A view needs a page with scripts, and a kernel for what is live. The content is stored as text and as HTML, and is
brought up to date as the outputs of single jobs are. An ``Output`` without jobs is left alone, and so is one with
something in it that is neither text nor a picture, such as another widget. Executors tell the kernel what a widget has
captured when the cell is over; in the last cell of a notebook only the jobs of it are known.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from html import escape
from typing import Any, Final

from ipywidgets import Output

from primwidgets._jupyter.cells import display_by, is_page_drawn_later
from primwidgets._jupyter.kernel import in_kernel
from primwidgets._jupyter.output_widgets import JOB_MIME, WIDGET_MIME, captured_in
from primwidgets._jupyter.running_kernel import part
from primwidgets._jupyter.services import stored_outputs
from primwidgets._jupyter.stored_outputs import Bundle, Displayed, Drawing
from primwidgets._progress.terminal_text import as_on_a_terminal

_PICTURES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
_PLAIN: Final = "white-space:pre-wrap;font-family:monospace"
#: Characters of HTML that are stored of one widget; of more nothing is stored but the view.
_LIMIT: Final = 5_000_000


@cache
def store_content_of_outputs() -> None:
    """From now on executed notebooks hold the content of each ``Output`` that is displayed with jobs in it."""
    display_by(Output, _show, _view)


def _show(output: Any) -> None:
    if not in_kernel() or not stored_outputs().executed or is_page_drawn_later():
        raise NotImplementedError
    displayed = Displayed(partial(_draw, output), lambda: False, lambda: False)  # until the end it may be filled anew
    try:
        stored_outputs().show(displayed, f"output-{uuid.uuid4().hex}")
    except Exception as error:  # a kernel that is not ipykernel's
        raise NotImplementedError from error


def _draw(output: Any) -> Drawing:
    captured = output.outputs or [{"data": bundle} for bundle in captured_in(output)]
    return Drawing(_content(captured) or _view(output), is_settled=False)


def _view(output: Any) -> Bundle:
    """As it is displayed without us."""
    if not callable(output._repr_mimebundle_):  # a closed one has none
        return {"text/plain": repr(output)}
    bundle: Bundle = output._repr_mimebundle_()
    return bundle


def _content(outputs: Sequence[Any]) -> Bundle | None:
    """What was captured, as text and as HTML; ``None`` where no job is in it, or something that cannot be stored so."""
    if not any(_has_job(one) for one in outputs):
        return None
    parts = [_part(one) for one in outputs]
    texts, pages = [text for text, _ in filter(None, parts)], [page for _, page in filter(None, parts)]
    if None in parts or sum(map(len, pages)) > _LIMIT:
        return None
    return {"text/plain": "\n".join(texts), "text/html": f"<div>{''.join(pages)}</div>"}


def _has_job(captured: Any) -> bool:
    return isinstance(captured, Mapping) and JOB_MIME in part(captured, "data")


def _part(captured: Any) -> tuple[str, str] | None:
    """One captured output as text and as HTML; ``None`` if it is something else."""
    if not isinstance(captured, Mapping):
        return None
    if captured.get("output_type") == "stream":
        text = as_on_a_terminal(str(captured.get("text", "")))
        return text, _plain(text)
    if captured.get("output_type") == "error":
        text = as_on_a_terminal("\n".join(map(str, captured.get("traceback", ()))))
        return text, _plain(text)
    data = part(captured, "data")
    if WIDGET_MIME in data:
        return None
    text = _text(data.get("text/plain", ""))
    return next(((text, page) for page in _pages(data)), None)


def _pages(data: Mapping[str, Any]) -> Iterator[str]:
    """A MIME bundle as HTML, the best first."""
    if "text/html" in data:
        yield _text(data["text/html"])
    if "image/svg+xml" in data:
        yield _text(data["image/svg+xml"])
    for kind in _PICTURES:
        if kind in data:
            yield f'<img src="data:{kind};base64,{escape("".join(_text(data[kind]).split()))}">'
    if "text/plain" in data:
        yield _plain(_text(data["text/plain"]))


def _plain(text: str) -> str:
    return f'<div style="{_PLAIN}">{escape(text)}</div>'


def _text(value: Any) -> str:
    """A text, which a notebook may hold as a list of lines."""
    return "".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
