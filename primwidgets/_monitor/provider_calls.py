"""Calls to a provider about one job, and what its answers mean. They block as the provider does."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from primwidgets import _border as border
from primwidgets._forwarding import forwards
from primwidgets._monitor.provider_queue import ProviderQueue
from primwidgets._monitor.tracked_job import Holder, TrackedJob
from primwidgets._progress.recorder import SeriesRecorder
from primwidgets._threads import Work
from primwidgets.adapters.base import Adapter, CancelReport
from primwidgets.previews import preview_of
from primwidgets.series import Series
from primwidgets.snapshot import JobSnapshot


@dataclass(eq=False, slots=True)
class ProviderCall:
    """A call to a provider under way.

    Attributes:
        tracked: what it is about.
        work: the kind of call.
        queue: counts it.
        since: when it began, in monotonic seconds.
        question: the number of the question that it answers.
        written_off: whether it takes so long that it counts as hanging.
        comes_along: whether the job is read by the request of another call, which alone counts in the queue.
    """

    tracked: TrackedJob
    work: Work
    queue: ProviderQueue[Holder]
    since: float
    question: int
    written_off: bool = False
    comes_along: bool = False

    @property
    def reads(self) -> bool:
        """Whether the job is read in it, or after it."""
        return self.work is not Work.PICTURE


def read_snapshot(adapter: Adapter[Any], before: JobSnapshot) -> JobSnapshot:
    """The job as it is now. Raises whatever the provider raises."""
    read: object = adapter.read(before)
    if isinstance(read, JobSnapshot):
        return with_metrics(adapter, read)
    raise TypeError(f"{type(adapter).__name__}.read() did not return a JobSnapshot")


def with_metrics(adapter: Adapter[Any], read: JobSnapshot) -> JobSnapshot:
    """``read`` with the numbers that the job reported; where they cannot be read, with those already known."""
    if not adapter.has_metrics:
        return read
    metrics = border.call(_views_of_metrics, adapter)
    return read if isinstance(metrics, border.Raised) else read.evolve(series=metrics.value)


def _views_of_metrics(adapter: Adapter[Any]) -> Sequence[Series]:
    recorder = SeriesRecorder(0)
    for name, (steps, values) in (adapter.metrics() or {}).items():
        if len(values):
            recorder.extend(str(name), list(steps), list(map(float, values)), len(values))
    return recorder.views()


@forwards
def ask_to_cancel(tracked: TrackedJob, cancel: Callable[..., CancelReport], *args: Any, **kwargs: Any) -> CancelReport:
    """Ask the provider to cancel, and have a refusal shown with the next read. Raises only the user's interrupt.

    Args:
        tracked: the job.
        cancel: one of the two methods of its adapter that do.
        *args: for the provider's method.
        **kwargs: for the provider's method.
    """
    with tracked.turn():
        asked = border.call(cancel, *args, **kwargs)
    if isinstance(asked, border.Raised):  # an adapter should report it; it is shown in any case
        report = CancelReport(accepted=False, detail=asked.text, error=asked.error)
    else:
        answer: object = asked.value
        report = answer if isinstance(answer, CancelReport) else CancelReport(value=answer)
    if report.accepted is False:
        tracked.refused(report.detail or "The provider refused.")
    tracked.hurry()
    return report


def ask_to_cancel_unattended(tracked: TrackedJob) -> None:
    """``ask_to_cancel`` for the card, where no caller takes what the provider's method returns."""
    value = ask_to_cancel(tracked, tracked.adapter.cancel_from_card).value
    if inspect.iscoroutine(value):  # nobody awaits it, so the provider is not asked
        value.close()
        tracked.refused(_MUST_BE_AWAITED)


_MUST_BE_AWAITED: Final = "This provider's cancel() has to be awaited, so it was not carried out: await job.cancel()."


def has_moved(before: JobSnapshot, after: JobSnapshot) -> bool:
    """Whether the job itself changed, so that its next change may come soon."""
    return (
        before.state is not after.state
        or before.progress != after.progress
        or before.status_text != after.status_text
        or before.queue_position != after.queue_position
        or before.cancel_state is not after.cancel_state
    )


def draw(tracked: TrackedJob) -> None:
    """Draw the picture. It is an extra: a result that cannot be drawn is still a result."""
    result = tracked.take_result()
    if result is None or tracked.closed:
        return
    drawn = border.call(_preview, tracked.adapter, result)
    if isinstance(drawn, border.Raised):
        tracked.complain("picture", "The result of job %s could not be drawn", drawn, logging.DEBUG)
    preview = None if isinstance(drawn, border.Raised) else drawn.value
    tracked.change(lambda known: known.evolve(result_preview=preview, can_preview=preview is not None))


def without_preview(known: JobSnapshot) -> JobSnapshot:
    """The snapshot where no preview came in time: nothing waits for it any more, but a late one is shown."""
    return known.evolve(can_preview=known.result_preview is not None)


def _preview(adapter: Adapter[Any], result: Callable[[], Any]) -> Mapping[str, Any] | None:
    return preview_of(adapter, result())
