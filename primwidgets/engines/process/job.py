"""The kernel's side of a call in a worker process."""

from __future__ import annotations

import logging
import pickle
from typing import Any, ClassVar, Final, Protocol

from typing_extensions import override

from primwidgets.engines._remote.call import Message
from primwidgets.engines._remote.job import ConnectedJob
from primwidgets.engines._remote.pickled import PickledCall
from primwidgets.engines.base import FunctionCall
from primwidgets.engines.process.worker_server import PipeChannel

_LOG: Final = logging.getLogger(__name__)


class JobOwner(Protocol):
    """The engine of a job."""

    def position(self, job: ProcessJob) -> int | None:
        """Queue position of ``job``, from 1; ``None`` if it is not queued."""

    def cancel(self, job: ProcessJob) -> bool:
        """Stop ``job``; whether that is still possible."""


class ProcessJob(ConnectedJob):
    """A call in a process on this machine. Cancel asks the call to stop, and kills the process soon after.

    Attributes:
        number: its number in the queue of its engine.
        call: the pickled call; ``None`` once it has ended.
        tries: number of processes it was sent to.
        pid: id of the process it was sent to last.
        pool: the pool it was submitted to; in a forked child, the pool of the parent.
    """

    engine: ClassVar[str] = "Local processes"
    stops_when: ClassVar[str | None] = "Its process is being stopped."

    def __init__(self, task: FunctionCall, engine: JobOwner, pool: object) -> None:
        super().__init__(task)
        self.number = 0
        self.call: bytes | None = pickle.dumps(PickledCall(task, PipeChannel()))
        self.tries = 0
        self.pid: int | None = None
        self.pool = pool
        self._engine = engine

    @override
    @property
    def queue_position(self) -> int | None:
        return self._engine.position(self)

    @override
    def cancel(self) -> bool:
        """Remove a queued call; a running one has a moment to tidy up before its process is killed."""
        return self._engine.cancel(self)

    @override
    def settle(self, result: Any = None, error: BaseException | None = None) -> None:
        self.call = None  # a finished job must not keep the arguments alive
        super().settle(result, error)

    @override
    def handle_message(self, message: Message) -> None:
        """On the thread of the pool, which a defect of a listener must not end."""
        try:
            super().handle_message(message)
        except Exception:  # noqa: BLE001
            _LOG.exception("A message of a worker process could not be handled")

    def tell(self) -> None:
        """Notify the listeners, on the thread of the pool."""
        try:
            self.notify_listeners()
        except Exception:  # noqa: BLE001
            _LOG.exception("A listener of a job failed")
