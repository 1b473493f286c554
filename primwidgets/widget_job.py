"""``WidgetJob``: any provider's job, with a card."""

from __future__ import annotations

import sys
from abc import ABCMeta
from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import Any, overload

from typing_extensions import override

from primwidgets._clock import SYSTEM_CLOCK
from primwidgets._forwarding import forwards
from primwidgets._jupyter.commanded_job import CommandedJob
from primwidgets._jupyter.displayed_job import JobRecord, next_uid
from primwidgets._jupyter.enclosing_group import enclosing_group
from primwidgets._jupyter.first_look import begin_tracking, read_now, unread_snapshot
from primwidgets._jupyter.proxy_class import class_for
from primwidgets._jupyter.series_table import as_table
from primwidgets._jupyter.services import enable_control_channel, hub, kept_calls, monitor, recorder, stored_outputs
from primwidgets._jupyter.timing import elapsed, remaining
from primwidgets._ledger.entry import LedgerEntry
from primwidgets._ledger.search import find_entry
from primwidgets._monitor.transitions import count_rerun
from primwidgets._monitor.waiting import OnInterrupt
from primwidgets.adapters import adapter_for
from primwidgets.adapters._common.arguments import accepts, keeps_time_out, takes_any_keyword
from primwidgets.adapters.attaching import attach_job
from primwidgets.adapters.base import named_arguments, takes_keyword
from primwidgets.errors import NotAJobError, StoppedWaiting
from primwidgets.primitive_job import BasePrimitiveJob, ResultT, StatusT
from primwidgets.snapshot import JobSnapshot


class _Meta(type(CommandedJob), ABCMeta):  # type: ignore[misc]  # ipywidgets has no types
    """Both parents of ``WidgetJob`` bring a metaclass."""


