"""The worker's end of ``engines.dask``: how a call tells its job how far it is, and learns that it should stop."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

from distributed import get_worker, rejoin, secede
from typing_extensions import override

from primwidgets._progress.track import CallContext, running
from primwidgets.engines._remote.call import REPORT_SECONDS, Channel, Message, Send
from primwidgets.errors import JobCancelled

#: Seconds that a stopped call waits until the scheduler has forgotten it, and seconds between two looks.
FORGET_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.01
#: Characters sent of what was printed between two messages: the scheduler keeps the latest 1,000 messages.
PRINTED_LIMIT: Final = 10_000


class DaskChannel(Channel):
    """How a call in a worker reaches its job; see ``Channel``."""

    prompt = False

    def __init__(self, topic: str, job: str) -> None:
        self._topic = topic
        self._job = job

    @override
    @contextlib.contextmanager
    def open(self, context: CallContext) -> Iterator[Send]:
        worker = get_worker()
        key = worker.get_current_task()
        thread = threading.get_ident()

        def send(message: Message) -> None:
            if isinstance(printed := message.get("printed"), str):
                message = {**message, "printed": printed[-PRINTED_LIMIT:]}
            with contextlib.suppress(Exception):  # the call goes on if nobody hears of it
                worker.log_event(self._topic, {"job": self._job, "worker": worker.address, **message})

        context.release_slot = lambda: _release_slot(thread)
        _contexts[key] = context
        worker.loop.add_callback(_watch, worker, key, context)
        try:
            yield send
        except JobCancelled:
            if context.cancelled:
                send({"stopped": True})
                _wait_until_forgotten(worker, key)
            raise
        finally:
            del _contexts[key]
            if context.cancelled or _is_unwanted(worker, key):  # the scheduler may not tell anybody that it ended
                send({"left": True})


#: The calls that run in this worker now.
_contexts: Final[dict[Any, CallContext]] = {}


def stop(key: Any) -> bool:
    """Ask a call to stop; whether it runs here. If so, it will tell when it does not any more."""
    if (context := _contexts.get(key)) is None:
        return False
    context.cancelled = True
    return True


def _watch(worker: Any, key: Any, context: CallContext) -> None:
    """On the event loop of the worker: have a call stop that Dask no longer wants, e.g. since the kernel died."""
    if _is_unwanted(worker, key):
        context.cancelled = True
    elif _contexts.get(key) is context:
        worker.loop.call_later(REPORT_SECONDS, _watch, worker, key, context)


def _wait_until_forgotten(worker: Any, key: Any) -> None:
    """Give Dask time to forget a call that stopped; it would take that for a failure, and log it."""
    deadline = time.monotonic() + FORGET_SECONDS
    while not _is_unwanted(worker, key) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)


def _is_unwanted(worker: Any, key: Any) -> bool:
    task = worker.state.tasks.get(key)
    return task is None or task.state in ("cancelled", "resumed", "released", "forgotten")


@contextlib.contextmanager
def _release_slot(thread: int) -> Iterator[None]:
    """Let another task have the thread of this one, which waits."""
    if threading.get_ident() != thread:
        yield
        return
    with running(None):  # the worker goes on in this context, and must not take what it starts next for this call
        secede()
    try:
        yield
    finally:
        rejoin()
