"""The numbers that a job reported, as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final

from primwidgets.adapters.base import Metrics

#: What the index of the table is called: how many reports came before.
_STEP: Final = "step"


def as_table(metrics: Metrics) -> Any:
    """A ``pandas.DataFrame`` indexed by step; without pandas a dict of lists. NaN stands where there is no value."""
    columns = {name: (list(map(_whole, steps)), list(values)) for name, (steps, values) in metrics.items()}
    steps, table = _aligned(columns)
    try:
        pandas = import_module("pandas")
    except ImportError:
        return {_STEP: steps, **table}
    return pandas.DataFrame(table, index=pandas.Index(steps, name=_STEP))


def _aligned(columns: Mapping[str, tuple[list[float], list[float]]]) -> tuple[list[float], dict[str, list[float]]]:
    """The columns with a value for each step that any of them has."""
    all_steps = [steps for steps, _ in columns.values()]
    if all(steps == all_steps[0] for steps in all_steps[1:]):
        return (all_steps or [[]])[0], {name: values for name, (_, values) in columns.items()}
    steps = sorted(set().union(*all_steps))
    return steps, {name: _spread(steps, *column) for name, column in columns.items()}


def _spread(steps: Sequence[float], known_steps: Sequence[float], values: Sequence[float]) -> list[float]:
    known = dict(zip(known_steps, values, strict=True))
    return [known.get(step, math.nan) for step in steps]


def _whole(step: float) -> float:
    return int(step) if step == int(step) else step
