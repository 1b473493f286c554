"""While the page is hidden the browser tells what the page would, if the reader lets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Page, expect

from tests.browser.card import IMPORTS
from tests.browser.chromium import open_chromium_that_hides
from tests.browser.lab import Frontend, NotebookPage
from tests.browser.server import JupyterServer

SETTINGS = "primwidgets/notifications"
JOBS = f"""{IMPORTS}
fakes = [FakeJob() for _ in range(3)]
for fake in fakes:
    fake.move_to(JobState.RUNNING)
jobs = [WidgetJob(fake, name=f'job {{index}}') for index, fake in enumerate(fakes)]
"""

#: Notes what the browser is asked to show, and what it has really shown.
NOTE_SHOWN = """() => {
    const asked = window.askedOfBrowser = [], shown = window.shownByBrowser = [];
    window.Notification = class extends Notification {
        constructor(title, options) {
            super(title, options);
            asked.push(title);
            this.addEventListener('show', () => shown.push(this));
            this.addEventListener('error', () => console.error('The browser cannot notify'));
        }
    };
}"""


@pytest.fixture(scope="module")
def hiding_browser(chromium: BrowserType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A browser whose pages can be hidden."""
    with open_chromium_that_hides(chromium, tmp_path_factory.mktemp("profile")) as context:
        context.add_init_script(f"({NOTE_SHOWN})()")
        yield context


@pytest.fixture
def page(hiding_browser: BrowserContext) -> Iterator[Page]:
    """A page in front of the others."""
    page = hiding_browser.new_page()
    page.bring_to_front()
    yield page
    hiding_browser.clear_permissions()
    for one in hiding_browser.pages[1:]:
        one.close()


def start_jobs(page: Page, server: JupyterServer) -> NotebookPage:
    notebook = NotebookPage.with_cells(page, server, Frontend.LAB, [JOBS])
    notebook.run(0)
    expect(page.locator("[data-primwidgets-jobs='3']")).to_be_visible()
    return notebook


def allow(page: Page, server: JupyterServer) -> None:
    page.context.grant_permissions(["notifications"], origin=server.url.rstrip("/"))


def hide(page: Page) -> None:
    page.context.new_page().bring_to_front()
    page.wait_for_function("() => document.hidden", polling=100)


def expect_toast(page: Page, text: str) -> None:
    """Wait until the page itself has told: if the browser was to tell it, too, it was asked to in the same moment."""
    expect(page.locator(".Toastify__toast").filter(has_text=text)).to_have_count(1)


def wait_for_shown(page: Page, titles: list[str]) -> None:
    """Wait until the browser has shown these messages, given by their beginnings, and was asked for no others."""
    page.wait_for_function("count => window.shownByBrowser.length >= count", arg=len(titles), polling=100)
    asked = page.evaluate("() => window.askedOfBrowser")
    assert [title[: len(start)] for title, start in zip(asked, titles, strict=True)] == titles


def test_the_browser_tells_while_the_page_is_hidden_and_only_then(page: Page, server: JupyterServer) -> None:
    server.write_settings(SETTINGS, {"minimumSeconds": 0})
    notebook = start_jobs(page, server)
    allow(page, server)
    notebook.ask("fakes[0].finish()")
    expect_toast(page, "job 0 finished")

    hide(page)
    notebook.ask("fakes[1].fail(ValueError('The device is offline'))")
    wait_for_shown(page, ["job 1 failed: ValueError: The device is offline"])

    page.bring_to_front()
    notebook.ask("fakes[2].finish()")
    expect_toast(page, "job 2 finished")
    wait_for_shown(page, ["job 1 failed"])
    assert notebook.complaints == []


def test_a_click_on_what_the_browser_tells_leads_to_the_job(page: Page, server: JupyterServer) -> None:
    server.write_settings(SETTINGS, {"minimumSeconds": 0})
    notebook = start_jobs(page, server)
    allow(page, server)
    notebook.command("notebook:insert-cell-below")
    hide(page)
    notebook.ask("fakes[0].finish()")
    wait_for_shown(page, ["job 0 finished"])

    # The message itself is outside of the page, where no test can reach it.
    page.evaluate("() => window.shownByBrowser[0].dispatchEvent(new Event('click'))")

    page.wait_for_function("() => jupyterapp.shell.currentWidget.content.activeCellIndex === 0", polling=100)
    assert notebook.complaints == []


def test_the_browser_tells_nothing_that_it_is_not_allowed_to(page: Page, server: JupyterServer) -> None:
    server.write_settings(SETTINGS, {"minimumSeconds": 0})
    notebook = start_jobs(page, server)
    hide(page)
    assert page.evaluate("() => Notification.permission") != "granted"

    notebook.ask("fakes[0].finish()")

    expect_toast(page, "job 0 finished")
    wait_for_shown(page, [])
    allow(page, server)
    notebook.ask("fakes[1].finish()")
    wait_for_shown(page, ["job 1 finished"])
    assert notebook.complaints == []


def test_the_browser_tells_nothing_where_the_reader_switched_it_off(page: Page, server: JupyterServer) -> None:
    server.write_settings(SETTINGS, {"minimumSeconds": 0, "browser": False})
    notebook = start_jobs(page, server)
    allow(page, server)
    hide(page)

    notebook.ask("fakes[0].finish()")

    expect_toast(page, "job 0 finished")
    wait_for_shown(page, [])
    assert notebook.complaints == []
