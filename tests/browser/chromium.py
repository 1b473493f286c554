"""The browser in which the card is tested and measured."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext, BrowserType, expect

#: Milliseconds, as Playwright counts, that anything may take on a busy machine of two cores: a page with its kernel,
#: a cell, a job. A test waits that long only when something is wrong.
PATIENCE: Final = 90_000
expect.set_options(timeout=PATIENCE)  # Playwright itself waits five seconds

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
_START_SECONDS: Final = PATIENCE / 1000
_PAUSE_SECONDS: Final = 0.1


@contextmanager
def open_chromium(browser: BrowserType, profile: Path) -> Iterator[BrowserContext]:
    """A browser without a window.

    It has a profile on disk, where it keeps compiled scripts: that makes loading JupyterLab a quarter cheaper.

    Args:
        browser: Playwright's way to Chromium.
        profile: an empty directory, or one that does not exist yet.

    Raises:
        RuntimeError: there is no Chromium on this machine.
    """
    with browser.launch_persistent_context(
        profile, executable_path=_executable(), headless=True, args=_FLAGS, viewport={"width": 1200, "height": 900}
    ) as context:
        context.set_default_timeout(PATIENCE)
        yield context


@contextmanager
def open_chromium_that_hides(browser: BrowserType, profile: Path) -> Iterator[BrowserContext]:
    """A browser of which a page is hidden while another one is in front, as it is for its users.

    Pages that Playwright sets up itself are taken for visible and focused wherever they are.

    Args:
        browser: Playwright's way to Chromium.
        profile: an empty directory.
    """
    options = ["--headless=new", *_FLAGS, f"--user-data-dir={profile}", "--remote-debugging-port=0"]
    command = [_executable(), *options, "about:blank"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{_port_of(profile)}"
            with browser.connect_over_cdp(address, no_defaults=True) as connected:
                connected.contexts[0].set_default_timeout(PATIENCE)
                yield connected.contexts[0]
        finally:
            process.kill()  # its profile is thrown away


def _port_of(profile: Path) -> str:
    file, deadline = profile / "DevToolsActivePort", time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if file.exists() and (lines := file.read_text().split()):
            return lines[0]
        time.sleep(_PAUSE_SECONDS)
    raise RuntimeError("Chromium does not tell where it listens")


def _executable() -> str:
    path = os.environ.get("PRIMWIDGETS_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        raise RuntimeError("no Chromium found: install it, or name it in PRIMWIDGETS_CHROMIUM")
    return path
