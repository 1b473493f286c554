from __future__ import annotations

import json
from typing import Annotated, Any, TypedDict

import pytest

from primwidgets._jupyter.protocol import ARGUMENTS, Command, Verb, command_message, parse_command
from primwidgets.wire import Number, record_of

GOOD = {"primwidgets": 1, "verb": "cancel", "uid": "u1"}


@pytest.mark.parametrize("verb", [Verb.CANCEL, Verb.STOP_WAITING, Verb.PREVIEW, Verb.RERUN])
def test_a_command_for_a_job_survives_the_way_through_json(verb: Verb) -> None:
    assert parse_command(json.loads(json.dumps(command_message(verb, "u1")))) == Command(verb, "u1")


@pytest.mark.parametrize("verb", [Verb.SYNC, Verb.CLEAR_FINISHED])
def test_a_command_for_all_jobs_names_none(verb: Verb) -> None:
    assert parse_command(json.loads(json.dumps(command_message(verb)))) == Command(verb, None)
    assert parse_command(command_message(verb, "u1")) is None


def test_further_keys_are_ignored() -> None:
    assert parse_command({**GOOD, "later": {"deep": []}}) == Command(Verb.CANCEL, "u1")


def test_a_command_can_carry_arguments_of_which_those_that_are_not_known_are_ignored() -> None:
    assert parse_command({**GOOD, "arguments": {"later": 1}}) == Command(Verb.CANCEL, "u1")
    assert parse_command({**GOOD, "arguments": {}}) == Command(Verb.CANCEL, "u1")


def test_arguments_are_checked_against_the_schema_of_their_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    class Size(TypedDict):
        width: Annotated[int, Number(1, 100, whole=True)]

    monkeypatch.setitem(ARGUMENTS, Verb.PREVIEW, record_of(Size))
    assert parse_command(command_message(Verb.PREVIEW, "u1", width=7)) == Command(Verb.PREVIEW, "u1", {"width": 7})
    for arguments in ({}, {"width": 0}, {"width": "7"}):
        assert parse_command(command_message(Verb.PREVIEW, "u1", **arguments)) is None


@pytest.mark.parametrize("arguments", [None, 1, "x", ["x"]], ids=repr)
def test_arguments_that_are_no_record_are_refused(arguments: object) -> None:
    assert parse_command({**GOOD, "arguments": arguments}) is None


def test_every_verb_has_a_schema_for_its_arguments() -> None:
    assert list(ARGUMENTS) == list(Verb)


@pytest.mark.parametrize(
    "data",
    [
        None,
        0,
        True,
        "cancel",
        b"cancel",
        [],
        ["primwidgets", 1],
        {},
        {"verb": "cancel", "uid": "u1"},
        {"primwidgets": 1},
        pytest.param(object(), id="object"),
    ],
    ids=repr,
)
def test_what_is_no_message_of_ours_is_ignored(data: object) -> None:
    assert parse_command(data) is None


@pytest.mark.parametrize("version", [None, 0, 2, -1, "1", [1], {"1": 1}, float("nan")], ids=repr)
def test_other_versions_are_ignored(version: Any) -> None:
    assert parse_command({**GOOD, "primwidgets": version}) is None


@pytest.mark.parametrize(
    "verb", [None, 1, True, "", "CANCEL", "cancel ", "__class__", "delete", ["cancel"], {"cancel": 1}], ids=repr
)
def test_other_verbs_are_ignored(verb: Any) -> None:
    assert parse_command({**GOOD, "verb": verb}) is None


@pytest.mark.parametrize("uid", [None, 1, True, "", "u" * 65, ["u1"], {"u1": 1}], ids=lambda uid: repr(uid)[:12])
def test_what_can_be_no_uid_is_ignored(uid: Any) -> None:
    assert parse_command({**GOOD, "uid": uid}) is None


@pytest.mark.parametrize("uid", ["u" * 64, "<img onerror=alert(1)>", "../..", "\u202e\U0001f600", "\ud800"], ids=ascii)
def test_a_strange_uid_is_a_text_like_any_other(uid: str) -> None:
    assert parse_command({**GOOD, "uid": uid}) == Command(Verb.CANCEL, uid)