class WidgetJob(CommandedJob, BasePrimitiveJob[ResultT, StatusT], metaclass=_Meta):
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

    def __new__(cls, job: Any = None, *_args: Any, **_kwargs: Any) -> Any:
        """Make an instance of the class, or of a subclass of it that suits the job."""
        adapter = adapter_for(job.job if isinstance(job, WidgetJob) else job)
        if cls is WidgetJob:
            cls = adapter.widget_class() or cls
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
        name = adapter.title if name is None else name
        super().__init__(**traits if name is None else {"name": name, **traits})
        uid = next_uid()
        wrapped = JobRecord(adapter, uid, unread_snapshot(adapter, uid, name), self._take)
        known = begin_tracking(wrapped.tracked, monitor())
        self._primwidgets = wrapped  # from here on this stands for the job
        self.apply(known)
        hub().join(known, self._obey)
        recorder().note(known)
        enable_control_channel()
        if known.is_final:
            wrapped.tracked.end_subscription()
            if known.run is not None:
                kept_calls().note_end(uid, self)
        else:
            monitor().watch(wrapped.tracked)
        if (group := enclosing_group()) is not None:
            group.add(self)

    @classmethod
    def attach(cls, job: LedgerEntry | Mapping[str, str] | str, **credentials: Any) -> WidgetJob[Any, Any]:
        """A live card for a job that an earlier kernel started. Asks the provider, and blocks as it does.

        Args:
            job: an entry of ``primwidgets.history()``; a locator (``job.snapshot.locator``); or the id of a job that is
                in the ledger.
            **credentials: what the provider's client takes in addition, such as ``token="…"``, or the client itself
                where the job's system needs one (``connection=``, ``app=``); none of it is kept.

        Raises:
            NotAJobError: the job cannot be found again; the message says why.
            Exception: whatever the provider raises.
        """
        if isinstance(job, Mapping):
            return cls(attach_job(job, **credentials))
        entry = job if isinstance(job, LedgerEntry) else find_entry(job)
        if not entry.locator:
            raise NotAJobError(f"A job of {entry.provider} cannot be attached: it ended with its kernel.")
        return cls(attach_job(entry.locator, **credentials), name=entry.name)

    # The contract of BasePrimitiveJob, and what there is beside it.

    @property
    def job(self) -> Any:
        """The provider's own job."""
        return self._wrapped.job

    @override
    @forwards
    def job_id(self) -> str:
        """The provider's id of the job; where it has none, the one that the card shows."""
        wrapped = self._wrapped
        theirs = getattr(wrapped.job, "job_id", None)
        told: str = theirs() if callable(theirs) else wrapped.adapter.job_id()
        return told

    @override
    @forwards
    def result(self, *args: Any, **kwargs: Any) -> ResultT:
        """Block until the job is ready, and return the provider's result. The card moves and can cancel meanwhile.

        The provider's ``result()`` runs on the caller's thread. Of a provider whose methods have to be awaited this is
        what its ``result()`` returns: ``await job.result()``.

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
            RuntimeError: the event loop that the job needs would be blocked.
            Exception: whatever the provider's ``result()`` raises.
        """
        __tracebackhide__ = True
        adapter = self._wrapped.adapter
        theirs = adapter.result  # some jobs have their results elsewhere, or a property of that name that asks a server
        if not isinstance(getattr(type(adapter.job), "result", None), property):
            theirs = getattr(adapter.job, "result", theirs)
        keywords = named_arguments(theirs, args, kwargs) if args else kwargs
        if keywords is None or keeps_time_out(theirs, keywords):  # they can only be passed on as they are
            plain: ResultT = self._waiting.result_of(partial(theirs, *args, **kwargs))
            return plain
        on_interrupt: OnInterrupt = "keep"
        if "on_interrupt" in keywords and not takes_keyword(theirs, "on_interrupt"):
            on_interrupt = keywords.pop("on_interrupt")
        timeout = keywords.get("timeout")
        if timeout is None or takes_keyword(theirs, "timeout") or not takes_any_keyword(theirs):
            keywords.pop("timeout", None)  # else it is the provider's, who may ignore it, and ours
        try:
            result: ResultT = self._waiting.result(timeout, on_interrupt, keywords)
        except (TimeoutError, StoppedWaiting):
            raise
        except Exception:
            self._wrapped.has_outcome = True
            raise
        return result

    @forwards
    def wait(self, *args: Any, **kwargs: Any) -> Any:
        """Call the provider's ``wait()`` where the job has one, and return what that returns.

        Of any other job: block until it is in a final state, or ``timeout`` seconds have passed; whether it is final.
        That is also done where the provider's method does not take the time-out.

        Args:
            *args: the provider's, or ``timeout`` in seconds.
            **kwargs: the provider's, or ``timeout``.

        Raises:
            StoppedWaiting: somebody pressed *Stop waiting*; the job goes on.
            TypeError: there are other arguments than the provider's method takes, or than ``timeout``.
        """
        __tracebackhide__ = True
        theirs = getattr(self._wrapped.job, "wait", None)
        is_time_out_alone = (len(args) == 1 and not kwargs) or (not args and kwargs.keys() == {"timeout"})
        if callable(theirs) and not (is_time_out_alone and not accepts(theirs, args, kwargs)):
            return self._waiting.wait_in(partial(theirs, *args, **kwargs))
        if not is_time_out_alone and (args or kwargs):
            raise TypeError(f"{type(self._wrapped.job).__name__} has no wait(), so only a timeout can be given.")
        return self._waiting.wait(args[0] if args else kwargs.get("timeout"))

    def series(self) -> Any:
        """All numbers that the job has reported, as far as they are kept.

        A call of a function reports them with ``report(energy=e)``; it keeps 4 million, 64 MB. A provider's job has
        them where its adapter knows how to get them, which may take a request.

        Returns:
            a ``pandas.DataFrame`` with a column for each name, indexed by how many reports came before; without pandas
            a dict of lists, with the key ``"step"`` for that. NaN stands where a report had no such number.
        """
        return as_table(self._wrapped.adapter.metrics() or {})

    @property
    def elapsed(self) -> float | None:
        """Seconds since the job began to run, or that it ran; ``None`` until it has begun."""
        return elapsed(self.snapshot, SYSTEM_CLOCK.now())

    @property
    def eta(self) -> float | None:
        """Seconds until the job is done, if it goes on as in the last while; ``None`` while that would be a guess."""
        return remaining(self.snapshot, SYSTEM_CLOCK.now())

    @override
    def rerun(self, *args: Any, **kwargs: Any) -> WidgetJob[ResultT, StatusT]:
        """Run the same function with the same arguments once more, on the same engine.

        For a call of ``submit``, ``@job`` or ``%%job``. The function and its arguments are kept with this job, as they
        were given: what has been changed in place since then is changed. See ``settings.kept_arguments``. Where the
        provider's job has a method of that name, it is that one.

        Args:
            *args: for the provider's method.
            **kwargs: for the provider's method.

        Returns:
            the new job, of the same name; its ``snapshot.run`` says which job it repeats.

        Raises:
            EngineError: the engine cannot run it.
            TypeError: the job is no such call, or its arguments are no longer kept.
        """
        theirs = getattr(self._wrapped.job, "rerun", None)
        if callable(theirs):
            return theirs(*args, **kwargs)  # type: ignore[no-any-return]  # the provider's own
        if args or kwargs:
            raise TypeError("rerun() takes no arguments: the call is repeated as it was.")
        wrapped = self._wrapped
        again: WidgetJob[ResultT, StatusT] = WidgetJob(wrapped.adapter.run_again(wrapped.uid), name=self.snapshot.name)
        wrapped.next_run = again
        wrapped.tracked.change(count_rerun)
        return again

    @property
    def latest_run(self) -> WidgetJob[ResultT, StatusT]:
        """The newest run of this function call: this job, until it was run again."""
        newest = self
        while (following := newest._wrapped.next_run) is not None:
            newest = following
        return newest

    def __await__(self) -> Generator[Any, None, ResultT]:
        """What the provider's job gives when it is awaited; where it cannot be, its result.

        Ending the ``await`` of a result does not cancel the job, unless it is a task of the same loop.
        """
        return self._waiting.awaited()

    @override
    @forwards
    def cancel(self, *args: Any, **kwargs: Any) -> Any:
        """Ask the provider to cancel; what its method returns or raises. ``cancel_state`` tells what became of it."""
        report = monitor().cancel(self._wrapped.tracked, *args, **kwargs)
        if report.error is not None:
            raise report.error
        return report.value

    @override
    @forwards
    def status(self, *args: Any, **kwargs: Any) -> StatusT:
        """The provider's own idea of a status; its text where the provider has no such method."""
        status: StatusT = self._ask("status", args, kwargs, lambda now: now.status_text or now.state.value)
        return status

    @override
    @forwards
    def done(self, *args: Any, **kwargs: Any) -> bool:
        """What the provider's job answers; else whether it finished successfully."""
        answer: bool = self._ask("done", args, kwargs, lambda now: now.state == "DONE")
        return answer

    @override
    @forwards
    def running(self, *args: Any, **kwargs: Any) -> bool:
        """What the provider's job answers; else whether it is running."""
        answer: bool = self._ask("running", args, kwargs, lambda now: now.state == "RUNNING")
        return answer

    @override
    @forwards
    def cancelled(self, *args: Any, **kwargs: Any) -> bool:
        """What the provider's job answers; else whether it was cancelled."""
        answer: bool = self._ask("cancelled", args, kwargs, lambda now: now.state == "CANCELLED")
        return answer

    @override
    @forwards
    def in_final_state(self, *args: Any, **kwargs: Any) -> bool:
        """What the provider's job answers; else whether it succeeded, failed or was cancelled."""
        answer: bool = self._ask("in_final_state", args, kwargs, lambda now: now.is_final)
        return answer

    @override
    def close(self) -> None:
        """Take the card away and stop watching the job, which goes on. Blocked ``result()`` calls are released."""
        self._end_watch()
        if (wrapped := self._primwidgets) is not None:
            wrapped.adapter.forget_call()
        super().close()

    @override
    def __del__(self, _is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        if not _is_finalizing():
            self._end_watch()
            super().__del__(_is_finalizing)

    def _end_watch(self) -> None:
        wrapped = self._primwidgets
        if wrapped is None or wrapped.closed:
            return
        wrapped.closed = True
        if wrapped.waiting is not None:
            wrapped.waiting.stop()
        monitor().unwatch(wrapped.tracked)
        hub().leave(wrapped.uid)
        recorder().forget(wrapped.uid)
        kept_calls().leave(wrapped.uid)
        if wrapped.displayed is not None:
            stored_outputs().forget(wrapped.displayed)

    # What happens to the job.

    @override
    @property
    def _travels_bare(self) -> bool:
        return self._wrapped.adapter.travels_bare

    @forwards
    def _ask(
        self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any], otherwise: Callable[[JobSnapshot], Any]
    ) -> Any:
        wrapped = self._wrapped
        theirs = getattr(wrapped.job, method, None)
        if callable(theirs):
            return theirs(*args, **kwargs)
        if args or kwargs:
            raise TypeError(f"{type(wrapped.job).__name__} has no {method}(), so no arguments can be given.")
        return otherwise(read_now(wrapped.adapter, wrapped.tracked.last_read))

    @override
    def _renamed(self, name: str | None) -> None:
        if (wrapped := self._primwidgets) is not None:
            wrapped.tracked.change(lambda known: known.evolve(name=name))


def _check_keywords(widget_class: type[WidgetJob[Any, Any]], traits: Mapping[str, Any]) -> None:
    if not traits:
        return
    known = {trait for trait, kind in widget_class.class_traits().items() if not kind.read_only}
    unknown = [keyword for keyword in traits if keyword not in known or keyword.startswith("_")]
    if unknown:
        names = ", ".join(map(repr, unknown))
        raise TypeError(f"{widget_class.__name__}() has no keyword {names}; pass the provider's options to its run().")
