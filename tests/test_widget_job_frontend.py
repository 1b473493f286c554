"""``WidgetJob`` and a frontend: what it is shown, and what it may ask for."""

from __future__ import annotations

from contextvars import ContextVar, copy_context
from typing import Any

import pytest
from comm.base_comm import BaseComm
from ipywidgets import HBox, IntProgress, Label, jslink
from qiskit import QuantumCircuit
from qiskit.primitives import StatevectorSampler
from traitlets import Int

from primwidgets import JobState, StoppedWaiting, WidgetJob
from primwidgets._jupyter import displayed_job
from primwidgets._jupyter.card_code import built
from primwidgets._jupyter.card_widget import CardWidget
from primwidgets._jupyter.protocol import OF_ALL_JOBS, Command, Verb, command_message
from primwidgets._jupyter.services import hub
from primwidgets._jupyter.stored_outputs import WIDGET_MIME
from primwidgets._monitor.monitor import Monitor
from primwidgets._monitor.waiting import Waiting
from tests.callers import Caller, FarJob, HeardJob, Start
from tests.monitored import PATIENCE
from tests.recording_comm import RecordingFrontend

# Among other widgets.


def test_cards_stand_in_boxes_and_links_as_other_widgets_do(start: Start, frontend: RecordingFrontend) -> None:
    job, other, bar = start(), start(), IntProgress()
    box = HBox([job, other, Label("x")])
    link = jslink((job, "progress"), (bar, "value"))

    assert frontend.shown_by(box)["children"][:2] == [f"IPY_MODEL_{job.model_id}", f"IPY_MODEL_{other.model_id}"]
    assert frontend.shown_by(link)["source"] == [f"IPY_MODEL_{job.model_id}", "progress"]
    assert box.children[0] is job


def test_a_frontend_sees_the_job_move(start: Start, frontend: RecordingFrontend) -> None:
    job = start()
    assert frontend.shown_by(job)["state"] == "RUNNING"
    job.job.finish()
    job.result()

    assert [update["state"] for update in frontend.updates_of(job) if "state" in update] == ["DONE"]
    assert frontend.seen_of(job)["_snapshot_rest"]["can_cancel"] is False


def test_a_finished_primitive_is_drawn_when_it_is_shown(frontend: RecordingFrontend) -> None:
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    job = HeardJob(StatevectorSampler().run([circuit], shots=5))
    job.result()
    assert job.snapshot.result_preview is None

    assert frontend.shown_by(job)["state"] == "DONE"
    job.heard.await_one(lambda now: now.result_preview is not None)
    (panel,) = frontend.seen_of(job)["_snapshot_rest"]["result_preview"]["panels"]
    assert panel["bars"] == [{"label": "0", "count": 5}]


def test_a_result_is_downloaded_for_a_picture_only_when_the_reader_asks(
    start: Start, frontend: RecordingFrontend
) -> None:
    job = start(FarJob())
    frontend.shown_by(job)
    job.job.finish({"00": 3})
    assert job.wait(PATIENCE)
    assert job.job.downloads == []

    frontend.send(job, command_message(Verb.PREVIEW, job.snapshot.uid))
    job.heard.await_one(lambda now: now.result_preview is not None)
    assert len(job.job.downloads) == 1


