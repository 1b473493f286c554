"""The jobs sidebar as its reader sees it and uses it. What it shows is waited for."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Locator, expect

from tests.browser.card import Card
from tests.browser.lab import NotebookPage


class Sidebar:
    """The sidebar, opened.

    Args:
        notebook: a notebook of the page.
    """

    def __init__(self, notebook: NotebookPage) -> None:
        self.page = notebook.page
        self.element = self.page.get_by_role("region", name="Jobs", exact=True)
        self.search = self.element.get_by_role("searchbox")
        self.headings = self.element.locator("h3 bdi")
        self.kinds = self.element.locator(".primwidgets-JobsPanel-kind")
        notebook.command("primwidgets:open-sidebar")
        expect(self.element).to_be_visible()

    def row(self, name: str) -> Locator:
        """The row of the job with that name."""
        title = self.page.get_by_text(name, exact=True)
        return self.element.get_by_role("listitem").filter(
            has=self.page.locator(".primwidgets-JobCard-title", has=title)
        )

    def card(self, name: str) -> Card:
        """The card of the job with that name."""
        return Card(self.row(name))

    def press(self, name: str) -> None:
        """Click the button with that name."""
        self.element.get_by_role("button", name=name, exact=True).click()

    def expect_jobs(self, names: Sequence[str]) -> None:
        """Wait until the sidebar lists these jobs, in this order."""
        titles = self.element.get_by_role("listitem").locator(".primwidgets-JobCard-title")
        expect(titles).to_have_text(list(names))
