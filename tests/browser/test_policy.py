"""A page whose Content-Security-Policy keeps widgets from loading their modules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.card import FAKE
from tests.browser.lab import Frontend, NotebookPage
from tests.browser.server import JupyterServer

#: Lets pages run the scripts of their server, and no others.
POLICY: Final = "script-src 'self' 'unsafe-inline' 'unsafe-eval'; worker-src 'self' blob:"


class _StrictServer(JupyterServer):
    """A server that sends a policy with each page."""

    def _command(self) -> list[str]:
        headers = {"headers": {"Content-Security-Policy": POLICY}}
        return [*super()._command(), f"--ServerApp.tornado_settings={headers!r}"]


@pytest.fixture
def strict_server(tmp_path: Path) -> Iterator[JupyterServer]:
    """A server of its own, as its pages differ from those of the others."""
    with _StrictServer(tmp_path, extension=True) as server:
        yield server


@pytest.mark.own_page  # of another server
@pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
def test_the_card_says_what_the_page_has_to_allow(page: Page, strict_server: JupyterServer, frontend: Frontend) -> None:
    cells = [f"{FAKE}from ipywidgets import HBox\nHBox([job])"]
    notebook = NotebookPage.with_cells(page, strict_server, frontend, cells)
    notebook.run(0)

    expect(page.get_by_role("alert")).to_contain_text("Content-Security-Policy")
    notebook.leave()
