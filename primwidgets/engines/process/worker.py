"""One worker process, as the kernel sees it."""

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
from primwidgets.engines.process.spawning import WorkerProcess
from primwidgets.engines.process.worker_server import Depth, run_worker

#: How much of what a worker said last is still read when it has ended, in reads.
_LAST_READS = 1_000


class Worker:
    """A worker process, its connection, and the call that it carries out. Used on the keeper's thread.

    Args:
        threads: see ``run_worker``.

    Raises:
        OSError: the system refuses another process.

    Attributes:
        is_ready: whether it has ever been able to take a call.
        was_ready: whether that is known to the pool.
        job: the call that it carries out; ``None`` while it is idle.
        stop_at: when it is to be killed because its call was cancelled, in monotonic seconds.
        gone_at: since when it has been killed, or has seemed to have ended, in monotonic seconds.
        look_at: when it is looked whether it still exists, in monotonic seconds.
        is_killed: whether it was killed because its call was cancelled, or because it was idle.
    """

    def __init__(self, threads: int) -> None:
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        try:
            self.process = WorkerProcess(target=run_worker, args=(theirs, Depth.here + 1, threads))
            self.process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self.connection = WorkerConnection(ours)
        self.is_ready = self.was_ready = False
        self.job: ProcessJob | None = None
        self.stop_at: float | None = None
        self.gone_at: float | None = None
        self.look_at = 0.0
        self.is_killed = False
        self._pieces = bytearray()

    @property
    def is_idle(self) -> bool:
        """Whether it can take a call."""
        return self.is_ready and self.job is None and self.gone_at is None

    def give(self, job: ProcessJob, call: bytes) -> None:
        """Have it carry out a call."""
        self.job, self.stop_at = job, None
        job.pid = self.process.pid
        self._pieces = bytearray()
        self.connection.send(frames.CALL, frames.number_bytes(job.number) + call)

    def ask_to_stop(self) -> None:
        """Ask the call to stop."""
        if self.job is not None:
            self.connection.send(frames.CANCEL, frames.number_bytes(self.job.number))

    def hear(self) -> PickledOutcome | None:
        """Take over what it says; the outcome of its call, if that has come.

        Raises:
            EOFError: it hung up.
            OSError: the pipe is broken.
            BrokenFrame: it talks nonsense.
        """
        outcome = None
        for frame in self.connection.receive():
            outcome = self._take(frame) or outcome
        return outcome

    def hear_the_last(self) -> PickledOutcome | None:
        """What is left to hear of one that has ended."""
        with contextlib.suppress(EOFError, OSError, BrokenFrame):
            for _ in range(_LAST_READS):
                if not pipes.wait([self.connection.pipe], 0):
                    break
                if (outcome := self.hear()) is not None:
                    return outcome
        return None

    def kill(self) -> None:
        """Kill the process, with what it started."""
        self.process.terminate()

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()

    def _take(self, frame: Frame) -> PickledOutcome | None:
        kind, payload = frame
        if kind == frames.READY:
            self.is_ready = True
        elif kind == frames.OUTCOME_PIECE:
            self._pieces += payload
        elif self.job is not None and (message := _parsed(payload)).pop("call", None) == self.job.number:
            if kind == frames.OUTCOME:
                return self._outcome(message)
            self.job.heard(message)
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
