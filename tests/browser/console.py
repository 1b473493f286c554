"""A code console in the browser, driven as its reader does. JupyterLab only."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.lab import NotebookPage


class Console:
    """A console with a kernel of its own, opened in the page of a notebook and in front of it.

    Args:
        notebook: a notebook of the page.
    """

    def __init__(self, notebook: NotebookPage) -> None:
        self.page = notebook.page
        self.element = self.page.locator(".jp-CodeConsole")
        #: What stands on its tab.
        self.name: str = self.page.evaluate(
            """async () => {
                const {commands} = window.jupyterapp;
                const options = {kernelPreference: {name: 'python3'}, activate: true};
                const panel = window.consolePanel = await commands.execute('console:create', options);
                await panel.sessionContext.ready;
                await panel.sessionContext.session.kernel.info;
                return panel.title.label;
            }"""
        )
        expect(self.element).to_be_visible()

    def start(self, code: str) -> None:
        """Run ``code`` in a new cell and wait only until it runs, or waits for its turn."""
        before = self._cells().count()
        self._evaluate("code => void panel.console.inject(code)", code)
        expect(self._cells()).to_have_count(before + 1)

    def run(self, code: str) -> None:
        """Run ``code`` in a new cell and wait for its end."""
        self.start(code)
        expect(self.prompt(-1)).not_to_contain_text("*")

    def prompt(self, cell: int) -> Locator:
        """What stands beside the input of a cell, counted from 0, or from -1 backwards: ``[*]:`` or ``[3]:``."""
        return self._cells().nth(cell).locator(".jp-InputPrompt")

    def output(self, cell: int) -> Locator:
        """The output area of a cell, counted from 0, or from -1 backwards."""
        return self._cells().nth(cell).locator(".jp-Cell-outputArea")

    def interrupt(self) -> None:
        """Interrupt the kernel."""
        self._evaluate("async () => { await panel.sessionContext.session.kernel.interrupt(); }")

    def _cells(self) -> Locator:
        """The cells that were run; the first one of the console is its banner."""
        return self.element.locator(".jp-CodeConsole-content .jp-CodeCell")

    def _evaluate(self, function: str, argument: Any = None) -> Any:
        return self.page.evaluate(
            f"argument => {{ const panel = window.consolePanel; return ({function})(argument); }}", argument
        )
