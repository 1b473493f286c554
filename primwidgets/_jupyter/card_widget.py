"""The card's half of ``WidgetJob``: a widget whose traits are a copy of a snapshot."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any, ClassVar, Final

from traitlets import All, Bunch, Dict, Float, HasTraits, Instance, List, Unicode, default
from typing_extensions import override

from primwidgets import _border as border
from primwidgets._clock import SYSTEM_CLOCK
from primwidgets._jupyter.card_code import built, shared_code, shares_models
from primwidgets._jupyter.lazy_widget import LazyWidget
from primwidgets._jupyter.protocol import PROTOCOL_VERSION
from primwidgets.snapshot import (
    CARD_ROWS,
    FIELDS,
    MESSAGE_LIMIT,
    UNKNOWN,
    CancelState,
    JobSnapshot,
    JobState,
    clean,
    clip,
)

#: Trait to its old and its new value.
Changes = dict[str, tuple[object, object]]
_ANYWIDGET_VERSION: Final = "~{}.{}.*".format(*version("anywidget").split("."))  # as anywidget asks for its frontend


def _short_text(value: str | None, _widget: object) -> str | None:
    """What a user set, as the wire form of a snapshot has it."""
    return None if value is None else clean(clip(value))


def _text(value: object) -> str:
    """The text of a subclass's trait, also where its ``__str__`` raises."""
    told = border.call(str, value)
    return clean(clip(told.value, MESSAGE_LIMIT)) if isinstance(told, border.Returned) else f"<{type(value).__name__}>"


