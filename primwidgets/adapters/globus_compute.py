"""Futures of Globus Compute."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from primwidgets.adapters.concurrent_futures import FutureAdapter


class ComputeFutureAdapter(FutureAdapter):
    """A future of an endpoint's task. It tells the end alone, and a cancel of it reaches no endpoint."""

    provider = "Globus Compute"

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self.provider = "Globus Compute"

    @override
    def job_id(self) -> str:
        """The id of the task; a name of its own before the service has given one."""
        return str(self.job.task_id) if getattr(self.job, "task_id", None) else super().job_id()
