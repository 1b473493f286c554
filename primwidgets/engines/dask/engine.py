"""Dask: calls run as tasks of a cluster, and tell through its scheduler how far they are.

Everything that the workers tell the jobs of one client arrives under one topic of Dask's. A queued call is cancelled
by Dask; a running one is asked to stop in its worker, where asking costs the function nothing but a look at a flag.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from typing import Any, ClassVar, Final
from uuid import uuid4

from distributed import Client, Future
from typing_extensions import override

from primwidgets._progress.track import waiting_for_another_job
from primwidgets.adapters.dask import why_lost
from primwidgets.engines._remote.call import RemoteCall, RemoteContext
from primwidgets.engines.base import Engine, FunctionCall, FunctionJob
from primwidgets.engines.dask.worker import DaskChannel, stop
from primwidgets.errors import EngineError, JobCancelled
from primwidgets.snapshot import JobState

#: Seconds between two questions to the scheduler whether it has forgotten a cancelled task.
CONFIRM_SECONDS: Final = 0.1


class DaskJob(FunctionJob[Any]):
    """A call that is a task of a Dask cluster.

    Attributes:
        future: Dask's own handle of the task.
        worker: the address of the worker that runs the function; ``None`` while none does.
    """

    engine: ClassVar[str] = "Dask"
    stops_when: ClassVar[str | None] = "It stops at its next track() or report(); without one, it runs to its end."
    holds_result = False

    future: Future[Any]

    def __init__(self, task: FunctionCall) -> None:
        super().__init__(task, RemoteContext())
        self.worker: str | None = None
        self._end: JobState | None = None
        self._error: BaseException | None = None
        self._unconfirmed = False

    def follow(self, future: Future[Any], ended: Callable[[DaskJob], None]) -> None:
        """Take the outcome from ``future``.

        Args:
            future: the task.
            ended: called on a thread of Dask's, when nothing more is to be heard of the job.
        """
        self.future = future
        self._ended = ended
        future.add_done_callback(self._take_outcome)

    @override
    def state(self) -> JobState:
        if self._end is None:
            self._end = self._look_for_end()
        return self._end or (JobState.QUEUED if self.worker is None else JobState.RUNNING)

    @override
    def result(self, timeout: float | None = None) -> Any:
        """Fetches the result from the cluster each time."""
        if (loss := why_lost(self.future.client, None)) is not None:  # where clients share a loop, Dask would wait
            raise loss
        try:
            with waiting_for_another_job():
                return self.future.result(timeout)
        except (CancelledError, RuntimeError) as error:  # the latter is what a closed client raises
            if (loss := why_lost(self.future.client, error)) is not None:
                raise loss from error
            if isinstance(error, CancelledError) and self.context.cancelled and self.context.started_at is not None:
                raise JobCancelled("The job was cancelled.") from error
            raise

    @override
    def exception_now(self) -> BaseException | None:
        return self._error if self.state() is JobState.ERROR else None

    @override
    def cancel(self) -> bool:
        """One that runs is asked to stop."""
        if self.state().is_final:
            return False
        self.context.cancelled = True
        client = self.future.client
        if self.worker is None:
            self._unconfirmed = True
            self.future.cancel()
            client.loop.add_callback(client.loop.call_later, CONFIRM_SECONDS, self._confirm)
        else:
            client.loop.add_callback(self._ask_worker, self.worker)
        return True

    def handle_message(self, message: Mapping[str, Any]) -> None:
        """Take over what the worker tells; on the thread of the client's event loop."""
        self.context.handle_message(message)  # type: ignore[attr-defined]  # a RemoteContext
        if "started" in message:
            self._begin(message["worker"])
        elif "stopped" in message:  # and waits to be forgotten
            self.future.client.loop.add_callback(self.future.cancel)
        elif "left" in message:
            self._leave()

    def _begin(self, worker: str) -> None:
        self.worker = worker
        self._end = None
        if self.context.cancelled:  # just before it began; or in a worker that was lost, and it begins again
            self.future.client.loop.add_callback(self.future.cancel)
            self.future.client.loop.add_callback(self._ask_worker, worker)
        self.notify_listeners()

    def lose_worker(self) -> None:
        """Note that the worker is gone; Dask will run the call elsewhere, or give up."""
        self.context.handle_message({"fraction": None, "message": "Its worker was lost while it ran."})  # type: ignore[attr-defined]
        self.worker = None
        self._leave()
        self.notify_listeners()

    def _leave(self) -> None:
        """Note that the function does not run any more, of which Dask tells nothing once the task is cancelled."""
        if self.future.status == "cancelled":
            self.worker = None
            self._ended(self)
            self.notify_listeners()

    def _look_for_end(self) -> JobState | None:
        """The state if it is final as far as is known here."""
        status = self.future.status
        if status == "finished":
            return JobState.DONE
        if status == "error" and self._error is not None:
            return JobState.CANCELLED if isinstance(self._error, JobCancelled) else JobState.ERROR
        if status != "cancelled":
            return None
        if (loss := why_lost(self.future.client, self._error)) is not None:
            self._error = loss
            return JobState.ERROR
        return None if self._unconfirmed or self.worker is not None else JobState.CANCELLED

    def _take_outcome(self, future: Future[Any]) -> None:
        """Called on Dask's thread for callbacks."""
        self.end_output()
        if future.status != "finished":
            try:
                future.result(timeout=5)
            except BaseException as error:  # noqa: BLE001  (it is raised where the result is asked for)
                self._error = _from_function(error)
        if future.status == "cancelled" and (worker := self.worker) is not None:
            self.context.cancelled = True  # whoever cancelled it; now the card says when it stops
            future.client.loop.add_callback(self._ask_worker, worker)
        elif not self._unconfirmed:
            self.state()  # is kept from now on: once the client is closed, Dask calls everything cancelled
            self._ended(self)
        self.notify_listeners()

    async def _confirm(self) -> None:
        """Wait until the scheduler has forgotten the task, and no worker tells that it had begun before."""
        client, key = self.future.client, self.future.key
        known = None
        with contextlib.suppress(OSError, AttributeError):  # the client was closed meanwhile
            known = (await client.scheduler.get_task_status(keys=[key]))[key]
        if known is not None:
            client.loop.call_later(CONFIRM_SECONDS, self._confirm)
            return
        self._unconfirmed = False
        if self.worker is None:
            self._ended(self)
            self.notify_listeners()

    async def _ask_worker(self, worker: str) -> None:
        """Have the worker ask the function to stop; if it does not run there any more, nothing else would tell so."""
        answers: dict[str, bool] = {}
        with contextlib.suppress(OSError, AttributeError):  # the worker is lost, or the client closed, meanwhile
            answers = await self.future.client.run(stop, self.future.key, workers=[worker], on_error="ignore")
        if not answers.get(worker) and self.worker == worker:
            self._leave()


