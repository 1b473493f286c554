from __future__ import annotations

import json
from typing import Any

import pytest

from primwidgets._jupyter import hub_news
from primwidgets._jupyter.hub import ANSWERS_A_TICK, EPOCH, FINISHED_KEPT, Hub
from primwidgets._jupyter.hub_news import LOG_CHARACTERS
from primwidgets._jupyter.protocol import Command, Verb, command_message
from primwidgets._monitor.monitor import Monitor
from primwidgets._settings import settings
from primwidgets.snapshot import JobSnapshot, JobState
from primwidgets.testing import ManualClock
from tests.fake_runner import FakeRunner


class FakeReceiver:
    def __init__(self) -> None:
        self.verbs: list[Verb] = []

    def obey(self, command: Command) -> None:
        self.verbs.append(command.verb)


class Station:
    """A hub whose clock is turned by hand, and what it sent."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.runner = FakeRunner(self.clock)
        self.monitor = Monitor(self.runner, self.clock)
        self.sent: list[dict[str, Any]] = []
        self.joined = set[str]()
        self.failing: BaseException | None = None
        self.hub = Hub(self.monitor, self.send)

    def send(self, message: dict[str, Any]) -> None:
        """Write a message down; fails as long as the test says so."""
        if self.failing is not None:
            raise self.failing
        self.sent.append(json.loads(json.dumps(message, allow_nan=False)))

    def publish(self, snapshot: JobSnapshot) -> None:
        """Publish what is known of a job, which joins with it."""
        if snapshot.uid not in self.joined:
            self.joined.add(snapshot.uid)
            self.hub.join(snapshot, FakeReceiver().obey)
        self.hub.publish(snapshot)

    def after(self, seconds: float) -> list[dict[str, Any]]:
        """What was sent since the last time, once ``seconds`` have passed."""
        self.runner.run_due()
        self.runner.advance(seconds)
        self.runner.run_due()
        sent, self.sent[:] = list(self.sent), []
        return sent

    def listen(self) -> dict[str, Any]:
        """A frontend asks for everything."""
        self.hub.receive(command_message(Verb.SYNC))
        (answer,) = self.after(0)
        return answer


@pytest.fixture
def station() -> Station:
    return Station()


def job(number: int, **fields: Any) -> JobSnapshot:
    return JobSnapshot(uid=f"u{number}", provider="Fake", **{"state": JobState.RUNNING, **fields})


def test_nothing_is_sent_before_a_frontend_asks(station: Station) -> None:
    station.publish(job(1))
    assert station.after(10) == []


def test_a_hub_is_announced_without_a_word_about_its_jobs(station: Station) -> None:
    station.publish(job(1))
    station.hub.announce()
    nothing = {"whole": False, "jobs": [], "removed": []}
    assert station.after(10) == [{"primwidgets": 1, "epoch": EPOCH, "sequence": 0, **nothing}]
    assert station.listen()["sequence"] == 1


def test_who_asks_gets_all_jobs_with_all_fields(station: Station) -> None:
    station.publish(job(1, name="one"))
    station.publish(job(2))
    answer = station.listen()
    assert answer == {
        "primwidgets": 1,
        "epoch": EPOCH,
        "sequence": 1,
        "whole": True,
        "jobs": [job(1, name="one").to_wire(), job(2).to_wire()],
        "removed": [],
    }
    json.dumps(answer, allow_nan=False)


def test_the_changes_of_a_tick_go_out_in_one_message_without_what_is_known(station: Station) -> None:
    for number in range(1000):
        station.publish(job(number))
    station.listen()
    for progress in (0.1, 0.2, 0.3):
        for number in range(1000):
            station.publish(job(number, progress=progress))
    assert station.after(settings.hub_tick * 0.9) == []
    (message,) = station.after(settings.hub_tick * 0.1)
    assert message["jobs"] == [{"uid": f"u{number}", "progress": 0.3} for number in range(1000)]
    assert (message["sequence"], message["whole"]) == (2, False)


def test_what_did_not_change_is_not_sent(station: Station) -> None:
    station.publish(job(1))
    station.listen()
    station.publish(job(1))
    assert station.after(settings.hub_tick) == []


def test_each_further_frontend_gets_everything_again(station: Station) -> None:
    station.publish(job(1))
    station.listen()
    station.publish(job(1, progress=0.5))
    assert station.listen()["jobs"] == [job(1, progress=0.5).to_wire()]


def test_however_many_ask_at_once_a_few_messages_answer_them(station: Station) -> None:
    station.hub.publish(job(1))
    at_once = 0
    for _ in range(1000):
        station.hub.receive(command_message(Verb.SYNC))
        at_once += len(station.after(0))
    assert at_once == ANSWERS_A_TICK
    (last,) = station.after(settings.hub_tick)
    assert last["whole"]
    assert station.after(60) == []
    assert station.listen()["whole"]


def test_a_command_reaches_its_job_only(station: Station) -> None:
    one, two = FakeReceiver(), FakeReceiver()
    station.hub.join(job(1), one.obey)
    station.hub.join(job(2), two.obey)
    station.hub.receive(command_message(Verb.CANCEL, "u2"))
    station.hub.receive(command_message(Verb.CANCEL, "unknown"))
    assert (one.verbs, two.verbs) == ([], [Verb.CANCEL])


@pytest.mark.parametrize("content", [None, [], {"primwidgets": 2, "verb": "sync"}, {"verb": "sync"}, "sync"])
def test_whatever_is_not_of_the_protocol_is_ignored(station: Station, content: object) -> None:
    station.publish(job(1))
    station.hub.receive(content)
    assert station.after(1) == []


def test_a_job_that_is_no_longer_watched_is_removed(station: Station) -> None:
    station.publish(job(1))
    station.publish(job(2, state=JobState.DONE))
    station.listen()
    station.hub.leave("u1")
    station.hub.leave("u2")
    station.publish(job(3))
    (message,) = station.after(settings.hub_tick)
    assert message["removed"] == ["u1"]  # what became of the other one is still worth knowing


def test_finished_jobs_can_be_cleared(station: Station) -> None:
    station.publish(job(1))
    station.publish(job(2, state=JobState.DONE))
    station.listen()
    station.hub.receive(command_message(Verb.CLEAR_FINISHED))
    (message,) = station.after(0)
    assert message["removed"] == ["u2"]
    assert [known["uid"] for known in station.listen()["jobs"]] == ["u1"]


def test_only_the_latest_finished_jobs_are_remembered(station: Station) -> None:
    station.publish(job(0))
    for number in range(1, FINISHED_KEPT + 11):
        station.publish(job(number, state=JobState.DONE))
    known = [known["uid"] for known in station.listen()["jobs"]]
    assert len(known) == FINISHED_KEPT + 1
    assert known[:2] == ["u0", "u11"]


def test_a_final_state_that_is_taken_back_is_not_forgotten(station: Station) -> None:
    station.publish(job(1, state=JobState.CANCELLED))
    station.publish(job(1))
    station.hub.receive(command_message(Verb.CLEAR_FINISHED))
    assert [known["uid"] for known in station.listen()["jobs"]] == ["u1"]


def test_the_hub_keeps_no_job_alive(station: Station) -> None:
    station.hub.join(job(1), FakeReceiver().obey)
    station.hub.receive(command_message(Verb.CANCEL, "u1"))  # its receiver is gone: nothing happens


def test_the_members_are_those_that_still_exist(station: Station) -> None:
    first, second = FakeReceiver(), FakeReceiver()
    station.hub.join(job(1), first.obey)
    station.hub.join(job(2), second.obey)
    assert station.hub.members() == [first, second]
    del first
    assert station.hub.members() == [second]
    station.hub.leave("u2")
    station.publish(job(3))
    assert station.hub.members() == []


def logs_in(message: dict[str, Any]) -> dict[str, str]:
    return {delta["uid"]: delta["log"] for delta in message["jobs"] if delta.get("log")}


def test_of_many_jobs_that_print_much_a_message_holds_only_so_much(station: Station) -> None:
    for number in range(100):
        station.publish(job(number, log="x" * 4000))
    first = station.listen()
    assert len(first["jobs"]) == 100
    assert first["jobs"][-1]["log"] is None
    rest = [message for _ in range(12) for message in station.after(settings.hub_tick)]
    assert all(sum(map(len, logs_in(message).values())) <= LOG_CHARACTERS for message in [first, *rest])
    assert {uid for message in [first, *rest] for uid in logs_in(message)} == {f"u{number}" for number in range(100)}
    assert station.after(10) == []


def test_no_job_has_to_wait_for_ever_because_others_print_all_the_time(station: Station) -> None:
    station.listen()
    seen: set[str] = set()
    for tick in range(6):
        for number in range(50):
            station.publish(job(number, log=f"{tick}" + "x" * 3999))
        (message,) = station.after(settings.hub_tick)
        seen |= logs_in(message).keys()
    assert len(seen) == 50


def test_a_log_that_waits_is_forgotten_with_its_job(station: Station) -> None:
    receivers = [FakeReceiver() for _ in range(20)]
    for number, receiver in enumerate(receivers):
        station.hub.join(job(number, log="x" * 4000), receiver.obey)
    station.listen()
    for number in range(20):
        station.hub.leave(f"u{number}")
    (message,) = station.after(settings.hub_tick)
    assert (message["jobs"], len(message["removed"])) == ([], 20)
    assert station.after(10) == []


def uids(message: dict[str, Any]) -> set[str]:
    return {known["uid"] for known in message["jobs"]}


def test_a_job_that_left_does_not_come_back_with_what_is_published_late(station: Station) -> None:
    station.publish(job(1))
    station.publish(job(2, state=JobState.DONE))
    station.listen()
    for uid in ("u1", "u2"):
        station.hub.leave(uid)
    station.after(settings.hub_tick)
    station.hub.publish(job(1, progress=0.5))
    station.hub.publish(job(2))
    station.hub.publish(job(3))  # which never joined
    station.after(settings.hub_tick)

    assert uids(station.listen()) == {"u2"}
    assert station.listen()["jobs"][0]["state"] == "DONE"


def test_a_job_that_was_cleared_does_not_come_back_unless_it_goes_on(station: Station) -> None:
    station.publish(job(1, state=JobState.DONE))
    station.listen()
    station.hub.receive(command_message(Verb.CLEAR_FINISHED))
    station.publish(job(1, state=JobState.DONE, waiting=True))
    assert uids(station.listen()) == set()

    station.publish(job(1))
    assert uids(station.listen()) == {"u1"}


@pytest.mark.parametrize("error", [RuntimeError("no session"), SystemExit(1)], ids=repr)
def test_what_could_not_be_sent_goes_with_the_next_change_and_is_logged_once(
    station: Station, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    station.publish(job(1))
    station.listen()
    station.failing = error
    for step in range(1, 4):
        station.publish(job(1, progress=step / 10))
        station.publish(job(2))
        assert station.after(settings.hub_tick) == []
    station.failing = None
    station.publish(job(2, progress=0.5))
    (message,) = station.after(settings.hub_tick)

    assert {known["uid"]: known["progress"] for known in message["jobs"]} == {"u1": 0.3, "u2": 0.5}
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_an_announcement_that_fails_stops_nothing(station: Station) -> None:
    station.failing = RuntimeError("no session")
    station.hub.announce()
    station.after(0)
    station.failing = None
    station.publish(job(1))

    assert uids(station.listen()) == {"u1"}


def test_a_job_whose_fields_cannot_be_sent_takes_nothing_from_the_others(station: Station) -> None:
    station.publish(job(1, backend=object()))
    station.publish(job(2, metadata=3))
    station.publish(job(3))
    station.hub.receive(command_message(Verb.SYNC))
    (message,) = station.after(settings.hub_tick)

    assert "u3" in uids(message)


def test_a_tick_compares_only_the_jobs_that_changed(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1000):
        station.publish(job(number))
    station.listen()
    compared: list[str] = []
    differing = hub_news._differing

    def noted(before: JobSnapshot, now: JobSnapshot) -> list[str]:
        compared.append(now.uid)
        return differing(before, now)

    monkeypatch.setattr(hub_news, "_differing", noted)
    station.publish(job(7, progress=0.5))
    (message,) = station.after(settings.hub_tick)

    assert message["jobs"] == [{"uid": "u7", "progress": 0.5}]
    assert compared == ["u7"]


def test_a_cleared_job_that_goes_on_within_the_tick_is_sent_in_full(station: Station) -> None:
    station.publish(job(1, state=JobState.DONE))
    station.listen()
    station.hub.receive(command_message(Verb.CLEAR_FINISHED))
    station.publish(job(1))
    messages = station.after(settings.hub_tick)

    assert messages[-1]["jobs"] == [job(1).to_wire()]
    assert uids(station.listen()) == {"u1"}


def test_a_frontend_says_whether_it_draws_the_outputs(station: Station) -> None:
    station.hub.receive(command_message(Verb.SYNC))
    assert not station.hub.draws_outputs
    station.hub.receive({**command_message(Verb.SYNC), "arguments": {"draws_outputs": 1}})  # not of the schema
    assert not station.hub.draws_outputs
    station.hub.receive(command_message(Verb.SYNC, draws_outputs=True))
    station.hub.receive(command_message(Verb.SYNC))  # another frontend, which draws none
    assert station.hub.draws_outputs
