"""A view without the extension whose kernel is gone claims nothing: it says what was last seen, and when."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.card import FAKE, Card
from tests.browser.conftest import OpenNotebook


@pytest.mark.own_page  # a restart leaves errors of the application's own on the console
def test_after_a_restart_the_view_says_when_the_job_was_last_seen_and_offers_nothing(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([f"{FAKE}job"])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_state("Running")
    expect(card.button("Cancel")).to_be_enabled()

    notebook.restart_kernel()

    card.expect_state("Running when last seen")
    expect(card.button("Cancel")).to_have_count(0)
    expect(card.element.locator(".primwidgets-JobCard-subtitle time")).to_have_count(1)
    assert notebook.complaints == []
