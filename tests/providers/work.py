"""What the workers of other systems run: functions that wait for a file, and a file to let them go."""

from __future__ import annotations

import time
from pathlib import Path

PATIENCE = 60.0


def pass_gate(gate: str, value: int = 42) -> int:
    """Note the beginning beside the file ``gate``, wait until it exists, and return ``value``."""
    Path(f"{gate}.begun").touch()
    end = time.monotonic() + PATIENCE
    while not Path(gate).exists() and time.monotonic() < end:
        time.sleep(0.02)
    print("passed", flush=True)
    return value


def fail() -> None:
    """Fail as a user's function does."""
    raise ValueError("no such qubit")


class Gate:
    """A file that functions wait for."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gate"
        self._folder = folder

    def wait_for_beginning(self) -> None:
        """Block until a function waits at the gate."""
        _wait_for(Path(f"{self.path}.begun"))

    def open(self) -> None:
        """Let whoever waits go on."""
        self.path.touch()


def _wait_for(path: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not come"
        time.sleep(0.02)
