"""Worker processes on this machine, each with one pipe to the kernel.

``engine`` is the interface to the rest of primwidgets. ``pool`` owns the thread that manages all workers; a ``worker``
is a process (``spawning``) and the kernel's end of its pipe (``connection``). ``worker_server`` runs in the process.
"""

from primwidgets.engines.process.engine import IDLE_SECONDS, ProcessEngine
from primwidgets.engines.process.job import ProcessJob

__all__ = ["IDLE_SECONDS", "ProcessEngine", "ProcessJob"]
