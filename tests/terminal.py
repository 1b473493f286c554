"""Runs scripts on a terminal, as a person does in a shell."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

#: Longer than any step takes, in seconds.
PATIENCE: Final = 120.0
#: What begins each drawing of a line.
WIPE: Final = "\r\x1b[2K"
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    """A script on a terminal of its own, and what it has shown so far."""

    def __init__(self, script: subprocess.Popen[bytes], master: int) -> None:
        self.script = script
        self.written = ""
        self._master = master

    @property
    def text(self) -> str:
        """What was written, without colours, with plain line ends."""
        return _COLOURS.sub("", self.written).replace("\r\n", "\n")

    @property
    def screen(self) -> list[str]:
        """The lines that are on the screen now."""
        return [line.rpartition(WIPE)[2] for line in self.text.split("\n")]

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Receive until ``condition`` holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert self._receive(deadline), f"it did not come; there is {self.text!r}"

    def wait_for_end(self) -> str:
        """Receive everything to the end; what was written."""
        while self._receive(time.monotonic() + PATIENCE):
            pass
        self.script.wait(PATIENCE)
        return self.text

    def type(self, text: str) -> None:
        """Press keys; ``"\\x03"`` is Ctrl-C."""
        os.write(self._master, text.encode())

    def _receive(self, deadline: float) -> bool:
        if not select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # so Linux tells that nobody has the other end any more
            return False
        self.written += data.decode()
        return bool(data)


@contextlib.contextmanager
def on_terminal(path: Path, script: str, columns: int = 100) -> Iterator[Terminal]:
    """Run ``script`` as a file on a terminal; it is ended afterwards."""
    (file := path / "script.py").write_text(script, "utf-8")
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color"}
    started = subprocess.Popen(
        [sys.executable, str(file)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # else Ctrl-C is no signal
    )
    os.close(slave)
    try:
        yield Terminal(started, master)
    finally:
        started.kill()
        started.wait(PATIENCE)
        os.close(master)
