"""A call in another process that reports over a connection."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future, InvalidStateError
from typing import Any

from primwidgets.engines._remote.call import RemoteContext
from primwidgets.engines._remote.channel import Message
from primwidgets.engines._remote.connection import WorkerConnection
from primwidgets.engines._remote.pickled import PickledCall
from primwidgets.engines._remote.server import open_connection
from primwidgets.engines.base import FunctionCall, FutureJob
from primwidgets.errors import EngineError


class ConnectedJob(FutureJob[Any]):
    """A call whose outcome is set once all of its messages have been handled.

    Attributes:
        connection: the kernel's end of the connection; ``None`` if there is none.
    """

    def __init__(self, task: FunctionCall) -> None:
        super().__init__(task, RemoteContext())
        self.connection: WorkerConnection | None = None
        self._cancelling = threading.RLock()  # a listener may cancel again
        self.follow(Future())

    def pickle_call(self, task: FunctionCall) -> PickledCall:
        """The call in a form that can be sent to another process.

        Raises:
            EngineError: it cannot.
        """
        self.connection = open_connection(self.handle_message)
        try:
            return PickledCall(task, self.connection.channel)
        except EngineError:
            self.close_connection()
            raise

    def handle_message(self, message: Message) -> None:
        """Handle a message of the worker, on the server's thread."""
        waited = self.context.started_at is None
        if isinstance(self.context, RemoteContext):
            self.context.handle_message(message)
        if waited and self.context.started_at is not None:
            self.notify_listeners()

    def settle(self, result: Any = None, error: BaseException | None = None) -> None:
        """Set the outcome; only the first one counts."""
        self.end_output()
        with contextlib.suppress(InvalidStateError):
            if error is None:
                self.future.set_result(result)
            else:
                self.future.set_exception(error)

    def withdraw(self) -> bool:
        """Keep the call from starting; whether that is certain. Only for workers that share this file system.

        The connection stays until the worker has seen it.
        """
        return self.connection is not None and self.connection.prevent_start() and self.mark_cancelled()

    def mark_cancelled(self) -> bool:
        """Set the state to cancelled if the call has not ended; whether the call is cancelled."""
        with self._cancelling:
            if not self.future.done() and self.future.cancel():
                self.future.set_running_or_notify_cancel()  # else concurrent.futures.wait would not see it
        return self.future.cancelled()

    def close_connection(self) -> None:
        """Close the connection to the worker, if there is one."""
        if self.connection is not None:
            self.connection.close()
