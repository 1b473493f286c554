"""Pictures of results, which are recognised by their shape: no provider is imported, and any provider's will do.

* a primitive's result: publications with ``data``, whose registers have ``get_counts()``, or which has ``evs``;
* a circuit result: ``results`` and ``get_counts(index)``;
* counts as such: a mapping of bit strings to numbers, or something that has one as ``counts``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from numbers import Integral
from typing import Any, Final

from primwidgets.adapters._common.preview import (
    PANEL_LIMIT,
    POINT_LIMIT,
    Counts,
    Point,
    Values,
    preview_counts,
    preview_values,
)

_BITS: Final = frozenset("01 ")


def preview_result(result: Any) -> Mapping[str, Any] | None:
    """The picture of a result in the wire form; ``None`` if it has no shape that can be drawn.

    Makes at most ``PANEL_LIMIT`` histograms, however many circuits the result is of. May take as long as counting the
    shots does: call it on a worker thread.
    """
    counts = getattr(result, "counts", result)
    if _is_counts(counts):
        return preview_counts([Counts("counts", counts)])
    if hasattr(result, "get_counts") and isinstance(getattr(result, "results", None), Sequence):
        return _preview_circuits(result)
    return _preview_publications(result)


def _is_counts(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(key, str) and _BITS.issuperset(key) for key in value)
        and all(isinstance(count, Integral) for count in value.values())
    )


def _preview_circuits(result: Any) -> Mapping[str, Any] | None:
    experiments = result.results
    drawn = [
        Counts(str(getattr(experiment, "name", None) or f"circuit {index}"), result.get_counts(index))
        for index, experiment in enumerate(experiments[:PANEL_LIMIT])
        if getattr(experiment.data, "counts", None)  # a state vector has none
    ]
    return preview_counts(drawn, len(experiments) - len(experiments[:PANEL_LIMIT]))


def _preview_publications(result: Any) -> Mapping[str, Any] | None:
    data = _publications(result)
    values = [(_title(index, data, ""), one) for index, one in enumerate(data) if hasattr(one, "evs")]
    if values:
        return preview_values([_values(*one) for one in values[:PANEL_LIMIT]], len(values[PANEL_LIMIT:]))
    registers = [
        (_title(index, data, name), register) for index, one in enumerate(data) for name, register in _registers(one)
    ]
    drawn = [Counts(title, register.get_counts()) for title, register in registers[:PANEL_LIMIT]]
    return preview_counts(drawn, len(registers) - len(drawn))


def _publications(result: Any) -> list[Any]:
    if not hasattr(result, "__len__") or getattr(result, "ndim", None) == 0:
        return []  # a generator, which drawing would use up, or a number that poses as an array
    data = getattr(next(iter(result), None), "data", None)
    if not (hasattr(data, "evs") or hasattr(data, "items")):
        return []
    return [publication.data for publication in result]


def _registers(data: Any) -> Iterator[tuple[str, Any]]:
    return ((str(name), register) for name, register in data.items() if hasattr(register, "get_counts"))


def _title(index: int, data: list[Any], name: str) -> str:
    if len(data) == 1:
        return name or "expectation values"
    return f"circuit {index} · {name}" if name else f"circuit {index}"


def _values(title: str, data: Any) -> Values:
    stds = dict(islice(_leaves(getattr(data, "stds", ())), POINT_LIMIT))
    points = (Point(_label(at), value, stds.get(at)) for at, value in _leaves(data.evs))
    return Values(title, points, _size(data.evs))


def _leaves(values: Any, at: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], float]]:
    """The numbers in an array of any shape, or in nested lists, or a number itself, each with where it is."""
    if getattr(values, "shape", None) == () or isinstance(values, int | float):
        yield at, float(values)
    else:
        for index, value in enumerate(values):
            yield from _leaves(value, (*at, index))


def _size(values: Any) -> int:
    return int(values.size) if hasattr(values, "size") else sum(1 for _ in _leaves(values))


def _label(at: tuple[int, ...]) -> str:
    return ", ".join(map(str, at)) or "0"
