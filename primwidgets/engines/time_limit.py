"""Stops a call that has run for too long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from primwidgets import _border as border
from primwidgets.engines.alarms import Alarm, alarms
from primwidgets.engines.base import FunctionJob
from primwidgets.snapshot import JobState

#: Seconds between two looks whether a call runs, on engines that do not report the start of a call.
_LOOK_SECONDS: Final = 1.0
#: What the card says of a late call that its engine can only ask to stop.
_ASKED: Final = (
    'It stops at its next track() or report(); without one, it runs to its end. engine="process" ends such a call, too.'
)
_NOT_STOPPED: Final = "It could not be stopped and goes on."


class TimeLimit:
    """The time that a call may run, from its start on; the time in the queue does not count.

    Args:
        job: the call.
        seconds: the time.
        noted: called with what the card says, once the time has passed and the engine was asked to stop the call. On a
            thread of the alarms.

    Attributes:
        is_over: whether the time has passed before the call ended.
    """

    def __init__(self, job: FunctionJob[Any], seconds: float, noted: Callable[[str], None]) -> None:
        self.is_over = False
        self._job = job
        self._seconds = seconds
        self._noted = noted
        self._alarm: Alarm | None = None
        self._has_started = self._has_ended = False
        self._lock = threading.RLock()

    def begin(self) -> None:
        """Count from the start of the call on, which may have been already."""
        _ = self._job.add_listener(self._note_change)
        self._note_change()

    def end(self) -> None:
        """Stop counting."""
        with self._lock:
            self._has_ended = True
            self._set_alarm(None)

    def _note_change(self) -> None:
        state = self._job.state()
        if state.is_final:
            self.end()
            return
        with self._lock:
            if self._has_ended or self._has_started:
                return
            if state is JobState.RUNNING:
                self._has_started = True
                self._set_alarm(alarms().after(self._seconds, self._stop))
            elif not self._job.pushes_start:
                self._set_alarm(alarms().after(_LOOK_SECONDS, self._note_change))

    def _set_alarm(self, alarm: Alarm | None) -> None:
        if self._alarm is not None:
            alarms().cancel(self._alarm)
        self._alarm = alarm

    def _stop(self) -> None:
        job = self._job
        with self._lock:
            if self._has_ended:
                return
            self.is_over = True
        asked = border.call(job.cancel)
        is_refused = isinstance(asked, border.Raised) or asked.value is False
        is_only_asked = job.stops_when == FunctionJob.stops_when
        how = job.cannot_stop or (_NOT_STOPPED if is_refused else _ASKED if is_only_asked else job.stops_when)
        self._noted(f"Its timeout of {self._seconds:g} s has passed. {how or ''}".rstrip())
