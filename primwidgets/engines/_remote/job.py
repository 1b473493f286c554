"""A call in another process that tells over a connection how far it is."""

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
    """A call whose outcome is settled once all was heard that it told.

    Attributes:
        connection: the kernel's end of the connection; ``None`` if there is none.
    """

    def __init__(self, task: FunctionCall) -> None:
        super().__init__(task, RemoteContext())
        self.connection: WorkerConnection | None = None
        self._giving_up = threading.RLock()  # those that are told of it may cancel again
        self.follow(Future())

    def pickle_call(self, task: FunctionCall) -> PickledCall:
        """The call as it can be sent elsewhere.

        Raises:
            EngineError: it cannot.
        """
        self.connection = open_connection(self.heard)
        try:
            return PickledCall(task, self.connection.channel)
        except EngineError:
            self.hang_up()
            raise

    def heard(self, message: Message) -> None:
        """Take over what the worker tells; on the server's thread."""
        waited = self.context.started_at is None
        if isinstance(self.context, RemoteContext):
            self.context.hear(message)
        if waited and self.context.started_at is not None:
            self.tell_listeners()

    def settle(self, result: Any = None, error: BaseException | None = None) -> None:
        """Note the outcome; only the first one counts."""
        self.end_output()
        with contextlib.suppress(InvalidStateError):
            if error is None:
                self.future.set_result(result)
            else:
                self.future.set_exception(error)

    def withdraw(self) -> bool:
        """Have the call never begin; whether that is sure. Only for workers that see the files of this machine.

        The connection stays until the worker has seen it.
        """
        return self.connection is not None and self.connection.withhold() and self.give_up()

    def give_up(self) -> bool:
        """Note that the call was cancelled before it began; whether that is so."""
        with self._giving_up:
            if not self.future.done() and self.future.cancel():
                self.future.set_running_or_notify_cancel()  # else concurrent.futures.wait would not see it
        return self.future.cancelled()

    def hang_up(self) -> None:
        """Hear nothing more."""
        if self.connection is not None:
            self.connection.close()
