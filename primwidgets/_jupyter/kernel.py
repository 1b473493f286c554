"""What ipykernel offers: commands while a cell runs, the busy indicator, displays from any thread.

Only this file, ``running_kernel`` and ``cells`` know ipykernel.
Nothing of it is imported: the running shell has it, and where there is none there is nothing to do. Handlers and
event callbacks are registered; nothing of the kernel is replaced.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any, Final

from primwidgets._jupyter.running_kernel import (
    Message,
    can_send,
    find_kernel,
    find_shell,
    foreign_comms,
    has_session,
    latest_request,
    part,
    read_request,
    request_here,
    send,
)

#: The type of the messages that carry a command; the frontend names it too. Servers that filter let messages of comms
#: through, and hardly any other.
COMMAND_TYPE: Final = "comm_msg"
#: The comm that those messages name.
COMMAND_COMM: Final = "primwidgets.commands"
#: What frontends of the first versions send on the control channel.
_EARLIER_COMMAND_TYPE: Final = "primwidgets_command"

_LOG: Final = logging.getLogger(__name__)


def supports_threads() -> bool:
    """Whether this interpreter can start threads; in a browser (Pyodide) it cannot."""
    return sys.platform != "emscripten"


def in_kernel() -> bool:
    """Whether a frontend can be reached over comms: not in a script and not in a terminal. Any thread."""
    return find_kernel() is not None or foreign_comms()


def thread_context() -> contextvars.Context:
    """What a thread that sends messages for a long time should run in.

    An empty context, in which messages belong to the cell that runs when they are sent; in a copy of the caller's they
    would for ever belong to the cell that started the thread. ipykernel 7.0 cannot send from an empty one.
    """
    kernel, empty = find_kernel(), contextvars.Context()
    if kernel is None:
        return empty
    return contextvars.copy_context() if empty.run(read_request, kernel) is None else empty


def current_cell() -> str | None:
    """The id of the notebook cell that runs, where the frontend tells it. Means something on the cell's thread only."""
    cell = part(request_here(), "metadata").get("cellId")
    return cell if isinstance(cell, str) else None


def current_request() -> str | None:
    """The id of the request that runs a cell, another one each time; ``None`` outside a kernel.

    On other threads than the cell's it is ``None``, or in old kernels that of the latest cell.
    """
    request = part(request_here(), "header").get("msg_id")
    return request if isinstance(request, str) else None


def open_broadcast(target: str) -> Callable[[Mapping[str, Any]], None]:
    """Make a comm that frontends find by ``target`` among the comms of the kernel; it is not announced to them.

    Returns:
        sends a message on it to all frontends, from any thread; without a kernel, and in a process that was forked
        from the kernel's, it does nothing.
    """
    kernel = find_kernel()
    manager = getattr(kernel, "comm_manager", None)
    if manager is None or (has_session(kernel) and not can_send(kernel)):
        return lambda _: None
    try:
        comm = _lasting_comm(manager, target_name=target)
    except Exception:  # noqa: BLE001  (a kernel that is not ipykernel's: its widgets work without the hub)
        _LOG.debug("This kernel has no comm for the hub", exc_info=True)
        return lambda _: None

    def broadcast(data: Mapping[str, Any]) -> None:
        if can_send(kernel):
            send(kernel, "comm_msg", {"comm_id": comm.comm_id, "data": dict(data)}, {})
        elif not has_session(kernel):
            comm.send(dict(data))

    return broadcast


def accept_commands(handler: Callable[[object], None]) -> bool:
    """Have ``handler`` called with each command that arrives on the kernel's control channel.

    The control channel is served while a cell runs. A command on the shell channel, which a frontend sends that got no
    answer, is handled after the cell, on that channel's thread. Messages there of other comms go to those comms, as
    they do on the shell channel. A second call changes nothing.

    Args:
        handler: is called on ipykernel's control thread with plain JSON that nobody has validated. It must return at
            once: everything else on that channel, interrupts included, waits for it.

    Returns:
        Whether commands arrive on that channel; if not, the frontend has to send them over the widget's comm.
    """
    kernel = find_kernel()
    handlers = getattr(kernel, "control_handlers", None)
    if not isinstance(handlers, dict) or not can_send(kernel):
        return False
    if _EARLIER_COMMAND_TYPE not in handlers:
        indicator, manager = BusyIndicator(find_shell(), kernel), kernel.comm_manager
        handlers[_EARLIER_COMMAND_TYPE] = _CommandReceiver(handler, indicator)
        handlers[COMMAND_TYPE] = _CommReceiver(handler, indicator, handlers.get(COMMAND_TYPE, manager.comm_msg))
        _lasting_comm(manager, target_name=COMMAND_COMM, comm_id=COMMAND_COMM).on_msg(
            lambda message: _obey(handler, message["content"].get("data"))
        )
    return True


