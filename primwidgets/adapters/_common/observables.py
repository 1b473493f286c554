"""The names of expectation values: what an estimator was asked for, recognised by its shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from primwidgets import _border as border

#: Terms of an observable that are written out.
_TERMS: Final = 3
_MINUS: Final = "\N{MINUS SIGN}"

Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """How many parameter sets there are, as the shape of an array."""

    shape: Place


@dataclass(frozen=True, slots=True)
class NamedValues:
    """As much of a PUB of an estimator as names its values."""

    observables: Any
    parameter_values: ParameterSets

    @classmethod
    def of(cls, pub: Any) -> NamedValues:
        """That of ``pub``; of a sampler's, which has no observables, nothing that names anything."""
        shape = tuple(getattr(getattr(pub, "parameter_values", None), "shape", ()))
        return cls(getattr(pub, "observables", None), ParameterSets(shape))


class Observables:
    """The observables of one circuit, broadcast against its parameter sets as the values are.

    Args:
        array: has ``shape`` and gives at each place the factor of each Pauli string.
        parameters: the shape of the parameter sets.
    """

    def __init__(self, array: Any, parameters: Place) -> None:
        self._array = array
        self._shape: Place = tuple(array.shape)
        self._parameters = parameters

    def name_at(self, at: Place) -> str:
        """The name of the observable whose value is at that place: ``"ZIII"``, ``"0.5 ZZ + 0.25 XI"``."""
        return name_of(self._array[self._own_place(at)])

    def is_swept(self, values: Any) -> bool:
        """Whether there are several parameter sets."""
        return any(size > 1 for size in self._parameters) and len(getattr(values, "shape", ())) > 0

    def curves(self, values: Any) -> Iterator[tuple[str, list[Place]]]:
        """The name of each observable, and the places of its values in the order of the parameter sets."""
        places: dict[Place, list[Place]] = {}
        for at in product(*map(range, values.shape)):
            places.setdefault(self._own_place(at), []).append(at)
        for own, there in places.items():
            yield name_of(self._array[own]), there

    def _own_place(self, at: Place) -> Place:
        """The place in the array that is broadcast to ``at``."""
        last = at[len(at) - len(self._shape) :]
        return tuple(0 if size == 1 else index for index, size in zip(last, self._shape, strict=True))


def observables_of(pubs: Any, index: int) -> Observables | None:
    """The observables of circuit ``index``; ``None`` where ``pubs`` does not say them in a form that is known."""

    def find() -> Observables:
        pub = pubs[index]
        named = NamedValues.of(pub)
        found = Observables(named.observables, named.parameter_values.shape)
        name_of(pub.observables[(0,) * len(pub.observables.shape)])
        return found

    made = border.call(find) if pubs is not None else None
    return made.value if isinstance(made, border.Returned) else None


def name_of(observable: Mapping[str, float]) -> str:
    """An observable as a sum of Pauli strings, cut after the first terms."""
    terms = list(observable.items())
    text = ""
    for label, factor in terms[:_TERMS]:
        sign = (f" {_MINUS} " if factor < 0 else " + ") if text else (_MINUS if factor < 0 else "")
        size = "" if abs(factor) == 1 else f"{abs(factor):.4g} "
        text += f"{sign}{size}{label}"
    return text + (" + …" if len(terms) > _TERMS else "")
