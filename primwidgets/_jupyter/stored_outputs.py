"""The outputs that a notebook stores of jobs, kept true: one record per displayed object, in all of its outputs.

Frontends draw an output anew for each update, so where people look on, an output is updated once, at the end. An
executor of notebooks draws nothing, but it takes only what is published while a cell runs: there the outputs are
brought up to date at the end of every cell, and what was published between two cells is published again with the next.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from primwidgets._jupyter.cells import follow_cells, is_executed, is_in_cell
from primwidgets._jupyter.kernel import publish_below, publish_display, supports_threads
from primwidgets._jupyter.output_widgets import WIDGET_MIME as WIDGET_MIME
from primwidgets._jupyter.output_widgets import Bundle as Bundle
from primwidgets._jupyter.output_widgets import Captured
from primwidgets._jupyter.running_kernel import Message

#: Seconds at the end of an executed cell to wait for the end of jobs whose results have already been received.
SETTLE_SECONDS: Final = 2.0
#: Outputs of one object that are kept up to date: the latest.
_OUTPUTS_KEPT: Final = 32


@dataclass(frozen=True, slots=True)
class Drawing:
    """What an output holds of jobs.

    Attributes:
        bundle: the MIME bundle.
        is_settled: whether all jobs have ended and everything that belongs to it is here, such as the picture.
    """

    bundle: Bundle
    is_settled: bool


class Displayed:
    """Something that is displayed, with its outputs.

    Args:
        draw: gives what the outputs should hold now; called on any thread.
        awaits_news: whether something is on its way that belongs to what a cell has done: the end of a job whose result
            has come already, or the picture of that result. Called on any thread.
        is_settled: for what shows several jobs, whether all have ended. Then it is looked at when any job ends.
    """

    def __init__(
        self,
        draw: Callable[[], Drawing],
        awaits_news: Callable[[], bool],
        is_settled: Callable[[], bool] | None = None,
    ) -> None:
        self.draw = draw
        self.awaits_news = awaits_news
        self.is_settled = is_settled
        self.captured = Captured()
        self.display_ids: deque[str] = deque(maxlen=_OUTPUTS_KEPT)
        self.stored: object = None
        self.waited = False


class StoredOutputs:
    """All outputs of this process that show jobs. What is displayed is kept alive until its end is stored.

    All methods but ``show`` may be called on any thread.
    """

    def __init__(self) -> None:
        self._open: dict[Displayed, None] = {}
        self._again: dict[str, Bundle] = {}
        self._condition = threading.Condition(threading.RLock())
        self._executed = is_executed()
        self._in_cell = is_in_cell()
        follow_cells(self._cell_started, self._cell_ended)

    @property
    def executed(self) -> bool:
        """Whether an executor of notebooks takes the outputs, while no page shows them."""
        return self._executed

    def show(self, displayed: Displayed, display_id: str, below: Message | None = None) -> None:
        """Show ``displayed`` in the output of the running cell, on that cell's thread, or in that of an earlier cell.

        Args:
            displayed: what is shown.
            display_id: names the output.
            below: the request of the earlier cell; any thread.

        Raises:
            Exception: whatever the publisher of the shell raises; then nothing is shown.
        """
        with self._condition:
            drawing = displayed.draw()
            if below is None:
                publish_display(drawing.bundle, {}, display_id, update=False)
                displayed.captured.note(drawing.bundle)
            else:
                publish_below(below, drawing.bundle, display_id)
            displayed.display_ids.append(display_id)
            if self._executed:
                displayed.stored = self._gist(drawing) if len(displayed.display_ids) == 1 else None
            if self._executed or not drawing.is_settled:
                self._open[displayed] = None
        if not drawing.is_settled:
            self.refresh(displayed)  # it may have ended just before it counted as displayed

    def refresh(self, displayed: Displayed) -> None:
        """Bring the outputs up to date, unless people look on and there is more to come."""
        with self._condition:
            if not displayed.display_ids:
                return
            drawing = displayed.draw()
            if self._executed or drawing.is_settled:
                self._store(displayed, drawing)

    def notify(self) -> None:
        """Note that a job has ended: the end of a cell that waits for that, and what shows several jobs, look again."""
        with self._condition:
            self._condition.notify_all()
            settled = [each for each in self._open if each.is_settled is not None and each.is_settled()]
        for displayed in settled:
            self.refresh(displayed)

    def forget(self, displayed: Displayed) -> None:
        """Leave the outputs as they are from now on. May come from ``__del__``, so it takes no lock."""
        self._open.pop(displayed, None)

    def _store(self, displayed: Displayed, drawing: Drawing) -> None:
        if drawing.is_settled:
            self._open.pop(displayed, None)
        gist = self._gist(drawing)
        if gist == displayed.stored:
            return
        displayed.stored = gist
        for display_id in displayed.display_ids:
            self._publish(display_id, drawing.bundle)
        displayed.captured.update(drawing.bundle)

    def _publish(self, display_id: str, bundle: Bundle) -> None:
        """Replace an output. A view is taken out of it before.

        JupyterLab would put a second one beside the first, and trip over the first when the card is closed.
        """
        if WIDGET_MIME in bundle:
            without_view = {mime: data for mime, data in bundle.items() if mime != WIDGET_MIME}
            publish_display(without_view, {}, display_id, update=True)
        publish_display(bundle, {}, display_id, update=True)
        if self._executed and not self._in_cell:
            self._again[display_id] = bundle
        else:
            self._again.pop(display_id, None)

    def _gist(self, drawing: Drawing) -> object:
        """What has to differ for an output to be replaced; where people look on, only what they read in a file."""
        return drawing.bundle if self._executed else drawing.bundle.get("text/html")

    def _cell_started(self) -> None:
        with self._condition:
            self._executed, self._in_cell = is_executed(), True
            again, self._again = self._again, {}
            if self._executed:
                for display_id, bundle in again.items():
                    self._publish(display_id, bundle)

    def _cell_ended(self) -> None:
        with self._condition:
            try:
                if self._executed:
                    self._settle()
                    for displayed in sorted(self._open, key=lambda each: each.is_settled is not None):
                        self.refresh(displayed)  # what shows several jobs comes after the jobs
            finally:
                self._in_cell = is_in_cell()

    def _settle(self) -> None:
        """Wait a moment for what is on its way, once for each: what is published after this cell may be too late."""
        awaited = [each for each in self._open if not each.waited and each.awaits_news()] if supports_threads() else []
        until = time.monotonic() + SETTLE_SECONDS
        while (left := until - time.monotonic()) > 0 and any(each.awaits_news() for each in awaited):
            self._condition.wait(left)
        for displayed in awaited:
            displayed.waited = displayed.awaits_news()
