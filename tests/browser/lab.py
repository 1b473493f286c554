"""Drives a notebook in the browser as its reader does, in JupyterLab and in Notebook 7 alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import CDPSession, ConsoleMessage, Error, Locator, Page, expect

from tests.browser.chromium import PATIENCE
from tests.browser.server import JupyterServer

_NAMES: Final = count(1)

#: What the applications themselves put on the console: Notebook 7 when it opens any notebook, both on a restart.
_FOREIGN_NOISE: Final = (
    "reading 'schema'",
    "reading 'last_modified'",  # of Notebook 7.2
    "Command 'filebrowser:open-path' not registered",
    "Could not restore the debugger state",
    "Per comm-target subshell creation failed",
)

# Everything a script below needs: the application and the notebook that is open in it.
_PANEL: Final = "const app = window.jupyterapp, panel = app.shell.currentWidget;"


class Frontend(StrEnum):
    """The application that shows the notebook; the value is the path its pages begin with."""

    LAB = "lab/tree"
    NOTEBOOK = "notebooks"


class NotebookPage:
    """One notebook, open in one browser page, with a kernel that is ready.

    Args:
        page: an empty browser page, or one of the application in which nothing is open; the caller closes it.
        server: where the notebook lies.
        frontend: what shows it.
        path: the notebook's path below the server's root.
        kernel_busy: it has a kernel already, in which a cell is running.
    """

    def __init__(
        self, page: Page, server: JupyterServer, frontend: Frontend, path: str, *, kernel_busy: bool = False
    ) -> None:
        self.page = page
        self.frontend = frontend
        #: Errors on the console and unhandled rejections, in the order they came.
        self.complaints: list[str] = []
        self._server = server
        self._path = path
        page.on("console", self._on_console)
        page.on("pageerror", self._on_page_error)
        if page.evaluate("() => 'jupyterapp' in window"):
            self._open_path(kernel_busy=kernel_busy)
        else:
            self._load(kernel_busy=kernel_busy)

    @classmethod
    def with_cells(cls, page: Page, server: JupyterServer, frontend: Frontend, cells: Sequence[str]) -> NotebookPage:
        """Open a new notebook whose code cells are ``cells``."""
        return cls.with_content(page, server, frontend, json.dumps(_notebook(cells)))

    @classmethod
    def with_content(cls, page: Page, server: JupyterServer, frontend: Frontend, content: str) -> NotebookPage:
        """Open a new notebook whose file contains ``content``."""
        return cls(page, server, frontend, _write(server, content))

    # --- cells ---------------------------------------------------------------------------------------------------

    def run(self, cell: int) -> None:
        """Run a cell and wait for its end."""
        self.start(cell)
        self.wait_until_idle(cell)

    def start(self, cell: int) -> None:
        """Run a cell and wait only until it is running, waits for its turn, or has ended already."""
        before = self.prompt(cell).inner_text()
        self._evaluate(
            """index => {
                panel.content.activeCellIndex = index;
                panel.content.deselectAll();
                void app.commands.execute('notebook:run-cell');
            }""",
            cell,
        )
        expect(self.prompt(cell)).not_to_have_text(before)

    def run_all(self) -> None:
        """Run every cell and wait for the end of the last."""
        self.start_all()
        self.wait_until_all_idle()

    def start_all(self) -> None:
        """Run every cell and wait for nothing."""
        self._evaluate("() => void app.commands.execute('notebook:run-all-cells')")

    def wait_until_all_idle(self) -> None:
        """Wait until every code cell has its number."""
        types = self._evaluate("() => panel.content.widgets.map(cell => cell.model.type)")
        for cell, kind in enumerate(types):
            if kind == "code":
                self.wait_until_idle(cell)

    def is_running(self, cell: int) -> bool:
        """Whether the cell is running or waits for its turn."""
        return "*" in self.prompt(cell).inner_text()

    def wait_until_idle(self, cell: int) -> None:
        """Wait until the cell has its number and the kernel is done with it.

        The number can be there before the last output, which would change a notebook that was saved in between.
        """
        expect(self.prompt(cell)).to_contain_text("[")
        expect(self.prompt(cell)).not_to_have_text("[ ]:")
        expect(self.prompt(cell)).not_to_contain_text("*")
        self._evaluate(
            "async cell => { await panel.content.widgets[cell].outputArea.future?.done.catch(() => undefined); }",
            cell,
        )

    def cell(self, cell: int) -> Locator:
        """The whole cell, counted from 0."""
        return self._cells().nth(cell)

    def prompt(self, cell: int) -> Locator:
        """What stands beside the input: ``[ ]:``, ``[*]:`` or ``[3]:``."""
        return self.cell(cell).locator(".jp-InputPrompt")

    def output(self, cell: int) -> Locator:
        """The output area of a cell."""
        return self.cell(cell).locator(".jp-Cell-outputArea")

    def clear_outputs(self) -> None:
        """Clear the outputs of all cells."""
        self.command("notebook:clear-all-cell-outputs")

    # --- kernel --------------------------------------------------------------------------------------------------

    def kernel_indicator(self) -> Locator:
        """The toolbar's circle; its ``data-status`` is ``idle``, ``busy``, …"""
        return self.page.locator(".jp-Notebook-ExecutionIndicator")

    def ask(self, code: str) -> str:
        """Run ``code`` in the kernel without a cell, wait for its end, and give what it printed.

        Raises:
            playwright.sync_api.Error: the code raised; the text is its traceback.
        """
        printed: str = self._evaluate(
            """async code => {
                const {kernel} = panel.sessionContext.session;
                const future = kernel.requestExecute({code, store_history: false});
                let printed = '';
                future.onIOPub = ({header, content}) => {
                    if (header.msg_type === 'stream') printed += content.text;
                };
                const {content} = await future.done;
                if (content.status !== 'ok') throw new Error(content.traceback?.join('\\n') ?? content.status);
                return printed;
            }""",
            code,
        )
        return printed.rstrip("\n")

    def interrupt_kernel(self) -> None:
        """Do what the stop button does."""
        self.command("notebook:interrupt-kernel")

    def restart_kernel(self) -> None:
        """Restart the kernel without the dialogue that asks for it, and wait until it is back."""
        self._evaluate("async () => { await panel.sessionContext.session.kernel.restart(); }")
        self._wait_for_kernel()

    # --- page ----------------------------------------------------------------------------------------------------

    def command(self, name: str, arguments: dict[str, Any] | None = None) -> None:
        """Execute one of the application's commands and wait for it."""
        self._evaluate("([name, args]) => app.commands.execute(name, args)", [name, arguments or {}])

    def open_again(self, page: Page, *, kernel_busy: bool = False) -> NotebookPage:
        """Open the notebook as it is saved in a second page, too, which gets the same kernel.

        Args:
            page: an empty browser page; the caller closes it.
            kernel_busy: a cell is running, so the kernel will not answer: do not wait for it.
        """
        return NotebookPage(page, self._server, self.frontend, self._path, kernel_busy=kernel_busy)

    def open_beside(self, cells: Sequence[str]) -> None:
        """Open one more new notebook in the page; from now on this drives that one. JupyterLab only."""
        self._path = _write(self._server, json.dumps(_notebook(cells)))
        self._open_path()

    def leave(self) -> None:
        """Close everything that is open in the page, unsaved, and listen to the page no longer."""
        self.page.remove_listener("console", self._on_console)
        self.page.remove_listener("pageerror", self._on_page_error)
        self.page.evaluate(
            "() => { for (const one of [...window.jupyterapp?.shell.widgets('main') ?? []]) one.dispose(); }"
        )

    def add_style(self, css: str) -> None:
        """Add a style sheet to the page, for as long as the notebook is open."""
        self._evaluate(
            "css => panel.node.append(Object.assign(document.createElement('style'), {textContent: css}))", css
        )

    def use_dark_theme(self) -> None:
        """Switch to the dark theme that comes with the application."""
        self.command("apputils:change-theme", {"theme": "JupyterLab Dark"})
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)  # it covers the page for a moment

    def reload(self, *, kernel_busy: bool = False) -> None:
        """Load the page again as the browser's button does; the kernel goes on.

        Args:
            kernel_busy: a cell is running, so the kernel will not answer: do not wait for it.
        """
        self.page.reload()
        self._wait_for_notebook(kernel_busy=kernel_busy)

    def save(self) -> list[dict[str, Any]]:
        """Save the notebook and read the cells that are in its file now, as the notebook format has them."""
        self.command("docmanager:save")
        cells: list[dict[str, Any]] = json.loads(self.file.read_text(encoding="utf-8"))["cells"]
        return cells

    def wait_for_stored(self, cell: int, text: str) -> None:
        """Wait until the plain text of a cell's first output, as it would be saved now, contains ``text``."""
        self.page.wait_for_function(
            """([cell, text]) => {
                const {outputArea} = window.jupyterapp.shell.currentWidget.content.widgets[cell];
                const data = outputArea.model.toJSON()[0]?.data ?? {};
                return [data['text/plain'] ?? ''].flat().join('').includes(text);
            }""",
            arg=[cell, text],
        )

    @property
    def file(self) -> Path:
        """The notebook's file."""
        return self._server.root / self._path

    def page_listeners(self) -> int:
        """How many event listeners there are on what outlives every card: window, document and body.

        Those on elements go with their elements: see ``leaked_elements``. All listeners of the page are no measure,
        since the application makes and drops hundreds of its own.
        """
        count = 0
        with self._devtools() as session:
            for target in ("window", "document", "document.body"):
                found = session.send("Runtime.evaluate", {"expression": target})["result"]["objectId"]
                count += len(session.send("DOMDebugger.getEventListeners", {"objectId": found})["listeners"])
        return count

    def leaked_elements(self, selector: str) -> int:
        """How many elements that match are held in memory though they are no longer on the page."""
        count = """function (selector) {
            const elements = this.filter(one => !Object.hasOwn(one, 'constructor'));
            return elements.filter(one => !one.isConnected && one.matches(selector)).length;
        }"""
        with self._devtools() as session:
            session.send("HeapProfiler.collectGarbage")
            prototype = session.send("Runtime.evaluate", {"expression": "Element.prototype"})["result"]["objectId"]
            elements = session.send("Runtime.queryObjects", {"prototypeObjectId": prototype})["objects"]["objectId"]
            answer = session.send(
                "Runtime.callFunctionOn",
                {
                    "objectId": elements,
                    "functionDeclaration": count,
                    "arguments": [{"value": selector}],
                    "returnByValue": True,
                },
            )
        return int(answer["result"]["value"])

    # --- internals -----------------------------------------------------------------------------------------------

    @contextmanager
    def _devtools(self) -> Iterator[CDPSession]:
        session = self.page.context.new_cdp_session(self.page)
        try:
            yield session
        finally:
            session.detach()

    def _load(self, *, kernel_busy: bool) -> None:
        query = f"token={self._server.token}" + ("&reset" if self.frontend is Frontend.LAB else "")
        self.page.goto(f"{self._server.url}{self.frontend.value}/{self._path}?{query}")
        self._wait_for_notebook(kernel_busy=kernel_busy)

    def _open_path(self, *, kernel_busy: bool = False) -> None:
        # Without ``_noref`` Notebook 7 would open a new tab of the browser.
        self.page.evaluate(
            "path => void window.jupyterapp.commands.execute('docmanager:open', {path, options: {ref: '_noref'}})",
            self._path,
        )
        self.page.wait_for_function(
            "path => window.jupyterapp.shell.currentWidget?.context?.path === path", arg=self._path
        )
        self._wait_for_notebook(kernel_busy=kernel_busy)

    def _wait_for_notebook(self, *, kernel_busy: bool) -> None:
        self.page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel")
        self._evaluate("async () => { await app.restored; await panel.revealed; await panel.context.ready; }")
        if self.frontend is Frontend.LAB:
            self._evaluate("() => { app.shell.collapseLeft(); app.shell.collapseRight(); }")
        if not kernel_busy:
            self._wait_for_kernel()

    def _wait_for_kernel(self) -> None:
        self.page.wait_for_function(
            """() => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                return kernel.connectionStatus === 'connected' && kernel.status === 'idle';
            }""",
        )

    def _cells(self) -> Locator:
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")

    def _evaluate(self, function: str, argument: Any = None) -> Any:
        """What the function returns, in the page; Playwright would wait for its promise without an end."""
        return self.page.evaluate(
            f"""([argument, patience]) => {{
                {_PANEL}
                const late = (_, reject) => setTimeout(() => reject(new Error('no answer in time')), patience);
                return Promise.race([({function})(argument), new Promise(late)]);
            }}""",
            [argument, PATIENCE],
        )

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            # The browser's own messages about requests name the address nowhere else.
            address = message.location["url"] if message.text.startswith("Failed to load resource") else ""
            self._complain(f"{message.text} {address}".rstrip())

    def _on_page_error(self, error: Error) -> None:
        self._complain(f"{error.name}: {error.message}")

    def _complain(self, text: str) -> None:
        if not any(noise in text for noise in _FOREIGN_NOISE):
            self.complaints.append(text)


def _write(server: JupyterServer, content: str) -> str:
    """Write a new notebook; its path below the server's root."""
    path = f"notebook-{next(_NAMES)}.ipynb"
    (server.root / path).write_text(content, encoding="utf-8")
    return path


def _notebook(sources: Sequence[str]) -> dict[str, Any]:
    empty: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [{**empty, "id": f"cell-{index}", "source": source} for index, source in enumerate(sources)],
    }
