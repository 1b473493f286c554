"""What the frontends of a hub know of its jobs, and what they have to be sent. The cost grows with what changed."""

from __future__ import annotations

import json
from typing import Any, Final

from primwidgets import _border as border
from primwidgets.snapshot import FIELDS, SNAPSHOT, JobSnapshot

#: Most characters of logs and series in one message; the others are sent with the next ones. A server cuts off clients
#: that get more than a million bytes a second.
LOG_CHARACTERS: Final = 40_000
#: What a point of a series takes at most, in characters, on average.
_POINT_CHARACTERS: Final = 16
#: The fields that may be long, and what is sent for one that has to wait.
_BULKY: Final[dict[str, Any]] = {"log": None, "series": ()}

Wire = dict[str, Any]


class HubNews:
    """The newest snapshot of each job, and the one that was sent last. The caller lets one thread in at a time."""

    def __init__(self) -> None:
        self._jobs: dict[str, JobSnapshot] = {}
        self._sent: dict[str, JobSnapshot] = {}
        self._changed: dict[str, None] = {}
        self._late: dict[str, None] = {}
        self._removed: dict[str, None] = {}
        self._log_once = border.LogOnce()

    @property
    def waits(self) -> bool:
        """Whether something is left over for the next message."""
        return bool(self._late)

    def put(self, snapshot: JobSnapshot, *, tell: bool) -> None:
        """Take in what is known of a job; ``tell`` if it has to be sent."""
        self._jobs[snapshot.uid] = snapshot
        if tell:
            self._changed[snapshot.uid] = None

    def forget(self, uid: str) -> None:
        """Remove a job, also from the frontends that have it."""
        self._jobs.pop(uid, None)
        self._changed.pop(uid, None)
        self._late.pop(uid, None)
        if self._sent.pop(uid, None) is not None:
            self._removed[uid] = None

    def begin_anew(self) -> None:
        """Have everything sent again: a frontend knows nothing yet."""
        self._sent, self._late, self._removed = {}, {}, {}
        self._changed = dict.fromkeys(self._jobs)

    def take(self) -> tuple[list[Wire], list[str]]:
        """What is new of the jobs, and the uids of those that were taken off. It counts as sent from now on."""
        changed = {**self._late, **self._changed}  # what had to wait is first
        self._changed, self._late = {}, {}
        deltas, room = [], LOG_CHARACTERS
        for uid in changed:
            delta = self._delta(uid, room)
            if len(delta) > 1:
                deltas.append(delta)
                room -= sum(_size(field, delta[field]) for field in _BULKY if field in delta)
        removed, self._removed = [uid for uid in self._removed if uid not in self._sent], {}
        return deltas, removed

    def leave_out_what_is_no_json(self) -> bool:
        """Take off the jobs whose adapters gave what cannot be sent; whether there are any."""
        bad = [uid for uid, known in self._jobs.items() if isinstance(border.call(_check_json, known), border.Raised)]
        for uid in bad:
            self.forget(uid)
        return bool(bad)

    def _delta(self, uid: str, room: int) -> Wire:
        """The fields of a job that differ from what was sent last, and its uid; what is longer than ``room`` waits."""
        snapshot = self._jobs[uid]
        made = border.call(self._differences, snapshot, room)
        if isinstance(made, border.Raised):  # its adapter filled in what is of no wire form
            self._log_once.log(uid, "Job %s cannot be sent", uid, error=made.error)
            return {"uid": uid}
        return made.value

    def _differences(self, snapshot: JobSnapshot, room: int) -> Wire:
        sent = self._sent.get(snapshot.uid)
        delta: Wire = {}
        for field in FIELDS if sent is None else _differing(sent, snapshot):
            value = SNAPSHOT.fields[field].write(getattr(snapshot, field))
            if field in _BULKY and (size := _size(field, value)) > 0:
                if size > room:
                    self._late[snapshot.uid] = None
                    snapshot = snapshot.evolve(**{field: _BULKY[field] if sent is None else getattr(sent, field)})
                    if sent is not None:
                        continue
                    value = SNAPSHOT.fields[field].write(_BULKY[field])
                else:
                    room -= size
            delta[field] = value
        self._sent[snapshot.uid] = snapshot
        return {"uid": snapshot.uid, **delta} if sent is not None else delta


def _differing(before: JobSnapshot, now: JobSnapshot) -> list[str]:
    """The fields that differ. All snapshots hold their values in the order of ``FIELDS``; what is not sent is last."""
    pairs = zip(FIELDS, vars(before).values(), vars(now).values(), strict=False)
    return [field for field, old, new in pairs if old is not new and old != new]


def _size(field: str, value: Any) -> int:
    """The characters that a bulky field takes in a message, in its wire form."""
    if not value:
        return 0
    return len(value) if field == "log" else sum(len(one["steps"]) for one in value) * _POINT_CHARACTERS


def _check_json(snapshot: JobSnapshot) -> None:
    json.dumps(snapshot.to_wire(), allow_nan=False)
