"""The part of ``WidgetJob`` that is shown: outputs, the card's comm, pictures, and each new snapshot of the monitor.

The commands of the card are in ``commanded_job``, and the contract of a job in ``widget_job``.
"""

from __future__ import annotations

import itertools
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from weakref import WeakMethod

from typing_extensions import override

from primwidgets import _border as border
from primwidgets._clock import SYSTEM_CLOCK
from primwidgets._jupyter import text_card
from primwidgets._jupyter.boxes import store_cards_in_boxes
from primwidgets._jupyter.card_widget import Changes
from primwidgets._jupyter.cells import is_page_drawn_later
from primwidgets._jupyter.hub import EPOCH
from primwidgets._jupyter.job_proxy import JobProxy, ProxyTarget
from primwidgets._jupyter.kernel import cell_request, in_kernel
from primwidgets._jupyter.observed_changes import ObservedChanges
from primwidgets._jupyter.protocol import PROTOCOL_VERSION
from primwidgets._jupyter.running_kernel import Message
from primwidgets._jupyter.services import (
    card_messages,
    enable_control_channel,
    hub,
    kept_calls,
    monitor,
    recorder,
    stored_outputs,
)
from primwidgets._jupyter.static_outputs import store_content_of_outputs
from primwidgets._jupyter.stored_outputs import WIDGET_MIME, Displayed, Drawing
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets._monitor.waiting import Waiting
from primwidgets._threads import Work
from primwidgets.adapters.base import Adapter
from primwidgets.snapshot import JobSnapshot

_JOB_MIME: Final = "application/vnd.primwidgets.job+json"


class JobRecord(ProxyTarget):
    """What a ``WidgetJob`` keeps of the job, in one attribute, so that hardly any of the job's own are hidden."""

    __slots__ = (
        "adapter",
        "closed",
        "displayed",
        "followers",
        "has_outcome",
        "next_run",
        "observed",
        "request",
        "tracked",
        "uid",
        "waiting",
    )

    def __init__(
        self, adapter: Adapter[Any], uid: str, known: JobSnapshot, listener: Callable[[JobSnapshot], None]
    ) -> None:
        super().__init__(adapter.job)
        self.adapter = adapter
        self.uid = uid
        self.tracked = TrackedJob(adapter, known, listener)
        self.waiting: Waiting | None = None
        self.displayed: Displayed | None = None
        self.has_outcome = False
        self.observed: ObservedChanges | None = None
        self.closed = False
        self.request: Message = {}
        self.next_run: Any = None
        self.followers: tuple[WeakMethod[Callable[[JobSnapshot], None]], ...] = ()


