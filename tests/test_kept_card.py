"""A job whose end is on its card is let go with its last reference; the card stays."""

from __future__ import annotations

import gc
import threading
import time
from typing import Any
from weakref import ref

import comm
import pytest
from ipywidgets import HBox, Layout, Widget
from ipywidgets.embed import embed_data
from ipywidgets.widgets import widget as widget_module
from qiskit import QuantumCircuit
from qiskit.primitives import StatevectorSampler

from primwidgets import JobState, WidgetJob
from primwidgets._jupyter.protocol import Verb, command_message
from primwidgets.testing import FakeJob
from tests.callers import HeardJob
from tests.monitored import PATIENCE
from tests.recording_comm import RecordingFrontend

pytestmark = pytest.mark.usefixtures("no_cards_left")

References = list["LifetimeProbe"]


class Result:
    """Something large."""


class LifetimeProbe:
    """Notes when an object is collected."""

    def __init__(self, watched: object) -> None:
        self._gone = threading.Event()
        self._reference = ref(watched, lambda _: self._gone.set())

    def await_end(self) -> bool:
        """Whether the object goes; the thread that received a result may still be about to end."""
        until = time.monotonic() + PATIENCE
        while not self._gone.is_set() and time.monotonic() < until:
            gc.collect()
            self._gone.wait(0.02)
        return self._gone.is_set()

    def is_alive(self) -> bool:
        gc.collect()
        return self._reference() is not None


def shown_and_dropped(frontend: RecordingFrontend) -> tuple[str, References]:
    """The id of the model of a job that was shown, has ended and is referred to no more; and weak references to all."""
    job, result = FakeJob(), Result()
    widget = WidgetJob(job, name="dropped")
    frontend.shown_by(widget)
    job.finish(result)
    widget.result()
    return str(widget.model_id), [LifetimeProbe(widget), LifetimeProbe(job), LifetimeProbe(result)]


def are_gone(references: References) -> bool:
    return all(reference.await_end() for reference in references)


def types_of(frontend: RecordingFrontend, model_id: str) -> list[str]:
    return [message["type"] for message in frontend.messages if message["comm_id"] == model_id]


def test_a_shown_job_and_its_result_go_with_the_last_reference_and_the_card_stays(frontend: RecordingFrontend) -> None:
    model_id, references = shown_and_dropped(frontend)

    assert are_gone(references)
    assert "comm_close" not in types_of(frontend, model_id)


def test_a_primitives_job_goes_once_its_picture_is_drawn(frontend: RecordingFrontend) -> None:
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    job = HeardJob(StatevectorSampler().run([circuit], shots=5))
    frontend.shown_by(job)
    heard, model_id, references = job.heard, str(job.model_id), [LifetimeProbe(job), LifetimeProbe(job.job)]
    heard.await_one(lambda now: now.result_preview is not None)
    job.wait()
    del job

    assert are_gone(references)
    assert widget_module._instances[model_id].get_state()["_snapshot_rest"]["result_preview"] is not None


def test_a_running_job_without_references_keeps_its_card_up_to_date(frontend: RecordingFrontend) -> None:
    provider_job = FakeJob()
    job = HeardJob(provider_job)
    heard, model_id, probe = job.heard, str(job.model_id), LifetimeProbe(job)
    del job
    assert probe.is_alive()

    provider_job.move_to(JobState.RUNNING)
    heard.await_one(lambda now: now.state == "RUNNING")
    provider_job.finish()
    heard.await_one(lambda now: now.state == "DONE")
    updates = [m["data"]["state"] for m in frontend.messages if m["comm_id"] == model_id and m["type"] == "comm_msg"]
    assert [update["state"] for update in updates if "state" in update] == ["RUNNING", "DONE"]


