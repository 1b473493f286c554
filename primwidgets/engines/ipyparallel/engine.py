"""Functions on an ipyparallel cluster: pass a load-balanced view, a client, or the view of one engine."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextvars import Context
from typing import Any, ClassVar, Final
from weakref import WeakKeyDictionary, WeakSet

from ipyparallel import Client, DirectView
from ipyparallel.client.view import ViewExecutor
from ipyparallel.error import NoEnginesRegistered, RemoteError, TaskAborted
from typing_extensions import override

from primwidgets._progress.terminal_text import as_on_a_terminal
from primwidgets._threads import start_daemon
from primwidgets.engines._remote.call import RemoteContext
from primwidgets.engines._remote.pickled import PickledOutcome, RemoteTraceback
from primwidgets.engines.base import Engine, FunctionCall, FutureJob
from primwidgets.engines.ipyparallel.worker import DATA_KEY, EngineCall
from primwidgets.errors import EngineError, JobCancelled, WorkerDied


class IPyParallelEngine(Engine):
    """Runs calls on the engines of a cluster.

    Settings of the view (``targets``, ``retries``, ``after``, …) apply to the calls.

    Args:
        target: a ``LoadBalancedView``; a ``Client``, which stands for all its engines; the ``executor`` of a view; or
            a ``DirectView`` of one engine.

    Raises:
        EngineError: it is a view that runs each call on several engines.
    """

    def __init__(self, target: Any) -> None:
        self._view = _view_for_one_call(target)
        with _making_connections:
            self._connection = _connections.setdefault(self._view.client, _Connection(self._view.client))

    @override
    def start(self, task: FunctionCall) -> IPyParallelJob:
        return IPyParallelJob(task, self._view, self._connection)


class IPyParallelJob(FutureJob[Any]):
    """A call on some engine of a cluster.

    A cancel removes a queued call, or reaches the engine that runs it. That engine interrupts the call, if it does not
    reach a ``track`` or ``report`` soon, and no other call (for the limits see ``Stopper``). A call that was removed
    from the queue stays CANCELLED; if an engine that joins later starts it, it is stopped there.
    """

    engine: ClassVar[str] = "ipyparallel"
    stops_when: ClassVar[str | None] = "It stops at its next track() or report(), or is interrupted."

    def __init__(self, task: FunctionCall, view: Any, connection: _Connection) -> None:
        self._remote_context = _NumberedContext()
        super().__init__(task, self._remote_context)
        self.follow(Future())
        self._client = view.client
        self._targets = view.targets
        self._connection = connection
        self._receive_lock = threading.Lock()
        self._call: Any = connection.send(self, EngineCall(task), view)
        # Callbacks are called on the client's own thread, for each message about the call and for its outcome. The
        # first kind has no public name; it is what ``AsyncResult.stream_output`` uses.
        for message in self._call._children:
            message.iopub_callbacks.append(lambda _: self._handle_message())
        self._handle_message()  # what came meanwhile
        self._call.add_done_callback(self._take_reply)

    @override
    def cancel(self) -> bool:
        """One that runs is asked to stop, and interrupted half a second later."""
        if self.future.done():
            return False
        self.context.cancelled = True
        try:
            acknowledged = self._abort()
        except _NOBODY_THERE:
            return self._leave_queue()
        if acknowledged is not None:
            acknowledged.add_done_callback(lambda _: self._leave_queue())
        return True

    def lose(self) -> None:
        """Fail the call, since no more messages about it can arrive."""
        reason = "The connection to the cluster was closed; what became of the call is unknown."
        self._end(error=EngineError(reason))

    def _abort(self) -> Future[Any] | None:
        """Have the engines drop the call, or stop it; returns what is done when they have noted that."""
        call = self._call
        if call is None:
            return None
        # Of a call that is tried again elsewhere, ipyparallel goes on to name the engine that died.
        engine_id = call.metadata["engine_id"]
        with self._connection.sending:
            noted: Future[Any] = self._client.abort(
                call, targets=engine_id if engine_id in self._client.ids else self._targets, block=False
            )
        return noted

    def _leave_queue(self) -> bool:
        """Be cancelled, unless some engine has begun the call: then that tells how it ends."""
        call = self._call
        return call is not None and call.metadata["engine_id"] is None and self.future.cancel()

    def _handle_message(self) -> None:
        call = self._call
        if call is None:
            return
        with self._receive_lock:
            before = self.context.started_at
            self._remote_context.handle_message(call.metadata["data"].get(DATA_KEY))
            began = self.context.started_at != before
        if began and self.future.cancelled():  # on an engine that joined after the others were notified
            with contextlib.suppress(*_NOBODY_THERE):
                self._abort()
        elif began:
            self.notify_listeners()

    def _take_reply(self, call: Any) -> None:
        error = call.exception()
        if isinstance(error, TaskAborted):
            self.future.cancel()
            self._call = None
        elif error is not None:
            self._end(error=_failure(error, self.name, self.context.place))
        else:
            try:
                self._take_outcome(call.result())
            except Exception as unknown:  # noqa: BLE001  (the job must not wait for ever)
                self._end(error=EngineError(f"The engine replied in an unknown form: {unknown!r}"))

    def _take_outcome(self, reply: tuple[PickledOutcome, Sequence[object]]) -> None:
        pickled, messages = reply
        for message in messages:
            self._remote_context.handle_message(message)
        result, error = pickled.open()
        if isinstance(error, KeyboardInterrupt):  # just before, or after, the function itself
            error = JobCancelled("The job was interrupted.")
        self._end(result, error=error)

    def _end(self, result: Any = None, *, error: BaseException | None = None) -> None:
        self._call = None  # it holds what was sent and received
        self.end_output()
        with contextlib.suppress(InvalidStateError):  # cancelled while it was in the queue
            if error is None:
                self.future.set_result(result)
            else:
                self.future.set_exception(error)


class _NumberedContext(RemoteContext):
    """Hears each message once: the reply repeats the last ones, and a call may be begun again on another engine."""

    def __init__(self) -> None:
        super().__init__()
        self._attempt: object = None
        self._number = 0

    @override
    def handle_message(self, message: object) -> None:
        if not isinstance(message, Mapping) or not isinstance(number := message.get("number"), int):
            return
        if message.get("attempt") != self._attempt:
            self._attempt, self._number = message.get("attempt"), 0
        if number > self._number:
            self._number = number
            super().handle_message(message.get("message"))


class _Connection:
    """What the jobs of one client share.

    Attributes:
        sending: held while something is sent: ipyparallel gives two messages the same id if two threads send at once.
    """

    def __init__(self, client: Any) -> None:
        self.sending = threading.Lock()
        self._jobs: WeakSet[IPyParallelJob] = WeakSet()
        self._io_thread: threading.Thread | None = getattr(client, "_io_thread", None)
        self._watched = False

    def send(self, job: IPyParallelJob, engine_call: EngineCall, view: Any) -> Any:
        """Submit ``engine_call`` to a view; ``job`` fails if the client is closed before the reply.

        Raises:
            EngineError: the cluster does not take it.
        """
        with self.sending:
            try:
                call = view.apply_async(engine_call)
            except Exception as error:
                raise EngineError(f"The cluster did not take {job.name}: {error}") from error
            self._jobs.add(job)
            if not self._watched and self._io_thread is not None:
                start_daemon("ipyparallel", self._await_end, Context())
                self._watched = True
        return call

    def _await_end(self) -> None:
        """A closed client no longer delivers results and reports no end; its thread ends."""
        if self._io_thread is not None:
            self._io_thread.join()
        with self.sending:
            jobs = tuple(self._jobs)
        for job in jobs:
            job.lose()


#: What is raised if there is no engine, no longer that engine, or no connection.
_NOBODY_THERE: Final = (NoEnginesRegistered, LookupError, OSError)
_making_connections: Final = threading.Lock()
_connections: Final[WeakKeyDictionary[Any, _Connection]] = WeakKeyDictionary()


def _view_for_one_call(target: Any) -> Any:
    if isinstance(target, ViewExecutor):
        target = target.view
    if isinstance(target, Client):
        return target.load_balanced_view()
    if not isinstance(target, DirectView) or isinstance(target.targets, int):
        return target
    engines = target.client.ids if target.targets == "all" else list(target.targets)
    if len(engines) != 1 or type(target) is not DirectView:
        raise EngineError(
            f"This view runs each call on {len(engines)} engines, and a job is one call. "
            "Pass client.load_balanced_view(), or the view of one engine: client[0]."
        )
    return target.client[engines[0]]


def _failure(error: BaseException, name: str, place: str | None) -> BaseException:
    """What to raise for what ipyparallel itself reports: the function raises nothing that comes this way."""
    if not isinstance(error, RemoteError):
        return EngineError(f"{name} did not run: {error}")
    if error.ename == "EngineError":
        return WorkerDied(f"The engine died that ran {name}{f' ({place})' if place else ''}.")
    if error.ename == "KeyboardInterrupt":
        return JobCancelled("The job was interrupted.")
    reason = f"{name} did not run: {error.ename}: {error.evalue}"
    if error.ename in ("ModuleNotFoundError", "ImportError"):
        reason += " (primwidgets and cloudpickle have to be installed where the engines are)"
    failure = EngineError(reason)
    failure.__cause__ = RemoteTraceback(as_on_a_terminal(error.traceback or ""))
    return failure
