"""The messages a frontend may send. Everything else is ignored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

#: Raised when a message changes its meaning; both sides name it and refuse what they do not know.
PROTOCOL_VERSION: Final = 1
_UID_LIMIT: Final = 64


class Verb(StrEnum):
    """What a frontend can ask for: of one job, or (the last two) of all jobs of the kernel."""

    CANCEL = "cancel"
    STOP_WAITING = "stop_waiting"
    PREVIEW = "preview"
    SYNC = "sync"
    CLEAR_FINISHED = "clear_finished"


_VERBS: Final = frozenset(verb.value for verb in Verb)
_OF_ALL_JOBS: Final = frozenset({Verb.SYNC, Verb.CLEAR_FINISHED})


@dataclass(frozen=True, slots=True)
class Command:
    """One validated request of a frontend.

    Attributes:
        verb: what it wants.
        uid: of which job; ``None`` for what concerns all of them.
    """

    verb: Verb
    uid: str | None


def parse_command(data: object) -> Command | None:
    """The command in ``data``, which comes from a browser and can be anything; ``None`` if it is none of ours."""
    if not isinstance(data, Mapping) or data.get("primwidgets") != PROTOCOL_VERSION:
        return None
    word, uid = data.get("verb"), data.get("uid")
    if not isinstance(word, str) or word not in _VERBS:
        return None
    verb = Verb(word)
    if verb in _OF_ALL_JOBS:
        return Command(verb, None) if uid is None else None
    return Command(verb, uid) if isinstance(uid, str) and 0 < len(uid) <= _UID_LIMIT else None


def command_message(verb: Verb, uid: str | None = None) -> dict[str, Any]:
    """The wire form of a command, as the frontend sends it."""
    return {"primwidgets": PROTOCOL_VERSION, "verb": verb.value} | ({} if uid is None else {"uid": uid})
