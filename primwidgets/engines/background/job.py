"""A background call as a kernel sees it: a view of the files of a job, which other kernels may have as well."""

from __future__ import annotations

import contextlib
import pickle
import threading
from collections.abc import Mapping
from concurrent.futures import Future, InvalidStateError
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets.engines._remote.call import RemoteContext
from primwidgets.engines._remote.pickled import PickledOutcome
from primwidgets.engines.background import service
from primwidgets.engines.background.channel import MessageReader
from primwidgets.engines.background.files import JobFiles
from primwidgets.engines.background.watcher import watch
from primwidgets.engines.base import FunctionCall, FutureJob
from primwidgets.errors import EngineError, JobCancelled, WorkerDied

#: Looks at the files after which it is checked that somebody still runs the call.
_LOOKS_PER_CHECK: Final = 20


class BackgroundJob(FutureJob[Any]):
    """A call that the background service runs. It goes on when this kernel ends.

    Args:
        files: the files of the job.
    """

    engine: ClassVar[str] = "Background processes"
    stops_when: ClassVar[str | None] = "Its process is being stopped."

    def __init__(self, files: JobFiles) -> None:
        self._context = _FileContext()
        super().__init__(FunctionCall(_nothing, name=files.name), self._context)
        self._job_id = files.job_id
        self.created_at = files.created_at
        self._files = files
        self._reader = MessageReader(files.messages)
        self._looks = 0
        self._looking = threading.Lock()
        self.follow(Future())
        echo, self.context.echo = self.context.echo, None  # what was printed before was printed elsewhere
        if not self.look():
            self.context.echo = echo
            watch(self)

    @override
    def job_id(self) -> str:
        return self._job_id

    @override
    def locator(self) -> Mapping[str, str] | None:
        return {"provider": "primwidgets_background", "job_id": self._job_id}

    @override
    def cancel(self) -> bool:
        """Withdraw a call that has not begun; ask one that runs to stop, or its process is killed soon after."""
        if self.future.done():
            return False
        self.context.cancelled = True
        self._files.request_cancel()
        if service.withdraw(self._files):
            self.look()
        return True

    def look(self) -> bool:
        """Read what is new in the files; whether the call has ended. On the thread of the watcher, or at the start."""
        with self._looking:
            if self.future.done():
                return True
            outcome = self._files.outcome  # first: messages that were written before it are read now
            waited = self.context.started_at is None
            for message in self._reader.read():
                self._context.handle_message(message)
            if self._files.is_cancelled:
                self.context.cancelled = True
            if outcome is None:
                outcome = self._check()
        if outcome is not None:
            self._settle(outcome)
        elif waited and self.context.started_at is not None:
            self.notify_listeners()
        return outcome is not None

    def _check(self) -> bytes | None:
        """Now and then, see that a service or a runner has the call; the outcome if it was lost."""
        self._looks += 1
        if self._looks % _LOOKS_PER_CHECK or self._files.is_running:
            return None
        if service.is_serving():
            return self._files.outcome
        if self.context.started_at is None and service.is_queued(self._job_id):
            service.ensure_service()
            return None
        if not self._files.has_outcome:
            lost = JobCancelled("The job was cancelled.") if self._files.is_cancelled else _LOST
            service.settle(self._files, lost)
        return self._files.outcome

    def _settle(self, data: bytes) -> None:
        result: Any = None
        error: BaseException | None
        try:
            outcome = pickle.loads(data)
            if not isinstance(outcome, PickledOutcome):
                raise TypeError(f"{type(outcome).__name__} is not an outcome")
            result, error = outcome.open()
        except BaseException as unread:  # noqa: BLE001  (it may be of another version of primwidgets)
            error = EngineError(f"The outcome of the job cannot be read: {type(unread).__name__}: {unread}")
        self.end_output()
        with contextlib.suppress(InvalidStateError):
            if error is None:
                self.future.set_result(result)
            else:
                self.future.set_exception(error)


class _FileContext(RemoteContext):
    """Starts afresh when the file does."""

    @override
    def handle_message(self, message: object) -> None:
        if isinstance(message, Mapping) and message.get("reset") is True:
            self.series.clear()
            with self._lock:
                self._log.clear()
                self._log_size = 0
        super().handle_message(message)


_LOST: Final = WorkerDied("The background service and the process of the call have ended, and nobody noted how.")


def _nothing() -> None:
    """The function of a job that was found again is not known here."""
