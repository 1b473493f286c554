"""Providers and observers that hang, exit, or raise what nobody expects: their own card suffers, and nothing else."""

from __future__ import annotations

import itertools
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from primwidgets import JobState, WidgetJob, monitor, register_adapter, widget_job
from primwidgets.adapters.base import CancelReport, Pace
from primwidgets.hub import Hub
from primwidgets.lane import ROOM_FOR_READS
from primwidgets.monitor import Monitor
from primwidgets.primitive_job import BasePrimitiveJob
from primwidgets.protocol import Verb, command_message
from primwidgets.snapshot import JobSnapshot
from primwidgets.stored_outputs import Displayed
from primwidgets.testing import FakeAdapter, FakeJob
from primwidgets.workers import ThreadRunner, Work, Workers
from tests.monitored import PATIENCE, FarAdapter, Station, wait_until
from tests.recording_comm import RecordingFrontend


class Plain(BasePrimitiveJob[Any, str]):
    """A job of which the monitor knows the interface alone."""

    def __init__(self, job_id: str = "plain") -> None:
        super().__init__(job_id)
        self.state = JobState.RUNNING
        self.cancels = 0
        self.reads = 0
        self.asked = threading.Event()

    def status(self) -> str:
        self.reads += 1
        return self.state.value

    def result(self) -> Any:
        return None

    def done(self) -> bool:
        return self.state is JobState.DONE

    def running(self) -> bool:
        return self.state is JobState.RUNNING

    def cancelled(self) -> bool:
        return self.state is JobState.CANCELLED

    def in_final_state(self) -> bool:
        return self.state.is_final

    def cancel(self) -> Any:
        self.cancels += 1
        self.state = JobState.CANCELLED
        self.asked.set()


