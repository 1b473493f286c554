"""Jobs as rows of plain values, and as a pandas table."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from primwidgets.snapshot import JobSnapshot, JobState


def rows_of(jobs: Iterable[Any]) -> list[dict[str, Any]]:
    """A dictionary for each ``WidgetJob``. Times are epoch seconds, lengths seconds; what is unknown is ``None``.

    The result is there if that costs no download.
    """
    return [_row(job) for job in jobs]


def to_frame(rows: list[dict[str, Any]]) -> Any:
    """``rows`` as a pandas ``DataFrame``.

    Raises:
        ModuleNotFoundError: pandas is not installed.
    """
    try:
        pandas = sys.modules.get("pandas") or import_module("pandas")
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(
            "to_frame() needs pandas; rows() gives the same as a list of dictionaries."
        ) from missing
    frame = pandas.DataFrame(rows)
    for column in ("created_at", "started_at", "finished_at"):
        if column in frame:
            frame[column] = pandas.to_datetime(frame[column], unit="s", utc=True)
    return frame


def _row(job: Any) -> dict[str, Any]:
    snapshot: JobSnapshot = job.snapshot
    error = snapshot.error
    return {
        "name": snapshot.name,
        "job_id": snapshot.job_id,
        "state": snapshot.state.value,
        "provider": snapshot.provider,
        "backend": snapshot.backend,
        "created_at": snapshot.created_at,
        "started_at": snapshot.started_at,
        "finished_at": snapshot.finished_at,
        "queue_seconds": _between(snapshot.created_at, snapshot.started_at),
        "run_seconds": _between(snapshot.started_at, snapshot.finished_at),
        "result": _result(job, snapshot),
        "error": None if error is None else f"{error.type}: {error.message}",
    }


def _result(job: Any, snapshot: JobSnapshot) -> Any:
    is_here = snapshot.state is JobState.DONE and job._wrapped.adapter.holds_result
    return job.result() if is_here else None


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else max(0.0, end - start)
