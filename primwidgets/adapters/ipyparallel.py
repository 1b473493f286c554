"""``ipyparallel``: what a view's ``apply_async`` and ``map_async`` return.

An ``AsyncResult`` poses as a future, but its ``running()`` is never true, its ``cancel()`` cancels nothing, and a map
of which a part was aborted never ends. So it is read by what it knows of its calls: which engine was heard to have
begun one, and which status came back. All of that is here already; nothing is asked.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final

from ipyparallel.error import CompositeError, RemoteError, TaskAborted
from typing_extensions import override

from primwidgets._forwarding import forwards
from primwidgets._progress.terminal_text import as_on_a_terminal
from primwidgets.adapters._common.describe import describe_error
from primwidgets.adapters.base import CancelReport, Pace, report_cancel
from primwidgets.adapters.concurrent_futures import FutureAdapter
from primwidgets.snapshot import LOG_LIMIT, JobError, JobSnapshot, JobState

Call = Mapping[str, Any]

#: How often ``result()`` looks whether a map has ended that will never say so, in seconds.
_LOOK_SECONDS: Final = 0.5
#: What names a profile, a cluster or a call.
_NAME: Final = re.compile(r"[\w.-]{0,100}", re.ASCII)
#: Most engines that are named one by one.
_ENGINES_NAMED: Final = 4


class AsyncResultAdapter(FutureAdapter):
    """One call, or those of a map or of a view of several engines. Its end is pushed; what it prints is looked at."""

    provider = "ipyparallel"
    pace = Pace(first=0.1, ceiling=0.5)
    pushed: ClassVar[frozenset[JobState]] = frozenset({JobState.INITIALIZING})  # in all others there is more to see
    rechecks: ClassVar[tuple[float, ...]] = (0.5,)  # what was printed last may come after the result
    cannot_stop: ClassVar[str] = (
        "ipyparallel can only cancel calls that no engine has started yet. client.send_signal('SIGINT', engine) "
        "interrupts the call that an engine runs; a function started with submit(…, engine=view) can be cancelled here."
    )
    when_dropped: ClassVar[str] = "Calls that no engine has started yet are dropped; running calls continue."
    given_up: ClassVar[str] = "This kernel no longer waits for the result; the engines were not asked to stop."

    def __init__(self, job: Any) -> None:
        super().__init__(job)
        self._aborted = False

    @override
    def job_id(self) -> str:
        """The id of the message, with which ``client.get_result()`` finds it; of several, the first and how many."""
        first, *others = self.job.msg_ids
        return f"{first}+{len(others)}" if others else str(first)

    @override
    def read(self, last: JobSnapshot) -> JobSnapshot:
        ready, calls = self._ready(), self._calls()
        state = self._state(ready, calls)
        waits = not ready and any(map(_waits, calls))
        done = None if state is JobState.CANCELLED else self._done(calls)  # what was aborted would count as done
        return last.evolve(
            state=state,
            status_text=_word(calls),
            backend=_engines(calls),
            progress=None if done is None else done / len(self.job),
            progress_text=None if done is None else f"{done:,} of {len(self.job):,}",
            message=self.given_up if self.job.cancelled() else None,
            log=_printed(calls),
            created_at=_time(min, calls, "submitted"),
            started_at=_time(min, calls, "started"),
            finished_at=_time(max, calls, "completed") if state.is_final else None,
            error=last.error or _reason(self.job.exception()) if state is JobState.ERROR else None,
            can_cancel=waits and not self._aborted and not state.is_final,
            cancel_detail=self._cancel_detail(state, waits),
            can_preview=state is JobState.DONE,
        )

    @override
    @forwards
    def result(self, timeout: float | None = None, **kwargs: Any) -> Any:
        """Wait as the provider does, but not for ever for a map of which a part was aborted.

        Raises:
            TaskAborted: (ipyparallel's) a part of a map was aborted, for which the map itself waits for ever.
        """
        __tracebackhide__ = True
        end = None if timeout is None else time.monotonic() + timeout
        while not self.job.wait(_LOOK_SECONDS if end is None else max(0.0, min(_LOOK_SECONDS, end - time.monotonic()))):
            if self._state(False, self._calls()) is JobState.CANCELLED:
                raise TaskAborted(self.job_id())
            if end is not None and time.monotonic() >= end:
                raise TimeoutError("Result not ready.")
        return self.job.result(**kwargs)

    @override
    def cancel(self, *args: Any, **kwargs: Any) -> CancelReport:
        """Have the engines drop what they have not begun; waits until they have noted that."""
        if self._ready() or not any(map(_waits, self._calls())):
            return CancelReport(accepted=False, detail=self.cannot_stop, value=False)
        report = report_cancel(self.job.abort)
        self._aborted = report.accepted is not False
        return report

    @override
    def locate(self) -> Mapping[str, str] | None:
        """One call of a cluster of the user's own profiles; the hub keeps its result."""
        cluster = getattr(self.job._client, "cluster", None)
        place, profile = os.path.split(str(getattr(cluster, "profile_dir", "")))
        own = os.environ.get("IPYTHONDIR") or os.path.join(os.path.expanduser("~"), ".ipython")
        names = {
            "profile": profile.removeprefix("profile_"),
            "cluster_id": str(getattr(cluster, "cluster_id", "")),
            "msg_id": str(self.job.msg_ids[0]),
        }
        if place != own or len(self.job.msg_ids) > 1 or not all(map(_NAME.fullmatch, names.values())):
            return None
        return {"provider": "ipyparallel", **names}

    def _ready(self) -> bool:
        return bool(self.job.ready())

    def _calls(self) -> list[Call]:
        metadata = self.job.metadata
        return [metadata] if isinstance(metadata, Mapping) else list(metadata)

    def _state(self, ready: bool, calls: list[Call]) -> JobState:
        statuses = {call["status"] for call in calls}
        if ready and not self.job.cancelled() and (error := self.job.exception()) is not None:
            return JobState.CANCELLED if _is_cancel(error) else JobState.ERROR
        if self.job.cancelled() or ("aborted" in statuses and None not in statuses):
            return JobState.CANCELLED
        if ready:
            return JobState.DONE
        return JobState.QUEUED if all(map(_waits, calls)) else JobState.RUNNING

    def _done(self, calls: list[Call]) -> int | None:
        return int(self.job.progress) if len(calls) > 1 else None

    def _cancel_detail(self, state: JobState, waits: bool) -> str | None:
        if state.is_final:
            return None
        if self._aborted:
            return self.when_dropped
        return None if waits else self.cannot_stop


class HubResultAdapter(AsyncResultAdapter):
    """A result of another client, or of another kernel: ``client.get_result(id)``. The hub has to be asked for it.

    ipyparallel fetches the result together with its status, and does not tell whether a call has begun.
    """

    blocking: ClassVar[bool] = True
    pace = Pace(first=0.5, ceiling=5.0, requests_per_second=4.0)
    pushed: ClassVar[frozenset[JobState]] = frozenset()

    @override
    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None] | None:
        """The hub tells nothing by itself."""
        return None

    @override
    def _state(self, ready: bool, calls: list[Call]) -> JobState:
        return super()._state(ready, calls) if ready else JobState.QUEUED

    @override
    def _done(self, calls: list[Call]) -> int | None:
        return None


