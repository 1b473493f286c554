"""The browser in which the card is tested and measured."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import BrowserContext, sync_playwright

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@contextmanager
def open_chromium() -> Iterator[BrowserContext]:
    """A browser without a window, and with a profile of its own.

    Raises:
        RuntimeError: there is no Chromium on this machine.
    """
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=_executable(), headless=True, args=_FLAGS) as browser,
    ):
        yield browser.new_context(viewport={"width": 1200, "height": 900})


def _executable() -> str:
    path = os.environ.get("PRIMWIDGETS_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        raise RuntimeError("no Chromium found: install it, or name it in PRIMWIDGETS_CHROMIUM")
    return path
