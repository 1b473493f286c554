"""What tests of many modules need."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.callers import Start, running_jobs
from tests.recording_comm import RecordingFrontend


@pytest.fixture
def start() -> Iterator[Start]:
    with running_jobs() as start:
        yield start


@pytest.fixture
def frontend(monkeypatch: pytest.MonkeyPatch) -> RecordingFrontend:
    return RecordingFrontend(monkeypatch)
