"""What ipywidgets and a comm hold of a card whose job has ended: the card weakly, and its last state when it is gone.

ipywidgets keeps every widget that was shown, and a comm keeps its handler, so that a page that is loaded again can ask
for them. A job and its result would be kept with the card until the kernel ends.
"""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any, Final
from weakref import ref

from ipywidgets import DOMWidget
from ipywidgets.widgets import widget as widget_module
from typing_extensions import override

_LOG: Final = logging.getLogger(__name__)
_WIDGET_CLASS: Final[type[Any]] = DOMWidget

State = dict[str, Any]


class KeptCard:
    """Stands for a card in ipywidgets' registry and on its comm.

    As long as the card exists, it is the one that answers; after that its last state is what pages are told.

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
        """Take the card's place; whether that was possible. If not, the card stays where it is."""
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
        """Note what pages are to be told, and what is closed with the card, when the card is about to go."""
        self._state, self._layout = state, layout

    def handle_message(self, message: Any) -> None:
        """Give a message of a page to the card; what is left of one only tells its state."""
        card = self._card()
        if card is not None:
            card._handle_msg(message)
        elif message["content"]["data"].get("method") == "request_state":
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


def _registry() -> MutableMapping[str, Any] | None:
    """The widgets that were shown, by the ids of their models; ``None`` in an ipywidgets that has no such place."""
    registry = getattr(widget_module, "_instances", None)
    return registry if isinstance(registry, MutableMapping) else None
