"""The group whose ``with`` block is being executed: jobs that are wrapped there belong to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, Final, Protocol


class JobCollector(Protocol):
    """A group that takes in jobs while it is open."""

    def job_id(self) -> str:
        """The id of the group."""

    def add(self, job: Any) -> Any:
        """Take in a job; returns the ``WidgetJob``."""


_enclosing: Final[ContextVar[JobCollector | None]] = ContextVar("primwidgets_enclosing_group", default=None)


def enclosing_group() -> JobCollector | None:
    """The group that collects the jobs that are made in this context; ``None`` outside of all ``with`` blocks."""
    return _enclosing.get()


@contextlib.contextmanager
def collecting(group: JobCollector | None) -> Iterator[None]:
    """Have ``group`` collect the jobs that are made in this context meanwhile; with ``None`` no group does."""
    token = _enclosing.set(group)
    try:
        yield
    finally:
        _enclosing.reset(token)
