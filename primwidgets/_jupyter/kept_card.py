"""Weak stand-in for a card whose job has ended, held by ipywidgets and by the comm instead of the card.

ipywidgets keeps every widget that was shown, and a comm keeps its handler, so that a page can ask for them after a
reload. Without the stand-in, job and result would be kept with the card until the kernel ends.
"""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any, Final
from weakref import ref

from ipywidgets import DOMWidget
from ipywidgets.widgets import widget as widget_module
from typing_extensions import override

from primwidgets._jupyter.protocol import Verb, parse_command

_LOG: Final = logging.getLogger(__name__)
_WIDGET_CLASS: Final[type[Any]] = DOMWidget

State = dict[str, Any]


class KeptCard:
    """Replaces a card in ipywidgets' registry and on its comm.

    While the card exists, it answers itself; after that pages get its last state.

    Args:
        card: a card with a comm.
    """

    def __init__(self, card: Any) -> None:
        self._card = ref(card)
        self._state: State = {}
        self._layout: Any = None
        self.comm = card.comm
        self.model_id = card.model_id

    @override  # type: ignore[misc]
    @property
    def __class__(self) -> type[Any]:
        """A widget's class: the registry is one of widgets."""
        return _WIDGET_CLASS

    def take_over(self) -> bool:
        """Replace the card; whether that was possible. Otherwise the card stays registered."""
        registry = _registry()
        try:
            if registry is None or self.model_id not in registry:
                return False
            self.comm.on_msg(self.handle_message)
            registry[self.model_id] = self
        except Exception:  # noqa: BLE001  (another library's registry or comm: then the card stays alive, as other widgets)
            _LOG.debug("A card cannot be held weakly", exc_info=True)
            return False
        return True

    def keep(self, state: State, layout: Any) -> None:
        """Store the last state, and the layout that is closed with the card, before the card is freed."""
        self._state, self._layout = state, layout

    def handle_message(self, message: Any) -> None:
        """Pass a message of a page to the card; without the card, only requests for its state are answered."""
        card = self._card()
        if card is not None:
            card._handle_msg(message)
        elif _asks_for_state(message["content"]["data"]):
            state, paths, buffers = widget_module._remove_buffers(self._state)
            self.comm.send({"method": "update", "state": state, "buffer_paths": paths}, buffers=buffers)

    def close(self) -> None:
        """Take the card off all pages."""
        card, registry = self._card(), _registry()
        if card is not None:
            card.close()
            return
        if registry is not None:
            registry.pop(self.model_id, None)
        self.comm.close()
        if self._layout is not None:
            self._layout.close()

    # What ipywidgets asks those in its registry for.

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> State:
        card = self._card()
        state: State = dict(self._state) if card is None else card.get_state(key, drop_defaults)
        return state

    def get_view_spec(self) -> State:
        return {"version_major": 2, "version_minor": 0, "model_id": self.model_id}

    def _get_embed_state(self, drop_defaults: bool = False) -> State:
        card = self._card()
        if card is not None:
            embedded: State = card._get_embed_state(drop_defaults)
            return embedded
        names = ("model_name", "model_module", "model_module_version")
        return {**{name: self._state.get(f"_{name}") for name in names}, "state": dict(self._state)}

    def __getattr__(self, name: str) -> Any:
        card = self._card()
        if card is not None:
            return getattr(card, name)
        try:
            return self.__dict__["_state"][name]
        except KeyError:
            raise AttributeError(name) from None


def _asks_for_state(data: Any) -> bool:
    """Whether a page asks for all that it draws: the model of ipywidgets does, or the card itself."""
    if data.get("method") == "request_state":
        return True
    command = parse_command(data.get("content"))
    return command is not None and command.verb is Verb.REFRESH


def _registry() -> MutableMapping[str, Any] | None:
    """The widgets that were shown, by the ids of their models; ``None`` in an ipywidgets that has no such place."""
    registry = getattr(widget_module, "_instances", None)
    return registry if isinstance(registry, MutableMapping) else None
