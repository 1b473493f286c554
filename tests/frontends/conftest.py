"""Frontends that are none of Jupyter's own. Run by ``make test-frontends``, which installs them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, sync_playwright

from tests.browser.chromium import open_chromium
from tests.frontends.npm_packages import serve_npm_packages

collect_ignore_glob = [] if "PRIMWIDGETS_FRONTENDS" in os.environ else ["test_*"]


@pytest.fixture(scope="session")
def browser_context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A browser that gets from the npm registry what applications load from a content delivery network."""
    profile = tmp_path_factory.mktemp("profile")
    with sync_playwright() as playwright, open_chromium(playwright.chromium, profile) as context:
        serve_npm_packages(context)
        yield context
