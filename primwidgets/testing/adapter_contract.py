"""What every adapter has to keep, as tests: subclass one of the two classes in a test module of your adapter.

```python
class TestMyAdapter(LiveAdapterContract):
    states = (JobState.QUEUED, JobState.RUNNING, JobState.DONE, JobState.ERROR, JobState.CANCELLED)

    def make_job(self, state):
        return my_provider.job_that_is(state)

    def finish(self, job):
        my_provider.finish(job)
```

pytest collects the tests by inheritance and runs most of them once for each of ``states``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from primwidgets.adapters import Adapter, CancelReport, adapter_for
from primwidgets.adapters._common.preview import BAR_LIMIT, PANEL_LIMIT, POINT_LIMIT
from primwidgets.snapshot import WORD_LIMIT, CancelState, JobSnapshot, JobState
from primwidgets.testing.seams import SeamedJob

#: How long a push may take, in real seconds.
_PATIENCE: Final = 60.0


class AdapterContract:
    """The contract of an adapter whose jobs can be brought into some states.

    Attributes:
        states: the states that ``make_job`` can bring a job into; DONE is one of them.
    """

    states: ClassVar[tuple[JobState, ...]] = (JobState.DONE,)

    def make_job(self, state: JobState) -> Any:
        """A job that is in ``state`` and stays there until the test does something to it."""
        raise NotImplementedError

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Run a test that has a ``state`` once for each of ``states``; a ``live_state`` is one that is not final."""
        for name, states in (("state", self.states), ("live_state", [s for s in self.states if not s.is_final])):
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, states, ids=str)

    def test_a_job_reads_as_the_state_it_is_in(self, state: JobState) -> None:
        """The state is right at the first read."""
        assert self._read(state).state is state

    def test_the_provider_has_a_name(self, state: JobState) -> None:
        """The card has something to show."""
        assert self._adapter(state).provider

    def test_the_id_is_text_and_stays(self, state: JobState) -> None:
        """Asked twice, and of a second adapter, the id of a job is the same."""
        adapter = self._adapter(state)
        job_id = adapter.job_id()
        assert isinstance(job_id, str)
        assert job_id
        assert job_id == adapter.job_id() == adapter_for(adapter.job).job_id()

    def test_a_snapshot_is_plain_json(self, state: JobState) -> None:
        """The wire form can be sent, and comes back as the same snapshot."""
        read = self._read(state)
        wire = read.to_wire()
        assert JobSnapshot.from_wire(json.loads(json.dumps(wire, allow_nan=False))).to_wire() == wire

    def test_only_a_failed_job_has_an_error(self, state: JobState) -> None:
        """A failure says what happened."""
        error = self._read(state).error
        assert (error is not None) == (state is JobState.ERROR)
        assert error is None or (error.type and error.message)

    def test_a_second_read_brings_nothing_new(self, state: JobState) -> None:
        """Reading does not change the job, and a read can start from any snapshot."""
        adapter = self._adapter(state)
        first = adapter.read(_first(adapter))
        assert adapter.read(first) == first

    def test_jobs_that_are_read_together_read_as_each_by_itself(self, state: JobState) -> None:
        """``read_many`` answers in the order of the jobs, and says ``None`` of a job that it cannot tell of."""
        adapters = [self._adapter(state)]
        if adapters[0].batch_limit > 1:
            adapters.append(self._adapter(state))
            last = [_first(adapter) for adapter in adapters]
            alone = [adapter.read(known) for adapter, known in zip(adapters, last, strict=True)]
            together = type(adapters[0]).read_many(adapters, last)
            assert len(together) == len(adapters)
            assert all(many is None or many == one for many, one in zip(together, alone, strict=True))

    def test_a_read_keeps_what_no_provider_knows(self, state: JobState) -> None:
        """Name, cancel request and waiting cells are not the adapter's."""
        adapter = self._adapter(state)
        ours: dict[str, Any] = {"name": "mine", "waiting": True, "cancel_state": CancelState.REQUESTED}
        read = adapter.read(replace(_first(adapter), **ours))
        assert {name: getattr(read, name) for name in ours} == ours
        assert read.uid == _first(adapter).uid

    def test_a_read_downloads_no_result(self, state: JobState) -> None:
        """``result()`` is asked for only where it is already here."""
        adapter = self._adapter(state)
        if not (adapter.holds_result and state is JobState.DONE):
            adapter.job = _WithoutResult(adapter.job)
        assert adapter.read(_first(adapter)).state is state

    def test_a_job_that_cannot_be_cancelled_says_why(self, state: JobState) -> None:
        """A finished job needs no reason."""
        read = self._read(state)
        assert state.is_final or read.can_cancel or read.cancel_detail
        assert not (state.is_final and read.can_cancel)

    def test_cancel_reports_and_never_raises(self, state: JobState) -> None:
        """What can be cancelled does not refuse the card's request; what is over stays what it was."""
        adapter = self._adapter(state)
        could = adapter.read(_first(adapter)).can_cancel
        report = adapter.cancel_from_card()
        assert isinstance(report, CancelReport)
        assert not (could and report.accepted is False)
        assert not state.is_final or adapter.read(_first(adapter)).state is state

    def test_a_locator_is_python_that_fits_on_the_wire(self, state: JobState) -> None:
        """What is put into a notebook is what the adapter wrote: nothing is clipped, and it compiles."""
        locator = self._adapter(state).locate() or {}
        for part, mode in (("import", "exec"), ("job", "eval")):
            compile(locator.get(part, "0"), part, mode)
            assert len(locator.get(part, "")) <= WORD_LIMIT

    def test_what_cannot_be_drawn_has_no_picture(self, state: JobState) -> None:
        """A strange result is no error."""
        assert self._adapter(state).preview(object()) is None

    def test_a_picture_of_the_result_is_small_plain_json(self) -> None:
        """There need not be a picture; if there is one, it has the wire form."""
        adapter = self._adapter(JobState.DONE)
        preview = adapter.preview(adapter.result())
        check_preview(preview)

    def test_the_monitor_finds_the_state(self, state: JobState) -> None:
        """Whatever state a job is in when it is met, the monitor tells it soon, and nothing else before."""
        job = self._watched(state)
        job.begin()
        assert job.hears(lambda now: now.state is state)
        job.end()
        assert {snapshot.state for snapshot in job.heard} <= {JobState.INITIALIZING, state}

    def _adapter(self, state: JobState) -> Adapter[Any]:
        return adapter_for(self.make_job(state))

    def _watched(self, state: JobState) -> SeamedJob:
        adapter = self._adapter(state)
        return SeamedJob(adapter, _first(adapter))

    def _read(self, state: JobState) -> JobSnapshot:
        adapter = self._adapter(state)
        return adapter.read(_first(adapter))


