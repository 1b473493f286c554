"""``watch``: a primitive whose calls have cards."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, TypeVar

from primwidgets._forwarding import forwards
from primwidgets._jupyter.kernel import current_request
from primwidgets.primitives.drop_in import DropIn

if TYPE_CHECKING:
    from primwidgets.widget_job import WidgetJob

PrimitiveT = TypeVar("PrimitiveT")

#: Cards that one run of a cell shows by itself; an algorithm may call a primitive a thousand times.
CARDS_PER_CELL: Final = 20


def watch(primitive: PrimitiveT, *, name: str | None = None) -> PrimitiveT:
    """Make a drop-in for a primitive whose ``run()`` shows a card at once and returns the ``WidgetJob``.

    Hand it to whatever takes the primitive: ``isinstance`` holds, and its attributes and options are the primitive's,
    to read and to set. Where and when the primitive works stays as it is; ``watch(ParallelSampler(sampler))`` also
    moves the work out of the kernel.

    Cards are shown in the output of the cell that calls ``run()``, the first ``CARDS_PER_CELL`` of each run of a cell;
    none outside a notebook, and none of a thread of which the kernel cannot tell the cell. Every call is a
    ``WidgetJob`` all the same.

    Args:
        primitive: a sampler or an estimator.
        name: what to call the jobs on the cards; by default the name of the primitive's class.

    Raises:
        TypeError: ``primitive`` is none.
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

        job = self.primitive.run(*args, **kwargs)
        if type(job) is not WidgetJob:
            job = WidgetJob(job, name=self._settings["name"] or type(self.primitive).__name__)
        if _may_show():
            job._ipython_display_()
        return job


_shown: Final[deque[str]] = deque(maxlen=CARDS_PER_CELL)


def _may_show() -> bool:
    """Whether the cell that runs may show one more card; notes that it does."""
    request = current_request()
    if request is None or _shown.count(request) >= CARDS_PER_CELL:
        return False
    _shown.append(request)
    return True
