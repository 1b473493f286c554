"""Drives one real kernel as a frontend does, and waits for its messages instead of sleeping."""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

from primwidgets._jupyter.kernel import COMMAND_COMM, COMMAND_TYPE

Message = dict[str, Any]

#: Longer than any step takes, in seconds: a test that waits in vain fails then.
PATIENCE: Final = 120.0
#: How often a kernel is started until one answers, and how many seconds each has for that.
STARTS: Final = 3
START_SECONDS: Final = 60.0


class KernelDriver:
    """One kernel and everything that it published so far, in order.

    Attributes:
        messages: the messages on the iopub channel.
        patience: how long a step may take, in seconds.
    """

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.messages: list[Message] = []
        self.patience = PATIENCE
        self._manager = manager
        self._client = client

    def execute(self, code: str, *, until_printed: str | None = None) -> str:
        """Send a cell; returns its request id at once, or as soon as it has printed ``until_printed``."""
        request: str = self._client.execute(code)
        if until_printed is not None:
            self.wait_for(lambda message: is_from(request, message) and until_printed in stream_text(message))
        return request

    def run(self, code: str) -> str:
        """Run a cell to its end; returns what it printed."""
        request = self.execute(code)
        self.wait_for_end(request)
        return self.printed_by(request)

    def complete(self, code: str) -> list[str]:
        """What the kernel offers at the end of ``code``."""
        matches: list[str] = self._client.complete(code, reply=True, timeout=PATIENCE)["content"]["matches"]
        return matches

    def printed_by(self, request: str) -> str:
        """What a cell has printed so far, tracebacks included."""
        return "".join(stream_text(message) for message in self.messages if is_from(request, message))

    def error_of(self, request: str) -> str | None:
        """The name of the exception that ended a cell."""
        names = [m["content"]["ename"] for m in self.messages if m["msg_type"] == "error" and is_from(request, m)]
        return names[0] if names else None

    def interrupt(self) -> None:
        """Press the notebook's *Interrupt*."""
        self._manager.interrupt_kernel()

    def send_command(self, command: object) -> str:
        """Send any JSON as the Cancel button sends a command, on the control channel; returns the request id."""
        return self.send_control(COMMAND_TYPE, {"comm_id": COMMAND_COMM, "data": command})

    def send_control(self, kind: str, content: object) -> str:
        """Send a message of any type and content on the control channel; returns the request id."""
        message = self._client.session.msg(kind)
        message["content"] = json.dumps(content)  # text is sent as it is, so that it need not be an object
        self._client.control_channel.send(message)
        request: str = message["header"]["msg_id"]
        return request

    def send_comm(self, comm_id: str, data: Message, kind: str = "comm_msg") -> None:
        """Send a message to a comm on the shell channel, as widgets do."""
        message = self._client.session.msg(kind, {"comm_id": comm_id, "data": data})
        self._client.shell_channel.send(message)

    def wait_for(self, match: Callable[[Message], bool]) -> Message:
        """The first message, of those that came or will come, that ``match`` accepts."""
        self.wait_until(lambda: any(map(match, self.messages)), "a message")
        return next(filter(match, self.messages))

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Receive messages until ``condition`` holds."""
        deadline = time.monotonic() + self.patience
        while not condition():
            try:
                self.messages.append(self._client.get_iopub_msg(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                tail = "\n".join(f"{m['msg_type']} {m['content']}" for m in self.messages[-12:])
                raise AssertionError(f"{what} did not come within {self.patience} s; the last were\n{tail}") from None

    def wait_for_end(self, request: str) -> None:
        """Wait until the kernel has said that it is done with a request."""
        self.wait_for(lambda message: is_from(request, message) and state_of(message) == "idle")

    def catch_up(self) -> None:
        """Receive everything that was published up to now."""
        self.wait_for_end(self._client.kernel_info())

    def states(self) -> list[tuple[str, str]]:
        """The states that the kernel's indicator went through, each with the id of the request it came from."""
        return [(state, origin(message)) for message in self.messages if (state := state_of(message))]

    def indicator(self) -> str:
        """What JupyterLab's kernel indicator shows now: the latest state, wherever it came from."""
        return self.states()[-1][0]

    def has_ended(self, request: str) -> bool:
        """Whether the kernel has said that it is done with a request."""
        return ("idle", request) in self.states()


@contextmanager
def real_kernel(python: str) -> Iterator[KernelDriver]:
    """A fresh ipykernel of the environment that ``python`` belongs to; ended afterwards."""
    manager, client = _started(python)
    try:
        yield KernelDriver(manager, client)
    finally:
        _end(manager, client)


def _started(python: str) -> tuple[KernelManager, BlockingKernelClient]:
    """A kernel that answers.

    Jupyter chooses the ports of a kernel before that takes them. Where another process has one of them by then,
    ipykernel does not start, and hangs instead of ending. Such a kernel is replaced.
    """
    for left in reversed(range(STARTS)):
        manager = KernelManager(kernel_name=python, kernel_spec_manager=_InterpreterAsSpec())
        manager.start_kernel()
        client: BlockingKernelClient = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=START_SECONDS)
        except RuntimeError:
            _end(manager, client)
            if not left:
                raise
        else:
            return manager, client
    raise AssertionError


def _end(manager: KernelManager, client: BlockingKernelClient) -> None:
    client.stop_channels()
    manager.shutdown_kernel(now=True)


class _InterpreterAsSpec(KernelSpecManager):
    """Takes the path of an interpreter for the name of a kernel, so that nothing needs to be installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(argv=[kernel_name, "-m", "ipykernel_launcher", "-f", "{connection_file}"], language="python")


def origin(message: Message) -> str:
    """The id of the request that a message came from."""
    return str(message["parent_header"].get("msg_id", ""))


def is_from(request: str, message: Message) -> bool:
    """Whether a message came from a request."""
    return origin(message) == request


def state_of(message: Message) -> str | None:
    """The kernel's state that a message tells."""
    return message["content"]["execution_state"] if message["msg_type"] == "status" else None


def stream_text(message: Message) -> str:
    """What a message prints."""
    return message["content"]["text"] if message["msg_type"] == "stream" else ""


def displayed(message: Message, *, update: bool) -> Any:
    """The plain text that a message shows, or with ``update`` the one that it replaces the earlier with."""
    kind = "update_display_data" if update else "display_data"
    return message["content"]["data"].get("text/plain") if message["msg_type"] == kind else None
