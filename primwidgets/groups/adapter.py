"""Groups, and collections of jobs, which become groups when they are wrapped."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from typing_extensions import override

from primwidgets._jupyter.enclosing_group import collecting
from primwidgets._jupyter.services import monitor
from primwidgets.adapters._common.refusals import explain, plain_collection
from primwidgets.adapters._common.results import preview_result
from primwidgets.adapters.base import Adapter, CancelReport
from primwidgets.errors import NotAJobError
from primwidgets.groups.group import Group
from primwidgets.groups.job_group import JobGroup
from primwidgets.groups.tally import Tally
from primwidgets.snapshot import GroupSummary, JobError, JobSnapshot, JobState

#: While a group is under way, the list of its members is made anew once in this many seconds; the counts always.
_LIST_SECONDS: Final = 0.5


class GroupAdapter(Adapter[Group]):
    """A group of jobs. Its members push their changes; reading it sends no request."""

    provider = "Group"
    blocking: ClassVar[bool] = False
    pushed: ClassVar[frozenset[JobState]] = frozenset({JobState.INITIALIZING, JobState.QUEUED, JobState.RUNNING})

    @override
    @classmethod
    def suits(cls, kind: type) -> bool:
        """A collection that is a job itself has an adapter of its own."""
        return issubclass(kind, Group) or not callable(getattr(kind, "result", None))

    def __init__(self, job: Any) -> None:
        super().__init__(job if isinstance(job, Group) else _group_of(job))
        self._told = False
        self._listed_at = -math.inf
        self._list_planned = False
        self._changed: Callable[[], None] | None = None

    @override
    @property
    def holds_result(self) -> bool:  # type: ignore[override]  # as the members have it
        """Whether the results of all members are here."""
        return all(member._wrapped.adapter.holds_result for member in self.job)

    @override
    def widget_class(self) -> type | None:
        return JobGroup

    @override
    def job_id(self) -> str:
        return self.job.job_id()

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        self._told = False  # a change from now on may be missed below, and is reported
        with self.job.tally() as tally:
            state = tally.state(is_open=self.job.is_open)
            can_cancel = tally.can_cancel and not state.is_final
            group = self._summary(tally, last.group, is_final=state.is_final)
            return last.evolve(
                state=state,
                backend=tally.place,
                remote=tally.remote,
                progress=None if self.job.is_open else tally.progress,
                progress_text=self.job.describe(group) if group.total else None,
                created_at=tally.created_at or self.job.created_at,
                started_at=tally.started_at,
                finished_at=tally.finished_at if state.is_final else None,
                can_cancel=can_cancel,
                cancel_detail=None if can_cancel or state.is_final else _NONE_TO_CANCEL,
                error=_error(tally) if state is JobState.ERROR else None,
                group=group,
                can_preview=self.job.shows_last_result and state is JobState.DONE and group.total > 0,
            )

    @override
    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        def tell() -> None:
            if not self._told:
                self._told = True
                changed()

        self._changed = changed
        return self.job.add_listener(tell)

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        return CancelReport(value=self.job.cancel(*args, **kwargs))

    @override
    def preview(self, result: Any) -> Mapping[str, Any] | None:
        """A picture of the last result, where the group shows that."""
        is_drawn = self.job.shows_last_result and isinstance(result, list) and result
        return preview_result(result[-1]) if is_drawn else None

    def members(self) -> tuple[Any, ...]:
        """The members, for code that walks groups in groups."""
        return tuple(self.job)

    def _summary(self, tally: Tally, last: GroupSummary | None, *, is_final: bool) -> GroupSummary:
        """The counts as they are now; the list of members is made anew if the last one is old, or lacks a failure."""
        now, is_open = time.monotonic(), self.job.is_open
        recent = now < self._listed_at + _LIST_SECONDS
        if last is None or is_final or not recent or last.failed != tally.count(JobState.ERROR):
            self._listed_at = now
            return tally.summary(is_open=is_open)
        counted = tally.counts(is_open=is_open, members=last.members)
        if counted != last and not self._list_planned:
            self._list_planned = True
            monitor().later(_LIST_SECONDS, self._list_again)
        return counted

    def _list_again(self) -> None:
        self._list_planned = False
        if (changed := self._changed) is not None:
            changed()


_NONE_TO_CANCEL: Final = "None of the unfinished jobs can be cancelled."


def _group_of(jobs: Any) -> Group:
    plain: Any = plain_collection(jobs)
    if not plain:
        raise NotAJobError(explain(jobs))
    try:
        with collecting(None):
            return Group(plain)
    except NotAJobError as error:
        if plain is jobs or str(error) != explain(plain):
            raise
    raise NotAJobError(explain(jobs))


def _error(tally: Tally) -> JobError | None:
    """Why the group failed: the first failure, with the name of its job."""
    failure = tally.first_failure()
    if failure is None:
        return None
    failed, error = failure
    return replace(error, message=f"{failed.name or failed.job_id}: {error.message}")
