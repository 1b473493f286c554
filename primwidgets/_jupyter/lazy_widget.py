"""A widget whose comm opens when it is first shown, and which any thread may change, send and close."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context
from typing import Any, Final

from ipywidgets import DOMWidget, Layout
from ipywidgets.widgets.trait_types import InstanceDict
from ipywidgets.widgets.widget import widget_serialization
from traitlets import Bunch, TraitType

from primwidgets import _border as border
from primwidgets._jupyter.kept_card import KeptCard
from primwidgets._jupyter.running_kernel import sending_context

_LOG: Final = logging.getLogger(__name__)


class _Missing:
    """Hides an attribute of ipywidgets' class.

    Some are deprecated there and fail with an ``AssertionError`` on instances; hidden, they do not disturb
    ``inspect.getmembers(card)`` and ``create_autospec(card)``.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Any:
        raise AttributeError(f"{owner.__name__} has no attribute {self._name!r}; ipywidgets.Widget has it")


class _OwnLayout(InstanceDict):  # type: ignore[misc]  # ipywidgets has no types
    """A layout. One that the widget has made itself is closed with the widget, one that the user has made is not."""

    def validate(self, obj: Any, value: Any) -> Any:
        layout = super().validate(obj, value)
        if layout is not value:
            obj._own_layouts = (*obj._own_layouts, layout)
        return layout

    def default(self, obj: Any = None) -> Any:
        layout = super().default(obj)
        if obj is not None:
            obj._own_layouts = (*obj._own_layouts, layout)
        return layout


