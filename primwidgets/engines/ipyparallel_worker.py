"""What an ipyparallel engine carries out: a call that tells how it goes, can be stopped, and replies in plain form.

Everything here goes over what ipyparallel itself has. Messages are *published data*. The request to stop is its own
*abort*, which engines note also while they work: the process that runs the call sees it there and interrupts itself,
so that no other call can be hit, whatever has begun meanwhile.
"""

from __future__ import annotations

import contextlib
import pickle
import threading
import traceback
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Final

from primwidgets.engines.base import Task
from primwidgets.engines.remote import Message, RemoteCall, Send
from primwidgets.engines.stopper import Stopper
from primwidgets.errors import EngineError, JobCancelled
from primwidgets.progress import LOG_CHARACTERS, Run, current_run

#: Under this key the messages are in the data that ipyparallel publishes.
DATA_KEY: Final = "primwidgets"
#: Messages that a reply repeats: published data comes on another connection and may come after the reply.
_REPEATED: Final = 8


class Errand:
    """A task, to be pickled and called on an engine.

    Its answer is a mapping of ``"told"``, the last messages, and one of ``"result"``, pickled; ``"error"``, with the
    name, text and traceback of the exception and, where that is possible, the pickled exception; or ``"cancelled"``.

    Raises:
        EngineError: something of the task cannot be pickled.
    """

    def __init__(self, task: Task) -> None:
        self._name = task.name
        self._outbox = Outbox()
        self._call = RemoteCall(Task(Stoppable(task), name=task.name), self._outbox)

    def __call__(self) -> Mapping[str, Any]:
        """On the engine: carry it out. Raises nothing."""
        outbox = self._outbox
        outcome = self._outcome()
        return {"told": list(outbox.recent), **outcome}

    def _outcome(self) -> Mapping[str, Any]:
        try:
            result = self._call()
        except (JobCancelled, KeyboardInterrupt):
            return {"cancelled": True}
        except BaseException as error:  # noqa: BLE001  (it is raised in the kernel)
            return {"error": _packed(error)}
        try:
            return {"result": _pickled(result)}
        except Exception as error:  # noqa: BLE001  (whatever pickling raises)
            reason = (
                f"What {self._name} returned cannot be sent back: {error}. Return plain data, or write it to a file."
            )
            return {"error": _packed(EngineError(reason))}


class Outbox:
    """The way to the kernel: see ``Channel``.

    Attributes:
        recent: the last messages, as they were sent.
    """

    prompt = False

    def __init__(self) -> None:
        self.recent: deque[Message] = deque(maxlen=_REPEATED)

    @contextlib.contextmanager
    def open(self, run: Run) -> Iterator[Send]:
        """See ``Channel.open``."""
        kernel = _kernel()
        common = kernel.shell.data_pub
        # A publisher of its own, for the common one names the call that runs when it sends, not that which it is about.
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
    """A task that is interrupted when the kernel asks for that."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def __call__(self) -> Any:
        """On the engine: call the function.

        Raises:
            JobCancelled: it was interrupted.
        """
        kernel, run = _kernel(), current_run()
        if run is None:
            return self._task()
        try:
            with Stopper(run, str(kernel.shell.data_pub.parent_header["msg_id"]), kernel.aborted) as stopper:
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


def _packed(error: BaseException) -> Mapping[str, Any]:
    texts = {"type": type(error).__name__, "message": _text_of(error), "traceback": _traceback_of(error)}
    with contextlib.suppress(Exception):  # many exceptions cannot be made again from what they were pickled to
        pickled = _pickled(error)
        pickle.loads(pickled)
        return {**texts, "pickled": pickled}
    return texts


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  (foreign code)
        return ""


def _traceback_of(error: BaseException) -> str:
    """The traceback from the function on, or nothing if the exception did not come out of it."""
    rest: TracebackType | None = error.__traceback__
    while rest is not None and str(rest.tb_frame.f_globals.get("__name__")).startswith("primwidgets."):
        rest = rest.tb_next
    return "" if rest is None else "".join(traceback.format_exception(type(error), error, rest))


def _pickled(value: object) -> bytes:
    import cloudpickle

    pickled: bytes = cloudpickle.dumps(value)
    return pickled
