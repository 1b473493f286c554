"""The table of ``tests/golden/formats.json``, which the frontend's tests read too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from primwidgets._jupyter.formats import duration, length, percentage, queue_place, significant, value_count
from primwidgets.snapshot import JobSnapshot, JobState

GOLDEN = json.loads((Path(__file__).parent / "golden" / "formats.json").read_text("utf-8"))


@pytest.mark.parametrize("case", GOLDEN["durations"], ids=lambda case: case["text"])
def test_a_duration_reads_as_on_the_live_card(case: dict[str, Any]) -> None:
    assert duration(case["seconds"]) == case["text"]


@pytest.mark.parametrize("case", GOLDEN["percentages"], ids=lambda case: f"{case['progress']} {case['state']}")
def test_a_progress_reads_as_on_the_live_card(case: dict[str, Any]) -> None:
    assert percentage(case["progress"], JobState(case["state"])) == case["text"]


@pytest.mark.parametrize("case", GOLDEN["lengths"], ids=lambda case: case["case"])
def test_a_job_took_as_long_as_on_the_live_card(case: dict[str, Any]) -> None:
    assert length(JobSnapshot(uid="u1", state=JobState.CANCELLED, **case["fields"])) == case["seconds"]


@pytest.mark.parametrize("case", GOLDEN["numbers"], ids=lambda case: case["text"])
def test_a_number_reads_as_on_the_live_card(case: dict[str, Any]) -> None:
    assert significant(case["value"]) == case["text"]


@pytest.mark.parametrize("case", GOLDEN["value_counts"], ids=lambda case: case["text"])
def test_a_number_of_values_reads_as_on_the_live_card(case: dict[str, Any]) -> None:
    assert value_count(case["count"]) == case["text"]


@pytest.mark.parametrize("case", GOLDEN["queue_positions"], ids=lambda case: case["text"])
def test_a_place_in_a_queue_reads_as_on_the_live_card(case: dict[str, Any]) -> None:
    assert queue_place(case["position"]) == case["text"]


def test_a_length_that_is_no_number_is_unknown() -> None:
    assert length(JobSnapshot(uid="u1", started_at=0.0, finished_at=float("nan"))) is None