class LazyWidget(DOMWidget):  # type: ignore[misc]  # ipywidgets has no types
    """The part of a card that opens, sends and closes.

    The frontend opens a comm only when the widget is first shown: a job that nobody looks at sends no message.
    """

    # Defaults are on the class, since setting an attribute of a widget is slow.
    _log_once: border.LogOnce | None = None
    _closed: bool = False
    _unsent: frozenset[str] = frozenset()
    _sending_context: Context | None = None
    _is_unreachable: bool = False
    _kept: KeptCard | None = None
    _has_own_views: bool = False
    _own_layouts: tuple[Layout, ...] = ()
    _held: dict[int, set[str]] | None = None

    widgets = _Missing()
    widget_types = _Missing()
    # ipywidgets' observer, which takes a tenth of the time to make a card: ``notify_change`` calls it instead.
    _comm_changed = _Missing()
    _active_widgets = _Missing()
    _widget_types = _Missing()

    layout = _OwnLayout(Layout).tag(sync=True, **widget_serialization)

    def __init__(self, **traits: Any) -> None:
        self._lock = threading.RLock()
        super().__init__(**traits)

    @property
    def _logged_id(self) -> str | None:
        """What log messages call the job."""
        raise NotImplementedError

    def _first_shown(self) -> None:
        """Call ``_open_comm`` when the widget is first shown; for a subclass."""
        raise NotImplementedError

    def notify_change(self, change: Bunch) -> None:
        """Call our own code, which is no observer, and then the observers."""
        if change["name"] == "comm":
            if change["new"] is not None:  # some applications give a widget a comm of their own
                self._sending_context = sending_context(change["new"])
            DOMWidget._comm_changed(self, change)
        super().notify_change(change)

    def set_trait(self, name: str, value: Any) -> None:
        """Set a trait, even a read-only one. traitlets would ask ``__class__`` for it, which may be the job's."""
        getattr(type(self), name).set(self, value)

    def trait_metadata(self, traitname: str, key: str, default: Any = None) -> Any:
        """Does not ask ``__class__`` either."""
        return getattr(type(self), traitname).metadata.get(key, default)

    def add_traits(self, **traits: TraitType[Any, Any]) -> None:
        """Refuse: an instance's class cannot change."""
        raise TypeError(f"Declare {', '.join(traits)} in a subclass of {type(self).__name__} instead.")

    # Open and close.

    @property
    def shown(self) -> bool:
        """Whether the comm was opened, so that a frontend has the widget's model."""
        return self.comm is not None

    @property
    def model_id(self) -> str | None:
        """Names the widget's model in the frontend; reading it opens the comm. ``None`` once the widget is closed.

        A reader (a box, a link) may show the widget by nothing but the messages of its comm.
        """
        self._has_own_views = True
        return self._output_model_id

    @property
    def _output_model_id(self) -> str | None:
        """``model_id`` for an output that holds the job itself, too, so that JupyterLab's extension draws it."""
        if self.comm is None and not self._closed:
            shown = border.call(self._first_shown)
            if isinstance(shown, border.Raised):
                self._complain("show", "The card of job %s cannot be shown", self._logged_id, error=shown.error)
        return None if self.comm is None else str(self.comm.comm_id)

    def open(self) -> None:
        """Do nothing: the comm opens when the widget is first shown."""

    def _open_comm(self, *, control: bool) -> None:
        """Send the widget's state to the frontend on a new comm.

        Args:
            control: whether commands are received on the kernel's control channel.
        """
        with self._lock:
            self._model_id: str = uuid.uuid4().hex  # the page needs it to find its own model
            self._fill_state(control=control)
            has_own_views = self._has_own_views
            super().open()  # reads ``model_id``
            self._has_own_views = has_own_views

    def _fill_state(self, *, control: bool) -> None:
        """Set the traits that nobody reads before the comm is open; for a subclass."""

    def close(self) -> None:
        """Remove the widget from all pages, for good, with the layout that it made for itself."""
        self._closed = True
        if self.__dict__.get("_trait_values", {}).get("comm") is not None:
            with self._lock:
                self._close_in_frontend(super().close)
                self.set_trait("comm", None)
            self.__dict__.pop("_repr_mimebundle_", None)  # ipywidgets hides it; what is left is the card as text
        for layout in self._own_layouts:
            self._close_in_frontend(layout.close)

    def _close_in_frontend(self, close: Callable[[], None]) -> None:
        """Call ``close``; a page that cannot be reached has closed its view itself."""
        closed = border.call(self._where_comm_opened, close)
        if isinstance(closed, border.Raised):
            self._complain("close", "Closing a card could not be sent to its views", error=closed.error)

    def let_go(self) -> None:
        """Have the widget held weakly from now on. It stays on the pages, also when nothing refers to it any more."""
        if self.shown and self._kept is None:
            kept = KeptCard(self)
            self._kept = kept if kept.take_over() else None

    def __del__(self, _is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        if _is_finalizing():  # modules lose their contents; the end of the kernel closes the views
            return
        if self.__dict__.get("_kept") is None or self._closed:
            type(self).close(self)  # somebody may have set an attribute of that name
        elif self._kept is not None:
            self._kept.keep(self.get_state(), self._own_layouts[-1] if self._own_layouts else None)

    # Send.

    def _send(self, msg: Any, buffers: Any = None) -> None:
        self._where_comm_opened(super()._send, msg, buffers)

    def _where_comm_opened(self, send: Callable[..., None], *arguments: Any) -> None:
        """Call ``send`` in the context in which the comm was opened, where only that one knows the visitor's page."""
        context = self._sending_context
        if context is None:
            send(*arguments)
        else:
            context.copy().run(send, *arguments)  # a copy, since several threads may send at once

    def send_state(self, key: str | Iterable[str] | None = None) -> None:
        """Send these traits. The message that is sent last holds the newest values, whatever other threads send.

        A view that cannot be reached counts as closed: that is logged once, and what it missed is sent with the next
        change.
        """
        names = self.keys if key is None else [key] if isinstance(key, str) else key
        with self._lock:
            self._unsent = self._unsent.union(names)  # until it is sent, also if the user interrupts that
            sent = border.call(super().send_state, self._unsent)
            if isinstance(sent, border.Returned):
                self._unsent = frozenset()
        if isinstance(sent, border.Raised):
            self._complain_of_send(sent)

    def _complain_of_send(self, sent: border.Raised) -> None:
        """Log why a message was not sent: in one line, since it is usual that a visitor leaves a page."""
        if isinstance(sent.error, (TypeError, ValueError)):  # a trait of a subclass cannot be written as JSON
            self._complain("send", "The card of job %s cannot be sent", self._logged_id, error=sent.error)
        elif not self._is_unreachable:
            self._is_unreachable = True
            _LOG.warning("The card of job %s cannot be sent: %s", self._logged_id, sent.text)

    def _complain(
        self, kind: str, text: str, *args: object, error: BaseException, level: int = logging.WARNING
    ) -> None:
        if self._log_once is None:
            self._log_once = border.LogOnce()
        self._log_once.log(kind, text, *args, error=error, level=level)

    # ipywidgets keeps the traits to send in one set for all threads, so that one thread would send another one's.
    @contextlib.contextmanager
    def hold_sync(self) -> Iterator[None]:
        """Send the changes that this thread makes in the ``with`` block in one message at the end."""
        me = threading.get_ident()
        with self._lock:
            held = self._held = {} if self._held is None else self._held
        if me in held:
            yield
            return
        held[me] = set()
        try:
            yield
        finally:
            if names := held.pop(me):
                self.send_state(names)

    @property
    def _holding_sync(self) -> bool:
        return self._held is not None and threading.get_ident() in self._held

    @property
    def _states_to_send(self) -> set[str]:
        return set() if self._held is None else self._held.get(threading.get_ident(), set())
