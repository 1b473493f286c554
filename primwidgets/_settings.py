"""Process-wide settings for users: ``primwidgets.settings``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from typing_extensions import override


@dataclass(slots=True)
class Settings:
    """Settings of this process; each can be changed at any time, on any thread.

    Attributes:
        poll_ceiling: longest interval in seconds between two reads of a job whose provider pushes no updates; ``None``
            for the adapter's value. The request budget of the provider still applies.
        hub_tick: interval in seconds for which changes of all jobs are collected into one message to JupyterLab.

        ledger: whether jobs are noted in the ledger, the file that ``primwidgets.history()`` reads.

    Raises:
        AttributeError: there is no such setting.
        ValueError: the value is not a positive, finite number of seconds, or not a truth value.
    """

    poll_ceiling: float | None = None
    hub_tick: float = 0.2
    ledger: bool = True

    @override
    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _NAMES:
            raise AttributeError(f"There is no setting {name!r}; there are {', '.join(map(repr, _NAMES))}.")
        if name == "ledger":
            if not isinstance(value, bool):
                raise ValueError(f"ledger takes True or False, not {value!r}.")
        elif not (value is None and name == "poll_ceiling") and not _is_duration(value):
            raise ValueError(f"{name} takes a positive number of seconds, not {value!r}.")
        object.__setattr__(self, name, value)


def _is_duration(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0


_NAMES: Final = ("poll_ceiling", "hub_tick", "ledger")
settings: Final = Settings()
