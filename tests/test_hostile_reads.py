"""Reads, views and budgets beside strangers that raise what nobody expects: nothing else suffers."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from primwidgets import JobState, WidgetJob
from primwidgets._jupyter import displayed_job
from primwidgets._jupyter.protocol import Verb, command_message
from primwidgets._jupyter.stored_outputs import Displayed
from primwidgets._threads import ThreadRunner, Workers
from primwidgets.adapters.base import Pace
from primwidgets.snapshot import JobSnapshot
from primwidgets.testing import FakeJob
from tests.monitored import PATIENCE, FarAdapter, Station, wait_until
from tests.recording_comm import RecordingFrontend
from tests.strangers import Plain, World, world

__all__ = ["world"]  # fixtures


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
            wait_until(lambda: job.tracked.is_stale and not job.tracked.is_busy, PATIENCE)
            station.clock.advance(3.001)
            station.monitor._runner.wake()

        assert job.tracked.interval >= 1.25**4
        assert type(error).__name__ in str(job.heard.last.message)
        assert len(caplog.records) <= 1
        station.monitor.unwatch(job.tracked)

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

    def test_words_that_are_no_plain_text_are_shown_all_the_same(self, world: World) -> None:
        class Word(str):
            __slots__ = ()

            def _exit(self, *_: Any) -> Any:
                sys.exit("no word")

            __str__ = __repr__ = __getitem__ = strip = upper = _exit

        class Wordy(Plain):
            def status(self) -> str:
                return Word("RUNNING")

            def job_id(self) -> str:
                return Word("w-1")

        job = WidgetJob(Wordy())
        wait_until(lambda: (job.state, job.status_text) == ("RUNNING", "RUNNING"), PATIENCE)
        assert job.snapshot.job_id == "w-1"
        job.close()

    def test_an_id_that_exits_when_it_is_asked_for_is_none(self, world: World) -> None:
        class Nameless(Plain):
            def job_id(self) -> str:
                sys.exit("no id")

        job = WidgetJob(Nameless())
        wait_until(lambda: job.state == "RUNNING", PATIENCE)
        assert job.snapshot.job_id.startswith("job-")
        job.close()

    def test_a_read_that_brings_something_else_than_a_snapshot_makes_the_card_stale(self) -> None:
        class Wrong(FarAdapter):
            def read(self, last: JobSnapshot) -> JobSnapshot:
                return {"state": "DONE"}  # type: ignore[return-value]

        station = Station()
        job = station.add(Wrong)
        station.advance(0)

        assert job.tracked.is_stale

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
        wait_until(lambda: world.hub_fields_of(job).get("message") == "second", PATIENCE)
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
        monkeypatch.setattr(displayed_job, "in_kernel", lambda: True)
        job = WidgetJob(FakeJob())

        kinds = {"text/plain", "text/html", "application/vnd.primwidgets.job+json"}  # of which none needs a comm
        assert set(job._repr_mimebundle_()) == kinds
        job.close()

    def test_an_output_that_cannot_be_stored_stops_no_observer(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job, changed = WidgetJob(FakeJob()), threading.Event()
        job.observe(lambda _: changed.set(), "state")
        displayed = Displayed(job._draw_output, lambda: False)
        displayed.display_ids.append("shown")
        job._wrapped.displayed = displayed
        monkeypatch.setattr("primwidgets._jupyter.stored_outputs.publish_display", _no_session)
        job.job.finish()

        assert changed.wait(PATIENCE)
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
        wait_until(lambda: other.snapshot.uid in world.hub_jobs, PATIENCE)

        assert uid not in world.hub_jobs
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

        assert len(station.monitor._queues) == 0
