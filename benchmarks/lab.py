"""JupyterLab in a browser, with a notebook to measure in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.chromium import open_chromium
from tests.browser.lab import Frontend, NotebookPage
from tests.browser.server import JupyterServer


@contextmanager
def open_lab(cells: Sequence[str], *, extension: bool = False) -> Iterator[NotebookPage]:
    """A notebook with these cells in JupyterLab, with a kernel that is ready, and with the extension if wanted."""
    with (
        TemporaryDirectory() as home,
        JupyterServer(Path(home), extension=extension) as server,
        sync_playwright() as playwright,
        open_chromium(playwright.chromium, Path(home) / "profile") as context,
    ):
        yield NotebookPage.with_cells(context.new_page(), server, Frontend.LAB, cells)


@contextmanager
def blocked(notebook: NotebookPage, cell: int) -> Iterator[None]:
    """The kernel is busy with ``cell``, which does not end by itself; it is interrupted at the end."""
    notebook.start(cell)
    yield
    notebook.interrupt_kernel()
    notebook.wait_until_idle(cell)


def printed_json(notebook: NotebookPage, cell: int) -> Any:
    """Run ``cell`` and read the JSON that it prints."""
    notebook.run(cell)
    return json.loads(notebook.output(cell).inner_text())
