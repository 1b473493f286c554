"""Previews that other packages announce for their types, under the entry point group ``primwidgets.previews``.

The name of an entry is a class as ``module:QualName``; it stands for its subclasses, too. Its value is a function that
is given a result of that class, on a worker thread, and returns what to show: a text, or a mapping from MIME type to
data as ``_repr_mimebundle_`` does, or ``None`` for what Jupyter would display.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from primwidgets import _border as border

ENTRY_POINT_GROUP: Final = "primwidgets.previews"

Preview = Callable[[Any], Any]
_log = logging.getLogger(__name__)


class Announcements:
    """The entry points, read once, and the functions that were loaded. Any thread."""

    def __init__(self) -> None:
        self._entries: dict[str, EntryPoint] | None = None
        self._loaded: dict[str, Preview | None] = {}

    def preview_for(self, kind: type) -> Preview | None:
        """The function that another package announces for ``kind`` or the nearest of its ancestors."""
        if self._entries is None:
            self._entries = {entry.name: entry for entry in entry_points(group=ENTRY_POINT_GROUP)}
        if not self._entries:
            return None
        for ancestor in kind.__mro__:
            name = f"{ancestor.__module__}:{ancestor.__qualname__}"
            if name in self._entries and (found := self._load(name, self._entries[name])) is not None:
                return found
        return None

    def _load(self, name: str, entry: EntryPoint) -> Preview | None:
        if name not in self._loaded:
            loaded = border.call(entry.load)
            usable = isinstance(loaded, border.Returned) and callable(loaded.value)
            if not usable:
                error = loaded.error if isinstance(loaded, border.Raised) else None
                _log.warning("The preview %s registered for %s cannot be used.", entry.value, name, exc_info=error)
            self._loaded[name] = loaded.value if isinstance(loaded, border.Returned) and usable else None
        return self._loaded[name]


announced: Final = Announcements()
