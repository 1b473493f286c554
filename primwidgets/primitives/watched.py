"""``watch``: a primitive whose calls have a card."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

from primwidgets._forwarding import forwards
from primwidgets._jupyter.cells import follow_cells
from primwidgets._jupyter.enclosing_group import collecting, enclosing_group
from primwidgets._jupyter.kernel import current_request
from primwidgets._runtime import once_per_process
from primwidgets.primitives.drop_in import DropIn

if TYPE_CHECKING:
    from primwidgets.groups.job_group import JobGroup
    from primwidgets.widget_job import WidgetJob

PrimitiveT = TypeVar("PrimitiveT")


def watch(primitive: PrimitiveT, *, name: str | None = None) -> PrimitiveT:
    """Make a drop-in for a primitive whose calls are shown on a card, and whose ``run()`` returns a ``WidgetJob``.

    Hand it to whatever takes the primitive: ``isinstance`` holds, and its attributes and options are the primitive's,
    to read and to set. Where and when the primitive works stays as it is; ``watch(ParallelSampler(sampler))`` also
    moves the work out of the kernel.

    All calls that one run of a cell makes share one card in the output of that cell: "137 calls · last 8 ms". There is
    none outside a notebook, and none for calls on a thread of which the kernel cannot tell the cell. Calls in the
    ``with`` block of a ``JobGroup`` belong to that group instead.

    Args:
        primitive: a sampler or an estimator.
        name: what to call the jobs on the cards; by default the name of the primitive's class.

    Raises:
        TypeError: ``primitive`` is not a primitive.
    """
    bare: Any = primitive
    watched: Any = Watched(bare.primitive if type(bare) is Watched else bare, name=name)
    return watched  # type: ignore[no-any-return]  # a Watched, which passes for what it stands for


class Watched(DropIn):
    """What ``watch`` returns."""

    __slots__ = ()

    @forwards
    def run(self, *args: Any, **kwargs: Any) -> WidgetJob[Any, Any]:
        """Run PUBs as the primitive does, and show the job.

        Args:
            *args: for the primitive's ``run()``.
            **kwargs: likewise.
        """
        from primwidgets.widget_job import WidgetJob  # needs widgets, which workers do not

        name = self._settings["name"] or type(self.primitive).__name__
        job = self.primitive.run(*args, **kwargs)
        if not isinstance(job, WidgetJob):
            job = WidgetJob(job, name=name)
        request = None if enclosing_group() is not None else current_request()
        if request is not None:
            _cards().add(request, name, job)
        return job


class CallCards:
    """The cards of the cell that runs: one for each name, with the calls as members. Any thread."""

    def __init__(self) -> None:
        self._request: str | None = None
        self._groups: dict[str, JobGroup] = {}
        self._lock = threading.Lock()
        follow_cells(_nothing, self.complete)

    def add(self, request: str, name: str, job: WidgetJob[Any, Any]) -> None:
        """Have a call shown on the card of that name, which is displayed with the first one."""
        if request != self._request:
            self.complete()
        with self._lock:
            self._request = request
            group = self._groups.get(name)
            if is_new := group is None:
                group = self._groups[name] = _new_group(name)
        group.job.add(job)
        if is_new:
            group._ipython_display_()

    def complete(self) -> None:
        """Note that the cell has ended: no more calls come."""
        with self._lock:
            groups, self._groups = self._groups, {}
        for group in groups.values():
            group.job.complete()


def _new_group(name: str) -> JobGroup:
    from primwidgets.groups.call_group import CallGroup
    from primwidgets.groups.job_group import JobGroup

    with collecting(None):
        return JobGroup(CallGroup(name))


def _nothing() -> None:
    """Called when a cell begins."""


_cards: Final = once_per_process(CallCards)