def _waits(call: Call) -> bool:
    """Whether no engine has begun the call, as far as was heard."""
    return call["status"] is None and call["engine_id"] is None


def _word(calls: list[Call]) -> str:
    words = {call["status"] or "pending" for call in calls}
    return next(word for word in ("pending", "error", "aborted", *sorted(words)) if word in words)


def _engines(calls: list[Call]) -> str | None:
    engines: set[int] = set()
    for call in calls:
        one = call["engine_id"]
        engines.update(one if isinstance(one, list) else () if one is None else (one,))
    if len(engines) > _ENGINES_NAMED:
        return f"{len(engines)} engines"
    return f"engine{'s' if len(engines) > 1 else ''} {', '.join(map(str, sorted(engines)))}" if engines else None


def _printed(calls: list[Call]) -> str | None:
    """The end of what the calls printed, one after the other."""
    texts: list[str] = []
    size = 0
    for call in reversed(calls):
        for text in (call["stderr"], call["stdout"]):
            if text and size <= LOG_LIMIT:
                texts.append(text[-LOG_LIMIT - 1 :])
                size += len(texts[-1])
    return as_on_a_terminal("".join(reversed(texts))) or None


def _time(pick: Callable[[Iterable[float]], float], calls: list[Call], key: str) -> float | None:
    times = [call[key].timestamp() for call in calls if call[key] is not None]
    return pick(times) if times else None


def _is_cancel(error: BaseException) -> bool:
    """Whether the call was aborted in the queue, or interrupted while it ran."""
    if isinstance(error, CompositeError):
        return all(name == "KeyboardInterrupt" for name, *_ in error.elist)
    return isinstance(error, TaskAborted) or (isinstance(error, RemoteError) and error.ename == "KeyboardInterrupt")


def _reason(error: BaseException) -> JobError:
    if isinstance(error, CompositeError):
        traceback = as_on_a_terminal("\n".join(error.render_traceback()))
        return JobError(str(error.elist[0][0]), as_on_a_terminal(str(error)), traceback)
    if isinstance(error, RemoteError):
        return JobError(str(error.ename), str(error.evalue), as_on_a_terminal(error.traceback or "") or None)
    return describe_error(error)
