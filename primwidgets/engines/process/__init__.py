"""Worker processes on this machine, each with one pipe to the kernel.

``engine`` is what the rest of primwidgets sees. ``pool`` has the thread that looks after all ``worker``s; each of these
is a process (``spawning``) and the kernel's end of its pipe (``connection``). ``worker_server`` runs in the process.
"""

from primwidgets.engines.process.engine import IDLE_SECONDS, ProcessEngine
from primwidgets.engines.process.job import ProcessJob

__all__ = ["IDLE_SECONDS", "ProcessEngine", "ProcessJob"]
