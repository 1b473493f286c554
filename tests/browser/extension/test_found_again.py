"""A job that goes on without its kernel is found again with what its card offers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect
from qiskit_ibm_runtime import QiskitRuntimeService

from tests.browser.card import Card
from tests.browser.conftest import OpenNotebook
from tests.browser.server import JupyterServer
from tests.ibm_cloud import TOKEN, CloudJob, IbmCloud, ibm_cloud

#: An id that would like to be code.
JOB: Final = """d0');print("out");('"""
SHOW: Final = f"""
from primwidgets import WidgetJob
from qiskit_ibm_runtime import QiskitRuntimeService
job = WidgetJob(QiskitRuntimeService().job({JOB!r}), name="Far away")
job
"""


@pytest.fixture
def cloud(server: JupyterServer, tmp_path: Path) -> Iterator[IbmCloud]:
    """IBM's service, with an account for it saved on the machine that the kernels run on."""
    with ibm_cloud() as cloud:
        account = tmp_path / ".qiskit" / "qiskit-ibm.json"
        QiskitRuntimeService.save_account(
            channel="ibm_quantum_platform", token=TOKEN, url=cloud.url, filename=str(account)
        )
        server.prepare_kernels(f"import os\nos.environ.update({ {**cloud.variables, 'HOME': str(tmp_path)} })")
        yield cloud
        server.prepare_kernels("")


def test_after_a_restart_the_card_offers_code_that_shows_the_job_live_again(
    cloud: IbmCloud, open_notebook: OpenNotebook
) -> None:
    cloud.jobs[JOB] = CloudJob("Running")
    notebook = open_notebook([SHOW])
    card, found = Card(notebook.output(0)), Card(notebook.output(1))
    notebook.run(0)
    card.expect_state("Running")
    expect(card.button("Find it again")).to_have_count(0)

    notebook.restart_kernel()
    card.press("Find it again")
    expect(notebook.cell(1)).to_contain_text("QiskitRuntimeService(")
    assert cloud.requests[-1].startswith("GET ")
    notebook.run(1)

    found.expect_state("Running")
    expect(found.button("Cancel")).to_be_enabled()
    cloud.jobs[JOB].status = "Completed"
    found.expect_state("Done")
    assert notebook.ask("print(job.job_id())") == JOB
    expect(notebook.output(1).get_by_text("out", exact=True)).to_have_count(0)
    assert notebook.complaints == []
