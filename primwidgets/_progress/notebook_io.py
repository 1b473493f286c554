"""What a job displays goes to its log, and a job that asks for input says so, or gets an error.

Knows IPython's display publisher and the way in which ipykernel asks for input. Imports neither, since it is loaded in
workers too: the running shell has both.
"""

from __future__ import annotations

import builtins
import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from primwidgets._progress.switches import Switches
from primwidgets._progress.terminal_line import no_line
from primwidgets._progress.track import CallContext, running

#: What the card says meanwhile.
WAITS_FOR_INPUT: Final = "Waits for input()"
_NO_INPUT: Final = (
    "A job cannot ask for input in a notebook: no cell can show the question. Ask in a cell, and give "
    "the answer to the function as an argument."
)


@contextlib.contextmanager
def displays_to_log(context: CallContext) -> Iterator[None]:
    """What this thread displays in here goes to the log of ``context``, as text, and to no cell.

    An update of what a cell has displayed goes where that is.
    """
    publisher = getattr(running_shell(), "display_pub", None)
    register = getattr(publisher, "register_hook", None)
    if register is None:  # in a terminal, what is displayed is printed
        yield
        return
    hook = _DisplayHook(context)
    register(hook)
    try:
        yield
    finally:
        publisher.unregister_hook(hook)  # type: ignore[union-attr]  # what can register can do this too


class _DisplayHook:
    """What the publisher calls with each message of one thread, before it is sent; ``None`` keeps it from that."""

    def __init__(self, context: CallContext) -> None:
        self._context = context
        self._shown_here: set[object] = set()

    def __call__(self, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if self._context.is_over:  # this thread of the job has outlived it
            return message
        kind, content = message["header"]["msg_type"], message["content"]
        display_id = content.get("transient", {}).get("display_id")
        if kind == "display_data" and display_id is not None:
            self._shown_here.add(display_id)
        elif kind == "update_display_data" and display_id not in self._shown_here:
            return message
        if kind in ("display_data", "update_display_data"):
            self._context.write(f"{_as_text(content.get('data', {}))}\n")
        return None  # such as what would clear the output of a cell


def _as_text(data: Mapping[str, Any]) -> str:
    text = data.get("text/plain")
    return text if isinstance(text, str) else f"<{', '.join(map(str, data)) or 'nothing'}>"


def asks_truthfully() -> AbstractContextManager[None]:
    """While anybody is in here, a job that waits for input says so; in a notebook it gets an ``EOFError``.

    There the frontend would show the question below an unrelated cell, or nowhere, and the job would hang.
    """
    return _SWITCHES.inside()


def _switch_input(switches: Switches) -> None:
    kernel = getattr(running_shell(), "kernel", None)
    if kernel is None:
        _switch(switches, builtins, _says_so, "input")
        _switch(switches, sys.modules.get("getpass"), _says_so, "getpass")
        _switch(switches, sys.stdin, _says_so, "readline")
        return
    _switch(switches, sys.stdin, _refuse, "readline")
    _switch(switches, kernel, _refuse, "raw_input", "getpass")
    for owner, name in ((builtins, "input"), (sys.modules.get("getpass"), "getpass")):
        if getattr(getattr(owner, name, None), "__self__", None) is kernel:  # as it has it for the time of each cell
            _switch(switches, owner, _refuse, name)


def _switch(switches: Switches, owner: Any, in_job: Callable[..., Any], *names: str) -> None:
    if switched := tuple((name, in_job) for name in names if hasattr(owner, name)):
        switches.put(owner, switched)


def _says_so(context: CallContext, owner: Any, ask: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with context.needing(WAITS_FOR_INPUT), running(None), no_line():  # the question stands on the terminal
        return ask(*args, **kwargs)


def _refuse(context: CallContext, owner: Any, ask: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    raise EOFError(_NO_INPUT)


_SWITCHES: Final = Switches(_switch_input)


def running_shell() -> Any:
    """IPython's shell, ``None`` without one."""
    shells = getattr(sys.modules.get("IPython.core.interactiveshell"), "InteractiveShell", None)
    return shells.instance() if shells is not None and shells.initialized() else None
