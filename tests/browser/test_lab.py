"""The driver itself: what the other tests of this folder take for granted."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.blocking import SLEEP
from tests.browser.axe import violations
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend, NotebookPage
from tests.browser.pages import KeptPages
from tests.browser.server import JupyterServer

#: For what does not depend on the application.
ONLY_LAB = pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
#: How many running kernels the application of a page believes there are.
KERNELS_KNOWN = "() => [...window.jupyterapp?.serviceManager.kernels.running() ?? []].length"


def test_a_cell_runs_and_its_output_is_seen_and_saved(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["print(6 * 7)", "6 * 8"])

    notebook.run_all()

    expect(notebook.output(0)).to_have_text("42")
    assert notebook.save()[1]["outputs"][0]["data"]["text/plain"] == ["48"]
    assert notebook.complaints == []


def test_a_running_cell_is_interrupted_and_the_indicator_tells(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SLEEP])

    notebook.start(0)
    expect(notebook.kernel_indicator()).to_have_attribute("data-status", "busy")
    assert notebook.is_running(0)
    notebook.interrupt_kernel()
    notebook.wait_until_idle(0)

    expect(notebook.output(0)).to_contain_text("KeyboardInterrupt")
    expect(notebook.kernel_indicator()).to_have_attribute("data-status", "idle")


@pytest.mark.own_page
def test_a_reload_keeps_the_kernel_and_a_restart_does_not(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["kept = 1", "'kept' in globals()"])
    notebook.run(0)
    notebook.save()

    notebook.reload()
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("True")
    notebook.restart_kernel()
    notebook.run(1)
    expect(notebook.output(1)).to_contain_text("False")
    assert notebook.complaints == []


@pytest.mark.own_page
def test_the_theme_is_dark_on_demand(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["1"])

    notebook.use_dark_theme()

    background = notebook.page.evaluate("getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim()")
    assert background in {"#111111", "#111", "black"}


@ONLY_LAB
def test_axe_sees_a_nameless_button_and_faint_text_and_nothing_else(open_notebook: OpenNotebook) -> None:
    markup = '<div class="{}"><button>{}</button><p style="background: #fff; color: {}">text</p></div>'
    show = f"from IPython.display import HTML\nHTML({markup!r}.format"
    notebook = open_notebook([f"{show}('good', 'Go', '#333'))", f"{show}('bad', '', '#ccc'))"])
    notebook.run_all()

    assert violations(notebook.output(0).locator(".good")) == []
    found = violations(notebook.output(1).locator(".bad"))
    assert [text.split(" ")[0] for text in found] == ["button-name", "color-contrast"]


@ONLY_LAB
def test_an_error_in_the_page_is_noticed(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["1"])

    with notebook.page.expect_event("pageerror"), notebook.page.expect_console_message():
        notebook.page.evaluate(
            "() => { console.error('on the console'); void Promise.reject(new Error('unhandled')); }"
        )

    assert sorted(notebook.complaints) == ["Error: unhandled", "on the console"]


@pytest.mark.own_page
@ONLY_LAB
def test_an_element_that_is_held_off_the_page_is_found(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["1"])
    hold = """() => {
        const view = document.createElement('div');
        view.className = 'held-view';
        view.addEventListener('click', () => view);
        document.body.append(view);
        view.remove();
        window.held = view;
    }"""

    notebook.page.evaluate(hold)
    held = notebook.leaked_elements(".held-view")
    notebook.page.evaluate("() => { delete window.held; }")

    assert (held, notebook.leaked_elements(".held-view")) == (1, 0)


@pytest.mark.own_page
@ONLY_LAB
def test_listeners_on_the_page_are_counted(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["1"])
    before = notebook.page_listeners()

    notebook.page.evaluate(
        "() => { for (const one of [window, document, document.body]) one.addEventListener('blur', () => {}); }"
    )

    assert notebook.page_listeners() == before + 3


@ONLY_LAB
@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_kept_page_has_forgotten_the_kernels_of_the_notebook_before(
    page: Page, open_notebook: OpenNotebook, turn: str
) -> None:
    assert page.evaluate(KERNELS_KNOWN) == 0

    open_notebook(["1"])

    assert page.evaluate(KERNELS_KNOWN) == 1


@ONLY_LAB
def test_a_kept_page_has_forgotten_the_kernels_of_other_pages(
    page: Page, kept_pages: KeptPages, browser_context: BrowserContext, server: JupyterServer, frontend: Frontend
) -> None:
    NotebookPage.with_cells(page, server, frontend, ["1"]).leave()
    other = browser_context.new_page()
    notebook = NotebookPage.with_cells(other, server, frontend, ["1"])
    page.evaluate("() => window.jupyterapp.serviceManager.kernels.refreshRunning()")
    assert page.evaluate(KERNELS_KNOWN) > 0
    notebook.leave()
    other.close()
    server.shut_down_kernels()

    assert kept_pages.page(server, frontend).evaluate(KERNELS_KNOWN) == 0
