"""The kernel's side of one worker process."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
from multiprocessing import connection as pipes
from typing import Any

from primwidgets.engines._remote.pickled import PickledOutcome
from primwidgets.engines.process import frames
from primwidgets.engines.process.connection import WorkerConnection
from primwidgets.engines.process.frames import BrokenFrame, Frame
from primwidgets.engines.process.job import ProcessJob
from primwidgets.engines.process.raw_output import raw_output
from primwidgets.engines.process.spawning import WorkerProcess
from primwidgets.engines.process.worker_server import Nesting, run_worker

#: Maximum number of reads from the pipe of a worker that has ended.
_LAST_READS = 1_000


class Worker:
    """A worker process, its connection, and the call that it carries out. Used on the thread of the pool.

    Args:
        threads: see ``run_worker``.

    Raises:
        OSError: the system refuses another process.

    Attributes:
        is_ready: whether it has started successfully.
        was_ready: whether the pool has noticed that.
        job: the call that it carries out; ``None`` while it is idle.
        stop_at: when it is to be killed because its call was cancelled, in monotonic seconds.
        exited_at: when it was killed or appeared to have ended, in monotonic seconds.
        check_at: when to check next that the process exists, in monotonic seconds.
        is_killed: whether it was killed because its call was cancelled, or because it was idle.
    """

    def __init__(self, threads: int) -> None:
        output: Any = None
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        try:
            self._output = raw_output()
            output = None if self._output is None else self._output.connection()
            self.process = WorkerProcess(target=run_worker, args=(theirs, Nesting.level + 1, threads, output))
            self.process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
            if output is not None:
                output.close()
        self.connection = WorkerConnection(ours)
        self.is_ready = self.was_ready = False
        self.job: ProcessJob | None = None
        self.stop_at: float | None = None
        self.exited_at: float | None = None
        self.check_at = 0.0
        self.is_killed = False
        self._pieces = bytearray()

    @property
    def is_idle(self) -> bool:
        """Whether it can take a call."""
        return self.is_ready and self.job is None and self.exited_at is None

    def assign(self, job: ProcessJob, call: bytes) -> None:
        """Send it a call."""
        self.job, self.stop_at = job, None
        job.pid = self.process.pid
        if self._output is not None:
            self._output.begin(job.context)
        self._pieces = bytearray()
        self.connection.send(frames.CALL, frames.number_bytes(job.number) + call)

    def request_stop(self) -> None:
        """Ask the call to stop."""
        if self.job is not None:
            self.connection.send(frames.CANCEL, frames.number_bytes(self.job.number))

    def receive(self) -> PickledOutcome | None:
        """Handle its messages; the outcome of its call, if it has arrived.

        Raises:
            EOFError: it closed the pipe.
            OSError: the pipe is broken.
            BrokenFrame: it sent malformed data.
        """
        outcome = None
        for frame in self.connection.receive():
            outcome = self._take(frame) or outcome
        if outcome is not None and self._output is not None:
            self._output.end()
        return outcome

    def drain(self) -> PickledOutcome | None:
        """Read what a worker that has ended left in the pipe; its outcome, if that is there."""
        with contextlib.suppress(EOFError, OSError, BrokenFrame):
            for _ in range(_LAST_READS):
                if not pipes.wait([self.connection.pipe], 0):
                    break
                if (outcome := self.receive()) is not None:
                    return outcome
        return None

    def kill(self) -> None:
        """Kill the process and its children."""
        self.process.terminate()

    def close(self) -> None:
        """Close the connection, and the file with its output."""
        self.connection.close()
        if self._output is not None:
            self._output.close()

    def _take(self, frame: Frame) -> PickledOutcome | None:
        kind, payload = frame
        if kind == frames.READY:
            self.is_ready = True
        elif kind == frames.OUTCOME_PIECE:
            self._pieces += payload
        elif self.job is not None and (message := _parsed(payload)).pop("call", None) == self.job.number:
            if kind == frames.OUTCOME:
                return self._outcome(message)
            self.job.handle_message(message)
        return None

    def _outcome(self, head: dict[str, Any]) -> PickledOutcome:
        trace, pieces, self._pieces = head.get("trace"), self._pieces, bytearray()
        if not isinstance(trace, int):
            raise BrokenFrame("An outcome without a head arrived.")
        text = pieces[:trace].decode()
        del pieces[:trace]  # which copies nothing
        return PickledOutcome(pieces, bool(head.get("failed")), text, connected=True)


def _parsed(payload: memoryview) -> dict[str, Any]:
    try:
        message = json.loads(bytes(payload))
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
