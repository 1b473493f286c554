"""A real redis-server, and the workers on it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.providers.work import PATIENCE

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL
    )
    client: Any = redis.Redis(port=port)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            client.ping()
            break
        except redis.ConnectionError:
            assert time.monotonic() < end, "redis-server does not answer"
            time.sleep(0.05)
    client.close()
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(PATIENCE)


def start_worker(*command: str, **variables: str) -> subprocess.Popen[bytes]:
    """A worker's process, run with this interpreter."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.Popen([sys.executable, "-m", *command], env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
