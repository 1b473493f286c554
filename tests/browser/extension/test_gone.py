"""A card never claims that a job runs when nobody can know that."""

from __future__ import annotations

import os
import signal

import pytest
from playwright.sync_api import expect

from tests.browser.card import FAKE, Card
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend
from tests.browser.server import JupyterServer
from tests.browser.sidebar import Sidebar

#: For what does not depend on the application.
ONLY_LAB = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])

GONE = "The kernel that ran this job has stopped"


def expect_gone(card: Card) -> None:
    expect(card.element).to_contain_text(GONE)
    card.expect_state("Running when last seen")
    expect(card.button("Cancel")).to_have_count(0)


def test_a_restart_of_the_kernel_is_shown(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{FAKE}job"])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_state("Running")

    notebook.restart_kernel()

    expect_gone(card)
    notebook.run(0)
    card.expect_state("Running")
    expect(card.button("Cancel")).to_be_enabled()
    assert notebook.complaints == []


@pytest.mark.own_page
@ONLY_LAB
def test_a_killed_kernel_is_shown(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{FAKE}import os\nprint(os.getpid())\njob"])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_state("Running")
    expect(card.button("Cancel")).to_be_enabled()

    os.kill(int(notebook.ask("print(os.getpid())")), signal.SIGKILL)

    expect_gone(card)


@pytest.mark.own_page
def test_a_notebook_opened_without_its_kernel_shows_what_was_last_known(
    open_notebook: OpenNotebook, server: JupyterServer
) -> None:
    notebook = open_notebook([f"{FAKE}job", f"{FAKE}fake.finish()\njob"])
    running, done = Card(notebook.output(0)), Card(notebook.output(1))
    notebook.run_all()
    running.expect_state("Running")
    done.expect_state("Done")
    notebook.wait_for_stored(1, "Done")
    notebook.save()
    server.shut_down_kernels()

    notebook.reload()

    expect_gone(running)
    done.expect_state("Done")
    assert GONE not in done.element.inner_text()
    assert notebook.complaints == []


@ONLY_LAB
def test_a_job_that_the_kernel_lets_go_of_is_not_said_to_run(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([f"{FAKE}job"])
    card = Card(notebook.output(0))
    notebook.run(0)
    card.expect_state("Running")
    expect(card.button("Cancel")).to_be_enabled()

    notebook.ask("job.close()")

    card.expect_text("The kernel no longer tracks this job.")
    card.expect_state("Running when last seen")
    assert notebook.complaints == []


@ONLY_LAB
def test_no_connection_is_tried_to_a_kernel_that_ended_after_its_notebook_was_closed(
    open_notebook: OpenNotebook, server: JupyterServer
) -> None:
    notebook = open_notebook([FAKE])
    notebook.run(0)
    card = Sidebar(notebook).card("Fake")
    card.expect_state("Running")
    notebook.save()

    notebook.command("application:close")
    expect(notebook.page.locator(".jp-NotebookPanel")).to_have_count(0)
    server.shut_down_kernels()

    expect_gone(card)
    assert notebook.complaints == []
