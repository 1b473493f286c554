"""A background service with files of its own, which ends with the tests."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from primwidgets.engines.background import stop_service
from primwidgets.engines.background.service import IDLE_VARIABLE, WORKERS_VARIABLE, is_serving
from tests.monitored import wait_until


@contextlib.contextmanager
def own_service(data: Path, *, workers: int = 2, idle_seconds: float = 60.0) -> Iterator[None]:
    """In here, background calls use the data directory ``data``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_DATA_DIR", str(data))
        patch.setenv(WORKERS_VARIABLE, str(workers))
        patch.setenv(IDLE_VARIABLE, str(idle_seconds))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]))
        try:
            yield
        finally:
            wait_until(lambda: not is_serving() or stop_service(), patience=120.0)
            wait_until(lambda: not is_serving(), patience=120.0)
