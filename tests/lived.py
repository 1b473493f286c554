"""One life of a job, and whether what was shown of it was true."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Mapping
from typing import Any, Final

from primwidgets._jupyter.protocol import Verb, command_message
from primwidgets._jupyter.text_card import STATE_WORDS
from primwidgets.snapshot import JobState
from tests.lives import JOB_MIME, PROMISE_SECONDS, LiveWidget, Played, Truth, World

_RANK: Final = {state: min(rank, 3) for rank, state in enumerate(JobState)}


class Lived:
    """One life in a world.

    Attributes:
        wrong: what was not as it should have been.
        lag: how late the machine was when something was wrong, at most, in seconds.
    """

    def __init__(self, played: Played, world: World) -> None:
        self.played = played
        self.life = played.life
        self.world = world
        self.wrong: list[str] = []
        self.lag = 0.0
        self.widget: LiveWidget | None = None
        self._wrapped_at = float("inf")
        self._lock = threading.Lock()
        self._history: list[tuple[float, Truth]] = []
        self.note()

    def wrap(self) -> None:
        """Have the job watched, on a thread that may be slow."""
        try:
            widget = LiveWidget(self.played.job)
            widget.taken = []
            widget.life = self.life
            if self.life.shown:
                widget._ipython_display_()
                self.world.slow[str(widget.model_id)] = self.life.send
            self.widget, self._wrapped_at = widget, time.monotonic()
        except Exception as error:  # noqa: BLE001  (it is reported at the end)
            self.wrong.append(f"could not be wrapped: {error!r}")

    def step(self, number: int) -> None:
        """Do what comes next."""
        self.note()
        self.played.step(number)
        self.note()

    def press(self) -> None:
        """Press Cancel, if there is a card by now."""
        if self.widget is not None:
            self.world.hub.receive(command_message(Verb.CANCEL, self.widget.snapshot.uid))

    def note(self) -> Truth:
        """Remember what is true now."""
        with self._lock:
            truth = self.played.truth()
            if not self._history or self._history[-1][1] != truth:
                self._history.append((time.monotonic(), truth))
            return truth

    @property
    def has_ended(self) -> bool:
        """Whether the job is in a final state."""
        return self.note()[0].is_final

    def check(self, lag: float) -> None:
        """Compare everything that is shown with what was true within the time that is promised, and ``lag`` seconds."""
        already = len(self.wrong)
        self._check(lag)
        if len(self.wrong) > already:
            self.lag = max(self.lag, lag)

    def _check(self, lag: float) -> None:
        widget, now = self.widget, time.monotonic()
        since = now - PROMISE_SECONDS - lag
        if widget is None or self._wrapped_at > since:
            return
        self.note()
        allowed = self._true_since(since)
        snapshot = widget.snapshot
        shown = {
            "snapshot": (snapshot.state, snapshot.progress),
            "traits": (JobState(widget._trait_values["state"]), widget._trait_values.get("progress")),
        }
        if not (snapshot.is_final and snapshot.uid in self.world.removed):
            shown["hub"] = _truth_in(self.world.hub_jobs.get(snapshot.uid, {}))
        if self.life.shown:
            shown["card"] = _truth_in(self.world.seen.get(str(widget.model_id), {}))
            self._check_stored(snapshot.uid, allowed)
        self.note()
        allowed = [*allowed, *self._true_since(now)]  # it may have moved on since
        reached = {progress for _, progress in allowed}  # the state and the progress are noted at different moments
        for where, (state, progress) in shown.items():
            if not any(self._agree(state, s) and (s.is_final or progress in reached) for s, _ in allowed):
                self.wrong.append(f"{where} says {state} {progress}, true was {allowed}")

    def end(self, lag: float) -> None:
        """Look at the whole life, and close it."""
        self.check(lag)
        already = len(self.wrong)
        self._look_back()
        if len(self.wrong) > already:
            self.lag = max(self.lag, lag)

    def _look_back(self) -> None:
        widget, truth = self.widget, self.played.truth()[0]
        self.played.close()
        if widget is None or widget.taken is None:
            self.wrong.append("was never wrapped")
            return
        states = [snapshot.state for snapshot in widget.taken]
        if any(_RANK[later] < _RANK[earlier] for earlier, later in itertools.pairwise(states)):
            self.wrong.append(f"went backwards: {states}")
        if not truth.is_final or {state for state in states if state.is_final} - {truth}:
            self.wrong.append(f"ended as {truth}: {states}")
        if widget.cancel_state == "REQUESTED":
            self.wrong.append("a request stays open")
        widget.close()

    def _agree(self, shown: JobState, true: JobState) -> bool:
        """Whether it is the same state, for all that a provider says."""
        is_before = {shown, true} <= {JobState.INITIALIZING, JobState.QUEUED}
        return shown is true or (is_before and self.life.kind in ("own job", "foreign future"))

    def _check_stored(self, uid: str, allowed: list[Truth]) -> None:
        """A notebook that is saved now tells the end of the job, or what was true when it was last seen."""
        bundle = self.world.stored[uid]
        stored, text = JobState(bundle[JOB_MIME]["snapshot"]["state"]), bundle["text/plain"].partition("\n")[0]
        before = {state for _, (state, _) in self._all()}
        if all(state.is_final for state, _ in allowed):
            true = (
                stored in {state for state, _ in allowed}
                and STATE_WORDS[stored] in text
                and "when last seen" not in text
            )
        else:
            true = stored in before | {JobState.INITIALIZING} and (stored.is_final or "when last seen" in text)
        if not true:
            self.wrong.append(f"stored is {text}, true was {allowed}")

    def _true_since(self, since: float) -> list[Truth]:
        history = self._all()
        first = max((n for n, (at, _) in enumerate(history) if at <= since), default=0)
        return [truth for _, truth in history[first:]]

    def _all(self) -> list[tuple[float, Truth]]:
        own = self.played.history()
        with self._lock:
            return list(self._history if own is None else own)


def _truth_in(wire: Mapping[str, Any]) -> Truth:
    return JobState(wire.get("state", "INITIALIZING")), wire.get("progress")
