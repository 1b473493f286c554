"""The cells of the notebook: when one begins and ends, and whether anybody looks at its outputs while it runs."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable
from typing import Any, Final

from primwidgets._jupyter.running_kernel import Message, find_kernel, find_shell, latest_request, part

_CELL_NUMBER: Final = re.compile(r"In\[(\d+)\]")
_LOG: Final = logging.getLogger(__name__)


def follow_cells(started: Callable[[], None], ended: Callable[[], None]) -> None:
    """Have ``started`` called when a cell begins and ``ended`` when its code has ended, on the cell's thread.

    The kernel says that the cell is done only after ``ended`` has returned. Without a shell neither is ever called.
    """
    events = getattr(find_shell(), "events", None)
    if events is None:
        return

    def begin() -> None:
        if part(_request(), "header").get("msg_type", "execute_request") == "execute_request":
            _contained(started)  # else it is a message of a widget that begins

    events.register("pre_execute", begin)
    events.register("post_execute", lambda: _contained(ended))


def cell_of_file(path: str) -> tuple[str, int] | None:
    """The name of the cell that was compiled as that file, as IPython's own tracebacks have it, and its number.

    Any thread. ``None`` for a file of no cell, and without a shell.
    """
    named = find_shell()
    named = None if named is None else named.compile.format_code_name(path)
    number = _CELL_NUMBER.fullmatch(named[1]) if named is not None else None
    return None if number is None else (f"Cell {number[0]}", int(number[1]))


def is_in_cell() -> bool:
    """Whether some cell runs; still true at the end of a cell that another one ran with ``run_cell``.

    IPython puts its display hook in place while a cell runs, and only the outermost cell takes it away.
    """
    shell = find_shell()
    return shell is not None and sys.displayhook is getattr(shell, "displayhook", None)


def is_executed() -> bool:
    """Whether an executor of notebooks, such as nbconvert or papermill, runs the latest cell. Any thread.

    An executor drops every message that does not belong to the running cell, and ends the kernel after the last one.
    All of them build on nbclient, which is known by its requests: their ids are those of a client in Python, and it
    offers no way to ask the user for input. No frontend in a browser does either, and no console does both.
    """
    request = _request()
    header = part(request, "header")
    in_python = str(header.get("msg_id")).startswith(f"{header.get('session')}_")
    return in_python and part(request, "content").get("allow_stdin") is False


def is_page_drawn_later() -> bool:
    """Whether this kernel belongs to Voilà, which executes a notebook and then shows its widgets live."""
    return "VOILA_PREHEAT" in os.environ or os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


def display_by(shown_class: type, show: Callable[[Any], None], bundle: Callable[[Any], dict[str, Any]]) -> None:
    """Have IPython display objects of ``shown_class`` by these functions; without a shell nothing happens.

    Args:
        shown_class: the class; its subclasses are meant, too.
        show: displays an object, or raises ``NotImplementedError`` for one that is displayed as usual.
        bundle: the MIME bundle of an object that ``show`` declined; or it raises ``NotImplementedError`` likewise.
    """
    formatter = getattr(find_shell(), "display_formatter", None)
    for name, function in (("ipython_display_formatter", show), ("mimebundle_formatter", bundle)):
        if (one := getattr(formatter, name, None)) is not None:
            one.for_type(shown_class, function)


def _request() -> Message:
    kernel = find_kernel()
    return {} if kernel is None else latest_request(kernel)


def _contained(callback: Callable[[], None]) -> None:
    try:
        callback()
    except Exception:  # noqa: BLE001  (IPython would print it below the user's cell)
        _LOG.debug("The start or end of a cell could not be handled", exc_info=True)
