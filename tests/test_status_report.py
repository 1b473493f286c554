"""Numbers and moments in the reports of providers, whatever their form: what is none is left out, and nothing fails."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy
import pytest

from primwidgets import track
from primwidgets._progress.track import CallContext, running
from primwidgets.adapters._common.describe import METADATA_LIMIT, describe
from primwidgets.adapters._common.times import epoch
from primwidgets.adapters.status_report import ReportedAdapter, StatusReport
from primwidgets.snapshot import JobSnapshot

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
HUGE = 10**5_000


class AcmeAdapter(ReportedAdapter[Any]):
    provider = "Acme"

    def report(self, last: JobSnapshot) -> StatusReport:
        return self.job.report  # type: ignore[no-any-return]


def read(**facts: Any) -> JobSnapshot:
    job = SimpleNamespace(job_id="job-1", report=StatusReport("RUNNING", **facts))
    now = AcmeAdapter(job).read(JobSnapshot(uid="u1"))
    json.dumps(now.to_wire(), allow_nan=False)
    return now


@pytest.mark.parametrize(
    ("progress", "fraction", "text"),
    [
        (numpy.float32(0.5), 0.5, None),
        (Fraction(1, 4), 0.25, None),
        ((Decimal(1), 4), 0.25, "1 of 4"),
        ((numpy.int64(3), 4), 0.75, "3 of 4"),
        ((3, None), None, "3"),
        ((3, 0), None, "3"),
        ((3, math.inf), None, "3"),
        ((math.nan, 4), None, None),
        ((None, None), None, None),
        ((1, 2, 3), None, None),
        ((HUGE, 2), None, None),
        (math.inf, None, None),
        (-math.inf, None, None),
        (math.nan, None, None),
        (HUGE, None, None),
        (1j, None, None),
        ("half", None, None),
        ([1, 2], None, None),
    ],
    ids=range(18),
)
def test_progress_that_is_no_number_is_unknown(progress: Any, fraction: float | None, text: str | None) -> None:
    now = read(progress=progress)
    assert (now.state, now.progress, now.progress_text) == ("RUNNING", fraction, text)


@pytest.mark.parametrize(
    "moment",
    [
        NEW_YEAR,
        Decimal(NEW_YEAR),
        numpy.int64(NEW_YEAR),
        NEW_YEAR * 1e3,
        NEW_YEAR * 1e6,
        int(NEW_YEAR) * 10**9,
        str(NEW_YEAR),
        date(2026, 1, 1),
        datetime(2026, 1, 1),
        numpy.datetime64("2026-01-01"),
        numpy.datetime64("2026-01-01T00:00:00", "ns"),
        "2026-01-01",
        " 2026-01-01T01:00:00+01:00\n",
        "Thu, 01 Jan 2026 00:00:00 GMT",
    ],
    ids=repr,
)
def test_a_moment_may_have_any_usual_form(moment: Any) -> None:
    assert epoch(moment) == NEW_YEAR


@pytest.mark.parametrize(
    "moment",
    [math.nan, math.inf, -1, HUGE, True, "yesterday", b"2026", numpy.datetime64("NaT"), 1j, [], object],
    ids=range(11),
)
def test_what_is_no_moment_is_unknown(moment: Any) -> None:
    assert epoch(moment) is None


def test_other_facts_are_shown_as_text_and_never_fail() -> None:
    now = read(queue_position=numpy.int64(3), progress_text=7, log=5, details=3, message=HUGE)
    assert (now.queue_position, now.progress_text, now.log, now.metadata) == ("3", "7", "5", {})


def test_details_without_an_end_are_read_as_far_as_there_is_room() -> None:
    class Endless(Mapping[str, str]):
        def __getitem__(self, key: str) -> str:
            return key

        def __iter__(self) -> Iterator[str]:
            return map(str, itertools.count())

        def __len__(self) -> int:
            return 3

    assert len(read(details=Endless()).metadata) == METADATA_LIMIT


@pytest.mark.parametrize("number", [numpy.int64(3), numpy.float64(0.5), Decimal("0.5"), Fraction(1, 3), 1j], ids=repr)
def test_a_number_of_any_type_is_described_by_its_digits(number: Any) -> None:
    assert describe(number) == str(number)


@pytest.mark.parametrize(
    ("total", "text"),
    [(Decimal(4), "1 of 4"), (numpy.array(4), "1 of 4"), (numpy.int64(4), "1 of 4"), (10**400, "1 steps")],
    ids=range(4),
)
def test_the_total_of_a_loop_may_be_a_number_of_any_type(total: Any, text: str) -> None:
    context = CallContext()
    with running(context):
        steps = track(iter(range(4)), total=total)
        next(steps), next(steps)
        assert context.progress().text == text