def publish_display(data: Mapping[str, Any], metadata: Mapping[str, Any], display_id: str, *, update: bool) -> None:
    """Show a MIME bundle, or replace what is shown of it everywhere.

    Args:
        data: the MIME bundle, plain JSON.
        metadata: its metadata, by MIME type.
        display_id: names the display within the kernel.
        update: ``False`` makes a new display in the output of the running cell, as ``display()`` does, and has to come
            from the thread of that cell. ``True`` replaces the earlier ones, and may come from any thread, during a
            cell or after it; a terminal cannot replace what it has printed, and nothing happens there.
    """
    kernel, shell = find_kernel(), find_shell()
    content = {"data": dict(data), "metadata": dict(metadata), "transient": {"display_id": display_id}}
    if update and has_session(kernel):
        # Not through the shell's publisher: on this thread it may belong to another cell's capture of outputs.
        if can_send(kernel):
            send(kernel, "update_display_data", content, latest_request(kernel))
    elif shell is not None and (in_kernel() or not update):
        shell.display_pub.publish(**content, update=update)


def publish_below(request: Message, data: Mapping[str, Any], display_id: str) -> None:
    """Show a MIME bundle below what the cell of ``request`` has shown, while it runs or after it. Any thread.

    Args:
        request: the request that ran the cell. A frontend that does not show its outputs any more shows nothing.
        data: the MIME bundle, plain JSON.
        display_id: names the display within the kernel.

    Raises:
        NotImplementedError: this kernel sends no message but from a cell.
    """
    kernel = find_kernel()
    if not request or not can_send(kernel):
        raise NotImplementedError
    content = {"data": dict(data), "metadata": {}, "transient": {"display_id": display_id}}
    send(kernel, "display_data", content, request)


def cell_request() -> Message:
    """The request that runs the caller's cell, for ``publish_below``; empty outside of cells."""
    request = request_here()
    header = part(request, "header")
    return {"header": header} if header.get("msg_type") == "execute_request" else {}


class BusyIndicator:
    """Keeps the kernel's busy indicator truthful although commands arrive while a cell runs.

    ipykernel publishes "busy" and "idle" around each control message, and frontends take that "idle" for the kernel's.
    So the cell's "busy" is published again after it, and never after the end of the cell: both happen under one lock,
    and ipykernel publishes the cell's own "idle" later than the event that takes the lock at its end.

    Args:
        shell: IPython's shell.
        kernel: ipykernel's kernel.
    """

    def __init__(self, shell: Any, kernel: Any) -> None:
        self._shell = shell
        self._kernel = kernel
        self._lock = threading.Lock()
        self._idle_shown = False
        shell.events.register("pre_execute", self._started)
        shell.events.register("post_execute", self._ended)
        with self._lock:  # the cell that brought us here began before the events were registered
            self._request = latest_request(kernel)
            self._running = self._inside_cell()

    def restore(self) -> None:
        """Publish "busy" again if a cell runs. Has to come after ipykernel's "idle" for a control message."""
        with self._lock:
            self._idle_shown = not self._running
            if self._running:
                self._publish_busy()

    def _started(self) -> None:
        with self._lock:
            self._running = True
            self._request = read_request(self._kernel) or {}
            if self._idle_shown:  # perhaps between ipykernel's "busy" for this cell and now
                self._idle_shown = False
                self._publish_busy()

    def _ended(self) -> None:
        with self._lock:
            self._running = self._inside_cell()

    def _inside_cell(self) -> bool:
        """Whether some cell runs; still true at the end of a cell that another one ran with ``run_cell``.

        IPython puts its display hook in place while a cell runs, and only the outermost cell takes it away.
        """
        return sys.displayhook is self._shell.displayhook

    def _publish_busy(self) -> None:
        send(self._kernel, "status", {"execution_state": "busy"}, self._request)


class _CommandReceiver:
    """What ipykernel calls, on its control thread, with a message of our own type."""

    def __init__(self, handler: Callable[[object], None], indicator: BusyIndicator) -> None:
        self._handler = handler
        self._indicator = indicator

    def __call__(self, stream: Any, ident: Any, message: Message) -> None:
        # ipykernel's "idle" follows in this same step of the control thread's event loop, so this comes after it.
        asyncio.get_running_loop().call_soon(self._indicator.restore)
        _obey(self._handler, message["content"])


class _CommReceiver:
    """What ipykernel calls, on its control thread, with a message of a comm."""

    def __init__(self, handler: Callable[[object], None], indicator: BusyIndicator, others: Callable[..., Any]) -> None:
        self._handler = handler
        self._indicator = indicator
        self._others = others

    def __call__(self, stream: Any, ident: Any, message: Message) -> Awaitable[None] | None:
        asyncio.get_running_loop().call_soon(self._indicator.restore)
        content = message["content"]
        comm_id = content.get("comm_id") if isinstance(content, Mapping) else None
        if comm_id == COMMAND_COMM:
            _obey(self._handler, content.get("data"))
        elif isinstance(comm_id, str) and isawaitable(handled := self._others(stream, ident, message)):
            return self._restore_after(handled)
        return None

    async def _restore_after(self, handled: Awaitable[Any]) -> None:
        try:
            await handled
        finally:
            asyncio.get_running_loop().call_soon(self._indicator.restore)


def _obey(handler: Callable[[object], None], command: object) -> None:
    try:
        handler(command)
    except Exception:  # noqa: BLE001  (ipykernel would print it below the user's cell)
        _LOG.debug("A command was not understood", exc_info=True)


def _lasting_comm(manager: Any, **options: Any) -> Any:
    """A comm that is not announced to frontends. One of them may close it without closing it for the others."""
    comm = sys.modules["comm"].create_comm(primary=False, **options)  # not primary: published nowhere
    comm.on_close(lambda _: manager.register_comm(comm))
    manager.register_comm(comm)
    return comm