class CardWidget(LazyWidget):
    """Shows a snapshot as a card.

    The frontend opens a comm only when the card is first shown: a job that nobody looks at sends no message. All traits
    that copy the snapshot change in ``apply`` alone; neither the user nor a frontend can set them.

    It is drawn by anywidget's frontend but is no ``anywidget.AnyWidget``, which makes a new class for each instance and
    opens its comm at once.
    """

    _applied: JobSnapshot = UNKNOWN

    card_rows: ClassVar[Mapping[str, str]] = {}
    """Further rows of the card's details, label to name of a trait of the subclass; shown as text."""

    _model_name = Unicode("AnyModel").tag(sync=True)
    _model_module = Unicode("anywidget").tag(sync=True)
    _model_module_version = Unicode(_ANYWIDGET_VERSION).tag(sync=True)
    _view_name = Unicode("AnyView").tag(sync=True)
    _view_module = Unicode("anywidget").tag(sync=True)
    _view_module_version = Unicode(_ANYWIDGET_VERSION).tag(sync=True)
    _anywidget_id = Unicode("primwidgets.JobCard").tag(sync=True)
    _esm = Unicode(help="The card's ES module, or one that loads it.").tag(sync=True)
    _css = Unicode(help="The card's style sheet.").tag(sync=True)
    _code = Unicode(help="Refers to the ``CardCode`` where ``_esm`` only loads that.").tag(sync=True)

    name = Unicode(None, allow_none=True, help="What the user calls the job.").tag(sync=True, to_json=_short_text)
    state = Unicode(JobState.INITIALIZING.value, help="A ``JobState``.", read_only=True).tag(sync=True)
    status_text = Unicode(None, allow_none=True, help="The provider's own word.", read_only=True).tag(sync=True)
    progress = Float(None, allow_none=True, help="Fraction done, 0..1.", read_only=True).tag(sync=True)
    queue_position = Unicode(None, allow_none=True, help="As the provider spells it.", read_only=True).tag(sync=True)
    message = Unicode(None, allow_none=True, help="A short message.", read_only=True).tag(sync=True)
    error = Instance(dict, allow_none=True, help="type, message, traceback.", read_only=True).tag(sync=True)
    cancel_state = Unicode(CancelState.NONE.value, help="A ``CancelState``.", read_only=True).tag(sync=True)
    created_at = Float(None, allow_none=True, help="Epoch seconds.", read_only=True).tag(sync=True)
    started_at = Float(None, allow_none=True, help="Epoch seconds.", read_only=True).tag(sync=True)
    finished_at = Float(None, allow_none=True, help="Epoch seconds.", read_only=True).tag(sync=True)
    stale_since = Float(None, allow_none=True, help="No answer since; epoch seconds.", read_only=True).tag(sync=True)

    _series: List[Any] = List(help="The snapshot's series, whose bulk goes only when they change.").tag(sync=True)
    _snapshot_rest = Dict(help="The other fields of the snapshot, whose names belong to jobs.").tag(sync=True)
    _channel = Dict(help="How commands can be sent.").tag(sync=True)
    _seen_at = Float(None, allow_none=True, help="When the state was last sent; epoch seconds.").tag(sync=True)
    _parts = Dict(help="``card_rows`` with their values.").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        if self.card_rows:
            self.observe(self._fill_rows, list(self.card_rows.values()))
            self._fill_rows()

    def apply(self, snapshot: JobSnapshot) -> None:
        """Copy ``snapshot`` into the traits, in one message; what is equal sends nothing. Any thread.

        Observers are called when all traits have their new values. One that raises is logged, and the others go on.
        """
        self._call_observers(self._take_over(snapshot))

    def _take_over(self, snapshot: JobSnapshot) -> Changes:
        """Copy ``snapshot`` and send it to the frontend; returns what changed. Calls no observers, which may block."""
        with self._lock:
            changes = self._copy(snapshot)
            if self.shown and (changes or self._unsent):
                self._unsent = self._unsent.union(changes)
                self._offer_changes(urgent=not _URGENT.isdisjoint(changes))
        return changes

    def _offer_changes(self, *, urgent: bool) -> None:
        """Have ``send_changes`` called; for a subclass that does not send each change at once."""
        self.send_changes()

    def send_changes(self) -> None:
        """Send what has changed since the last message, in one message. Any thread."""
        with self._lock:
            if self.shown and self._unsent:
                self._trait_values["_seen_at"] = SYSTEM_CLOCK.now()
                self.send_state("_seen_at")

    def send_again(self) -> None:
        """Send all that a page draws, for one that may have missed messages. Any thread."""
        with self._lock:
            if self.shown:
                self._unsent = self._unsent.union(set(self.keys) - _STATIC_TRAITS)
                self._offer_changes(urgent=False)

    def _call_observers(self, changes: Changes) -> None:
        """Call the observers of these changes. What they raise is logged once for each trait."""
        for trait, (old, new) in changes.items():
            if not self._is_trait_observed(trait):
                continue
            told = border.call(self._tell_observers, trait, old, new)
            if isinstance(told, border.Raised):
                text, job_id = "An observer of %s of job %s failed", self._applied.job_id
                self._complain(trait, text, trait, job_id, error=told.error, level=logging.ERROR)

    def _is_observed(self, changes: Changes) -> bool:
        """Whether any of these changes has an observer."""
        return any(map(self._is_trait_observed, changes))

    def _is_trait_observed(self, trait: str) -> bool:
        """Whether that trait has an observer. Most have none, and traitlets is slow to find that out."""
        listening = self._trait_notifiers
        return trait in listening or All in listening or trait in observed_by_name(type(self))  # type: ignore[arg-type]  # mypy: no class with a __hash__ is Hashable

    def _tell_observers(self, trait: str, old: object, new: object) -> None:
        """Do what traitlets does after a change; ipywidgets' own way would send each trait by itself."""
        HasTraits.notify_change(self, Bunch(name=trait, old=old, new=new, owner=self, type="change"))

    def _copy(self, snapshot: JobSnapshot) -> Changes:
        """Set the traits without calling observers; returns the old and new values of those that changed."""
        before, self._applied = self._applied, snapshot
        changes = snapshot.changes_since(before, SNAPSHOT_TRAITS)
        values = self._trait_values
        if self.shown and snapshot.differs(before, _REST):  # only a page reads the rest
            rest, known_rest = snapshot.to_wire(_REST), values.get("_snapshot_rest")
            if rest != known_rest:
                changes["_snapshot_rest"] = known_rest, rest
            known_series = values.get("_series")
            if snapshot.series is not before.series and (series := _series_of(snapshot)) != known_series:
                changes["_series"] = known_series, series
        values.update((trait, new) for trait, (_, new) in changes.items())
        return changes

    def _renamed(self, name: str | None) -> None:
        """Called after the name was set; for a subclass."""

    @override
    def notify_change(self, change: Bunch) -> None:
        super().notify_change(change)
        if change["name"] == "name":
            self._renamed(change["new"])

    @override
    @property
    def _logged_id(self) -> str | None:
        return self._applied.job_id

    @override
    def _fill_state(self, *, control: bool) -> None:
        self._channel = {"version": PROTOCOL_VERSION, "control": control, "model_id": self._model_id}
        self._snapshot_rest = self._applied.to_wire(_REST)
        self._series = _series_of(self._applied)
        self._seen_at = SYSTEM_CLOCK.now()
        if shares_models():
            self._code = shared_code().reference()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take over what a frontend changed. The card's own traits are sent to it again instead."""
        own = [trait for trait in sync_data if trait in _OWN_TRAITS]
        super().set_state({trait: value for trait, value in sync_data.items() if trait not in own})
        if own:
            self.send_state(own)

    def _fill_rows(self, _: object = None) -> None:
        with self._lock:
            values = {label: getattr(self, trait) for label, trait in self.card_rows.items()}
            known = {label: value for label, value in values.items() if value is not None}
            self._parts = CARD_ROWS.write({label: _text(value) for label, value in known.items()})

    @default("_esm")
    def _default_esm(self) -> str:
        return built("loader.js" if self._code else "card.js")  # an application may have given the comm

    @default("_css")
    def _default_css(self) -> str:
        return "" if self._code else built("card.css")


def _series_of(snapshot: JobSnapshot) -> list[Any]:
    series: list[Any] = snapshot.to_wire(("series",))["series"]
    return series


@cache
def observed_by_name(card_class: Any) -> frozenset[str]:
    """The traits for which traitlets would find an old-style observer."""
    return frozenset(trait for trait in card_class.class_trait_names() if hasattr(card_class, f"_{trait}_changed"))


_OWN_TRAITS: Final = frozenset(CardWidget.class_own_traits())
#: The fields of a snapshot that are copied into traits. The name goes the other way: it is the user's.
SNAPSHOT_TRAITS: Final = tuple(field for field in FIELDS if field in _OWN_TRAITS and field != "name")
#: A change of one of these is sent before changes of others.
_URGENT: Final = frozenset({"state", "cancel_state", "error", "stale_since"})
#: What a page has from the beginning and never changes, or what is long.
_STATIC_TRAITS: Final = frozenset({"_esm", "_css", "_code", "_channel", "layout", "comm"})
_REST: Final = tuple(field for field in FIELDS if field not in _OWN_TRAITS and field != "series")
