"""The code that draws cards in frontends, which is sent once for all cards of a kernel."""

from __future__ import annotations

import sys
import threading
from functools import cache
from pathlib import Path
from typing import Final

from ipywidgets import Widget
from traitlets import Unicode

from primwidgets._jupyter.running_kernel import foreign_comms
from primwidgets._runtime import once_per_process

_STATIC: Final = Path(__file__).parents[1] / "_static"


@cache
def built(file: str) -> str:
    """The text of a file of the built frontend.

    Raises:
        FileNotFoundError: it has not been built.
    """
    path = _STATIC / file
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing: in a checkout run `make build` first.") from None


class CardCode(Widget):  # type: ignore[misc]  # ipywidgets has no types
    """The ES module and the style sheet of the card, as a model without views that cards refer to."""

    module = Unicode(help="The ES module.").tag(sync=True)
    style = Unicode(help="The style sheet.").tag(sync=True)
    german = Unicode(help="The texts in German, as JSON.").tag(sync=True)


class SharedCode:
    """Holds the one ``CardCode`` of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._code: CardCode | None = None

    def reference(self) -> str:
        """How a model refers to the code; sends it if the frontends do not have it. Any thread."""
        with self._lock:
            if self._code is None or self._code.comm is None:  # ``Widget.close_all()`` closes this one, too
                self._code = CardCode(module=built("card.js"), style=built("card.css"), german=built("german.json"))
            return f"IPY_MODEL_{self._code.model_id}"


#: The code that the cards of this process refer to.
shared_code = once_per_process(SharedCode)


def shares_models() -> bool:
    """Whether a model can refer to another one in the frontend of this process.

    That is so where ipywidgets' own managers run. marimo, Shiny and Panel keep the models of a page apart, and Colab
    has a manager for each output; there each card carries its code.
    """
    return not foreign_comms() and "google.colab" not in sys.modules
