"""A call that shows another job: none at first, then one, or several one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from typing_extensions import override

from primwidgets._progress.track import CallContext
from primwidgets.engines.base import FunctionCall, FunctionJob
from primwidgets.snapshot import AttemptSummary

#: What the jobs of an engine have in common.
_OF_THE_ENGINE: Final = ("engine", "stops_when", "holds_result", "remote", "pushes_start")


class RelayJob(FunctionJob[Any]):
    """A call whose progress, output and place in the queue are those of another job, once there is one.

    Args:
        call: the function and its arguments.
    """

    def __init__(self, call: FunctionCall) -> None:
        self._shown: FunctionJob[Any] | None = None
        super().__init__(call)

    def show(self, job: FunctionJob[Any]) -> None:
        """Show ``job`` from now on."""
        self.resemble(job)
        self._shown = job

    def resemble(self, job: FunctionJob[Any]) -> None:
        """Take over what all jobs of the engine of ``job`` have in common."""
        for name in _OF_THE_ENGINE:
            setattr(self, name, getattr(job, name))

    @property  # type: ignore[explicit-override]  # mypy does not see @override on a property with a setter
    @override
    def context(self) -> CallContext:  # some jobs replace theirs when they start
        return self._own_context if self._shown is None else self._shown.context

    @context.setter
    def context(self, context: CallContext) -> None:
        self._own_context = context

    @override
    @property
    def cannot_stop(self) -> str | None:  # type: ignore[override]  # some jobs find out while they run
        return None if self._shown is None else self._shown.cannot_stop

    @override
    @property
    def started_at(self) -> float | None:
        return self.context.started_at if self._shown is None else self._shown.started_at

    @override
    @property
    def queue_position(self) -> int | None:
        return None if self._shown is None else self._shown.queue_position

    @override
    @property
    def starts_at(self) -> float | None:
        return None if self._shown is None else self._shown.starts_at

    @override
    @property
    def attempts(self) -> AttemptSummary | None:
        return None if self._shown is None else self._shown.attempts

    @override
    def locator(self) -> Mapping[str, str] | None:
        return None if self._shown is None else self._shown.locator()
