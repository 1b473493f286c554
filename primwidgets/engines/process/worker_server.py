"""Runs in a worker process: executes the calls that the kernel sends, one after the other."""

from __future__ import annotations

import contextlib
import ctypes
import json
import multiprocessing
import os
import pickle
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from multiprocessing import connection as pipes
from multiprocessing.connection import Connection
from typing import Any, Final

from typing_extensions import override

from primwidgets._progress.track import CallContext
from primwidgets._runtime import after_fork_in_child
from primwidgets._threads import start_daemon
from primwidgets.engines._remote.call import Channel, Message
from primwidgets.engines._remote.pickled import PickledOutcome, pickled_error
from primwidgets.engines.process import frames
from primwidgets.engines.process.frames import FrameReader, packed, pieces, read_some, split_number, write_some
from primwidgets.errors import EngineError

#: Environment variables that numerical libraries read when they are loaded.
_THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Nesting:
    """Nesting level of this process among worker processes that start worker processes; 0 in the kernel."""

    level = 0


def run_worker(connection: Connection, depth: int, threads: int, output: Connection | None = None) -> None:
    """Serve calls until the kernel closes the pipe.

    Args:
        connection: this end of the pipe to the kernel.
        depth: see ``Nesting``.
        threads: number of threads for numerical libraries, unless the user has set it: with one thread per processor
            in each worker, most of them would only spin.
        output: the file that takes what this process prints past Python's streams; see ``RawOutput``.
    """
    if output is not None:
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
        output.close()
    Nesting.level = depth
    for variable in _THREAD_VARIABLES:
        os.environ.setdefault(variable, str(threads))
    _prepare_signals()
    _end_with_parent()
    server = WorkerServer(connection, captures_all=output is not None)
    _Current.server = server
    server.serve()


class WorkerServer:
    """Receives calls and cancels on a thread of its own, and executes the calls on the main thread.

    Args:
        connection: this end of the pipe.
        captures_all: whether all that this process prints gets to the log of its call.
    """

    def __init__(self, connection: Connection, *, captures_all: bool = False) -> None:
        self._captures_all = captures_all
        self._connection = connection
        self._process = os.getpid()
        self._calls: queue.SimpleQueue[tuple[int, bytes] | None] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._number: int | None = None
        self._context: CallContext | None = None
        self._lock = threading.Lock()
        self._sending = threading.Lock()

    def serve(self) -> None:
        """Execute calls until the kernel closes the pipe."""
        start_daemon("pipe", self._receive_loop, Context())
        self._send(frames.READY)
        while (call := self._calls.get()) is not None:
            self._carry_out(*call)
            del call  # an idle worker must not keep arguments alive

    @contextlib.contextmanager
    def attached(self, context: CallContext) -> Iterator[Callable[[Message], None]]:
        """Deliver cancels of the current call to ``context`` in here; yields the function that sends its messages."""
        with self._lock:
            self._context, number = context, self._number
            context.cancelled = number in self._cancelled
            context.captures_programs = not self._captures_all
        try:
            yield lambda message: self._tell(number, message)
        finally:
            with self._lock:
                self._context = None

    def reset_after_fork(self) -> None:
        """In a child forked by the function: another thread may have held the locks."""
        self._lock, self._sending = threading.Lock(), threading.Lock()

    def _receive_loop(self) -> None:
        reader = FrameReader()
        with contextlib.suppress(EOFError, OSError):
            while True:
                for kind, payload in reader.feed(read_some(self._connection)):
                    number, rest = split_number(payload)
                    if kind == frames.CALL:
                        self._calls.put((number, bytes(rest)))
                    elif kind == frames.CANCEL:
                        self._cancel(number)
                    del payload, rest
        self._calls.put(None)

    def _cancel(self, number: int) -> None:
        with self._lock:
            self._cancelled.add(number)
            if number == self._number and self._context is not None:
                self._context.cancelled = True

    def _carry_out(self, number: int, data: bytes) -> None:
        with self._lock:
            self._number = number
        try:
            outcome: PickledOutcome = pickle.loads(data)()
        except BaseException as error:  # noqa: BLE001  (the call itself never raises; here it could not be unpickled)
            outcome = pickled_error(EngineError(f"The call did not reach its process: {type(error).__name__}: {error}"))
        _flush()
        if os.getpid() != self._process:
            _end_forked_child(outcome)
        self._send_outcome(number, outcome)
        with self._lock:
            self._number = None
            self._cancelled.discard(number)

    def _send_outcome(self, number: int, outcome: PickledOutcome) -> None:
        trace = outcome.trace.encode(errors="replace")
        for data in (memoryview(trace), memoryview(outcome.data)):
            for piece in pieces(data):
                self._send(frames.OUTCOME_PIECE, piece)
        head = {"call": number, "failed": outcome.failed, "trace": len(trace)}
        self._send(frames.OUTCOME, json.dumps(head).encode())

    def _tell(self, number: int | None, message: Message) -> None:
        if self._captures_all and "printed" in message:
            with contextlib.suppress(OSError):  # the function may have closed it
                message = {**message, "raw": os.fstat(1).st_size}
        for part in _in_pieces(message):
            self._send(frames.MESSAGE, json.dumps({"call": number, **part}).encode())

    def _send(self, kind: bytes, payload: bytes | memoryview = b"") -> None:
        data = memoryview(packed(kind, payload))
        with self._sending, contextlib.suppress(OSError):  # the kernel has ended, and this process will
            while data:
                data = data[write_some(self._connection, data) :]


