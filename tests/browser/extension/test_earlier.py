"""The jobs of earlier kernels in the sidebar, from Jupyter's server."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from primwidgets import JobState
from primwidgets._ledger import places
from primwidgets._ledger.entry import entry_of
from primwidgets._ledger.store import LedgerFile
from tests.browser.axe import violations
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Frontend
from tests.browser.server import JupyterServer
from tests.browser.sidebar import Sidebar
from tests.ledgers import snapshot

HOSTILE = "<img src=x onerror=alert(1)>"
BACKGROUND = {"provider": "primwidgets_background", "job_id": f"bg-{'0' * 32}"}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> LedgerFile:
    return LedgerFile(tmp_path_factory.mktemp("ledger") / "jobs.sqlite")


@pytest.fixture(scope="module")
def jupyter_server(ledger: LedgerFile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A server with a ledger."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.VARIABLE, str(ledger.path))
        with JupyterServer(tmp_path_factory.mktemp("jupyter"), extension=True) as server:
            yield server


@pytest.mark.own_page
@pytest.mark.parametrize("frontend", [Frontend.LAB], ids=["lab"])
def test_a_job_of_an_earlier_kernel_is_listed_found_again_and_forgotten(
    ledger: LedgerFile, open_notebook: OpenNotebook, jupyter_server: JupyterServer
) -> None:
    notebook = open_notebook(["1"])
    (file,) = jupyter_server.root.glob("*.ipynb")
    path, now = file.relative_to(jupyter_server.root).as_posix(), time.time()
    jobs = [
        snapshot("far", name="Scan", created_at=now, locator=BACKGROUND),
        snapshot("done", name=HOSTILE, created_at=now - 60, state=JobState.DONE),
    ]
    ledger.write(entry_of(job, path, "host", 1, now) for job in jobs)
    sidebar = Sidebar(notebook)
    rows = sidebar.element.locator("[data-uid]")
    expect(rows).to_have_count(0)

    sidebar.press("Earlier")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Running when last seen")
    expect(rows.nth(1)).to_contain_text(HOSTILE)
    assert violations(sidebar.element) == []
    rows.nth(0).get_by_text("Find it again").click()
    expect(notebook.cell(1)).to_contain_text(BACKGROUND["job_id"])

    rows.nth(1).get_by_text("Forget", exact=True).click()
    expect(rows).to_have_count(1)
    assert [entry.uid for entry in ledger.read()] == ["far"]
    assert notebook.complaints == []
