"""All jobs of the page in one sidebar."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.blocking import SLEEP
from tests.browser.axe import violations
from tests.browser.card import FAKE, IMPORTS
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend
from tests.browser.server import JupyterServer
from tests.browser.sidebar import Sidebar

ONLY_LAB = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])

FIRST = f"""{IMPORTS}
one = WidgetJob(run(queue=0, seconds=600), name='one')
two = WidgetJob(run(queue=9000, seconds=600, remote=True), name='two')
three = WidgetJob(run(queue=0, seconds=0.1, outcome='fail'), name='three')
"""
SECOND = f"""{IMPORTS}
four = WidgetJob(run(queue=0, seconds=600), name='four')
five = WidgetJob(run(queue=0, seconds=0.1), name='five')
six = WidgetJob(run(queue=0, seconds=600), name='six')
"""
#: The cell that is selected has it among its classes.
ACTIVE = re.compile("jp-mod-active")
#: The jobs of the notebook in front come first.
NEWEST_FIRST = ["six", "five", "four", "three", "two", "one"]

#: Waits until what the page keeps on the server contains a text.
UNTIL_KEPT = """async text => {
    // A second page of a browser gets a workspace of another name.
    const kept = async () => JSON.stringify(await window.jupyterapp.serviceManager.workspaces.list());
    while (!(await kept()).includes(text)) await new Promise(resolve => setTimeout(resolve, 100));
}"""

#: Notes the type of each message to a kernel that has to do with this package, and counts the others.
NOTE_MESSAGES = """() => {
    const sent = window.sentToKernel = [];
    window.sentByOthers = 0;
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) {
        const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
        if (text.includes('primwidgets')) sent.push(text.match(/"msg_type":"(\\w+)"/)?.[1]);
        else window.sentByOthers += 1;
        return send.call(this, data);
    };
}"""

#: Keeps account of the open connections to kernels.
NOTE_CONNECTIONS = """() => {
    const open = window.connections = new Set();
    window.WebSocket = class extends WebSocket {
        constructor(url, ...rest) {
            super(url, ...rest);
            if (url.includes('/channels')) {
                open.add(this);
                this.addEventListener('close', () => open.delete(this));
            }
        }
    };
}"""


@pytest.mark.own_page
@ONLY_LAB
def test_the_jobs_of_two_notebooks_are_listed_counted_and_found(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FIRST])
    notebook.run(0)
    notebook.open_beside([SECOND])
    notebook.run(0)
    sidebar = Sidebar(notebook)

    sidebar.expect_jobs(NEWEST_FIRST)
    expect(sidebar.headings).to_have_count(2)
    expect(sidebar.kinds).to_have_text(["3 running", "1 queued", "1 failed", "1 done"])
    expect(notebook.page.locator(".primwidgets-JobsStatus")).to_contain_text("Jobs: 3 running · 1 queued")
    expect(notebook.page.locator("[data-primwidgets-jobs='4']")).to_be_visible()

    sidebar.press("1 failed")
    sidebar.expect_jobs(["three"])
    sidebar.press("1 failed")
    sidebar.search.fill("fi")
    sidebar.expect_jobs(["five"])
    assert notebook.complaints == []


@pytest.mark.own_page
@ONLY_LAB
def test_axe_has_no_objection_in_either_theme(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FIRST])
    sidebar = Sidebar(notebook)
    assert violations(sidebar.element) == []
    notebook.run(0)
    sidebar.card("three").expect_state("Failed")
    sidebar.press("1 failed")
    sidebar.press("1 running")
    sidebar.card("one").details.click()
    status = notebook.page.locator(".primwidgets-JobsStatus")
    assert violations(sidebar.element) + violations(status) == []
    notebook.use_dark_theme()
    assert violations(sidebar.element) + violations(status) == []


@pytest.mark.own_page
@ONLY_LAB
def test_what_was_set_is_there_again_after_a_reload(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FIRST])
    notebook.run(0)
    sidebar = Sidebar(notebook)
    sidebar.expect_jobs(["three", "two", "one"])
    sidebar.element.get_by_role("combobox").select_option("By name")
    sidebar.expect_jobs(["one", "three", "two"])
    sidebar.search.fill("th")
    sidebar.expect_jobs(["three"])
    notebook.page.evaluate(UNTIL_KEPT, '"text":"th"')

    notebook.reload()

    sidebar = Sidebar(notebook)
    expect(sidebar.search).to_have_value("th")
    sidebar.expect_jobs(["three"])
    sidebar.search.fill("")
    sidebar.expect_jobs(["one", "three", "two"])


def test_a_job_is_cancelled_from_the_sidebar_while_the_cell_waits_for_it(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{IMPORTS}job = WidgetJob(run(queue=0, seconds=600), name='long')", "job.result()"])
    notebook.run(0)
    notebook.start(1)
    sidebar = Sidebar(notebook)
    card = sidebar.card("long")
    card.expect_state("Running")
    assert notebook.is_running(1)

    card.press("Cancel")

    card.expect_state("Cancelled")
    notebook.wait_until_idle(1)
    expect(notebook.output(1)).to_contain_text("CancelledError")
    assert notebook.complaints == []


@pytest.mark.own_page
def test_a_job_that_is_not_shown_is_listed_while_the_cell_that_started_it_goes_on(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{FAKE}{SLEEP}"])
    sidebar = Sidebar(notebook)

    notebook.start(0)

    sidebar.card("Fake").expect_state("Running")
    assert notebook.is_running(0)
    expect(notebook.kernel_indicator()).to_have_attribute("data-status", "busy")
    notebook.reload(kernel_busy=True)
    sidebar = Sidebar(notebook)
    sidebar.card("Fake").press("Cancel")
    sidebar.card("Fake").expect_state("Cancelled")
    notebook.interrupt_kernel()
    expect(notebook.kernel_indicator()).to_have_attribute("data-status", "idle")
    assert notebook.complaints == []


@pytest.mark.own_page
def test_a_kernel_without_jobs_is_asked_next_to_nothing(open_notebook: OpenNotebook, server: JupyterServer) -> None:
    notebook = open_notebook(["import time; time.sleep(4)", "1"])
    notebook.page.add_init_script(f"({NOTE_MESSAGES})()")
    notebook.start(0)

    notebook.reload(kernel_busy=True)
    notebook.run(1)

    sent, others = notebook.page.evaluate("() => [window.sentToKernel, window.sentByOthers]")
    assert set(sent) <= {"comm_info_request"}
    # When the page meets the kernel, when that tells about itself, when the cell ends that ran before, and after what
    # others ask of the kernel.
    assert len(sent) <= 3 + others
    assert "MESSAGE TYPE" not in server.log.read_text()  # "UNKNOWN …", says ipykernel
    assert notebook.complaints == []


def test_all_running_jobs_are_cancelled_once_the_reader_says_so(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FIRST])
    notebook.run(0)
    sidebar = Sidebar(notebook)
    sidebar.card("three").expect_state("Failed")
    dialog = notebook.page.get_by_role("dialog")

    sidebar.press("Cancel all…")
    expect(dialog).to_contain_text("Cancel 2 jobs?")
    notebook.page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    sidebar.card("one").expect_state("Running")

    sidebar.press("Cancel all…")
    dialog.get_by_role("button", name="Cancel 2 jobs").click()
    sidebar.card("one").expect_state("Cancelled")
    sidebar.card("two").expect_state("Cancelled")

    sidebar.press("Clear finished")
    expect(sidebar.element).to_contain_text("No jobs yet")
    assert notebook.complaints == []


@ONLY_LAB
def test_a_job_leads_to_its_cell_also_where_its_notebook_was_closed(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["1", f"{FAKE}", "2"])
    notebook.run(1)
    notebook.run(2)
    notebook.save()
    sidebar = Sidebar(notebook)
    sidebar.card("Fake").expect_state("Running")
    lead = sidebar.row("Fake").get_by_role("button", name="Go to the cell of Fake")

    lead.click()
    expect(notebook.cell(1)).to_have_class(ACTIVE)

    notebook.command("application:close")
    expect(notebook.page.locator(".jp-NotebookPanel")).to_have_count(0)
    sidebar.card("Fake").expect_state("Running")
    lead.click()
    expect(notebook.cell(1)).to_have_class(ACTIVE)
    assert notebook.complaints == []


@pytest.mark.own_page
@ONLY_LAB
def test_the_connection_to_the_kernel_of_a_closed_notebook_lasts_as_long_as_its_jobs_are_listed(
    page: Page, open_notebook: OpenNotebook, server: JupyterServer
) -> None:
    page.add_init_script(f"({NOTE_CONNECTIONS})()")
    notebook = open_notebook([FAKE])
    notebook.run(0)
    notebook.save()
    sidebar = Sidebar(notebook)
    sidebar.row("Fake").get_by_role("button", name="Go to the cell of Fake").click()
    notebook.command("application:close")
    expect(page.locator(".jp-NotebookPanel")).to_have_count(0)
    sidebar.card("Fake").expect_state("Running")
    assert page.evaluate("() => window.connections.size") == 1

    sidebar.card("Fake").press("Cancel")
    sidebar.card("Fake").expect_state("Cancelled")
    sidebar.press("Clear finished")

    expect(sidebar.element).to_contain_text("No jobs yet")
    page.wait_for_function("() => window.connections.size === 0")
    assert len(server.request("GET", "api/kernels")) == 1
    assert notebook.complaints == []


@ONLY_LAB
def test_the_menu_of_a_job_copies_its_id(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{FAKE}print(job.job_id())"])
    notebook.run(0)
    sidebar = Sidebar(notebook)
    sidebar.row("Fake").click(button="right")
    notebook.page.evaluate("navigator.clipboard.writeText = async text => { window.copied = text; }")

    notebook.page.get_by_role("menuitem", name="Copy ID of “Fake”").click()

    expect(notebook.output(0)).to_contain_text(str(notebook.page.evaluate("() => window.copied")))
    assert notebook.page.evaluate("() => window.copied")
    notebook.page.evaluate("() => { delete navigator.clipboard.writeText; }")


REPORTING = """
import threading
from primwidgets import report, submit
go = threading.Event()
def fit(wait):
    for step in range(30): report(loss=1 / (step + 1), rate=step)
    if wait: go.wait()
ended, live = submit(fit, False, name='fit one'), submit(fit, True, name='fit two')
ended.wait()
"""


@ONLY_LAB
def test_a_job_with_reported_numbers_has_room_for_its_name(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([REPORTING])
    notebook.run(0)
    sidebar = Sidebar(notebook)
    width = sidebar.element.evaluate("panel => panel.clientWidth")

    for name in ("fit one", "fit two"):
        row = sidebar.row(name)
        expect(row).to_be_visible()
        title = row.locator(".primwidgets-JobCard-title")
        assert title.evaluate("title => title.scrollWidth <= title.clientWidth")
        assert row.locator(".primwidgets-JobCard").evaluate("card => card.scrollWidth") <= width
    expect(sidebar.row("fit one").locator(".primwidgets-JobCard-series")).to_be_hidden()
    expect(sidebar.row("fit two").locator(".primwidgets-JobCard-series")).to_be_visible()
    notebook.ask("go.set()")
    assert notebook.complaints == []
