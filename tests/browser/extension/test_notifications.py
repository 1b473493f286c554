"""The end of a job is told, as the reader set it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.card import IMPORTS
from tests.browser.conftest import OpenNotebook
from tests.browser.server import JupyterServer

pytestmark = pytest.mark.own_page

SETTINGS = "primwidgets/notifications"
JOBS = f"""{IMPORTS}
from primwidgets.testing import FakeJob
fakes = [FakeJob() for _ in range(5)]
for fake in fakes:
    fake.move_to(JobState.RUNNING)
jobs = [WidgetJob(fake, name=f'job {{index}}') for index, fake in enumerate(fakes)]
"""


def toasts(page: Page) -> Locator:
    return page.locator(".Toastify__toast")


def test_a_failure_is_notified_with_its_reason_and_leads_to_the_job(
    open_notebook: OpenNotebook, server: JupyterServer
) -> None:
    server.write_settings(SETTINGS, {"minimumSeconds": 0})
    notebook = open_notebook([JOBS, "fakes[0].fail(ValueError('<b>The device is offline</b>'))", "3"])
    notebook.run(0)
    notebook.command("primwidgets:open-sidebar")
    expect(notebook.page.locator(".primwidgets-JobsPanel-row")).to_have_count(5)

    notebook.run(1)

    told = toasts(notebook.page)
    expect(told).to_contain_text("job 0 failed: ValueError: <b>The device is offline</b>")
    told.get_by_role("button", name="Show job").click()
    expect(notebook.cell(0)).to_be_in_viewport()
    assert notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex") == 0
    assert notebook.complaints == []


def test_many_ends_are_notified_in_one_message(open_notebook: OpenNotebook, server: JupyterServer) -> None:
    server.write_settings(SETTINGS, {"minimumSeconds": 0})
    notebook = open_notebook([JOBS, "for fake in fakes: fake.finish()"])
    notebook.run(0)
    notebook.command("primwidgets:open-sidebar")
    expect(notebook.page.locator(".primwidgets-JobsPanel-row")).to_have_count(5)

    notebook.run(1)

    expect(toasts(notebook.page)).to_contain_text("5 jobs finished: 5 done")
    expect(toasts(notebook.page)).to_have_count(1)


def test_no_notification_is_shown_of_what_the_reader_switched_off(
    open_notebook: OpenNotebook, server: JupyterServer
) -> None:
    server.write_settings(SETTINGS, {"minimumSeconds": 0, "failed": False})
    notebook = open_notebook([JOBS, "fakes[0].fail(ValueError('No.'))", "fakes[1].finish()"])
    notebook.run(0)
    notebook.command("primwidgets:open-sidebar")
    expect(notebook.page.locator(".primwidgets-JobsPanel-row")).to_have_count(5)
    notebook.run(1)
    expect(notebook.page.locator(".primwidgets-JobsPanel-kind", has_text="1 failed")).to_be_visible()

    notebook.run(2)

    # What is told comes in the order of the ends: if the failure were told, it would be by now.
    expect(toasts(notebook.page)).to_contain_text("job 1 finished")
    expect(toasts(notebook.page)).to_have_count(1)
