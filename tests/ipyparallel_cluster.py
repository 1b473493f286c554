"""A real ipyparallel cluster, and how to wait for what its engines do."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from primwidgets.engines import FunctionJob
from primwidgets.snapshot import JobSnapshot, JobState
from tests.callers import HeardJob
from tests.monitored import PATIENCE

ENGINES: Final = 2


@contextmanager
def running_cluster(directory: Path) -> Iterator[Any]:
    """The client of a cluster of ``ENGINES`` engines, whose files are in ``directory``."""
    import ipyparallel

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(directory))
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[1]), prepend=os.pathsep)  # functions of the tests
        with ipyparallel.Cluster(n=ENGINES, log_level=50) as client:
            yield client


class Gate:
    """Lets functions in other processes go when a test says so: each waits for a byte from a named pipe."""

    def __init__(self, directory: Path) -> None:
        self.path = str(directory / "gate")
        os.mkfifo(self.path)
        self._pipe = os.open(self.path, os.O_RDWR)

    def open(self) -> None:
        """Let everybody go, also those who come later."""
        Path(f"{self.path}.open").touch()
        os.write(self._pipe, b"." * 100)

    def close(self) -> None:
        os.close(self._pipe)


def await_begun(result: Any) -> None:
    """Block until an engine was heard to have begun the calls of an ``AsyncResult``."""
    for message in result._children:
        heard = threading.Event()
        message.iopub_callbacks.append(lambda _, heard=heard: heard.set())
        assert message.output.metadata["engine_id"] is not None or heard.wait(PATIENCE)


def await_state(job: FunctionJob[Any], state: JobState) -> None:
    """Block until a call is in ``state``."""
    changed = threading.Event()
    end = job.add_listener(changed.set)
    while job.state() is not state:
        assert changed.wait(PATIENCE)
        changed.clear()
    end()


def await_card(job: HeardJob, wanted: Callable[[JobSnapshot], bool]) -> None:
    """Block until the card of ``job`` is, or was, as ``wanted``; it may have been so from the beginning."""
    if not wanted(job.snapshot):
        job.heard.await_one(wanted)
