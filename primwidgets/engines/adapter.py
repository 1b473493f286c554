"""Adapter for the calls that primwidgets runs on its engines."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets._progress.terminal_text import as_on_a_terminal
from primwidgets._progress.track import Progress, current_context
from primwidgets.adapters._common.describe import describe_error
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters.base import Adapter, Metrics, Pace
from primwidgets.engines.argument_sizes import sizes_of
from primwidgets.engines.base import FunctionJob
from primwidgets.series import Series
from primwidgets.snapshot import LOG_LIMIT, TAGS, JobError, JobSnapshot, JobState, RunSummary

#: Characters from the end of the printed text that are rendered: more than is shown, since carriage returns may
#: overwrite most of it.
_LOG_LOOKED_AT: Final = 8 * LOG_LIMIT
#: Seconds between two looks at the printed text of a running call, since each sends all of the shown text anew.
_LOG_SECONDS: Final = 0.25
#: Likewise for the numbers that were reported.
_SERIES_SECONDS: Final = 0.25


class FunctionJobAdapter(Adapter["FunctionJob[Any]"]):
    """A call of a function. Its start and its end are pushed; its progress is polled."""

    provider = "Local threads"
    blocking: ClassVar[bool] = False
    pace = Pace(first=0.1, ceiling=0.5)
    pushed: ClassVar[frozenset[JobState]] = frozenset({JobState.INITIALIZING, JobState.QUEUED})

    def __init__(self, job: FunctionJob[Any]) -> None:
        super().__init__(job)
        self.provider = job.engine
        self.title = job.name or None
        self.remote = job.remote
        self.holds_result = job.holds_result
        if not job.pushes_start:
            self.pushed = frozenset({JobState.INITIALIZING})  # type: ignore[misc]  # as this job has it
        if (recipe := job.recipe) is not None:
            self.run = RunSummary(recipe.number, recipe.repeats)
        self._log_read_at = self._series_read_at = -math.inf

    @override
    def job_id(self) -> str:
        return self.job.job_id()

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        job, state = self.job, self.job.state()
        starts_at, attempts = job.starts_at, job.attempts
        # What the last attempt said is over once the next one is planned.
        progress = job.context.progress() if starts_at is None else Progress()
        position = job.queue_position if state is JobState.QUEUED else None
        return last.evolve(
            state=state,
            status_text=state.value.lower(),
            backend=job.context.place,
            progress=progress.fraction,
            progress_text=progress.text,
            rate=progress.rate if state is JobState.RUNNING else None,
            estimated_end_at=progress.ends_at if state is JobState.RUNNING else None,
            message=progress.message,
            log=self._log(last.log, final=state.is_final),
            series=self._series(last.series, final=state.is_final),
            queue_position=None if position is None else str(position),
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.context.ended_at if state.is_final else last.finished_at,
            error=last.error or self._error() if state is JobState.ERROR else None,
            can_cancel=not state.is_final and (state is JobState.QUEUED or job.cannot_stop is None),
            cancel_detail=self._cancel_detail(state),
            can_preview=state is JobState.DONE,
            metadata={**last.metadata, TAGS: ", ".join(job.tags)} if job.tags else last.metadata,
            attempts=attempts,
            # Between two attempts a call is queued again, and its first time in the queue is not known any more.
            queued_at=last.queued_at if attempts is None else job.created_at,
            estimated_start_at=starts_at if state is JobState.QUEUED else None,
        )

    @override
    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        end = self.job.add_listener(changed)
        if self.job.in_final_state():  # meanwhile
            changed()
        return end

    @override
    @property
    def is_caller(self) -> bool:
        return current_context() is self.job.context and not self.job.in_final_state()

    @override
    def when_ended(self, ended: Callable[[], None]) -> bool:
        future = getattr(self.job, "future", None)
        if future is None:
            return False
        future.add_done_callback(lambda _: ended())
        return True

    @override
    def run_again(self, uid: str) -> FunctionJob[Any]:
        if self.job.recipe is not None:
            return self.job.recipe.after(uid).start()
        if self.run is None:
            return super().run_again(uid)  # type: ignore[no-any-return]  # it raises
        raise TypeError(
            "The arguments of this call are not kept any more: settings.kept_arguments says how many megabytes are."
        )

    @override
    def call_sizes(self) -> Mapping[int, int]:
        return {} if self.job.recipe is None else sizes_of(self.job.recipe.call)

    @override
    def forget_call(self) -> None:
        self.job.recipe = None

    @override
    def locate(self) -> Mapping[str, str] | None:
        return self.job.locator()

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        return preview_result(result, lambda: self.job.pubs)  # type: ignore[attr-defined]  # only some have them

    @override
    def metrics(self) -> Metrics:
        return self.job.context.series.columns()

    def _series(self, last: Sequence[Series], *, final: bool) -> Sequence[Series]:
        recorder = self.job.context.series
        now = time.monotonic()
        if not recorder or (not final and now < self._series_read_at + _SERIES_SECONDS):
            return last
        self._series_read_at = now
        return recorder.views()

    def _log(self, last: str | None, *, final: bool) -> str | None:
        now = time.monotonic()
        if not final and now < self._log_read_at + _LOG_SECONDS:
            return last
        self._log_read_at = now
        printed = self.job.context.log_tail(_LOG_LOOKED_AT)
        return None if printed is None else as_on_a_terminal(printed[-_LOG_LOOKED_AT:])[-LOG_LIMIT - 1 :]

    def _error(self) -> JobError | None:
        error = self.job.exception_now()
        return None if error is None else describe_error(error)

    def _cancel_detail(self, state: JobState) -> str | None:
        if state is not JobState.RUNNING:
            return None
        return self.job.stops_when if self.job.context.cancelled else self.job.cannot_stop