class DisplayedJob(JobProxy):
    """A job proxy that is kept up to date by the monitor, and shown in outputs, boxes and the hub."""

    _primwidgets: JobRecord | None = None

    @property
    def snapshot(self) -> JobSnapshot:
        """What is known of the job now."""
        return self._wrapped.tracked.snapshot

    def snapshot_changed(self, snapshot: JobSnapshot) -> None:
        """Hook for subclasses: called after the traits took over ``snapshot``; on a worker thread."""

    @override
    def __repr__(self) -> str:
        return f"<{type(self).__name__} {text_card.headline(self.snapshot)}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self._bundle(self.snapshot)

    def _bundle(self, snapshot: JobSnapshot) -> dict[str, Any]:
        seen_at = SYSTEM_CLOCK.now() if in_kernel() else None  # what a kernel displays is stored, and read much later
        texts = {"text/plain": text_card.to_text(snapshot, seen_at), "text/html": text_card.to_html(snapshot, seen_at)}
        bundle: dict[str, Any] = texts
        if not in_kernel() or self._primwidgets is None or self._primwidgets.closed:
            return bundle
        # A snapshot holds no rows of a subclass, and a page without documents finds no kernel: there the view is drawn.
        if not self.card_rows and not is_page_drawn_later():
            known = {"seen_at": seen_at, "snapshot": snapshot.to_wire()}
            bundle[_JOB_MIME] = {"primwidgets": PROTOCOL_VERSION, "epoch": EPOCH, **known}
        if not _views_are_drawn():
            return bundle
        model_id = self._output_model_id if _JOB_MIME in bundle else self.model_id
        if model_id is not None:
            bundle[WIDGET_MIME] = {"version_major": 2, "version_minor": 0, "model_id": model_id}
        return bundle

    def _ipython_display_(self, **_: Any) -> None:
        if not in_kernel():
            raise NotImplementedError  # which makes IPython show the MIME bundle
        wrapped = self._wrapped
        if wrapped.displayed is None:
            wrapped.displayed = Displayed(self._draw_output, self._awaits_news)
        try:
            stored_outputs().show(wrapped.displayed, f"{wrapped.uid}-{next(_numbers)}")
            wrapped.request = cell_request()
        except Exception as error:  # a kernel that is not ipykernel's
            raise NotImplementedError from error
        if not self.shown:  # else the picture was begun with the view
            self._draw_local_result()

    def _display_below(self, request: Message) -> None:
        """Show the job below what the cell of ``request`` has shown; nowhere where the kernel cannot. Any thread."""
        wrapped = self._wrapped
        wrapped.request = request
        displayed = Displayed(self._draw_output, self._awaits_news)
        shown = border.call(stored_outputs().show, displayed, f"{wrapped.uid}-{next(_numbers)}", request)
        if isinstance(shown, border.Returned):
            wrapped.displayed = displayed

    def _draw_output(self) -> Drawing:
        snapshot = self.snapshot
        return Drawing(self._bundle(snapshot), snapshot.is_final and not self._awaits_picture(snapshot))

    def _awaits_news(self) -> bool:
        snapshot = self.snapshot
        return self._awaits_picture(snapshot) or (self._wrapped.has_outcome and not snapshot.is_final)

    @property
    def _is_displayed(self) -> bool:
        """Whether somebody looks at the job, or will in a stored notebook."""
        return self.shown or self._wrapped.displayed is not None

    def _awaits_picture(self, snapshot: JobSnapshot) -> bool:
        """Whether a picture of a result that is here is being drawn."""
        local = self._is_displayed and snapshot.state == "DONE" and self._wrapped.adapter.holds_result
        return local and snapshot.can_preview and snapshot.result_preview is None

    @override
    def _first_shown(self) -> None:
        self._open_comm(control=enable_control_channel())
        self._wrapped.request = self._wrapped.request or cell_request()
        store_cards_in_boxes()  # a box asks for its cards' comms when it is made
        self._draw_local_result()
        self._let_go_at_end(self.snapshot)

    def _follow(self, follower: Callable[[JobSnapshot], None]) -> None:
        """Have ``follower``, a bound method that is held weakly and returns at once, called with each new snapshot."""
        self._wrapped.followers += (WeakMethod(follower),)

    def _belong_to(self, group_id: str) -> None:
        """Note the group that the job is a member of; the first one counts."""
        tracked = self._wrapped.tracked
        if tracked.last_read.group_id is None:
            tracked.change(lambda known: known.evolve(group_id=group_id))

    @property
    def _wrapped(self) -> JobRecord:
        wrapped: JobRecord | None = self.__dict__.get("_primwidgets")
        if wrapped is None:
            raise RuntimeError(f"{type(self).__name__}.__init__ was not called.")
        return wrapped

    def _take(self, snapshot: JobSnapshot) -> None:
        """Show what is known now; the monitor's workers call it. Whatever may block or raise is left to observers."""
        changes = self._take_over(snapshot)
        hub().publish(snapshot)
        recorder().note(snapshot)
        for reference in self._wrapped.followers:
            if (follower := reference()) is not None:
                follower(snapshot)
        self._leave_to_observers(changes, snapshot)
        if snapshot.is_final and snapshot.run is not None and snapshot.run.can_rerun:
            kept_calls().note_end(snapshot.uid, self)
        if self._awaits_picture(snapshot):
            self._draw_local_result()
        if snapshot.is_final and self._is_displayed:
            self._refresh_stored_outputs()
        self._let_go_at_end(snapshot)

    def _argument_sizes(self) -> Mapping[int, int]:
        """See ``CallHolder``."""
        return self._wrapped.adapter.call_sizes()

    def _drop_arguments(self) -> None:
        """Keep the arguments no longer: the call cannot be run again. On a worker thread."""
        wrapped = self._wrapped
        wrapped.adapter.forget_call()
        wrapped.tracked.change(lambda known: known.evolve(run=known.run and replace(known.run, can_rerun=False)))

    @override
    def _offer_changes(self, *, urgent: bool) -> None:
        drawn_by_hub = hub().draws_outputs and not self._has_own_views
        card_messages().offer(self, urgent=urgent, drawn_by_hub=drawn_by_hub)

    def _refresh_stored_outputs(self) -> None:
        wrapped = self._wrapped
        if (displayed := wrapped.displayed) is not None:
            stored = border.call(stored_outputs().refresh, displayed)
            if isinstance(stored, border.Raised):
                displayed.stored = None
                wrapped.tracked.complain("store", "The output of job %s cannot be kept", stored)
        stored_outputs().notify()

    def _leave_to_observers(self, changes: Changes, snapshot: JobSnapshot) -> None:
        """Have the user's code called on a worker of its own, so that it can delay nothing but itself."""
        if not self._is_observed(changes):
            changes = {}  # observers that are added later do not get them
        if not changes and type(self).snapshot_changed is DisplayedJob.snapshot_changed:
            return
        wrapped = self._wrapped
        if wrapped.observed is None:
            wrapped.observed = ObservedChanges()
        wrapped.observed.add(changes, snapshot)
        if wrapped.tracked.note_observers_pending():
            monitor().run(self._tell_all_observers, Work.OBSERVER)

    def _tell_all_observers(self) -> None:
        self._wrapped.tracked.call_observers(self._call_all_observers)

    def _call_all_observers(self) -> None:
        wrapped = self._wrapped
        while wrapped.observed is not None and not wrapped.closed and (next_ := wrapped.observed.take()) is not None:
            changes, snapshot = next_
            self._call_observers(changes)
            hook = border.call(self.snapshot_changed, snapshot)
            if isinstance(hook, border.Raised):
                wrapped.tracked.complain("hook", "snapshot_changed of job %s failed", hook, logging.ERROR)

    def _let_go_at_end(self, snapshot: JobSnapshot) -> None:
        """Let the job go with its last reference once nothing on its card will change; until then the card keeps it."""
        if snapshot.is_final and not self._awaits_picture(snapshot):
            self.let_go()

    def _draw_local_result(self) -> None:
        wrapped = self._wrapped
        if self._is_displayed and wrapped.tracked.last_read.state == "DONE" and wrapped.adapter.holds_result:
            monitor().picture(wrapped.tracked, wrapped.adapter.result)

    def _received(self, result: Any) -> None:
        self._wrapped.has_outcome = True
        if self._is_displayed:
            monitor().picture(self._wrapped.tracked, lambda: result)


def next_uid() -> str:
    """Another name for a job within its kernel. Any thread."""
    return f"{_PROCESS}-{next(_numbers)}"


_PROCESS: Final = uuid.uuid4().hex[:12]
_numbers: Final = itertools.count(1)


store_content_of_outputs()  # an output widget is often displayed before there is a job to display in it


def _views_are_drawn() -> bool:
    """Whether outputs should hold a live view of the card.

    Nobody sees one that an executor of notebooks stores: HTML made of it would stay blank, or claim to be live.
    """
    return not stored_outputs().executed or is_page_drawn_later()
