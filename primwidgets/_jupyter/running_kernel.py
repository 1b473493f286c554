"""The kernel that this process serves, whatever its class: what it says of its requests, and how messages leave it.

Written for ipykernel. Other kernels (xeus-python, Pyodide's) have a ``get_parent`` that takes no channel, gives the
header alone or raises, or have no ``session``: whatever they lack is taken for unknown, and nothing here raises.
"""

from __future__ import annotations

import contextvars
import os
import sys
from collections.abc import Mapping
from typing import Any

Message = Mapping[str, Any]


def find_shell() -> Any:
    """IPython's shell, ``None`` without one; does not import IPython."""
    shells = getattr(sys.modules.get("IPython.core.interactiveshell"), "InteractiveShell", None)
    return shells.instance() if shells is not None and shells.initialized() else None


def find_kernel() -> Any:
    """The kernel around the shell, ``None`` in a terminal and in a script."""
    return getattr(find_shell(), "kernel", None)


def foreign_comms() -> bool:
    """Whether something else than ipykernel, such as marimo or Shiny, carries comms in this process."""
    comm = sys.modules.get("comm")
    maker = getattr(comm, "create_comm", None)
    return maker is not None and _is_foreign(maker)


def sending_context(opened: object) -> contextvars.Context | None:
    """The context in which messages of a comm have to be sent; to be called where it was opened.

    Others than ipykernel, such as Shiny, know the visitor's page by a context variable. Some replace the way in which
    comms are made, others give a widget a comm of their own class.

    Args:
        opened: the comm.

    Returns:
        ``None`` where ipykernel carries the comm, which any context will do for.
    """
    return contextvars.copy_context() if foreign_comms() or _is_foreign(type(opened)) else None


def read_request(kernel: Any) -> Message | None:
    """The request that ``kernel`` answers, as it says in the caller's context; ``None`` if it does not say."""
    for channel in (("shell",), ()):
        try:
            return _as_message(kernel.get_parent(*channel))
        except TypeError:  # takes no channel
            continue
        except Exception:  # noqa: BLE001  (a LookupError of ipykernel 7 on a thread that no cell started; others raise more)
            return None
    return None


def request_here() -> Message:
    """The request that the caller's thread answers; empty where there is none."""
    kernel = find_kernel()
    return {} if kernel is None else read_request(kernel) or {}


def latest_request(kernel: Any) -> Message:
    """The latest request on the shell channel, whatever thread asks; empty where the kernel does not say.

    ipykernel 7 keeps it in a context variable. A thread that was started with a copy of a cell's context would always
    see that cell, so the question is asked in an empty context first; ipykernel 7.0 has no answer there.
    """
    for context in (contextvars.Context(), contextvars.copy_context()):
        request = context.run(read_request, kernel)
        if request is not None:
            return request
    return {}


def part(request: Message, name: str) -> Message:
    """The ``header``, the ``content`` or the ``metadata`` of a request; empty where it has none."""
    value = request.get(name)
    return value if isinstance(value, Mapping) else {}


def has_session(kernel: Any) -> bool:
    """Whether ``kernel`` sends its messages through a session, as ipykernel does."""
    return callable(getattr(getattr(kernel, "session", None), "send", None)) and hasattr(kernel, "iopub_socket")


def can_send(kernel: Any) -> bool:
    """Whether ``send`` works: the kernel has a session, and this process was not forked from the kernel's."""
    return has_session(kernel) and getattr(kernel.session, "pid", os.getpid()) == os.getpid()


def send(kernel: Any, message_type: str, content: Message, parent: Message) -> None:
    """Publish a message to all frontends. Any thread: ipykernel hands it to the thread that owns the socket."""
    kernel.session.send(kernel.iopub_socket, message_type, content, parent=parent)


def _is_foreign(made_by: Any) -> bool:
    """Whether this class or function is of another package than those that Jupyter's own kernels use for comms."""
    return str(made_by.__module__).partition(".")[0] not in {"comm", "ipykernel"}


def _as_message(parent: Any) -> Message:
    """What ``get_parent`` gave, as a message: a header alone becomes the header of one."""
    known = {} if parent is None else dict(parent)
    return {"header": known} if "msg_id" in known and "header" not in known else known