@pytest.mark.parametrize(
    "question", [{"method": "request_state"}, {"method": "custom", "content": command_message(Verb.REFRESH, "u")}]
)
def test_a_page_that_is_loaded_later_gets_the_end_of_a_job_that_is_gone(
    question: dict[str, Any], frontend: RecordingFrontend
) -> None:
    model_id, references = shown_and_dropped(frontend)
    assert are_gone(references)
    frontend.receive(model_id, question)

    answer = frontend.messages[-1]
    assert (answer["comm_id"], answer["data"]["method"]) == (model_id, "update")
    assert answer["data"]["state"]["state"] == "DONE"
    assert answer["data"]["state"]["name"] == "dropped"


def test_commands_for_a_job_that_is_gone_do_nothing(frontend: RecordingFrontend) -> None:
    model_id, references = shown_and_dropped(frontend)
    assert are_gone(references)
    sent = len(frontend.messages)
    frontend.receive(model_id, {"method": "custom", "content": {"primwidgets": 1, "verb": "cancel", "uid": "x"}})
    frontend.receive(model_id, {"method": "update", "state": {"state": "RUNNING"}})

    assert len(frontend.messages) == sent


def test_ipywidgets_tells_of_the_card_of_a_job_that_is_gone_as_of_others(
    frontend: RecordingFrontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_id, references = shown_and_dropped(frontend)
    assert are_gone(references)
    monkeypatch.setattr(widget_module, "_instances", {model_id: widget_module._instances[model_id]})
    monkeypatch.setattr(Widget, "_control_comm", None)
    page = comm.create_comm(target_name="jupyter.widget.control")
    Widget.handle_control_comm_opened(page, {"metadata": {"version": "1.0.0"}})
    frontend.receive(page.comm_id, {"method": "request_states"})

    embedded = embed_data(views=None)["manager_state"]["state"][model_id]
    told = frontend.messages[-1]["data"]["states"][model_id]
    for state in (embedded, told):
        assert (state["model_name"], state["state"]["state"]) == ("AnyModel", "DONE")


def test_closing_all_widgets_closes_the_cards_of_jobs_that_are_gone(frontend: RecordingFrontend) -> None:
    model_id, references = shown_and_dropped(frontend)
    assert are_gone(references)
    Widget.close_all()

    assert types_of(frontend, model_id)[-1] == "comm_close"
    assert model_id not in widget_module._instances


def test_a_job_that_has_ended_is_still_itself_while_there_are_references_to_it(frontend: RecordingFrontend) -> None:
    provider_job = FakeJob()
    job = WidgetJob(provider_job)
    box = HBox([job])
    provider_job.finish(3)
    assert job.wait()

    frontend.set(box, children=[f"IPY_MODEL_{job.model_id}"])
    frontend.set(job, tooltip="set by the page")
    assert box.children[0].state == "DONE"
    assert (job.tooltip, job.result()) == ("set by the page", 3)
    job.name = "renamed"
    assert frontend.seen_of(job)["name"] == "renamed"


# Closing leaves nothing.


def test_a_closed_card_leaves_no_widget_and_no_comm(frontend: RecordingFrontend) -> None:
    before = set(widget_module._instances)
    for traits in ({}, {"layout": {"width": "10em"}}):
        job: WidgetJob[Any, Any] = WidgetJob(FakeJob(), name=None, **traits)
        frontend.shown_by(job)
        job.layout = {"height": "5em"}
        job.close()

    assert set(widget_module._instances) == before
    opened = [m["comm_id"] for m in frontend.messages if m["type"] == "comm_open"]
    closed = [m["comm_id"] for m in frontend.messages if m["type"] == "comm_close"]
    assert sorted(opened) == sorted(closed)


def test_a_layout_that_is_the_users_is_left_alone(frontend: RecordingFrontend) -> None:
    shared = Layout(width="10em")
    job, other = (WidgetJob(FakeJob(), layout=shared) for _ in range(2))
    for each in (job, other):
        frontend.shown_by(each)
    job.close()

    assert shared.comm is not None
    shared.close()
