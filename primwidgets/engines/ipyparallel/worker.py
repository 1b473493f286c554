"""Runs on an ipyparallel engine: a call that reports progress, can be stopped, and returns a pickled outcome.

Messages are ipyparallel's *published data*. The request to stop is its *abort*, which engines record even while they
work: the process that runs the call sees it there and interrupts itself, so that no other call can be hit.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Final

from primwidgets._progress.track import LOG_CHARACTERS, CallContext, current_context
from primwidgets.engines._remote.call import Message, Send
from primwidgets.engines._remote.pickled import PickledCall, PickledOutcome
from primwidgets.engines.base import FunctionCall
from primwidgets.engines.ipyparallel.stopper import Stopper
from primwidgets.errors import JobCancelled

#: Key of the messages in ipyparallel's published data.
DATA_KEY: Final = "primwidgets"
#: Number of last messages that the reply repeats: published data uses another connection and may arrive later.
_REPEATED: Final = 8


class EngineCall:
    """A task, to be pickled and called on an engine. Returns its outcome and the last messages.

    Raises:
        EngineError: something of the task cannot be pickled.
    """

    def __init__(self, task: FunctionCall) -> None:
        self._outbox = Outbox()
        self._call = PickledCall(FunctionCall(Stoppable(task), name=task.name), self._outbox)

    def __call__(self) -> tuple[PickledOutcome, Sequence[Message]]:
        """On the engine: run the task. Raises nothing."""
        return self._call(), tuple(self._outbox.recent)


class Outbox:
    """The ``Channel`` to the kernel.

    Attributes:
        recent: the last messages, as they were sent.
    """

    prompt = False

    def __init__(self) -> None:
        self.recent: deque[Message] = deque(maxlen=_REPEATED)

    @contextlib.contextmanager
    def open(self, context: CallContext) -> Iterator[Send]:
        """Send messages as published data of the request that the engine serves."""
        kernel = _kernel()
        common = kernel.shell.data_pub
        # A publisher per call: the shared one would name the call that runs while it sends.
        publisher = type(common)(
            session=common.session, pub_socket=common.pub_socket, parent_header=common.parent_header
        )
        attempt = uuid.uuid4().hex
        sending = threading.Lock()
        count = 0

        def send(message: Message) -> None:
            nonlocal count
            with sending:
                count += 1
                numbered = {"attempt": attempt, "number": count, "message": _bounded(message, kernel.engine_id)}
                self.recent.append(numbered)
                with contextlib.suppress(Exception):
                    publisher.publish_data({DATA_KEY: numbered})

        yield send


class Stoppable:
    """A task that can be interrupted by the kernel."""

    def __init__(self, task: FunctionCall) -> None:
        self._task = task

    def __call__(self) -> Any:
        """On the engine: call the function.

        Raises:
            JobCancelled: it was interrupted.
        """
        kernel, context = _kernel(), current_context()
        if context is None:
            return self._task()
        try:
            with Stopper(context, str(kernel.shell.data_pub.parent_header["msg_id"]), kernel.aborted) as stopper:
                return stopper.call(self._task)
        except KeyboardInterrupt:
            raise JobCancelled("The job was interrupted.") from None


def _kernel() -> Any:
    from ipyparallel.engine.kernel import IPythonParallelKernel

    return IPythonParallelKernel.instance()


def _bounded(message: Message, engine_id: int) -> Message:
    if "place" in message:
        return {**message, "place": f"engine {engine_id} on {message['place']}"}
    if "printed" in message:
        return {**message, "printed": message["printed"][-LOG_CHARACTERS:]}
    return message