class PipeChannel(Channel):
    """The ``Channel`` of a call in a worker process; it is the same for all calls, since there is one at a time.

    Attributes:
        prompt: see ``Channel``.
    """

    prompt = True

    @override
    def open(self, context: CallContext) -> contextlib.AbstractContextManager[Callable[[Message], None]]:
        assert _Current.server is not None, "Only a worker process opens this channel."
        return _Current.server.attached(context)


class _Current:
    """The server of this process, in a worker."""

    server: WorkerServer | None = None


def _in_child() -> None:
    if _Current.server is not None:
        _Current.server.reset_after_fork()


after_fork_in_child(_in_child)


def _in_pieces(message: Message) -> Iterator[dict[str, Any]]:
    """Split ``message`` into messages that fit into a frame each."""
    printed = message.get("printed")
    if isinstance(printed, str):
        for start in range(0, len(printed), frames.PIECE_CHARACTERS):
            yield {**message, "printed": printed[start : start + frames.PIECE_CHARACTERS]}
    else:
        most = frames.PIECE_CHARACTERS
        yield {key: value[:most] if isinstance(value, str) else value for key, value in message.items()}


def _flush() -> None:
    """Write out what the function printed past Python's streams, while it is known whose it is."""
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):  # the function may have closed them
            stream.buffer.flush()  # type: ignore[union-attr]
    with contextlib.suppress(Exception):
        c_library = ctypes.CDLL(None)
        c_library.fflush(ctypes.c_void_p.in_dll(c_library, "stdout"))


def _end_forked_child(outcome: PickledOutcome) -> None:
    """The function has forked this process, and returned in it: the outcome of the call is that of the parent."""
    code: object = int(outcome.failed)
    with contextlib.suppress(Exception):
        error = pickle.loads(outcome.data)
        is_exit = outcome.failed and isinstance(error, SystemExit)
        code = error.code if is_exit else code
        os.write(2, b"" if is_exit else outcome.trace.encode(errors="replace"))
    os._exit(code if isinstance(code, int) else int(code is not None))


def _prepare_signals() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):  # it was blocked while this process started
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    with contextlib.suppress(AttributeError, OSError):
        os.setpgid(0, 0)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        _have_signal_at_end(parent.sentinel)
        threading.Thread(target=_end_with, args=(parent.sentinel,), name="primwidgets-parent", daemon=True).start()


def _end_with(sentinel: Any) -> None:
    pipes.wait([sentinel])
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _have_signal_at_end(sentinel: Any) -> None:
    """Have SIGIO end this process with its parent even while C code blocks the other thread. POSIX only."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)