class DaskEngine(Engine):
    """Runs calls on the workers of a Dask cluster. primwidgets and cloudpickle have to be installed there.

    Args:
        client: the connection to the cluster.
        **options: keywords of ``Client.submit`` for all calls, such as ``workers``, ``resources`` or ``priority``.

    Raises:
        EngineError: the client is asynchronous.
    """

    def __init__(self, client: Client, **options: Any) -> None:
        if client.asynchronous:
            raise EngineError(
                "This Dask client is asynchronous, so its event loop stands still while a cell runs. "
                "Make one without asynchronous=True: Client(address)."
            )
        self._client = client
        self._options = options
        self._inbox: _Inbox = vars(client).setdefault("_primwidgets_inbox", _Inbox())  # lives as long as the client

    @override
    def start(self, task: FunctionCall) -> DaskJob:
        """Submit ``task`` to the cluster.

        Raises:
            EngineError: the call cannot be pickled, or the client is closed.
        """
        job = DaskJob(task)
        call = RemoteCall(task, DaskChannel(self._inbox.topic, job.job_id()))
        if self._client.status not in ("running", "connecting"):
            raise EngineError(f"This Dask client is {self._client.status}. Make a new one: Client(address).")
        self._inbox.open(self._client, job)
        try:
            future = self._client.submit(call, key=f"{task.name}-{job.job_id()}", pure=False, **self._options)
        except BaseException:
            self._inbox.close(self._client, job)
            raise
        job.follow(future, lambda job: self._inbox.close(self._client, job))
        return job


class _Inbox:
    """What the workers tell the jobs of one client, which are kept here until they end.

    A client has one handler per topic, so there is one inbox per client.
    """

    def __init__(self) -> None:
        self.topic = f"primwidgets-{uuid4().hex}"
        self._jobs: dict[str, DaskJob] = {}
        self._workers: dict[str, Callable[[object], None]] = {}
        self._lock = threading.Lock()

    def open(self, client: Client, job: DaskJob) -> None:
        """Take in a message about ``job``."""
        with self._lock:
            if not self._jobs:
                client.subscribe_topic(self.topic, lambda event: self._handle_message(client, event))
            self._jobs[job.job_id()] = job

    def close(self, client: Client, job: DaskJob) -> None:
        """Let go of ``job``, and of Dask's topics when it was the last."""
        with self._lock:
            if self._jobs.pop(job.job_id(), None) is None or self._jobs:
                return
            with contextlib.suppress(Exception):  # the client may be closed
                client.unsubscribe_topic(self.topic)
                while self._workers:
                    client.unsubscribe_topic(self._workers.popitem()[0])

    def _handle_message(self, client: Client, event: object) -> None:
        match event:
            case (_, {"job": str(name), "worker": str(worker), **told}) if name in self._jobs:
                message = {str(key): value for key, value in told.items()} | {"worker": worker}
                if "started" in message:
                    self._watch_worker(client, worker)
                self._jobs[name].handle_message(message)

    def _watch_worker(self, client: Client, address: str) -> None:
        """Have the loss of a worker told, which the scheduler does under the worker's address."""

        def handle_message(event: object) -> None:
            match event:
                case (_, {"action": "remove-worker"}):
                    self._lose_worker(client, address)

        with self._lock:
            if address in self._workers or not self._jobs:
                return
            self._workers[address] = handle_message
            client.subscribe_topic(address, handle_message)

    def _lose_worker(self, client: Client, address: str) -> None:
        with self._lock:
            if self._workers.pop(address, None) is not None:
                client.unsubscribe_topic(address)
            lost = [job for job in self._jobs.values() if job.worker == address]
        for job in lost:
            job.lose_worker()


def _from_function(error: BaseException) -> BaseException:
    """``error`` with a traceback that begins in the user's function."""
    trace = error.__traceback__
    while trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith(
        ("distributed", "primwidgets")
    ):
        trace = trace.tb_next
    return error if trace is None else error.with_traceback(trace)
