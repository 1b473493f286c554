"""Status words whose meaning is known for sure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from primwidgets.snapshot import JobState

_STATES: Final[Mapping[str, JobState]] = {
    "INITIALIZING": JobState.INITIALIZING,
    "VALIDATING": JobState.INITIALIZING,
    "QUEUED": JobState.QUEUED,
    "RUNNING": JobState.RUNNING,
    "DONE": JobState.DONE,
    "CANCELLED": JobState.CANCELLED,
    "ERROR": JobState.ERROR,
}


def state_of(status: Any) -> JobState | None:
    """The state that a status of Qiskit's kind names, as an enum member or as text; ``None`` for any other word."""
    name = status if isinstance(status, str) else getattr(status, "name", None)
    return _STATES.get(name.upper()) if isinstance(name, str) else None
