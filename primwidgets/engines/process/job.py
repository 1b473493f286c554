"""A call in a worker process, as the kernel sees it."""

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

    def place(self, job: ProcessJob) -> int | None:
        """The place of ``job`` in the queue, from 1; ``None`` if it does not wait."""

    def cancel(self, job: ProcessJob) -> bool:
        """Have ``job`` end; whether that is still possible."""


class ProcessJob(ConnectedJob):
    """A call in a process on this machine. Cancel asks it to stop, and soon kills the process.

    Attributes:
        number: its number in the queue of its engine.
        call: the pickled call; ``None`` once it is over.
        tries: to how many processes it was given.
        pid: the process that it was given to last.
        pool: the processes of its engine, told apart from those of the parent in a forked child.
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
        return self._engine.place(self)

    @override
    def cancel(self) -> bool:
        """One that runs has a moment to tidy up, then its process is killed."""
        return self._engine.cancel(self)

    @override
    def settle(self, result: Any = None, error: BaseException | None = None) -> None:
        self.call = None  # a finished job must not keep the arguments alive
        super().settle(result, error)

    @override
    def heard(self, message: Message) -> None:
        """On the keeper's thread, which a listener's defect must not end."""
        try:
            super().heard(message)
        except Exception:  # noqa: BLE001
            _LOG.exception("A message of a worker process could not be taken")

    def tell(self) -> None:
        """Tell the listeners; on the keeper's thread."""
        try:
            self.tell_listeners()
        except Exception:  # noqa: BLE001
            _LOG.exception("A listener of a job failed")
