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
    """What a frontend can ask for."""

    CANCEL = "cancel"
    STOP_WAITING = "stop_waiting"
    PREVIEW = "preview"


_VERBS: Final = frozenset(verb.value for verb in Verb)


@dataclass(frozen=True, slots=True)
class Command:
    """One validated request of a frontend about one job."""

    verb: Verb
    uid: str


def parse_command(data: object) -> Command | None:
    """The command in ``data``, which comes from a browser and can be anything; ``None`` if it is none of ours."""
    if not isinstance(data, Mapping) or data.get("primwidgets") != PROTOCOL_VERSION:
        return None
    verb, uid = data.get("verb"), data.get("uid")
    if not isinstance(verb, str) or not isinstance(uid, str) or not 0 < len(uid) <= _UID_LIMIT:
        return None
    return Command(Verb(verb), uid) if verb in _VERBS else None


def command_message(verb: Verb, uid: str) -> dict[str, Any]:
    """The wire form of a command, as the frontend sends it."""
    return {"primwidgets": PROTOCOL_VERSION, "verb": verb.value, "uid": uid}
