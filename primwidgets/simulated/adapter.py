"""The provider for lessons and tests, ``primwidgets.simulated``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from typing_extensions import override

from primwidgets.adapters._common.describe import describe_metadata
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters.base import Adapter, Pace
from primwidgets.simulated import SimulatedJob, SimulatedStatus
from primwidgets.snapshot import JobError, JobSnapshot, JobState


class SimulatedAdapter(Adapter["SimulatedJob"]):
    """A simulated job. It is polled, as jobs of a cloud are; but asking costs nothing, so it is asked often."""

    provider = "Simulated"
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.1, ceiling=0.2)
    holds_result: bool = True

    def __init__(self, job: SimulatedJob) -> None:
        super().__init__(job)
        self.remote = job.remote

    @override
    def job_id(self) -> str:
        return self.job.job_id()

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        """Look at the script of the job.

        Raises:
            SimulatedOutage: the provider cannot be reached at the moment.
        """
        script, status = self.job.script, self.job.status()
        waiting = status.state is JobState.QUEUED
        return last.evolve(
            state=status.state,
            status_text=str(status),
            queue_position=None if status.queue_position is None else str(status.queue_position),
            progress=None if waiting else status.circuits_done / script.circuits,
            progress_text=None if waiting else f"{status.circuits_done} of {script.circuits} circuits",
            estimated_start_at=script.starts_at if waiting else None,
            created_at=script.submitted_at,
            queued_at=script.submitted_at if script.turns_at else None,
            started_at=_started_at(script.starts_at, status),
            finished_at=status.finished_at,
            error=self._error() if status.state is JobState.ERROR else None,
            can_cancel=not status.state.is_final,
            can_preview=status.state is JobState.DONE,
            metadata=describe_metadata(self.job.metadata),
        )

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result)

    def _error(self) -> JobError:
        return JobError("SimulatedFailure", self.job.error_message() or "")


def _started_at(starts_at: float, status: SimulatedStatus) -> float | None:
    never = status.state is JobState.QUEUED or (status.finished_at is not None and status.finished_at < starts_at)
    return None if never else starts_at
