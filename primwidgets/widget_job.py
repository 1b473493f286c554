"""``WidgetJob``: any provider's job, with a card."""

from __future__ import annotations

import itertools
import logging
import uuid
from abc import ABCMeta
from collections.abc import Callable, Generator, Mapping
from typing import Any, Final, assert_never, overload

from traitlets import observe
from typing_extensions import override

from primwidgets import _border as border
from primwidgets._clock import SYSTEM_CLOCK
from primwidgets._jupyter import text_card
from primwidgets._jupyter.boxes import store_cards_in_boxes
from primwidgets._jupyter.card_widget import Changes
from primwidgets._jupyter.cells import is_page_drawn_later
from primwidgets._jupyter.hub import EPOCH
from primwidgets._jupyter.job_proxy import JobProxy, ProxyTarget
from primwidgets._jupyter.kernel import current_cell, in_kernel
from primwidgets._jupyter.observed_changes import ObservedChanges
from primwidgets._jupyter.protocol import PROTOCOL_VERSION, Command, Verb, parse_command
from primwidgets._jupyter.proxy_class import class_for
from primwidgets._jupyter.services import enable_control_channel, hub, monitor, stored_outputs
from primwidgets._jupyter.stored_outputs import WIDGET_MIME, Displayed, Drawing
from primwidgets._monitor.tracked_job import TrackedJob
from primwidgets._monitor.transitions import merge_read
from primwidgets._monitor.waiting import OnInterrupt, Waiting
from primwidgets._threads import Work
from primwidgets.adapters import adapter_for
from primwidgets.adapters.base import Adapter, named_arguments, takes_keyword
from primwidgets.errors import StoppedWaiting
from primwidgets.primitive_job import BasePrimitiveJob, ResultT, StatusT
from primwidgets.snapshot import UNKNOWN, JobSnapshot

_JOB_MIME: Final = "application/vnd.primwidgets.job+json"


class _Meta(type(JobProxy), ABCMeta):  # type: ignore[misc]  # ipywidgets has no types
    """Both parents of ``WidgetJob`` bring a metaclass."""


class _Wrapped(ProxyTarget):
    """What a ``WidgetJob`` keeps of the job, in one attribute, so that hardly any of the job's own are hidden."""

    __slots__ = ("adapter", "closed", "displayed", "has_outcome", "observed", "tracked", "uid", "waiting")

    def __init__(self, adapter: Adapter[Any], name: str | None, listener: Callable[[JobSnapshot], None]) -> None:
        super().__init__(adapter.job)
        self.adapter = adapter
        self.uid = f"{_PROCESS}-{next(_numbers)}"
        self.tracked = TrackedJob(adapter, _first_snapshot(adapter, self.uid, name), listener)
        self.waiting: Waiting | None = None
        self.displayed: Displayed | None = None
        self.has_outcome = False
        self.observed: ObservedChanges | None = None
        self.closed = False


