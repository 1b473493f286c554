"""The messages a frontend may send. Everything else is ignored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypedDict

from primwidgets.snapshot import UID_LIMIT
from primwidgets.wire import Identifier, Record, UnfitError, record_of

#: Raised only when a message changes its meaning: both sides name it and refuse another one. A new field needs no new
#: version, since readers take the default of what is missing and ignore what they do not know.
PROTOCOL_VERSION: Final = 1


class Verb(StrEnum):
    """What a frontend can ask for: of one job, or (the last two) of all jobs of the kernel."""

    CANCEL = "cancel"
    STOP_WAITING = "stop_waiting"
    PREVIEW = "preview"
    RERUN = "rerun"
    REFRESH = "refresh"
    SYNC = "sync"
    CLEAR_FINISHED = "clear_finished"


_VERBS: Final = frozenset(verb.value for verb in Verb)
#: The verbs about all jobs of the kernel.
OF_ALL_JOBS: Final = frozenset({Verb.SYNC, Verb.CLEAR_FINISHED})
_UID: Final = Identifier(UID_LIMIT)


class NoArguments(TypedDict):
    """A command that says nothing but its verb and its job."""


@dataclass(frozen=True, slots=True)
class SyncArguments:
    """What a frontend that asks for all jobs says of itself.

    Attributes:
        draws_outputs: whether it draws the outputs of jobs by the messages of the hub.
    """

    draws_outputs: bool = False


#: What a command can say beside its verb and its job, with the same kind of schema as a snapshot.
ARGUMENTS: Final[Mapping[Verb, Record]] = {
    **dict.fromkeys(Verb, record_of(NoArguments)),
    Verb.SYNC: record_of(SyncArguments),
}


@dataclass(frozen=True, slots=True)
class Command:
    """One validated request of a frontend.

    Attributes:
        verb: what it wants.
        uid: of which job; ``None`` for what concerns all of them.
        arguments: the fields of the verb's record in ``ARGUMENTS``, checked.
    """

    verb: Verb
    uid: str | None
    arguments: Mapping[str, Any] = field(default_factory=dict)


def parse_command(data: object) -> Command | None:
    """The command in ``data``, which comes from a browser and can be anything; ``None`` if it is none of ours."""
    if not isinstance(data, Mapping) or data.get("primwidgets") != PROTOCOL_VERSION:
        return None
    word, uid = data.get("verb"), data.get("uid")
    if not isinstance(word, str) or word not in _VERBS:
        return None
    verb = Verb(word)
    if uid == "" or (uid is None) is not (verb in OF_ALL_JOBS):
        return None
    try:
        arguments = ARGUMENTS[verb].values(data.get("arguments", {}), forgiving=False)
        return Command(verb, None if uid is None else _UID.read(uid), arguments)
    except UnfitError:
        return None


def command_message(verb: Verb, uid: str | None = None, **arguments: Any) -> dict[str, Any]:
    """The wire form of a command, as the frontend sends it."""
    message = {"primwidgets": PROTOCOL_VERSION, "verb": verb.value, "uid": uid, "arguments": arguments}
    return {key: value for key, value in message.items() if value not in (None, {})}
