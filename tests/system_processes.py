"""Processes as the system knows them."""

from __future__ import annotations

import psutil

from tests.monitored import wait_until


def await_end(*processes: psutil.Process) -> None:
    """Block until the system knows none of them any more; looking alone takes no exit code away from their parent."""
    wait_until(lambda: not any(process.is_running() for process in processes))
