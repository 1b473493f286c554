"""A group of jobs, which is a job itself: what ``JobGroup`` stands for."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Final, overload

from typing_extensions import override

from primwidgets._jupyter.enclosing_group import collecting
from primwidgets._jupyter.services import monitor
from primwidgets._progress.track import waiting_for_another_job
from primwidgets.errors import JobTimeoutError
from primwidgets.groups.completion import Completion
from primwidgets.groups.loop_check import check_loop
from primwidgets.groups.members import wrap_all, wrapped
from primwidgets.groups.tally import Tally, counts_text
from primwidgets.job_list import rows_of, to_frame
from primwidgets.primitive_job import BasePrimitiveJob
from primwidgets.snapshot import GroupSummary, JobSnapshot, JobState
from primwidgets.widget_job import WidgetJob

Member = WidgetJob[Any, Any]


class Group(BasePrimitiveJob[list[Any], str]):
    """Jobs of any providers as one job. All methods may be called on any thread.

    Members tell it of their changes, so nothing is polled, and a change costs the same however many members there are.

    Args:
        jobs: the members, wrapped or not, and collections of jobs, which become groups. Of a mapping the keys are the
            names. ``None`` for a group to which jobs are added until ``complete()``, or the end of its ``with`` block.
        name: what to call it on the card.

    Raises:
        NotAJobError: something in ``jobs`` is not a job.
    """

    shows_last_result: ClassVar[bool] = False
    """Whether the card shows a picture of the result of the last member."""

    def __init__(self, jobs: Iterable[Any] | None = None, *, name: str | None = None) -> None:
        super().__init__(f"group-{_PROCESS}-{next(_numbers)}")
        self.name = name
        self.created_at = time.time()
        self._members: list[Member] = []
        self._by_uid: dict[str, Member] = {}
        self._open = True
        self._tally = Tally()
        self._waiting: list[Completion] = []
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._ended = threading.Event()
        self._block: AbstractContextManager[None] | None = None
        self._at_cancel: list[Callable[[], None]] = []
        self._lock = threading.RLock()  # a finalizer of this thread may bring news while it is held
        if jobs is not None:
            for member in wrap_all(jobs):
                _ = self.add(member)
            self.complete()

    # Members.

    def add(self, job: Any, *, name: str | None = None) -> Member:
        """Take in a job.

        Args:
            job: a job, wrapped or not, or a collection of jobs.
            name: what to call it, if it is not wrapped yet.

        Returns:
            the ``WidgetJob``.

        Raises:
            RuntimeError: the group is complete.
        """
        if not self._open:
            raise RuntimeError("This group is complete and accepts no more jobs.")
        member = wrapped(job, name)
        member._belong_to(self.job_id())
        with self._lock:
            self._members.append(member)
            member._follow(self._take)
            self._by_uid[member.snapshot.uid] = member
            self._tally.take(member.snapshot)
            self._note_ends(member.snapshot)
        self._notify_listeners()
        return member

    def complete(self) -> None:
        """Note that no more jobs will be added: the group ends with its last member."""
        with self._lock:
            self._open = False
            self._note_ends(None)
        self._notify_listeners()

    @property
    def is_open(self) -> bool:
        """Whether jobs may still be added."""
        return self._open

    @property
    def failed(self) -> list[Member]:
        """The members that have failed, in the order of the group."""
        return [member for member in self if member.snapshot.state is JobState.ERROR]

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(tuple(self._members))

    @overload
    def __getitem__(self, index: int) -> Member: ...
    @overload
    def __getitem__(self, index: slice) -> list[Member]: ...
    def __getitem__(self, index: int | slice) -> Member | list[Member]:
        return self._members[index]

    def __contains__(self, job: object) -> bool:
        return any(member == job for member in self)

    def __enter__(self) -> Group:
        """Collect the jobs that are submitted or wrapped in the ``with`` block.

        Raises:
            RuntimeError: the group is complete, or a block of it is being executed.
        """
        if not self._open or self._block is not None:
            raise RuntimeError("A group accepts jobs in a single with block, and only until it is complete.")
        self._block = collecting(self)
        self._block.__enter__()
        return self

    def __exit__(self, *exit_: Any) -> None:
        block, self._block = self._block, None
        if block is not None:
            block.__exit__(*exit_)
        self.complete()

    # The contract of a job.

    @override
    def result(self, timeout: float | None = None, *, return_exceptions: bool = False) -> list[Any]:
        """The results of the members, in their order; blocks until all members have ended.

        Args:
            timeout: seconds.
            return_exceptions: whether the list holds the exceptions of those that failed or were cancelled, as with
                ``asyncio.gather``; else the first of them is raised, that of a failure before that of a cancel.

        Raises:
            JobTimeoutError: (a ``TimeoutError``) ``timeout`` seconds have passed.
            RuntimeError: the group is open: it cannot end before its ``with`` block has. Or a member is a task of the
                event loop that runs here: write ``await group``.
        """
        if self._open and not self._ended.is_set():
            raise RuntimeError("The group is still open: leave its with block, or call complete(), before result().")
        self.check_loop()
        with waiting_for_another_job():
            if not self._ended.wait(timeout):
                raise JobTimeoutError(f"{self._tally.ended} of {len(self)} jobs ended within {timeout} s.")
        outcomes = [_outcome(member) for member in self]
        if not return_exceptions:
            _raise_first(self, outcomes)
        return [outcome.error if outcome.error is not None else outcome.value for outcome in outcomes]

    @override
    def status(self) -> str:
        return self.state().value.lower()

    @override
    def done(self) -> bool:
        return self.state() is JobState.DONE

    @override
    def running(self) -> bool:
        return self.state() is JobState.RUNNING

    @override
    def cancelled(self) -> bool:
        return self.state() is JobState.CANCELLED

    @override
    def in_final_state(self) -> bool:
        return self.state().is_final

    @override
    def cancel(self) -> bool:
        """Ask for a cancel of every member that has not ended, those first that wait; returns at once.

        Returns:
            whether there was one to ask for.
        """
        for stop in self._at_cancel:
            stop()
        live = [member for member in self if not member.snapshot.is_final]
        for member in sorted(live, key=lambda member: member.snapshot.state is JobState.RUNNING):
            monitor().request_cancel(member._wrapped.tracked)
        return bool(live)

    def at_cancel(self, stop: Callable[[], None]) -> None:
        """Have ``stop``, which returns at once, called before the members are asked to cancel."""
        self._at_cancel.append(stop)

    def state(self) -> JobState:
        """The state: ERROR or CANCELLED once all members have ended and one of them did so."""
        with self._lock:
            return self._tally.state(is_open=self._open)

    # More than a single job can do.

    def as_completed(self, timeout: float | None = None) -> Completion:
        """The members in the order in which they end, for ``for`` and ``async for``; those that have ended first.

        Args:
            timeout: seconds from now after which ``JobTimeoutError`` is raised.
        """
        with self._lock:
            completion = Completion(timeout, self.check_loop)
            self._waiting.append(completion)
            for member in self._members:
                if member.snapshot.is_final:
                    completion.put(member)
            if self._ended.is_set():
                completion.end()
        return completion

    def rows(self) -> list[dict[str, Any]]:
        """A dictionary for each member: its name, state, times in seconds, result where it is here, and error."""
        return rows_of(self)

    def to_frame(self) -> Any:
        """The ``rows()`` as a pandas ``DataFrame``.

        Raises:
            ModuleNotFoundError: pandas is not installed; ``rows()`` needs nothing.
        """
        return to_frame(self.rows())

    # What the adapter needs.

    def check_loop(self) -> None:
        """Raise ``RuntimeError`` if a caller that waits here would block the event loop of a member."""
        check_loop(tuple(self._members))

    def describe(self, group: GroupSummary) -> str:
        """What the group consists of, for the card: ``"37 of 50 done · 2 failed · 11 running"``."""
        return counts_text(group)

    @contextlib.contextmanager
    def tally(self) -> Iterator[Tally]:
        """What the members add up to, which does not change meanwhile."""
        with self._lock:
            yield self._tally

    def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have ``listener`` called, on any thread, when a member changed; returns how to end that."""
        with self._lock:
            self._listeners += (listener,)

        def end() -> None:
            with self._lock:
                self._listeners = tuple(one for one in self._listeners if one is not listener)

        return end

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (tuple(self._members), self.name)

    @override
    def __repr__(self) -> str:
        return f"<Group {self.name or self.job_id()} of {len(self)} jobs>"

    def _take(self, snapshot: JobSnapshot) -> None:
        """Hear of a member's change. Called where its news arrive, so it returns at once."""
        with self._lock:
            changed = self._tally.take(snapshot)
            if changed:
                self._note_ends(snapshot)
        if changed:
            self._notify_listeners()

    def _note_ends(self, changed: JobSnapshot | None) -> None:
        """Wake the callers that wait for this member, or for all members. The lock is held."""
        if changed is not None and changed.is_final:
            for completion in self._waiting:
                completion.put(self._by_uid[changed.uid])
        if self._open or not self._tally.all_final:
            self._ended.clear()
            return
        self._ended.set()
        waiting, self._waiting = self._waiting, []
        for completion in waiting:
            completion.end()

    def _drop_oldest(self, kept: int) -> None:
        """Drop the oldest member if there are too many and it succeeded; it stays counted."""
        with self._lock:
            if len(self._members) > kept and self._tally.retire(self._members[0].snapshot.uid):
                oldest = self._members.pop(0)
                self._by_uid.pop(oldest.snapshot.uid, None)

    def _notify_listeners(self) -> None:
        for listener in self._listeners:
            listener()


class _Outcome:
    """What one member returned or raised."""

    __slots__ = ("error", "value")

    def __init__(self, value: Any, error: BaseException | None) -> None:
        self.value = value
        self.error = error


def _outcome(member: Member) -> _Outcome:
    try:
        return _Outcome(member.result(), None)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  (whatever was raised is the member's outcome)
        return _Outcome(None, error)


def _raise_first(group: Group, outcomes: list[_Outcome]) -> None:
    """Raise what the first member that failed raised, else what the first one that was cancelled did."""
    order = sorted(range(len(outcomes)), key=lambda index: group[index].snapshot.state is JobState.CANCELLED)
    for index in order:
        error = outcomes[index].error
        if error is not None:
            note = f"Job {index} of {len(outcomes)} in a group."
            if note not in getattr(error, "__notes__", ()):
                with contextlib.suppress(Exception):
                    error.add_note(note)
            raise error


def _again(members: tuple[Member, ...], name: str | None) -> Group:
    return Group(members, name=name)


_PROCESS: Final = uuid.uuid4().hex[:12]
_numbers: Final = itertools.count(1)
