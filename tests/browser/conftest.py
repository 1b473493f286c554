"""A real server and a real browser for the tests of this folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from typing import Final

import pytest
from playwright.sync_api import BrowserContext, BrowserType, Error, Page, sync_playwright

from tests.browser.chromium import open_chromium
from tests.browser.lab import Frontend, NotebookPage
from tests.browser.pages import KeptPages
from tests.browser.server import CHECKOUT, JupyterServer

SCREENSHOTS: Final = CHECKOUT / ".cache" / "screenshots"

_FAILED: Final = pytest.StashKey[bool]()

OpenNotebook = Callable[[Sequence[str]], NotebookPage]
OpenContent = Callable[[str], NotebookPage]


@pytest.fixture(scope="session")
def jupyter_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """One server for all tests of this folder that a process runs."""
    with JupyterServer(tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[BrowserType]:
    """Playwright's way to Chromium."""
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="session")
def browser_context(chromium: BrowserType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """One browser for all tests of a process, so that the application's files are loaded once."""
    with open_chromium(chromium, tmp_path_factory.mktemp("profile")) as context:
        yield context


@pytest.fixture(scope="session")
def kept_pages(browser_context: BrowserContext) -> Iterator[KeptPages]:
    """The pages that the tests of a process share."""
    with closing(KeptPages(browser_context)) as pages:
        yield pages


@pytest.fixture
def page(
    browser_context: BrowserContext,
    kept_pages: KeptPages,
    jupyter_server: JupyterServer,
    request: pytest.FixtureRequest,
) -> Iterator[Page]:
    """A page in which nothing is open.

    Tests that leave something behind in the application, or load the page again, are marked with ``own_page``.
    """
    frontend = _frontend_of(request)
    if frontend is not Frontend.LAB or request.node.get_closest_marker("own_page"):  # Notebook 7 has one file a page
        page = browser_context.new_page()
        yield page
        page.close()
        return
    page = kept_pages.page(jupyter_server, frontend)
    yield page
    if request.node.stash.get(_FAILED, False):
        kept_pages.drop(page)


def _frontend_of(request: pytest.FixtureRequest) -> Frontend | None:
    return request.getfixturevalue("frontend") if "frontend" in request.fixturenames else None


@pytest.fixture(params=list(Frontend), ids=[frontend.name.lower() for frontend in Frontend])
def frontend(request: pytest.FixtureRequest) -> Frontend:
    """Each of the applications in turn; a test for one of them alone overrides it by ``parametrize``."""
    chosen: Frontend = request.param
    return chosen


@pytest.fixture
def server(jupyter_server: JupyterServer) -> Iterator[JupyterServer]:
    """The server; the kernels and the settings of a test end with it."""
    yield jupyter_server
    jupyter_server.shut_down_kernels()
    jupyter_server.reset_settings()


@pytest.fixture
def open_notebook(page: Page, server: JupyterServer, frontend: Frontend) -> Iterator[OpenNotebook]:
    """Opens a notebook with the given cells."""
    opened: list[NotebookPage] = []

    def open_cells(cells: Sequence[str]) -> NotebookPage:
        opened.append(NotebookPage.with_cells(page, server, frontend, cells))
        return opened[-1]

    yield open_cells
    for notebook in opened:
        notebook.leave()


@pytest.fixture
def open_content(page: Page, server: JupyterServer, frontend: Frontend) -> OpenContent:
    """Opens a notebook whose file is given as text."""
    return lambda content: NotebookPage.with_content(page, server, frontend, content)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note on a test that it failed, for the fixtures that end after it, and keep a picture of what its page shows."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
        page = getattr(item, "funcargs", {}).get("page")
        if report.when == "call" and isinstance(page, Page):
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^\w.-]+", "-", item.name)
            with suppress(Error):  # the page may be what failed
                page.screenshot(path=SCREENSHOTS / f"{name}.png")
    return report
