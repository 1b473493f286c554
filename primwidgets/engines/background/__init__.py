"""Calls that outlive the kernel: a service of the user's own runs them, and any later kernel finds them again.

``engine`` is the interface to the rest of primwidgets. ``files`` is the directory of a job, which is all that kernels
and workers share. ``service`` is the process that takes calls from a queue (``huey`` with SQLite) and starts one
``runner`` process for each. ``job`` follows a call from a kernel; ``watcher`` is the thread that reads the files of all
jobs.
"""

from primwidgets.engines.background import requirements  # isort: skip  # says clearly what is missing
from primwidgets.engines.background.engine import BackgroundEngine, background_jobs, find_background_job, stop_service
from primwidgets.engines.background.job import BackgroundJob

__all__ = [
    "BackgroundEngine",
    "BackgroundJob",
    "background_jobs",
    "find_background_job",
    "requirements",
    "stop_service",
]
