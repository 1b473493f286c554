"""Pages that tests share: to load JupyterLab or Notebook 7 takes longer than most tests do."""

from __future__ import annotations

from itertools import count
from typing import Final

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chromium import PATIENCE
from tests.browser.lab import Frontend
from tests.browser.server import JupyterServer

_MARKS: Final = count(1)

# A page that does not know that a kernel has ended tries to reach it again and again, with an error on the console
# each time. Jobs of kernels that have ended stay in the sidebar until they are cleared.
_FORGET_KERNELS: Final = """async patience => {
    const {commands, serviceManager: {kernels, sessions}} = window.jupyterapp;
    const left = () => [...kernels.running(), ...sessions.running()];
    const deadline = performance.now() + patience;
    do {
        await Promise.all([kernels.refreshRunning(), sessions.refreshRunning()]);
        if (performance.now() > deadline) throw new Error(`still there: ${JSON.stringify(left())}`);
    } while (left().length > 0);
    const clear = 'primwidgets:clear-finished';
    if (commands.hasCommand(clear)) await commands.execute(clear);
}"""
_CLOSE_TOASTS: Final = """() => {
    for (const button of document.querySelectorAll('.Toastify__toast button[title=Hide], .Toastify__close-button')) {
        button.click();
    }
}"""


class KeptPages:
    """The pages that tests share, one for each server and application; loaded by the first test that needs it.

    Args:
        context: the browser.
    """

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._pages: dict[tuple[str, Frontend], Page] = {}

    def page(self, server: JupyterServer, frontend: Frontend) -> Page:
        """The page of that server and application, in which nothing is left of earlier tests; empty at first.

        Args:
            server: what it is loaded from; it has no kernels.
            frontend: what it shows.
        """
        key = (server.url, frontend)
        if key not in self._pages:
            self._pages[key] = self._context.new_page()
        page = self._pages[key]
        clean(page)  # only now, since it also learns of the kernels of tests that have a page of their own
        return page

    def drop(self, page: Page) -> None:
        """Close a page; the next test gets a new one."""
        self._pages = {key: kept for key, kept in self._pages.items() if kept is not page}
        page.close()

    def close(self) -> None:
        """Close all pages."""
        for page in list(self._pages.values()):
            self.drop(page)


def clean(page: Page) -> None:
    """Have a page forget kernels that have ended, their jobs and its notifications; an empty page stays as it is.

    When this returns, the messages that the page has sent so far have arrived.
    """
    if not page.evaluate("() => 'jupyterapp' in window"):
        return
    page.mouse.move(0, 0)
    page.evaluate(_FORGET_KERNELS, PATIENCE)
    page.evaluate(_CLOSE_TOASTS)
    expect(page.locator(".Toastify__toast")).to_have_count(0)
    mark = f"clean {next(_MARKS)}"
    with page.expect_console_message(lambda message: message.text == mark):
        page.evaluate("mark => console.info(mark)", mark)
