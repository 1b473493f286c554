"""All jobs of this kernel on one comm: changes out, commands in.

The frontend finds the hub by asking for the comms of target ``HUB_TARGET`` on the control channel: that works while a
cell runs, and a kernel without a hub just has none. A hub that comes to be while a frontend is there announces itself,
in one message; nothing else is sent before a frontend has asked for it.
"""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any, Final, assert_never
from weakref import ref

from primwidgets import _border as border
from primwidgets._jupyter.hub_news import HubNews, Wire
from primwidgets._jupyter.protocol import PROTOCOL_VERSION, Command, Verb, parse_command
from primwidgets._monitor.monitor import Monitor
from primwidgets._settings import settings
from primwidgets.snapshot import JobSnapshot

HUB_TARGET: Final = "primwidgets.hub"
#: Frontends that ask for all jobs and are answered at once, per tick; the next message answers the others.
ANSWERS_A_TICK: Final = 3
#: Final jobs that are remembered; the oldest are dropped first.
FINISHED_KEPT: Final = 1_000
#: Names this process, so that a frontend notices a restart.
EPOCH: Final = uuid.uuid4().hex


class Hub:
    """Sends the frontends what changed of all jobs, and gives their commands to the jobs.

    All methods may be called on any thread and return at once; messages are sent by the monitor's workers.

    Args:
        monitor: runs what is to be sent, and when.
        send: sends a message to all frontends.

    Attributes:
        draws_outputs: whether a frontend has said that it draws the outputs of jobs by the messages of this hub.
    """

    def __init__(self, monitor: Monitor, send: Callable[[Wire], None]) -> None:
        self._monitor = monitor
        self._send = send
        self._news = HubNews()
        self._members: dict[str, tuple[ref[Any], Callable[[Any, Command], None]]] = {}
        self._finished: dict[str, None] = {}
        self._cleared: set[str] = set()
        self._left: deque[str] = deque()
        self._sequence = 0
        self._listening = False
        self.draws_outputs = False
        self._whole = False
        self._planned = False
        self._log_once = border.LogOnce()
        self._answering = False
        self._answered = 0
        self._lock = threading.Lock()
        self._sending = threading.Lock()

    def announce(self) -> None:
        """Make this hub known to the frontends that are there, whatever the kernel is doing: they can ask it now."""
        self._monitor.run(self._greet)

    def join(self, snapshot: JobSnapshot, obey: Callable[[Command], None]) -> None:
        """Take in a job.

        Args:
            snapshot: what is known of it.
            obey: carries out a command about it; a bound method, held weakly, that returns at once.
        """
        self._members[snapshot.uid] = ref(obey.__self__), obey.__func__  # type: ignore[attr-defined]  # bound
        self.publish(snapshot)

    def members(self) -> list[Any]:
        """The objects that joined, which are those whose methods obey, as far as they still exist."""
        members = [reference() for reference, _ in tuple(self._members.values())]
        return [member for member in members if member is not None]

    def publish(self, snapshot: JobSnapshot) -> None:
        """Take over what is known of a member, for the message of the next tick. What is no member is ignored."""
        with self._lock:
            self._drop_departed()
            if snapshot.uid not in self._members or self._stays_cleared(snapshot):
                return  # it was taken off: what comes late must not bring it back
            self._news.put(snapshot, tell=self._listening)
            self._note_end(snapshot)
            if self._listening:
                self._plan()

    def leave(self, uid: str) -> None:
        """Note that a job is watched no more; a final one is remembered. May come from ``__del__``: takes no lock."""
        self._left.append(uid)
        self._monitor.soon(self._flush)

    def receive(self, content: object) -> None:
        """Carry out a message of a frontend; whatever is not of the protocol is ignored."""
        command = parse_command(content)
        if command is None:
            return
        if command.uid is not None:
            reference, obey = self._members.get(command.uid, (_nobody, None))
            member = reference()
            if member is not None and obey is not None:
                obey(member, command)
            return
        match command.verb:
            case Verb.SYNC:
                self.draws_outputs = self.draws_outputs or command.arguments.get("draws_outputs", False)
                if not self._begin_answer():
                    return
            case Verb.CLEAR_FINISHED:
                with self._lock:
                    self._cleared.update(self._finished)
                    self._forget_finished(keep=0)
            case Verb.CANCEL | Verb.STOP_WAITING | Verb.PREVIEW | Verb.RERUN | Verb.REFRESH:
                return  # they are about one job, and none is named: ``parse_command`` lets none of them through
            case _:
                assert_never(command.verb)
        self._monitor.run(self._flush)

    def _begin_answer(self) -> bool:
        """Note that a frontend wants to know everything; whether a message has to be sent for it now."""
        with self._lock:
            self._listening = self._whole = True
            if self._answering or self._answered >= ANSWERS_A_TICK:
                return False  # the next message answers this request, too
            self._answering = True
            return True

    def _greet(self) -> None:
        with self._sending:
            self._sent_off(self._wire(whole=False, jobs=[], removed=[]))

    def _stays_cleared(self, snapshot: JobSnapshot) -> bool:
        """Whether a frontend cleared this finished job away. One that goes on after all is shown again."""
        if not snapshot.is_final:
            self._cleared.discard(snapshot.uid)
        return snapshot.uid in self._cleared

    def _note_end(self, snapshot: JobSnapshot) -> None:
        if not snapshot.is_final:
            self._finished.pop(snapshot.uid, None)
            return
        self._finished[snapshot.uid] = None
        self._forget_finished(keep=FINISHED_KEPT)

    def _forget_finished(self, keep: int) -> None:
        while len(self._finished) > keep:
            uid = next(iter(self._finished))
            del self._finished[uid]
            self._news.forget(uid)

    def _tick(self) -> None:
        self._answered = 0
        self._flush()

    def _flush(self) -> None:
        with self._sending:  # messages leave in the order of their numbers
            with self._lock:
                self._planned = self._answering = False
                whole = self._whole
                self._answered += whole
                message = self._message()
                if self._news.waits or whole:
                    self._plan()
            if message is not None and (error := self._sent_off(message)) is not None:
                self._note_unsent(error)

    def _sent_off(self, message: Wire) -> BaseException | None:
        """Send ``message``; what went wrong. Frontends that cannot be reached are frontends that do not listen."""
        sent = border.call(self._send, message)
        if isinstance(sent, border.Returned):
            return None
        self._log_once.log("send", "The jobs cannot be sent to the frontends", error=sent.error)
        return sent.error

    def _note_unsent(self, error: BaseException) -> None:
        """Have the next change bring everything again, as the frontends do not have it."""
        with self._lock:
            self._whole = True
            if isinstance(error, (TypeError, ValueError)) and self._news.leave_out_what_is_no_json():
                self._plan()

    def _plan(self) -> None:
        if not self._planned:
            self._planned = True
            self._monitor.later(settings.hub_tick, self._tick)

    def _message(self) -> Wire | None:
        """What the frontends do not know yet; ``None`` if that is nothing, or if there are none."""
        self._drop_departed()
        if not self._listening:
            return None
        whole, self._whole = self._whole, False
        if whole:
            self._news.begin_anew()
        jobs, removed = self._news.take()
        if not (whole or jobs or removed):
            return None
        self._sequence += 1
        return self._wire(whole=whole, jobs=jobs, removed=removed)

    def _wire(self, *, whole: bool, jobs: list[Wire], removed: list[str]) -> Wire:
        return {
            "primwidgets": PROTOCOL_VERSION,
            "epoch": EPOCH,
            "sequence": self._sequence,
            "whole": whole,
            "jobs": jobs,
            "removed": removed,
        }

    def _drop_departed(self) -> None:
        while self._left:
            uid = self._left.popleft()
            self._members.pop(uid, None)
            self._cleared.discard(uid)
            if uid not in self._finished:
                self._news.forget(uid)


def _nobody() -> None:
    """Stands for the reference to a member that has left."""
