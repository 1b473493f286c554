"""A group on its card, and many jobs on a board."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.card import Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend

ONLY_LAB = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])

GROUP = """
from primwidgets import JobBoard, WidgetJob, submit_map
from primwidgets.testing import FakeJob
def scan(angle):
    if angle in (3, 17):
        raise ValueError("no such angle")
group = submit_map(scan, range(20), max_running=2)
group
"""
THOUSAND = """
from primwidgets import JobBoard, WidgetJob
from primwidgets.testing import FakeJob
many = [WidgetJob(FakeJob(f"fake-{number}"), name=f"step {number}") for number in range(1000)]
board = JobBoard(many)
board
"""

#: The most rows that are drawn at once while the table is scrolled from end to end.
SCROLL = """async body => {
    let most = 0;
    for (let top = 0; top < body.scrollHeight; top += 700) {
        body.scrollTop = top;
        await new Promise(requestAnimationFrame);
        most = Math.max(most, body.querySelectorAll('[role=row][data-job]').length);
    }
    return most;
}"""


@ONLY_LAB
def test_a_group_has_one_card_with_its_failures_first(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([GROUP])
    notebook.run(0)
    card = Card(notebook.output(0))
    card.expect_state("Failed")
    expect(card.element).to_contain_text("18 of 20 done · 2 failed")
    card.details.click()
    members = card.element.locator(".primwidgets-JobCard-members > li")
    expect(members).to_have_count(20)
    expect(members.first).to_contain_text("scan(3)")
    expect(members.first).to_contain_text("ValueError: no such angle")
    assert violations(card.element) == []
    assert notebook.complaints == []


@ONLY_LAB
def test_a_board_of_a_thousand_jobs_is_filtered_selected_and_cancelled(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([THOUSAND])
    notebook.run(0)
    board = notebook.output(0).get_by_role("region", name="Job board")
    rows = board.locator("[role=row][data-job]")
    expect(board).to_contain_text("1,000 jobs")
    assert 0 < board.locator(".primwidgets-JobBoard-table").evaluate(SCROLL) < 100
    board.get_by_role("columnheader", name="Name").get_by_role("button").click()
    board.locator(".primwidgets-JobBoard-table").evaluate("body => { body.scrollTop = 0 }")
    expect(rows.first).to_contain_text("step 0")

    board.get_by_role("searchbox").fill("step 99")
    expect(board).to_contain_text("19 jobs")
    rows.nth(0).click()
    rows.nth(2).click(modifiers=["Shift"])
    expect(board).to_contain_text("3 of 19 selected")
    board.get_by_role("button", name="Cancel 3 jobs…").click()
    board.get_by_role("button", name="Cancel jobs").click()
    expect(board.get_by_role("button", name="3 cancelled")).to_be_visible()

    rows.nth(1).dblclick()
    Card(board).expect_state("Cancelled")
    assert violations(board) == []
    assert notebook.complaints == []


@pytest.mark.own_page
@ONLY_LAB
def test_the_jobs_of_all_notebooks_are_in_a_tab(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([GROUP])
    notebook.run(0)
    notebook.command("primwidgets:open-board")
    board = notebook.page.locator(".primwidgets-JobBoardPanel").get_by_role("region", name="Job board")
    rows = board.locator("[role=row][data-job]")
    expect(rows).to_have_count(1)
    board.get_by_role("button", name="Jobs of scan").click()
    expect(rows).to_have_count(21)
    board.get_by_role("grid").press("Home")
    board.get_by_role("grid").press("Enter")
    Card(board).expect_state("Failed")
    notebook.use_dark_theme()
    assert violations(board) == []
    notebook.command("application:close", {})
    assert notebook.complaints == []
