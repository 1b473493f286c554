"""Pictures of results, which are recognised by their shape: no provider is imported, and any provider's will do.

* a primitive's result: publications with ``data``, whose registers have ``get_counts()``, or which has ``evs``;
* a circuit result: ``results`` and ``get_counts(index)``;
* counts as such: a mapping of bit strings to numbers, or something that has one as ``counts``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice, product
from numbers import Integral, Number
from typing import Any, Final

from primwidgets import _border as border
from primwidgets.adapters._common.observables import observables_of
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
#: Results with more entries or publications are not drawn.
_MOST_ITEMS: Final = 10_000_000
#: So many values in nested lists are counted.
_MOST_LEAVES: Final = 100_000
#: More values in a row are drawn as a curve, where they have no names.
DRAWN_ROWS: Final = 12


def preview_result(result: Any, pubs: Callable[[], Any] | None = None) -> Mapping[str, Any] | None:
    """The picture of a result in the wire form; ``None`` if it has no shape that can be drawn.

    Makes at most ``PANEL_LIMIT`` histograms, however many circuits the result is of. May take as long as counting the
    shots does: call it on a worker thread.

    Args:
        result: what the job's ``result()`` returned.
        pubs: gives what an estimator was given, if that is known: its observables name the values. Called only for
            the result of an estimator; may raise and block.
    """
    counts = getattr(result, "counts", result)
    if _is_counts(counts):
        return preview_counts([Counts("counts", counts)])
    if hasattr(result, "get_counts") and isinstance(getattr(result, "results", None), Sequence):
        return _preview_circuits(result)
    return _preview_publications(result, pubs)


def _is_counts(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(key, str) and _BITS.issuperset(key) for key in _bounded(value))
        and all(isinstance(count, Integral) for count in _bounded(value.values()))
    )


def _preview_circuits(result: Any) -> Mapping[str, Any] | None:
    experiments = result.results
    drawn = [
        Counts(str(getattr(experiment, "name", None) or f"circuit {index}"), result.get_counts(index))
        for index, experiment in enumerate(experiments[:PANEL_LIMIT])
        if getattr(experiment.data, "counts", None)  # a state vector has none
    ]
    return preview_counts(drawn, len(experiments) - len(experiments[:PANEL_LIMIT]))


def _preview_publications(result: Any, pubs: Callable[[], Any] | None) -> Mapping[str, Any] | None:
    data = _publications(result)
    if any(hasattr(one, "evs") for one in data):
        told = border.call(pubs) if pubs is not None else None
        known = told.value if isinstance(told, border.Returned) else None
        indices = [index for index, one in enumerate(data) if hasattr(one, "evs")]
        values = [panel for index in indices for panel in _values(index, data, known)]
        return preview_values(values[:PANEL_LIMIT], len(values[PANEL_LIMIT:]))
    registers = [panel for index, one in enumerate(data) for panel in _histograms(index, data, one)]
    drawn = [Counts(title, count()) for title, count in registers[:PANEL_LIMIT]]
    return preview_counts(drawn, len(registers) - len(drawn))


def _publications(result: Any) -> list[Any]:
    if not hasattr(result, "__len__") or getattr(result, "ndim", None) == 0:
        return []  # a generator, which drawing would use up, or a number that poses as an array
    data = getattr(next(iter(result), None), "data", None)
    if not (hasattr(data, "evs") or hasattr(data, "items")):
        return []
    return [publication.data for publication in _bounded(result)]


def _bounded(items: Any) -> Iterator[Any]:
    """As many of ``items`` as they say that they are.

    Raises:
        ValueError: there are more, perhaps without an end.
    """
    most = min(len(items), _MOST_ITEMS)
    for number, item in enumerate(items):
        if number >= most:
            raise ValueError("There are more items than there should be.")
        yield item


def _histograms(index: int, data: list[Any], one: Any) -> Iterator[tuple[str, Callable[[], Mapping[str, int]]]]:
    """The title of each histogram of a circuit, and what counts it: one for each register and place of an array."""
    for name, register in one.items():
        if not hasattr(register, "get_counts"):
            continue
        title = _title(index, data, str(name))
        shape = getattr(register, "shape", ())
        if not shape:
            yield title, register.get_counts
            continue
        for at in product(*map(range, shape)):
            yield f"{title} [{_label(at)}]", partial(register.get_counts, at)


def _title(index: int, data: list[Any], name: str) -> str:
    if len(data) == 1:
        return name or "expectation values"
    return f"circuit {index} · {name}" if name else f"circuit {index}"


def _values(index: int, data: list[Any], pubs: Any) -> Iterator[Values]:
    """The panels of one circuit: its observables by name, or a curve over the parameter sets for each of them."""
    evs, title = data[index].evs, _title(index, data, "")
    observables = observables_of(pubs, index)
    if observables is None:
        size = _size(evs)
        is_curve = size > DRAWN_ROWS and len(getattr(evs, "shape", (0, 0))) == 1
        yield Values(title, _points(data[index], _label), size, "index" if is_curve else None)
    elif observables.is_swept(evs):
        for name, places in observables.curves(evs):
            points = _points_at(data[index], places)
            yield Values(name if len(data) == 1 else f"{title} · {name}", points, len(places), "parameter set")
    else:
        yield Values(title, _points(data[index], observables.name_at), _size(evs))


def _points(data: Any, name: Callable[[tuple[int, ...]], str]) -> Iterator[Point]:
    stds = dict(islice(_leaves(getattr(data, "stds", ())), POINT_LIMIT))
    return (Point(name(at), value, stds.get(at)) for at, value in _leaves(data.evs))


def _points_at(data: Any, places: list[tuple[int, ...]]) -> list[Point]:
    """The points of a curve: of more than can be sent as many as can, evenly spread."""
    step = max(1, -(-len(places) // POINT_LIMIT))
    stds: Any = getattr(data, "stds", None)
    shape = getattr(stds, "shape", None)
    return [
        Point(str(number), float(data.evs[at]), float(stds[at]) if shape == data.evs.shape else None)
        for number, at in enumerate(places)
        if number % step == 0
    ]


def _leaves(values: Any, at: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], float]]:
    """The numbers in an array of any shape, or in nested lists, or a number itself, each with where it is."""
    if getattr(values, "shape", None) == () or isinstance(values, Number):
        if getattr(values, "imag", 0):  # which a bar cannot show
            raise TypeError("The values are complex.")
        yield at, float(getattr(values, "real", values))
    else:
        for index, value in enumerate(values):
            yield from _leaves(value, (*at, index))


def _size(values: Any) -> int:
    return int(values.size) if hasattr(values, "size") else sum(1 for _ in islice(_leaves(values), _MOST_LEAVES))


def _label(at: tuple[int, ...]) -> str:
    return ", ".join(map(str, at)) or "0"