def test_changes_are_sent_in_the_context_in_which_the_card_was_shown(
    start: Start, frontend: RecordingFrontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shiny knows the visitor's page by a context variable, which a worker's thread does not have."""
    visitor: ContextVar[str] = ContextVar("visitor")
    pages: list[tuple[str, str]] = []
    job = start()
    context = copy_context()
    context.run(visitor.set, "Ada")
    context.run(frontend.shown_by, job)
    publish = type(job.comm).publish_msg

    def publish_to_visitor(comm: Any, msg_type: str, *arguments: Any, **keywords: Any) -> None:
        pages.append((msg_type, visitor.get()))
        publish(comm, msg_type, *arguments, **keywords)

    monkeypatch.setattr(type(job.comm), "publish_msg", publish_to_visitor)
    job.job.finish()
    assert job.wait(PATIENCE)
    job.name = "renamed"
    job.send({"custom": True})
    job.close()

    assert {kind for kind, _ in pages} == {"comm_msg", "comm_close"}
    assert {page for kind, page in pages} == {"Ada"}


def test_a_comm_that_an_application_gives_the_card_is_used_in_the_applications_context(start: Start) -> None:
    """Shiny's widgets do not ask for a comm: each gets one of Shiny's own class."""
    visitor: ContextVar[str] = ContextVar("visitor")
    pages: list[str] = []

    class PageComm(BaseComm):
        def publish_msg(self, *_: Any, **__: Any) -> None:
            pages.append(visitor.get())

    def give_comm() -> None:
        visitor.set("Ada")
        job.comm = PageComm()

    job = start()
    copy_context().run(give_comm)
    assert job.get_state("_esm")["_esm"] == built("card.js")  # such a page may keep the models apart
    del pages[:]
    job.job.finish()
    assert job.wait(PATIENCE)
    job.close()

    assert len(pages) > 1
    assert set(pages) == {"Ada"}


def test_a_page_that_asks_gets_all_jobs_in_one_message_however_often_it_asks(
    start: Start, frontend: RecordingFrontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, offers = start(), Offers()
    shown, before = frontend.shown_by(job), len(frontend.updates_of(job))
    monkeypatch.setattr(displayed_job, "card_messages", lambda: offers)
    for _ in range(20):
        frontend.send(job, command_message(Verb.REFRESH, job.snapshot.uid))
    assert len(offers.drawn_by_hub) == 20
    job.send_changes()

    (told,) = frontend.updates_of(job)[before:]
    news = {trait: value for trait, value in told.items() if trait != "_seen_at"}
    assert news.keys() >= {"state", "progress", "name", "_snapshot_rest", "_series"}
    assert {trait: shown[trait] for trait in news} == news
    assert "_esm" not in told


def test_a_card_whose_page_is_gone_is_closed_all_the_same(
    start: Start, frontend: RecordingFrontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError("The document is gone.")

    job = start()
    frontend.shown_by(job)
    monkeypatch.setattr(type(job.comm), "publish_msg", refuse)
    job.close()

    assert (job.shown, job.model_id) == (False, None)


# Commands of the frontend.


def test_the_reader_of_the_card_cancels_the_job_once(start: Start, frontend: RecordingFrontend) -> None:
    job = start()
    job.job.ignore_cancel()
    for _ in range(2):
        frontend.send(job, command_message(Verb.CANCEL, job.snapshot.uid))
    job.heard.await_one(lambda now: now.cancel_state == "REQUESTED")
    job.job.move_to(JobState.CANCELLED)
    assert job.wait(PATIENCE)

    assert (job.job.cancels, job.cancel_state) == (1, "CONFIRMED")


def test_the_reader_of_the_card_stops_the_waiting(start: Start, frontend: RecordingFrontend) -> None:
    job = start()
    caller = Caller(job.result)
    job.await_waiting()
    frontend.send(job, command_message(Verb.STOP_WAITING, job.snapshot.uid))

    with pytest.raises(StoppedWaiting):
        caller.outcome()


@pytest.mark.parametrize("verb", Verb)
def test_each_verb_does_its_own_and_those_of_the_hub_do_nothing_to_a_job(
    verb: Verb, start: Start, frontend: RecordingFrontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, done = start(FarJob()), list[str]()
    monkeypatch.setattr(Monitor, "request_cancel", lambda *_: done.append("cancel"))
    monkeypatch.setattr(Waiting, "stop", lambda *_: done.append("stop_waiting"))
    monkeypatch.setattr(Waiting, "fetch", lambda *_: done.append("preview"))
    monkeypatch.setattr(WidgetJob, "_rerun_if_ended", lambda _: done.append("rerun"))
    monkeypatch.setattr(CardWidget, "send_again", lambda *_: done.append("refresh"))
    assert job._waiting is not None  # there is nothing to stop before somebody waited

    job._obey(Command(verb, job.snapshot.uid))

    assert done == ([] if verb in OF_ALL_JOBS else [verb.value])
    monkeypatch.undo()


def test_a_command_about_another_job_does_nothing(start: Start, frontend: RecordingFrontend) -> None:
    job, other = start(), start()
    frontend.send(job, command_message(Verb.CANCEL, other.snapshot.uid))

    assert (job.snapshot.cancel_state, other.snapshot.cancel_state) == ("NONE", "NONE")


def test_a_frontend_sets_the_traits_of_a_subclass_only(start: Start, frontend: RecordingFrontend) -> None:
    class Levelled(HeardJob):
        level = Int(1).tag(sync=True)

    job, seen = Levelled(start().job), list[int]()
    job.observe(lambda change: seen.append(change.new), "level")
    frontend.shown_by(job)
    frontend.set(job, level=2, state="DONE")

    assert (job.level, job.state, seen) == (2, "RUNNING", [2])
    assert {"state": "RUNNING"} in frontend.updates_of(job)


def test_other_messages_reach_the_users_handlers(start: Start, frontend: RecordingFrontend) -> None:
    job, heard = start(), list[Any]()
    job.on_msg(lambda _widget, content, _buffers: heard.append(content))
    for content in ({"event": "mine"}, command_message(Verb.PREVIEW, job.snapshot.uid)):
        frontend.send(job, content)

    assert heard == [{"event": "mine"}]


class Offers:
    """Notes which cards are taken to be drawn by the messages of the hub."""

    def __init__(self) -> None:
        self.drawn_by_hub: list[bool] = []

    def offer(self, card: Any, *, urgent: bool, drawn_by_hub: bool) -> None:
        self.drawn_by_hub.append(drawn_by_hub)


@pytest.mark.parametrize("draws_outputs", [False, True])
@pytest.mark.parametrize("in_box", [False, True])
def test_only_a_card_whose_views_are_all_drawn_by_the_hub_shares_few_messages(
    draws_outputs: bool, in_box: bool, start: Start, frontend: RecordingFrontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    offers = Offers()
    monkeypatch.setattr(displayed_job, "card_messages", lambda: offers)
    monkeypatch.setattr(displayed_job, "in_kernel", lambda: True)
    monkeypatch.setattr(hub(), "draws_outputs", draws_outputs)
    job = start()
    assert WIDGET_MIME in job._repr_mimebundle_()
    box = HBox([job]) if in_box else None
    job.job.finish()
    job.result()

    assert set(offers.drawn_by_hub) == {draws_outputs and not in_box}
    assert in_box is (box is not None)
