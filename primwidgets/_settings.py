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
        kept_arguments: megabytes that the arguments of calls that have ended may take, so that ``job.rerun()`` and *Run
            again* work; those of the oldest calls are dropped first. 0 keeps none.
        ledger: whether jobs are noted in the ledger, the file that ``primwidgets.history()`` reads.

    Raises:
        AttributeError: there is no such setting.
        ValueError: the value is not a positive, finite number, or not a truth value.
    """

    poll_ceiling: float | None = None
    hub_tick: float = 0.2
    kept_arguments: float = 256.0
    ledger: bool = True

    @override
    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _NAMES:
            raise AttributeError(f"Unknown setting {name!r}. The settings are {', '.join(map(repr, _NAMES))}.")
        if name == "ledger":
            if not isinstance(value, bool):
                raise ValueError(f"ledger takes True or False, not {value!r}.")
        elif name == "kept_arguments":
            if not _is_positive(value) and (isinstance(value, bool) or value != 0):
                raise ValueError(f"kept_arguments takes a number of megabytes, not {value!r}.")
        elif not (value is None and name == "poll_ceiling") and not _is_positive(value):
            raise ValueError(f"{name} takes a positive number of seconds, not {value!r}.")
        object.__setattr__(self, name, value)


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0


_NAMES: Final = ("poll_ceiling", "hub_tick", "kept_arguments", "ledger")
settings: Final = Settings()