class World:
    """A monitor and a hub of the test's own.

    Attributes:
        told: the state of each job as the frontends know it, by uid.
    """

    def __init__(self) -> None:
        self.monitor = Monitor(ThreadRunner(Workers(idle_seconds=0.05)))
        self.told: dict[str, dict[str, Any]] = {}
        self.hub = Hub(self.monitor, self._receive)
        self.hub.receive(command_message(Verb.SYNC))

    def press(self, job: WidgetJob[Any, Any]) -> None:
        """Do what the card's Cancel does."""
        self.hub.receive(command_message(Verb.CANCEL, job.snapshot.uid))

    def told_of(self, job: WidgetJob[Any, Any]) -> dict[str, Any]:
        """What the frontends know of ``job``."""
        return self.told.get(job.snapshot.uid, {})

    def state_of(self, job: WidgetJob[Any, Any]) -> Any:
        """The state of ``job`` as the frontends know it."""
        return self.told_of(job).get("state")

    def _receive(self, message: Mapping[str, Any]) -> None:
        if message["whole"]:
            self.told.clear()
        for fields in message["jobs"]:
            self.told.setdefault(fields["uid"], {}).update(fields)
        for uid in message["removed"]:
            del self.told[uid]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(widget_job, "monitor", lambda: world.monitor)
    monkeypatch.setattr(widget_job, "hub", lambda: world.hub)
    return world


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Set at the end of the test, for those who hang until then."""
    over = threading.Event()
    yield over
    over.set()


def provider_that_hangs(over: threading.Event) -> type[Plain]:
    """A class of jobs whose every call hangs until the test is ``over``."""

    class Hanging(Plain):
        def status(self) -> str:
            over.wait()
            return super().status()

        def cancel(self) -> None:
            over.wait()

    return Hanging


class TestHangingProviders:
    def test_a_good_job_is_cancelled_and_live_beside_forty_that_hang(
        self, world: World, over: threading.Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(monitor, "HANG_SECONDS", 0.5)
        before = threading.active_count()
        hanging = [WidgetJob(kind()) for kind in [provider_that_hangs(over) for _ in range(40)] for _ in range(40)]
        for job in hanging:
            world.press(job)
        wait_until(lambda: all(job.stale_since is not None for job in hanging))
        assert threading.active_count() - before <= sum(work.limit for work in Work)

        good: WidgetJob[Any, Any] = WidgetJob(Plain())
        other: WidgetJob[Any, Any] = WidgetJob(FakeJob())
        wait_until(lambda: good.state == "RUNNING", PATIENCE)
        world.press(good)
        assert good.job.asked.wait(1.0)
        other.job.move_to(JobState.RUNNING)
        wait_until(lambda: (good.state, other.state) == ("CANCELLED", "RUNNING"), PATIENCE)
        wait_until(lambda: world.state_of(good) == "CANCELLED", PATIENCE)
        assert {job.cancel_state for job in hanging} == {"REQUESTED"}
        assert good.stale_since is other.stale_since is None
        for job in [*hanging, good, other]:
            job.close()

    def test_pictures_that_hang_delay_neither_reads_nor_messages(self, world: World, over: threading.Event) -> None:
        class Slow(FakeJob):
            pass

        class SlowAdapter(FakeAdapter):
            def preview(self, result: Any) -> None:
                over.wait()

        register_adapter(Slow, SlowAdapter)
        jobs = [WidgetJob(Slow()) for _ in range(100)]
        for job in jobs:
            world.monitor.picture(job._wrapped.watch, lambda: None)
        good = WidgetJob(FakeJob())
        good.job.finish()

        wait_until(lambda: world.state_of(good) == "DONE", PATIENCE)
        for job in [*jobs, good]:
            job.close()

    def test_a_job_that_comes_when_its_provider_hangs_already_is_stale_soon(self) -> None:
        station = Station()
        for _ in range(ROOM_FOR_READS.hung + ROOM_FOR_READS.calls):
            station.add()
        station.runner.hang_next(1_000)
        station.advance(60)
        late = station.add()
        station.advance(monitor.HANG_SECONDS + 1.1)

        assert late.watch.is_stale


class TestCancelsThatEndBadly:
    @pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit()], ids=repr)
    def test_a_press_whose_cancel_raises_anything_is_refused_and_can_be_repeated(
        self, world: World, error: BaseException
    ) -> None:
        class Exiting(Plain):
            def cancel(self) -> Any:
                self.cancels += 1
                raise error

        job = WidgetJob(Exiting())
        for attempt in (1, 2):
            world.press(job)
            wait_until(lambda attempt=attempt: job.job.cancels == attempt, PATIENCE)  # type: ignore[misc]
            wait_until(lambda: job.cancel_state == "REFUSED", PATIENCE)
        assert type(error).__name__ in str(job.snapshot.cancel_detail)
        job.close()

    @pytest.mark.parametrize("kind", [Plain, FakeJob])
    def test_a_cancel_that_the_user_interrupts_is_no_request_any_more(self, world: World, kind: type[Any]) -> None:
        class Slow(kind):  # type: ignore[misc]
            def cancel(self) -> Any:
                if not self.cancels:
                    self.cancels += 1
                    raise KeyboardInterrupt
                return super().cancel()

        job: WidgetJob[Any, Any] = WidgetJob(Slow())
        with pytest.raises(KeyboardInterrupt):
            job.cancel()
        wait_until(lambda: job.cancel_state == "REFUSED", PATIENCE)
        assert "unknown" in str(job.snapshot.cancel_detail)

        world.press(job)
        wait_until(lambda: (job.state, job.cancel_state) == ("CANCELLED", "CONFIRMED"), PATIENCE)
        job.close()

    def test_a_cancel_that_was_interrupted_after_all_arrived_is_confirmed(self, world: World) -> None:
        class Arrived(Plain):
            def cancel(self) -> Any:
                super().cancel()
                raise KeyboardInterrupt

        job = WidgetJob(Arrived())
        with pytest.raises(KeyboardInterrupt):
            job.cancel()
        wait_until(lambda: (job.state, job.cancel_state) == ("CANCELLED", "CONFIRMED"), PATIENCE)
        job.close()

    def test_what_ends_a_program_in_the_users_own_cancel_is_raised_there(self, world: World) -> None:
        class Exiting(Plain):
            def cancel(self) -> Any:
                sys.exit(3)

        job = WidgetJob(Exiting())
        with pytest.raises(SystemExit):
            job.cancel()
        wait_until(lambda: job.cancel_state == "REFUSED", PATIENCE)
        job.close()

    def test_an_adapter_that_reports_nothing_leaves_the_request_to_the_reads(self) -> None:
        class Silent(FarAdapter):
            def cancel(self) -> CancelReport:
                self.job.cancel()
                return None  # type: ignore[return-value]

        station = Station()
        job = station.add(Silent)
        station.monitor.request_cancel(job.watch)
        station.advance(0)

        assert job.heard.last.cancel_state == "CONFIRMED"

    def test_a_refusal_is_shown_even_if_the_provider_answers_no_more(self) -> None:
        station = Station()
        job = station.add()
        job.job.refuse_cancel("calibration")
        station.advance(0)
        job.job.break_reads(ConnectionError("no route"))
        station.monitor.request_cancel(job.watch)
        station.advance(0)

        assert (job.heard.last.cancel_state, job.heard.last.cancel_detail) == ("REFUSED", "calibration")


class TestObservers:
    @pytest.mark.parametrize("kind", [Plain, FakeJob])
    def test_an_observer_that_exits_swallows_no_cancel(self, world: World, kind: type[Any]) -> None:
        job = WidgetJob(kind())
        job.observe(lambda _: sys.exit(), "cancel_state")
        world.press(job)

        wait_until(lambda: (job.state, job.cancel_state) == ("CANCELLED", "CONFIRMED"), PATIENCE)
        job.close()

    @pytest.mark.parametrize("how", ["block", "wait"])
    def test_an_observer_that_blocks_delays_neither_a_cancel_nor_what_is_shown(
        self, world: World, over: threading.Event, how: str, frontend: RecordingFrontend
    ) -> None:
        job, inside = WidgetJob(Plain()), threading.Event()
        assert job.model_id is not None

        def observer(_: object) -> None:
            inside.set()
            if how == "block":
                over.wait()
            else:
                job.wait(8)

        job.observe(observer, "cancel_state")
        wait_until(lambda: job.state == "RUNNING", PATIENCE)
        world.press(job)
        assert inside.wait(PATIENCE)
        assert job.job.asked.wait(1.0)
        wait_until(lambda: world.state_of(job) == "CANCELLED", PATIENCE)

        assert (job.state, frontend.seen_of(job)["state"]) == ("CANCELLED", "CANCELLED")
        job.close()

    def test_an_observer_that_waits_for_the_end_of_its_job_is_let_go_at_the_end(self, world: World) -> None:
        job, waited, inside = WidgetJob(FakeJob()), threading.Event(), threading.Event()

        def observer(_: object) -> None:
            inside.set()
            if job.wait(PATIENCE):
                waited.set()

        job.observe(observer, "cancel_state")
        job.job.ignore_cancel()
        world.press(job)
        assert inside.wait(PATIENCE)
        job.job.finish()

        assert waited.wait(PATIENCE / 2)
        job.close()

    def test_observers_that_block_are_not_waited_for_by_those_of_other_jobs(
        self, world: World, over: threading.Event
    ) -> None:
        job, other, told = WidgetJob(FakeJob()), WidgetJob(FakeJob()), threading.Event()
        job.observe(lambda _: over.wait(), "state")
        other.observe(lambda _: told.set(), "state")
        job.job.move_to(JobState.RUNNING)
        other.job.move_to(JobState.RUNNING)

        assert told.wait(PATIENCE)
        for each in (job, other):
            each.close()

    def test_an_observer_is_told_every_change_in_order_and_once_of_its_failures(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        job, seen = WidgetJob(FakeJob()), list[tuple[Any, Any]]()

        def observer(change: Any) -> None:
            seen.append((change.old, change.new))
            raise ValueError("a defect of the user's")

        job.observe(observer, "progress")
        steps = [step / 10 for step in range(1, 6)]
        with caplog.at_level(logging.ERROR):
            for step in steps:
                job.job.move_to(JobState.RUNNING, progress=step)
                wait_until(lambda step=step: bool(seen) and seen[-1][1] == step, PATIENCE)  # type: ignore[misc]
        assert seen == list(zip([None, *steps], steps, strict=False))
        assert len(caplog.records) == 1
        job.close()

    def test_behind_an_observer_that_blocks_changes_do_not_pile_up(self, world: World, over: threading.Event) -> None:
        job, seen, inside = WidgetJob(FakeJob()), list[tuple[Any, Any]](), threading.Event()

        def observer(change: Any) -> None:
            seen.append((change.old, change.new))
            inside.set()
            over.wait(PATIENCE)

        job.observe(observer, "progress")
        watch = job._wrapped.watch
        for step in range(1, 101):
            watch.change(lambda known, step=step: known.evolve(progress=step / 100))  # type: ignore[misc]
            assert inside.wait(PATIENCE)
        over.set()
        wait_until(lambda: seen[-1][1] == 1.0, PATIENCE)
        assert len(seen) <= 40
        assert [old for old, _ in seen[1:]] == [new for _, new in seen[:-1]]
        job.close()


class Unprintable(Exception):
    def __str__(self) -> str:
        raise SystemExit("no text")


class Endless(Mapping[str, str]):
    """Metadata that has no end."""

    def __getitem__(self, key: str) -> str:
        return key

    def __iter__(self) -> Iterator[str]:
        return map(str, itertools.count())

    def __len__(self) -> int:
        return sys.maxsize


class Exiting(Endless):
    def __iter__(self) -> Iterator[str]:
        raise SystemExit("no entries")


class TestReads:
    @pytest.mark.parametrize(
        "error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit(), Unprintable()], ids=lambda e: type(e).__name__
    )
    def test_a_read_that_raises_anything_makes_the_card_stale_and_is_asked_ever_less_often(
        self, error: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Raising(FarAdapter):
            pace = Pace(first=1.0, ceiling=3.0)

            def read(self, last: JobSnapshot) -> JobSnapshot:
                self.read_at.append(self.clock.monotonic())
                raise error

        station = Station(ThreadRunner(Workers(idle_seconds=0.05)))  # an interrupt on the main thread is the user's
        job = station.add(Raising)
        for count in range(1, 6):
            wait_until(lambda count=count: len(job.adapter.read_at) == count, PATIENCE)  # type: ignore[misc]
            wait_until(lambda: job.watch.is_stale and not job.watch.is_busy, PATIENCE)
            station.clock.advance(3.001)
            station.monitor._runner.wake()

        assert job.watch.interval >= 1.25**4
        assert type(error).__name__ in str(job.heard.last.message)
        assert len(caplog.records) <= 1
        station.monitor.unwatch(job.watch)

    @pytest.mark.parametrize("metadata", [Endless(), Exiting()], ids=["endless", "exiting"])
    def test_metadata_is_looked_at_as_far_as_it_goes(self, world: World, metadata: Any) -> None:
        theirs = Plain()
        theirs.metadata = metadata
        job = WidgetJob(theirs)

        wait_until(lambda: job.state == "RUNNING", PATIENCE)
        assert len(job.snapshot.metadata or {}) <= 20
        assert job.stale_since is None
        job.close()

    def test_metadata_that_exits_when_it_is_asked_for_makes_only_its_card_stale(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Guarded(Plain):
            def __getattribute__(self, name: str) -> Any:
                return sys.exit("no metadata") if name == "metadata" else super().__getattribute__(name)

        job, other = WidgetJob(Guarded()), WidgetJob(Plain())
        wait_until(lambda: job.stale_since is not None and other.state == "RUNNING", PATIENCE)
        reads = job.job.reads
        wait_until(lambda: job.job.reads > reads + 1, PATIENCE)

        assert len(caplog.records) == 1
        for each in (job, other):
            each.close()

    def test_a_read_that_brings_something_else_than_a_snapshot_makes_the_card_stale(self) -> None:
        class Wrong(FarAdapter):
            def read(self, last: JobSnapshot) -> JobSnapshot:
                return {"state": "DONE"}  # type: ignore[return-value]

        station = Station()
        job = station.add(Wrong)
        station.advance(0)

        assert job.watch.is_stale

    @pytest.mark.parametrize("error", [SystemExit(1), Unprintable()], ids=lambda e: type(e).__name__)
    def test_wrapping_a_near_job_that_cannot_be_read_raises_nothing(self, world: World, error: Any) -> None:
        class Broken(FakeJob):
            def status(self) -> Any:
                raise error

        job = WidgetJob(Broken())
        wait_until(lambda: job.stale_since is not None, PATIENCE)
        job.close()

    def test_a_subscription_that_exits_is_polled(self, world: World) -> None:
        class Exits(FakeJob):
            def add_listener(self, listener: Callable[[], None]) -> Callable[[], None]:
                sys.exit(1)

        job = WidgetJob(Exits())
        job.job.finish()
        wait_until(lambda: job.state == "DONE", PATIENCE)
        job.close()


class TestViews:
    def test_a_send_that_fails_stops_nothing_and_is_made_up_for_with_the_next_change(
        self, world: World, frontend: RecordingFrontend, caplog: pytest.LogCaptureFixture
    ) -> None:
        hooked: list[str] = []

        class Hooked(WidgetJob[Any, Any]):
            def snapshot_changed(self, snapshot: JobSnapshot) -> None:
                hooked.append(snapshot.state.value)

        job, seen = Hooked(FakeJob()), list[Any]()
        job.observe(lambda change: seen.append(change.new), "state")
        assert job.model_id is not None
        send = type(job.comm).publish_msg
        broken = pytest.MonkeyPatch()
        broken.setattr(type(job.comm), "publish_msg", _no_session)
        job.job.move_to(JobState.RUNNING, message="first")
        wait_until(lambda: hooked == ["RUNNING"], PATIENCE)
        job.job.move_to(JobState.RUNNING, message="second")
        wait_until(lambda: hooked == ["RUNNING", "RUNNING"], PATIENCE)
        wait_until(lambda: world.told_of(job).get("message") == "second", PATIENCE)
        broken.undo()
        assert type(job.comm).publish_msg is send

        job.job.move_to(JobState.RUNNING, message="second", progress=0.5)
        wait_until(lambda: frontend.seen_of(job).get("progress") == 0.5, PATIENCE)
        assert frontend.seen_of(job).items() >= {"state": "RUNNING", "message": "second"}.items()
        assert seen == ["RUNNING"]
        assert len(caplog.records) == 1
        job.close()

    def test_a_card_whose_view_is_gone_can_be_renamed_and_closed(
        self, world: World, frontend: RecordingFrontend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = WidgetJob(FakeJob())
        assert job.model_id is not None
        monkeypatch.setattr(type(job.comm), "publish_msg", _no_session)
        job.name = "new"
        job.close()

        assert job.name == "new"
        assert job.model_id is None

    def test_a_card_that_cannot_be_opened_is_shown_as_text(
        self, world: World, frontend: RecordingFrontend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("comm.create_comm", _no_session)
        monkeypatch.setattr(widget_job, "in_kernel", lambda: True)
        job = WidgetJob(FakeJob())

        kinds = {"text/plain", "text/html", "application/vnd.primwidgets.job+json"}  # of which none needs a comm
        assert set(job._repr_mimebundle_()) == kinds
        job.close()

    def test_an_output_that_cannot_be_stored_stops_no_observer(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job, told = WidgetJob(FakeJob()), threading.Event()
        job.observe(lambda _: told.set(), "state")
        displayed = Displayed(job._draw_output, lambda: False)
        displayed.display_ids.append("shown")
        job._wrapped.displayed = displayed
        monkeypatch.setattr("primwidgets.stored_outputs.publish_display", _no_session)
        job.job.finish()

        assert told.wait(PATIENCE)
        job.close()


def _no_session(*_: object, **__: object) -> None:
    raise RuntimeError("no session")


class TestClosed:
    def test_a_job_that_an_observer_closes_is_not_in_the_hub_any_more(self, world: World) -> None:
        theirs, closed = FakeJob(), threading.Event()
        job = WidgetJob(theirs)

        def close(_: object) -> None:
            job.close()
            closed.set()

        job.observe(close, "state")
        uid = job.snapshot.uid
        theirs.move_to(JobState.RUNNING)
        assert closed.wait(PATIENCE)
        theirs.finish()
        job._take(job.snapshot.evolve(state=JobState.RUNNING))  # a worker that was late
        world.hub.receive(command_message(Verb.SYNC))
        other = WidgetJob(FakeJob())
        wait_until(lambda: other.snapshot.uid in world.told, PATIENCE)

        assert uid not in world.told
        other.close()


class TestBudget:
    @pytest.mark.parametrize("first", [0, 1])
    def test_adapters_that_call_their_providers_alike_share_no_budget(self, first: int) -> None:
        class Limited(FarAdapter):
            provider = "Acme"
            pace = Pace(first=0.1, ceiling=0.1, requests_per_second=2.0)

        class Free(FarAdapter):
            provider = "Acme"
            pace = Pace(first=0.1, ceiling=0.1)

        station = Station()
        kinds: tuple[type[FarAdapter], ...] = (Limited, Free) if first == 0 else (Free, Limited)
        jobs = {kind: [station.add(kind) for _ in range(5)] for kind in kinds}
        station.advance(9.95)
        reads = {kind: sum(len(job.adapter.read_at) for job in jobs[kind]) for kind in kinds}

        assert reads[Limited] == 20
        assert reads[Free] >= 450

    @pytest.mark.parametrize("first", [0, 1])
    def test_adapters_that_say_so_share_the_smallest_budget(self, first: int) -> None:
        class Slow(FarAdapter):
            pace = Pace(first=0.1, ceiling=0.1, requests_per_second=2.0)
            budget_key = "one provider"

        class Fast(FarAdapter):
            pace = Pace(first=0.1, ceiling=0.1, requests_per_second=50.0)
            budget_key = "one provider"

        station = Station()
        kinds: tuple[type[FarAdapter], ...] = (Slow, Fast) if first == 0 else (Fast, Slow)
        jobs = [station.add(kind) for kind in kinds for _ in range(5)]
        station.advance(9.95)

        assert sum(len(job.adapter.read_at) for job in jobs) == 20

    def test_providers_without_jobs_are_forgotten(self) -> None:
        station = Station()
        job = station.add()
        job.job.finish()
        station.advance(2)

        assert station.monitor._lanes == {}
