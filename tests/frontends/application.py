"""Runs one application on a server of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

APPS: Final = Path(__file__).parent / "apps"
_START_SECONDS: Final = 90.0
_ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Application:
    """A server that is up.

    Attributes:
        url: the page.
        log_file: what the server writes.
    """

    url: str
    log_file: Path

    @property
    def log(self) -> str:
        """What the server has written so far."""
        return self.log_file.read_text("utf-8", "replace")


@contextmanager
def application(command: list[str], page: str, folder: Path) -> Iterator[Application]:
    """Start ``command`` of the frontends' environment, with ``{port}`` filled in; ended afterwards."""
    programs = Path(os.environ["PRIMWIDGETS_FRONTENDS"]).absolute().parent
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log_file = folder / "server.log"
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(_ROOT)}
    argv = [str(programs / command[0]), *(part.format(port=port) for part in command[1:])]
    with log_file.open("wb") as log:
        process = subprocess.Popen(argv, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            application = Application(f"http://127.0.0.1:{port}{page}", log_file)
            _await_start(application, process)
            yield application
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()
            process.wait()


def _await_start(application: Application, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(application.url, timeout=240):
            return
        time.sleep(0.25)
    sys.stderr.write(application.log)
    raise AssertionError("The server did not start.")
