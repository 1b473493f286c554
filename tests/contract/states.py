"""Sets of states that jobs of many providers can be brought into."""

from __future__ import annotations

from primwidgets.snapshot import JobState

ALL_BUT_INITIALIZING = tuple(state for state in JobState if state is not JobState.INITIALIZING)