class WidgetJob(JobProxy, BasePrimitiveJob[ResultT, StatusT], metaclass=_Meta):
    """A provider's job with a card that shows it live and can cancel it.

    It stands wherever the job stands: methods, results, exceptions and status objects are the provider's own;
    attributes that it does not have itself are read from, written to and deleted on the job; ``isinstance`` holds
    against the job's class; and it pickles where the job pickles. ``done()``, ``running()`` and the other methods mean
    what the *provider* means by them; ``state`` means the same for every provider. Where a trait hides an attribute of
    the job, ``job`` reaches it.

    Wrapping does no IO and sends no message, but for the one with which the first job makes the kernel's hub known; the
    card's comm opens when the card is first shown. The traits are updated on worker threads, and ``observe`` calls its
    observers there.

    A subclass declares its own attributes (traits, or a class attribute as default): others go to the job.

    Args:
        job: what a provider's ``run()`` or ``submit()`` returned.
        name: what to call it on the card.
        **traits: further traits of the widget, such as ``layout``, or of a subclass.

    Raises:
        NotAJobError: (a ``TypeError``) ``job`` is not a job; the message says what was expected.
        TypeError: a keyword is not a trait that can be set.
    """

    _primwidgets: _Wrapped | None = None

    def __new__(cls, job: Any = None, *_args: Any, **_kwargs: Any) -> Any:
        """Make an instance of the class, or of a subclass of it that suits the job."""
        adapter = adapter_for(job.job if isinstance(job, WidgetJob) else job)
        made = super().__new__(class_for(cls, adapter))
        made.__dict__["_made_for"] = adapter
        return made

    @overload
    def __init__(self, job: BasePrimitiveJob[ResultT, StatusT], *, name: str | None = ..., **traits: Any) -> None: ...

    @overload
    def __init__(self: WidgetJob[Any, Any], job: Any, *, name: str | None = ..., **traits: Any) -> None: ...

    def __init__(self, job: Any, *, name: str | None = None, **traits: Any) -> None:
        _check_keywords(type(self), traits)
        adapter = self.__dict__.pop("_made_for")
        super().__init__(**traits if name is None else {"name": name, **traits})
        wrapped = _Wrapped(adapter, name, self._take)
        known = wrapped.tracked.last_read
        self._primwidgets = wrapped  # from here on this stands for the job
        self.apply(known)
        hub().join(known, self._obey)
        enable_control_channel()
        if not known.is_final:
            monitor().watch(wrapped.tracked)

    # The contract of BasePrimitiveJob, and what there is beside it.

    @property
    def job(self) -> Any:
        """The provider's own job."""
        return self._wrapped.job

    @property
    def snapshot(self) -> JobSnapshot:
        """What is known of the job now."""
        return self._wrapped.tracked.snapshot

    @override
    def job_id(self) -> str:
        """The provider's id of the job."""
        return self._wrapped.adapter.job_id()

    @override
    def result(self, *args: Any, **kwargs: Any) -> ResultT:
        """Block until the job is ready, and return the provider's result. The card moves and can cancel meanwhile.

        The parameters are those of the provider's ``result()``, in its order. Where it does not have them itself, there
        are two more.

        Args:
            *args: the provider's; the time-out where its ``result()`` takes nothing by position.
            **kwargs: the provider's, and

                ``timeout``: seconds; given to the provider's method where that takes one.

                ``on_interrupt``: what interrupting the kernel does: ``"keep"`` (the default) only ends the waiting,
                ``"cancel"`` also asks the provider to cancel. Either raises ``KeyboardInterrupt`` at once.

        Raises:
            JobTimeoutError: (a ``TimeoutError``) for a provider that has no time-out of its own.
            StoppedWaiting: somebody pressed *Stop waiting*; the job goes on.
            Exception: whatever the provider's ``result()`` raises.
        """
        theirs = self._wrapped.adapter.job.result
        keywords = named_arguments(theirs, args, kwargs) if args else kwargs
        if keywords is None:  # some have no names, so they can only be passed on as they are
            plain: ResultT = theirs(*args, **kwargs)
            return plain
        on_interrupt: OnInterrupt = "keep"
        if "on_interrupt" in keywords and not takes_keyword(theirs, "on_interrupt"):
            on_interrupt = keywords.pop("on_interrupt")
        try:
            result: ResultT = self._waiting.result(keywords.pop("timeout", None), on_interrupt, keywords)
        except (TimeoutError, StoppedWaiting):
            raise
        except Exception:
            self._wrapped.has_outcome = True
            raise
        return result

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the job is in a final state, or ``timeout`` seconds have passed; whether it is final.

        A negative time-out is none, where the job has a method of that name: for some providers -1 means "for ever".
        """
        if timeout is not None and timeout < 0 and hasattr(self._wrapped.job, "wait"):
            timeout = None
        return self._waiting.wait(timeout)

    def stop_waiting(self) -> None:
        """Let every blocked ``result()`` and ``wait()`` end with ``StoppedWaiting``; the job goes on. Any thread."""
        if (waiting := self._wrapped.waiting) is not None:
            waiting.stop()

    def __await__(self) -> Generator[Any, None, ResultT]:
        """The provider's result. Who stops awaiting does not cancel the job, unless it is a task of the same loop."""
        return self._waiting.awaited()

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> Any:
        """Ask the provider to cancel; what its method returns or raises. ``cancel_state`` tells what became of it."""
        report = monitor().cancel(self._wrapped.tracked, *args, **kwargs)
        if report.error is not None:
            raise report.error
        return report.value

    @override
    def status(self, *args: Any, **kwargs: Any) -> StatusT:
        """The provider's own idea of a status; its text where the provider has no such method."""
        status: StatusT = self._ask("status", args, kwargs, lambda now: now.status_text or now.state.value)
        return status

    @override
    def done(self, *args: Any, **kwargs: Any) -> bool:
        """What the provider's job answers; else whether it finished successfully."""
        answer: bool = self._ask("done", args, kwargs, lambda now: now.state == "DONE")
        return answer

    @override
    def running(self, *args: Any, **kwargs: Any) -> bool:
        """What the provider's job answers; else whether it is running."""
        answer: bool = self._ask("running", args, kwargs, lambda now: now.state == "RUNNING")
        return answer

    @override
    def cancelled(self, *args: Any, **kwargs: Any) -> bool:
        """What the provider's job answers; else whether it was cancelled."""
        answer: bool = self._ask("cancelled", args, kwargs, lambda now: now.state == "CANCELLED")
        return answer

    @override
    def in_final_state(self, *args: Any, **kwargs: Any) -> bool:
        """What the provider's job answers; else whether it succeeded, failed or was cancelled."""
        answer: bool = self._ask("in_final_state", args, kwargs, lambda now: now.is_final)
        return answer

    @override
    def close(self) -> None:
        """Take the card away and stop watching the job, which goes on. Blocked ``result()`` calls are released."""
        self._end_watch()
        super().close()

    @override
    def __del__(self) -> None:
        self._end_watch()
        super().__del__()

    def _end_watch(self) -> None:
        wrapped = self._primwidgets
        if wrapped is None or wrapped.closed:
            return
        wrapped.closed = True
        if wrapped.waiting is not None:
            wrapped.waiting.stop()
        monitor().unwatch(wrapped.tracked)
        hub().leave(wrapped.uid)
        if wrapped.displayed is not None:
            stored_outputs().forget(wrapped.displayed)

    def snapshot_changed(self, snapshot: JobSnapshot) -> None:
        """Hook for subclasses: called after the traits took over ``snapshot``; on a worker thread."""

    # Being shown.

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
        if not self.card_rows:  # a snapshot holds no rows of a subclass; the widget's own card shows them
            known = {"seen_at": seen_at, "snapshot": snapshot.to_wire()}
            bundle[_JOB_MIME] = {"primwidgets": PROTOCOL_VERSION, "epoch": EPOCH, **known}
        if _views_are_drawn() and (model_id := self.model_id) is not None:
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
        except Exception as error:  # a kernel that is not ipykernel's
            raise NotImplementedError from error
        if not self.shown:  # else the picture was begun with the view
            self._draw_local_result()

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
        store_cards_in_boxes()  # a box asks for its cards' comms when it is made
        self._draw_local_result()
        self._let_go_at_end(self.snapshot)

    def _handle_custom_msg(self, content: object, buffers: object) -> None:
        command = parse_command(content)
        if command is None:
            super()._handle_custom_msg(content, buffers)
        elif command.uid == self._wrapped.uid:
            self._obey(command)

    # What happens to the job.

    @property
    def _wrapped(self) -> _Wrapped:
        wrapped: _Wrapped | None = self.__dict__.get("_primwidgets")
        if wrapped is None:
            raise RuntimeError(f"{type(self).__name__}.__init__ was not called.")
        return wrapped

    @override
    @property
    def _travels_bare(self) -> bool:
        return self._wrapped.adapter.travels_bare

    @property
    def _waiting(self) -> Waiting:
        wrapped = self._wrapped
        if wrapped.waiting is None:
            wrapped.waiting = Waiting(wrapped.tracked, monitor(), self._received)
        return wrapped.waiting

    def _ask(
        self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any], otherwise: Callable[[JobSnapshot], Any]
    ) -> Any:
        wrapped = self._wrapped
        theirs = getattr(wrapped.job, method, None)
        if callable(theirs):
            return theirs(*args, **kwargs)
        if args or kwargs:
            raise TypeError(f"{type(wrapped.job).__name__} has no {method}() that could take arguments.")
        return otherwise(_read_now(wrapped.adapter, wrapped.tracked.last_read))

    @observe("name")
    def _rename(self, change: Mapping[str, Any]) -> None:
        if (wrapped := self._primwidgets) is not None:
            wrapped.tracked.change(lambda known: known.evolve(name=change["new"]))

    def _take(self, snapshot: JobSnapshot) -> None:
        """Show what is known now; the monitor's workers call it. Whatever may block or raise is left to observers."""
        changes = self._take_over(snapshot)
        hub().publish(snapshot)
        self._leave_to_observers(changes, snapshot)
        if self._awaits_picture(snapshot):
            self._draw_local_result()
        if snapshot.is_final and self._is_displayed:
            self._refresh_stored_outputs()
        self._let_go_at_end(snapshot)

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
            changes = {}  # who begins to observe later is not told of them
        if not changes and type(self).snapshot_changed is WidgetJob.snapshot_changed:
            return
        wrapped = self._wrapped
        if wrapped.observed is None:
            wrapped.observed = ObservedChanges()
        wrapped.observed.add(changes, snapshot)
        if wrapped.tracked.owe():
            monitor().run(self._tell_all_observers, Work.OBSERVER)

    def _tell_all_observers(self) -> None:
        self._wrapped.tracked.tell(self._call_all_observers)

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

    def _obey(self, command: Command) -> None:
        """Carry out what the reader of the card wants; returns at once, since that thread may serve the kernel."""
        match command.verb:
            case Verb.CANCEL:
                monitor().request_cancel(self._wrapped.tracked)
            case Verb.STOP_WAITING:
                self.stop_waiting()
            case Verb.PREVIEW if self._wrapped.adapter.holds_result:
                self._draw_local_result()
            case Verb.PREVIEW:
                self._waiting.fetch()
            case Verb.SYNC | Verb.CLEAR_FINISHED:
                pass  # they are about all jobs, so the hub carries them out
            case _:
                assert_never(command.verb)


