"""The pages of the tests in this folder have the JupyterLab extension."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.server import JupyterServer


@pytest.fixture(scope="session")
def jupyter_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """One server for all tests of this folder that a process runs, in place of the one without the extension."""
    with JupyterServer(tmp_path_factory.mktemp("jupyter"), extension=True) as server:
        yield server


@pytest.fixture
def second_page(browser_context: BrowserContext) -> Iterator[Page]:
    """One more empty page of the same browser."""
    page = browser_context.new_page()
    yield page
    page.close()