class LiveAdapterContract(AdapterContract):
    """The contract of an adapter whose jobs can also be met while they wait or run, and made to finish."""

    states: ClassVar[tuple[JobState, ...]] = (JobState.RUNNING, JobState.DONE)

    def finish(self, job: Any) -> None:
        """Let a job that ``make_job`` made, and that has not ended, end successfully; it may still do so after that."""
        raise NotImplementedError

    def test_a_live_job_ends_as_done(self, live_state: JobState) -> None:
        """What is announced by push, or found out by asking again, is DONE."""
        adapter = self._adapter(live_state)
        self._finish_and_wait(adapter)
        assert adapter.read(_first(adapter)).state is JobState.DONE

    def test_the_end_is_pushed_where_push_is_promised(self, live_state: JobState) -> None:
        """An adapter that promises push for RUNNING calls ``changed`` at the end; one without push returns ``None``."""
        adapter = self._adapter(live_state)
        changed = threading.Event()
        unsubscribe = adapter.subscribe(changed.set)
        self.finish(adapter.job)
        assert (unsubscribe is None) or changed.wait(_PATIENCE)
        assert (unsubscribe is not None) == bool(adapter.pushed)

    def test_nothing_is_pushed_after_unsubscribing(self, live_state: JobState) -> None:
        """Unsubscribing may be done twice, and another subscriber is still told."""
        adapter = self._adapter(live_state)
        calls: list[None] = []
        unsubscribe = adapter.subscribe(lambda: calls.append(None))
        if unsubscribe is not None:
            unsubscribe()
            unsubscribe()
        self._finish_and_wait(adapter)
        assert calls == []

    def test_a_change_between_the_first_read_and_the_subscription_is_not_lost(self, live_state: JobState) -> None:
        """Nobody is pushed what happens before the subscription, so the job is read once more after it."""
        job = self._watched(live_state)
        happened = job.before("subscribe", lambda: self.finish(job.tracked.adapter.job))
        self._ends_as_done(job, happened)

    def test_a_change_during_the_subscription_is_not_lost(self, live_state: JobState) -> None:
        """The push may come before ``subscribe`` has returned."""
        job = self._watched(live_state)
        happened = job.after("subscribe", lambda: self.finish(job.tracked.adapter.job))
        self._ends_as_done(job, happened)

    def test_a_change_during_a_read_is_not_lost(self, live_state: JobState) -> None:
        """What the provider said just before is not the last word."""
        job = self._watched(live_state)
        happened = job.after("read", lambda: self.finish(job.tracked.adapter.job))
        self._ends_as_done(job, happened)

    def test_a_change_during_a_cancel_is_not_lost(self, live_state: JobState) -> None:
        """A job that ends by itself just then: the request came too late, unless the provider itself says otherwise."""
        job = self._watched(live_state)
        job.begin()
        assert job.hears(lambda now: now.state is live_state)
        happened = job.before("cancel", lambda: self.finish(job.tracked.adapter.job))
        job.monitor.request_cancel(job.tracked)
        honest = {JobState.DONE: CancelState.TOO_LATE, JobState.CANCELLED: CancelState.CONFIRMED}
        assert job.hears(lambda now: honest.get(now.state) is now.cancel_state)
        assert happened.is_set()
        job.end()

    def test_a_change_while_the_watch_ends_is_told_to_nobody_and_stops_nothing(self, live_state: JobState) -> None:
        """After the end no subscription is left and nobody waits."""
        job = self._watched(live_state)
        job.before_unsubscribing(lambda: self.finish(job.tracked.adapter.job))
        job.begin()
        assert job.hears(lambda now: now.state is live_state)
        told, let_go = list(job.heard), threading.Event()
        job.tracked.at_end(let_go.set)
        job.end()
        assert let_go.is_set()
        assert job.heard == told
        assert job.monitor.tracked_jobs == []

    def _ends_as_done(self, job: SeamedJob, happened: threading.Event) -> None:
        job.begin()
        assert job.hears(lambda now: now.state is JobState.DONE)
        assert happened.is_set()
        assert job.tracked.snapshot.stale_since is None
        job.end()

    def _finish_and_wait(self, adapter: Adapter[Any]) -> None:
        ended = threading.Event()
        pushes = adapter.subscribe(ended.set) is not None
        self.finish(adapter.job)
        assert not pushes or ended.wait(_PATIENCE)