_PROCESS: Final = uuid.uuid4().hex[:12]
_numbers: Final = itertools.count(1)


def _views_are_drawn() -> bool:
    """Whether outputs should hold a live view of the card.

    Nobody sees one that an executor of notebooks stores: HTML made of it would stay blank, or claim to be live.
    """
    return not stored_outputs().executed or is_page_drawn_later()


def _first_snapshot(adapter: Adapter[Any], uid: str, name: str | None) -> JobSnapshot:
    snapshot = UNKNOWN.evolve(
        uid=uid,
        name=name,
        job_id=adapter.job_id(),
        provider=adapter.provider,
        remote=adapter.remote,
        created_at=SYSTEM_CLOCK.now(),
        locator=adapter.locate(),
        cell_id=current_cell(),
    )
    return snapshot if adapter.blocking else _read_now(adapter, snapshot)


def _read_now(adapter: Adapter[Any], known: JobSnapshot) -> JobSnapshot:
    """The job as it is now, on the caller's thread; what is ``known`` if the provider cannot be asked."""
    read = border.call(lambda: merge_read(known, adapter.read(known), SYSTEM_CLOCK.now()))
    return known if isinstance(read, border.Raised) else read.value  # the monitor asks again, and says so on the card


def _check_keywords(widget_class: type[WidgetJob[Any, Any]], traits: Mapping[str, Any]) -> None:
    if not traits:
        return
    known = {trait for trait, kind in widget_class.class_traits().items() if not kind.read_only}
    unknown = [keyword for keyword in traits if keyword not in known or keyword.startswith("_")]
    if unknown:
        names = ", ".join(map(repr, unknown))
        raise TypeError(f"{widget_class.__name__}() takes no keyword {names}; a provider's own go to its run().")
