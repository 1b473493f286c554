"""What tests of many modules need."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ipywidgets.widgets import widget as widget_module

from primwidgets._jupyter import services
from primwidgets._ledger import places
from primwidgets._settings import settings
from tests.callers import Start, running_jobs
from tests.ipyparallel_cluster import Gate, running_cluster
from tests.recording_comm import RecordingFrontend

# No test writes into the ledger of whoever runs it, nor do the kernels that tests start.
os.environ["PRIMWIDGETS_LEDGER"] = "off"
# A shell that starts the tests in the background has them ignore interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse names that differ from process to process: tests are dealt out to several by their names."""
    if named := [item.nodeid for item in items if " at 0x" in item.nodeid]:
        raise pytest.UsageError("give an id to the parameters of\n" + "\n".join(named))


@pytest.fixture(autouse=True)
def _own_interrupts() -> Iterator[None]:
    """See that a test leaves interrupts as they were: those that follow would wait for theirs in vain."""
    yield
    left, blocked = signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGINT, signal.default_int_handler)
    assert left is signal.default_int_handler
    assert signal.SIGINT not in blocked


@pytest.fixture
def start() -> Iterator[Start]:
    with running_jobs() as start:
        yield start


@pytest.fixture
def frontend(monkeypatch: pytest.MonkeyPatch) -> RecordingFrontend:
    return RecordingFrontend(monkeypatch)


@pytest.fixture
def no_cards_left() -> Iterator[None]:
    """Close the cards that a test leaves in the list of ipywidgets."""
    before = set(widget_module._instances)
    yield
    for model_id in set(widget_module._instances) - before:
        if model_id in widget_module._instances:
            widget_module._instances[model_id].close()


@pytest.fixture
def ledger_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A ledger of the test's own, which this process writes to."""
    path = tmp_path / "data" / "jobs.sqlite"
    services.recorder().flush()  # what other tests left is not written here
    monkeypatch.setenv(places.VARIABLE, str(path))
    yield path
    settings.ledger = True


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The client of an ipyparallel cluster; it takes seconds to start, so it is one for all tests."""
    with running_cluster(tmp_path_factory.mktemp("ipyparallel")) as client:
        yield client


@pytest.fixture
def pipe_gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path)
    yield gate
    gate.open()
    gate.close()