def check_preview(preview: Mapping[str, Any] | None) -> None:
    """Fail unless ``preview`` has the wire form of a picture, or is ``None``."""
    if preview is None:
        return
    json.dumps(preview, allow_nan=False)
    assert set(preview) == {"kind", "panels", "more_panels"}
    assert 0 < len(preview["panels"]) <= PANEL_LIMIT
    marks, keys, limit = _PANELS[preview["kind"]]
    for panel in preview["panels"]:
        assert set(panel) - {"axis"} == keys
        assert len(panel[marks]) <= limit


_PANELS: Final[Mapping[str, tuple[str, set[str], int]]] = {
    "counts": ("bars", {"title", "shots", "bars", "other_outcomes", "other_count"}, BAR_LIMIT),
    "expectation_values": ("points", {"title", "points", "more_points"}, POINT_LIMIT),
}


class _WithoutResult:
    """A job of which everything may be asked but its result."""

    def __init__(self, job: Any) -> None:
        self._wrapped = job

    def __getattr__(self, name: str) -> Any:
        assert name != "result", "read() asked for the result, which may be a download"
        return getattr(self._wrapped, name)


def _first(adapter: Adapter[Any]) -> JobSnapshot:
    return JobSnapshot(uid="u1", job_id=adapter.job_id(), provider=adapter.provider, remote=adapter.remote)
