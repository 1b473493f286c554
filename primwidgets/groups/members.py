"""What can be a member of a group: jobs, and collections of jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from primwidgets._jupyter.enclosing_group import collecting
from primwidgets.adapters import adapter_for
from primwidgets.adapters._common.refusals import COLLECTIONS, HOLDS_NO_JOBS, explain, hint
from primwidgets.errors import NotAJobError
from primwidgets.widget_job import WidgetJob


def wrap_all(jobs: Iterable[Any]) -> Iterator[WidgetJob[Any, Any]]:
    """The ``WidgetJob`` of each of ``jobs``; those of a mapping have its keys as names.

    Raises:
        NotAJobError: one of them is not a job. Nothing is wrapped then.
    """
    named: list[tuple[str | None, Any]] = []
    pairs = jobs.items() if isinstance(jobs, Mapping) else ((None, job) for job in jobs)
    for index, (key, job) in enumerate(pairs):  # stops at the first item that is not a job
        _check(jobs, index, job)
        named.append((None if key is None else str(key), job))
    return (wrapped(job, name) for name, job in named)


def wrapped(job: Any, name: str | None = None) -> WidgetJob[Any, Any]:
    """``job`` as a ``WidgetJob`` that no other group takes in."""
    if isinstance(job, WidgetJob):
        return job
    with collecting(None):
        return WidgetJob(job, name=name)


def _check(jobs: Iterable[Any], index: int, job: Any) -> None:
    if type(job) in COLLECTIONS or isinstance(job, WidgetJob):
        return  # a collection is checked when it is wrapped
    try:
        adapter_for(job)
    except NotAJobError as error:
        if index == 0 and (job is None or not hint(job) or hint(jobs) != HOLDS_NO_JOBS):
            raise NotAJobError(explain(jobs)) from None
        raise NotAJobError(f"Item {index} of the {type(jobs).__name__}: {error}") from None
